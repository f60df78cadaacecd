"""What error messages have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean "..."?)' for the nearest known name, or nothing if none is near."""
    from difflib import get_close_matches  # here: most programs never need it

    near = get_close_matches(name, list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def named_shape(shape: Sequence[int], names: Sequence[str]) -> str:
    """Return '[64, 784] (batch=64, features=784)': a shape and what its dimensions mean, as far as
    `names` has a name for them."""
    pairs = zip(names, shape, strict=False)
    return f"{list(shape)} ({', '.join(f'{name}={n}' for name, n in pairs if name)})"
