"""What views show, and what fills a tensor, in memory of its own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..tensor import Tensor, method
from .conversion import clone
from .diagonals import diagonal
from .expanding import expand
from .indexing import fill_, narrow
from .joining import pad as lengthened
from .joining import split_with_sizes, unbind
from .shape import permute, squeeze, t, transpose, unsqueeze, view
from .strided import as_strided

__all__ = [
    "alias_copy",
    "as_strided_copy",
    "constant_pad_nd",
    "diagonal_copy",
    "expand_copy",
    "fill",
    "narrow_copy",
    "permute_copy",
    "split_with_sizes_copy",
    "squeeze_copy",
    "t_copy",
    "transpose_copy",
    "unbind_copy",
    "unfold_copy",
    "unsqueeze_copy",
    "view_copy",
]


def copy_form(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the form of `function`, which shows a tensor in another way, that copies what it shows."""

    @functools.wraps(function)
    def copied(*args: Any, **kwargs: Any) -> Any:
        shown = function(*args, **kwargs)
        return tuple(map(clone, shown)) if isinstance(shown, tuple) else clone(shown)

    copied.__name__ = copied.__qualname__ = f"{function.__name__}_copy"
    copied.__doc__ = f"As `{function.__name__}`, in memory of its own."
    copied.__module__ = __name__
    return copied


alias_copy = clone
as_strided_copy = copy_form(as_strided)
diagonal_copy = copy_form(diagonal)
expand_copy = copy_form(expand)
narrow_copy = method("narrow_copy")(copy_form(narrow))
permute_copy = copy_form(permute)
split_with_sizes_copy = copy_form(split_with_sizes)
squeeze_copy = copy_form(squeeze)
t_copy = copy_form(t)
transpose_copy = copy_form(transpose)
unbind_copy = copy_form(unbind)
unfold_copy = Tensor.unfold  # type: ignore[attr-defined] # a copy itself
unsqueeze_copy = copy_form(unsqueeze)
view_copy = copy_form(view)


def fill(input: Any, value: Any) -> Tensor:
    """Return a copy of `input` with every value replaced by `value`, a number or 0-d Tensor."""
    return fill_(clone(input), value)


def constant_pad_nd(input: Any, pad: Sequence[int], value: float = 0) -> Tensor:
    """Return `input` lengthened at both ends of its last dimensions: see `nn.functional.pad`."""
    return lengthened(input, pad, value=value)
