"""The incomplete gamma functions, and Hurwitz's zeta function.

Formulas by their numbers in Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), or (DLMF) in the
NIST "Digital Library of Mathematical Functions".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes
from ..ops.arithmetic import add, mul, neg, sub
from ..ops.broadcasting import Broadcasting
from ..ops.pointwise import exp, log
from ..ops.special import (
    BERNOULLI,
    SHIFT,
    erfc_values,
    evaluated,
    lgamma,
    lgamma_values,
    zeta_values,
)
from ..tensor import Tensor, method

__all__ = ["gammainc", "gammaincc", "igamma", "igammac", "zeta"]

LARGE = 1e4  # from which a on the uniform expansion has all digits


def leading(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x^a e^-x / gamma(a + 1); for a >= SHIFT by Stirling's series (6.1.40), without the large numbers that
    cancel"""
    off = (x - a) / a
    series = sum(b / (2 * k * (2 * k - 1) * a ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))
    large = np.exp(a * (np.log1p(off) - off) - series) / np.sqrt(2 * math.pi * a)
    return np.where(a < SHIFT, np.exp(a * np.log(x) - x - lgamma_values(a + 1)), large)


def by_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """P(a, x), for x < a + 1 (6.5.29)"""
    term = total = np.ones_like(x)
    for n in range(1, steps(a)):
        term = term * (x / (a + n))
        total = total + term
    return leading(a, x) * total


def by_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Q(a, x), for x >= a + 1 (DLMF 8.9.2, contracted)"""
    rest = np.zeros_like(x)
    for n in range(steps(a), 0, -1):
        rest = n * (a - n) / (x + 2 * n + 1 - a + rest)
    return leading(a, x) * a / (x + 1 - a + rest)


def steps(a: np.ndarray) -> int:
    """Return after how many steps e^(-n^2 / 2a), which is how fast both end, is nothing."""
    return 70 + int(9 * math.sqrt(a.max(initial=0)))


def uniform(a: np.ndarray, x: np.ndarray, upper: bool) -> np.ndarray:
    """Q(a, x) if `upper`, else P, for large a (DLMF 8.12.3 to 8.12.12; Temme, 1979)"""
    off = (x - a) / a
    eta = np.copysign(np.sqrt(2 * (off - np.log1p(off))), off)
    c0 = -1 / 3 + eta * (1 / 12 + eta * (-2 / 135 + eta * (1 / 864 + eta / 2835)))
    c1 = -1 / 540 + eta * (-1 / 288 + eta / 378)
    away = np.abs(eta) > 0.05
    c0 = np.where(away, 1 / off - 1 / eta, c0)
    c1 = np.where(away, eta**-3 - off**-3 - off**-2 - 1 / (12 * off), c1)
    rest = np.exp(-a * eta**2 / 2) / np.sqrt(2 * math.pi * a) * (c0 + c1 / a)
    sign = 1 if upper else -1
    return erfc_values(sign * eta * np.sqrt(a / 2)) / 2 + sign * rest


def incomplete(a: np.ndarray, x: np.ndarray, upper: bool) -> np.ndarray:
    a, x = (values.astype(np.float64) for values in np.broadcast_arrays(a, x))
    value = np.where((a < 0) | (x < 0) | ((a == 0) & (x == 0)), np.nan, a + x)  # a NaN stays one
    value = np.where(
        (a == 0) & (x > 0) | np.isposinf(x) & np.isfinite(a), 0.0 if upper else 1, value
    )
    value = np.where((a > 0) & (x == 0) | np.isposinf(a) & (x < np.inf), 1.0 if upper else 0, value)
    value = np.where(np.isposinf(a) & np.isposinf(x), np.nan, value)
    usual = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    for part, function, gives_upper in (
        (usual & (a < LARGE) & (x < a + 1), by_series, False),
        (usual & (a < LARGE) & (x >= a + 1), by_fraction, True),
    ):
        found = function(a[part], x[part])
        value[part] = found if gives_upper == upper else 1 - found
    part = usual & (a >= LARGE)
    value[part] = uniform(a[part], x[part], upper)
    return value


class Incomplete(Broadcasting):
    """Q(a, x), the integral of t^(a-1) e^-t / gamma(a) from x on, if `upper`; else P = 1 - Q"""

    __slots__ = ("upper",)

    def __init__(self, upper: bool) -> None:
        self.upper = upper

    def forward(self, a: Any, x: Any) -> np.ndarray:
        a, x = map(dtypes.floating, self.align(a, x))
        self.inputs = (a, x)
        with np.errstate(all="ignore"):
            return incomplete(a, x, self.upper).astype(np.result_type(a, x))

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, x = self.inputs
        need_a, need_x = self.needs(2)
        if need_a:
            raise NotImplementedError(
                "the derivative of igamma and igammac by `input` is not implemented"
            )
        slope = exp(sub(sub(mul(sub(a, 1), log(x)), x), lgamma(a)))
        return self.undo(None, mul(grad, neg(slope) if self.upper else slope) if need_x else None)


class Zeta(Broadcasting):
    """sum 1 / (q + k)^s over k = 0, 1, ...; its slope by q is -s zeta(s + 1, q)"""

    __slots__ = ()

    def forward(self, s: Any, q: Any) -> np.ndarray:
        s, q = map(dtypes.floating, self.align(s, q))
        self.inputs = (s, q)
        return evaluated(lambda q: zeta_values(np.asarray(s, np.float64), q), q)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        s, q = self.inputs
        need_s, need_q = self.needs(2)
        if need_s:
            raise NotImplementedError("the derivative of zeta by `input` is not implemented")
        return self.undo(None, neg(mul(grad, mul(s, zeta(add(s, 1), q)))) if need_q else None)


@method(inplace=True)
def igamma(input: Any, other: Any) -> Tensor:
    """Return P(input, other), the integral of t^(input - 1) e^-t / gamma(input) from 0 to other, broadcast.

    There is a gradient by `other` alone.
    """
    return Incomplete(False)(input, other)


@method(inplace=True)
def igammac(input: Any, other: Any) -> Tensor:
    """Return Q(input, other) = 1 - P(input, other), with all digits also where that is tiny: see `igamma`."""
    return Incomplete(True)(input, other)


gammainc, gammaincc = igamma, igammac


def zeta(input: Any, other: Any) -> Tensor:
    """Return Hurwitz's zeta function, the sum of 1 / (other + k)^input over k = 0, 1, ..., broadcast.

    There is a gradient by `other` alone.
    """
    return Zeta()(input, other)
