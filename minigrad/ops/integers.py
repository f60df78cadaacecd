"""What only integers can answer: their bits (booleans have one), their common divisors. Nothing here has a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor, method
from .comparison import apply_ufunc, compare, install

__all__ = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
]


def _check(function: np.ufunc, *values: Any, refused: str) -> None:
    """Raise NotImplementedError where a value is of a `refused` kind."""
    for value in values:
        dtype = value.dtype if hasattr(value, "dtype") else np.dtype(type(value))
        if dtype.kind in refused:
            raise NotImplementedError(
                f"{function.__name__}: expected integers{'' if 'b' in refused else ' or booleans'}"
                f", not {dtype}; compare first, as in (x > 0) & (x < 1), or convert with .long()"
            )


def _bits(function: np.ufunc, *values: Any) -> Any:
    """Return a ufunc of integers or booleans, which NumPy refuses for others."""
    try:
        return (compare if len(values) == 2 else apply_ufunc)(function, *values)
    except TypeError:
        _check(function, *values, refused="f")
        raise


def _common(function: np.ufunc, input: Any, other: Any) -> Any:
    """Return a ufunc of integers."""
    _check(function, input, other, refused="fb")
    return compare(function, input, other)


@method(inplace=True)
def bitwise_and(input: Any, other: Any) -> Tensor:
    """Return the bits that both have, broadcast: for booleans, whether both are true."""
    return _bits(np.bitwise_and, input, other)


@method(inplace=True)
def bitwise_or(input: Any, other: Any) -> Tensor:
    """Return the bits that at least one has, broadcast: for booleans, whether one is true."""
    return _bits(np.bitwise_or, input, other)


@method(inplace=True)
def bitwise_xor(input: Any, other: Any) -> Tensor:
    """Return the bits that exactly one has, broadcast: for booleans, whether they differ."""
    return _bits(np.bitwise_xor, input, other)


@method("bitwise_not", "__invert__", inplace=True)
def bitwise_not(input: Any) -> Tensor:
    """Return the bits inverted: for booleans, the opposite."""
    return _bits(np.invert, input)


@method(inplace=True)
def bitwise_left_shift(input: Any, other: Any) -> Tensor:
    """Return input * 2^other, the bits moved up, broadcast; those that leave the dtype are lost."""
    return _bits(np.left_shift, input, other)


@method(inplace=True)
def bitwise_right_shift(input: Any, other: Any) -> Tensor:
    """Return floor(input / 2^other), the bits moved down, broadcast."""
    return _bits(np.right_shift, input, other)


@method(inplace=True)
def gcd(input: Any, other: Any) -> Tensor:
    """Return the greatest common divisor, broadcast; that of 0 and n is |n|."""
    return _common(np.gcd, input, other)


@method(inplace=True)
def lcm(input: Any, other: Any) -> Tensor:
    """Return the least common multiple, broadcast; that of 0 and n is 0."""
    return _common(np.lcm, input, other)


for _sign, _name in (
    ("and", "bitwise_and"),
    ("or", "bitwise_or"),
    ("xor", "bitwise_xor"),
    ("lshift", "bitwise_left_shift"),
    ("rshift", "bitwise_right_shift"),
):
    _function = getattr(Tensor, _name)
    install(f"__{_sign}__", _function)
    install(f"__r{_sign}__", lambda self, other, function=_function: function(other, self))
    install(f"__i{_sign}__", getattr(Tensor, _name + "_"))
