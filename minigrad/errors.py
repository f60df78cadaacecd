"""What error messages have in common."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean "..."?)' for the nearest known name, or nothing if none is near."""
    from difflib import get_close_matches  # here: most programs never need it

    near = get_close_matches(name, list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
