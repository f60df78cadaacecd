"""Dimensions as arguments: negative ones, several ones, and NumPy's names for them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
Dims = int | tuple[int, ...] | list[int] | None

# What the dimensions behind batch and channels mean, by their number.
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}

_TORCH_NAME = {"axis": "dim", "axes": "dims", "keepdims": "keepdim"}


def numpy_names(function: F) -> F:
    """Let `function` be called with `axis` for `dim` and `keepdims` for `keepdim`."""

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {_TORCH_NAME.get(key, key): value for key, value in kwargs.items()}
        return function(*args, **kwargs)

    return named  # type: ignore[return-value]


def by_name(name: str) -> Callable[[F], F]:
    """Let a function that takes sizes or dimensions one by one take them as the argument `name`."""

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def named(*args: Any, **kwargs: Any) -> Any:
            return (
                function(*args, kwargs.pop(name), **kwargs)
                if name in kwargs
                else function(*args, **kwargs)
            )

        return named  # type: ignore[return-value]

    return decorate


def wrap_dim(dim: int, ndim: int) -> int:
    """Return `dim` counted from the front; a 0-d tensor is taken to have one dimension."""
    bound = max(ndim, 1)
    if not -bound <= dim < bound:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-bound}, {bound - 1}], but got {dim})"
        )
    return dim % bound


def own_dim(name: str, dim: int, shape: tuple[int, ...]) -> int:
    """Return `dim` counted from the front, for `name`, which needs a dimension to work along."""
    if not len(shape):
        raise RuntimeError(
            f"{name}() cannot be applied to a 0-dim tensor: it has no dimension {dim}"
        )
    return wrap_dim(dim, len(shape))


def wrap_dims(dim: Dims, ndim: int) -> tuple[int, ...]:
    """Return one dimension, several, or (for None or none) all of them, counted from the front."""
    if dim is None or dim == () or dim == []:
        return tuple(range(ndim))
    dims = tuple(wrap_dim(d, ndim) for d in ((dim,) if isinstance(dim, int) else dim))
    if len(set(dims)) != len(dims):
        raise RuntimeError(f"a dimension appears multiple times in the list of dims {list(dims)}")
    return dims if ndim else ()


def dims_of(dim: Dims, ndim: int) -> tuple[int, ...] | None:
    """Return the dimensions to reduce, counted from the front; None for all."""
    return None if dim is None or dim == () or dim == [] else wrap_dims(dim, ndim)


def per_dim(name: str, what: str, value: Any, count: int) -> tuple[int, ...]:
    """Return one number for each of `count` dimensions, from one for all or one each.

    TypeError for what is no integer, RuntimeError for another count.
    """
    if type(value) is int:
        return (value,) * count
    values = tuple(value) if isinstance(value, Sequence) else (value,)
    if not all(isinstance(n, (int, np.integer)) for n in values):
        raise TypeError(f"{name}: {what} must be an integer or a tuple of them, got {value!r}")
    if len(values) == 1:
        return tuple(map(int, values)) * count
    if len(values) != count:
        raise RuntimeError(
            f"{name}: expected {what} to be a single integer or {count} of them, got {what}={value}"
        )
    return tuple(map(int, values))


def check_numbers(name: str, least: int, **numbers: tuple[int, ...]) -> None:
    """Raise RuntimeError for a stride, padding, ... below `least`."""
    for what, values in numbers.items():
        if min(values) < least:
            kind = "negative" if least == 0 else "non-positive"
            raise RuntimeError(f"{name}: {kind} {what} is not supported, got {what}={values}")
