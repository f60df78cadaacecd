"""Bessel functions of the orders 0 and 1, and Airy's function.

Integrals of smooth periodic functions, and of functions that fall off on both sides, are what the
trapezoidal rule has all digits of after a few steps (Trefethen and Weideman, "The exponentially convergent
trapezoidal rule", 2014): the Bessel functions are such integrals. From FAR on they are sums of Hankel's.
Formulas by their numbers in Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..autograd.op import Op, unwrap, wrap_like
from ..ops.arithmetic import add, mul, neg, sub
from ..ops.comparison import eq
from ..ops.division import div
from ..ops.rounding import sign
from ..ops.selection import where
from ..ops.special import evaluated
from ..ops.trigonometry import cos
from ..tensor import Tensor, method

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "spherical_bessel_j0",
]

FAR = 25.0
# The middles of 64 steps over (0, pi); the integrands have the same values on the other side of pi / 2.
ANGLES = ((np.arange(32) + 0.5) * (math.pi / 64)).tolist()


def terms(n: int, x: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the terms (4n^2 - 1)(4n^2 - 9) ... (4n^2 - (2k - 1)^2) / (k! (8x)^k) of Hankel's sums."""
    term = np.ones_like(x)
    for k in range(1, 23):
        yield term
        term = term * ((4 * n * n - (2 * k - 1) ** 2) / (8 * k)) / x


def far_waves(x: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """J_n(x) and Y_n(x) for x >= FAR (9.2.5, 9.2.6)"""
    p = q = 0.0
    for k, term in enumerate(terms(n, x)):
        part = -term if k // 2 % 2 else term
        p, q = (p, q + part) if k % 2 else (p + part, q)
    together, apart = np.sin(x) + np.cos(x), np.sin(x) - np.cos(x)
    c, s = (apart, -together) if n else (together, apart)  # of x - n pi/2 - pi/4, times sqrt 2
    scale = np.sqrt(1 / (math.pi * x))
    return scale * (p * c - q * s), scale * (p * s + q * c)


def j_values(x: np.ndarray, n: int) -> np.ndarray:
    """J_n(x): the mean of cos(x cos a) over a, of its product with x sin^2 a for n = 1 (9.1.20)"""
    size = np.abs(x)
    near = np.minimum(size, FAR)
    value = sum(
        np.cos(near * math.cos(a)) * (math.sin(a) ** 2 / 32 if n else 1 / 32) for a in ANGLES
    )
    value = value * near if n else value
    value = np.where(size < FAR, value, far_waves(np.maximum(size, FAR), n)[0])
    value = np.where(np.isinf(size), 0, value)
    return np.where(x < 0, -value, value) if n else value


def y_values(x: np.ndarray, n: int) -> np.ndarray:
    """Y_0(x) by the J_2k(x) (9.1.89), which are the mean of cos(x cos a) (-1)^k cos 2ka; Y_1 = -Y_0'"""
    near = np.minimum(x, FAR)
    logarithm = 2 / math.pi * (np.log(near / 2) + np.euler_gamma)
    value = logarithm * j_values(near, n)
    value = value - 2 / (math.pi * near) * j_values(near, 0) if n else value
    for a in ANGLES:
        weight = -4 / math.pi / 32 * sum(math.cos(2 * k * a) / k for k in range(1, 33))
        c = math.cos(a)
        value = value + weight * (c * np.sin(near * c) if n else np.cos(near * c))
    value = np.where(x < FAR, value, far_waves(np.maximum(x, FAR), n)[1])
    value = np.where(np.isinf(x), 0, value)
    return np.where(x > 0, value, np.where(x == 0, -np.inf, np.nan))


def scaled_i_values(x: np.ndarray, n: int) -> np.ndarray:
    """e^-|x| I_n(x): the mean of e^(x cos a), of its product with x sin^2 a for n = 1 (9.6.18)"""
    size = np.abs(x)
    near = np.minimum(size, FAR)
    value = sum(
        (np.exp(near * (math.cos(a) - 1)) + np.exp(near * (-math.cos(a) - 1)))
        * (math.sin(a) ** 2 / 64 if n else 1 / 64)
        for a in ANGLES
    )
    value = value * near if n else value
    far = np.maximum(size, FAR)
    total = sum(-term if k % 2 else term for k, term in enumerate(terms(n, far)))
    value = np.where(size < FAR, value, total / np.sqrt(2 * math.pi * far))  # 9.7.1
    return np.where(x < 0, -value, value) if n else value


def i_values(x: np.ndarray, n: int) -> np.ndarray:
    half = np.exp(np.abs(x) / 2)  # e^|x| may be infinite where I is not
    value = scaled_i_values(x, n) * half * half
    return np.where(np.isinf(x), x if n else np.inf, value)


def scaled_k_values(x: np.ndarray, n: int) -> np.ndarray:
    """e^x K_n(x): up to 1 its series (9.6.11, 9.6.13), then the integral of e^(-x cosh t) cosh nt (9.6.24)"""
    small = np.minimum(x, 1)
    series, power = 0.0, np.ones_like(small)  # power is (x^2 / 4)^k / k!^2
    logarithm, psi = np.log(small / 2), -np.euler_gamma
    for k in range(10):
        if n:
            series = series + power / (k + 1) * (logarithm - psi - 0.5 / (k + 1))
        else:
            series = series + power * (psi - logarithm)
        psi += 1 / (k + 1)
        power = power * np.square(small / 2) / (k + 1) ** 2
    series = (1 / small + small / 2 * series if n else series) * np.exp(small)
    middle = np.clip(x, 1, FAR)
    steps = np.arange(37) / 8
    integral = 1 / 16 + sum(
        np.exp(-middle * (math.cosh(t) - 1)) * (math.cosh(n * t) / 8) for t in steps[1:]
    )
    far = np.maximum(x, FAR)
    total = sum(terms(n, far)) * np.sqrt(math.pi / (2 * far))  # 9.7.2
    value = np.where(x <= 1, series, np.where(x < FAR, integral, total))
    return np.where(x > 0, value, np.where(x == 0, np.inf, np.nan))


def k_values(x: np.ndarray, n: int) -> np.ndarray:
    return np.where(np.isposinf(x), 0, scaled_k_values(x, n) * np.exp(-x))


def airy_values(x: np.ndarray) -> np.ndarray:
    """Ai(x): between -1 and 1 its series (10.4.2); above, with z = x,

        Ai(z) = e^(-2/3 z^(3/2)) / pi times the integral of e^(-sqrt(z) t^2) cos(t^3 / 3)

    over t > 0, which is 10.4.32 on the line through the saddle point i sqrt(z), by steps of 1/8 in
    t |z|^(1/4); below, that for z = |x| e^(i pi / 3), since Ai(x) = 2 Re e^(i pi / 3) Ai(z) (10.4.7).
    """
    small = np.clip(x, -1, 1)
    f, g = np.full_like(x, 0.355028053887817239), -0.258819403792806798 * small
    series = f + g
    for k in range(1, 9):
        f = f * small**3 / (3 * k * (3 * k - 1))
        g = g * small**3 / (3 * k * (3 * k + 1))
        series = series + f + g
    size = np.maximum(np.abs(x), 1)
    root = np.where(x < 0, np.exp(1j * math.pi / 6), 1)  # of z / |x|
    cube = np.where(x < 0, 1j, 1)  # of that root, without rounding
    integral = 0.5 + sum(
        np.cos(s**3 / (3 * size**0.75)) * np.exp(-root * s * s)
        for s in (np.arange(1, 55) / 8).tolist()
    )
    value = np.exp(-2 / 3 * cube * size**1.5) * integral / (8 * math.pi * size**0.25)
    value = np.where(x < 0, 2 * (root * root * value).real, value.real)
    return np.where(np.isinf(x), 0, np.where(np.abs(x) < 1, series, value))


class Evaluated(Op):
    """values(x, *options) in double precision; its slope is slope(x)"""

    __slots__ = ("options", "slope", "values")

    def __init__(
        self, values: Callable[..., np.ndarray], slope: Callable[[Any], Any], *options: Any
    ) -> None:
        self.values, self.slope, self.options = values, slope, options

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return evaluated(self.values, x, *self.options)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, self.slope(x))


def over(y: Any, x: Any) -> Any:
    """Return y / x, 1/2 at 0: the limit for those functions that are 0 there."""
    return where(eq(x, 0), 0.5, div(y, where(eq(x, 0), 1, x)))


def bessel_j0(input: Any) -> Tensor:
    """Return the Bessel function of the first kind of order 0."""
    return Evaluated(j_values, lambda x: neg(bessel_j1(x)), 0)(input)


def bessel_j1(input: Any) -> Tensor:
    """Return the Bessel function of the first kind of order 1."""
    return Evaluated(j_values, lambda x: sub(bessel_j0(x), over(bessel_j1(x), x)), 1)(input)


def bessel_y0(input: Any) -> Tensor:
    """Return the Bessel function of the second kind of order 0: -inf for 0, NaN below."""
    return Evaluated(y_values, lambda x: neg(bessel_y1(x)), 0)(input)


def bessel_y1(input: Any) -> Tensor:
    """Return the Bessel function of the second kind of order 1: -inf for 0, NaN below."""
    return Evaluated(y_values, lambda x: sub(bessel_y0(x), div(bessel_y1(x), x)), 1)(input)


@method(inplace=True)
def i0(input: Any) -> Tensor:
    """Return the modified Bessel function of the first kind of order 0."""
    return Evaluated(i_values, i1, 0)(input)


def i1(input: Any) -> Tensor:
    """Return the modified Bessel function of the first kind of order 1."""
    return Evaluated(i_values, lambda x: sub(i0(x), over(i1(x), x)), 1)(input)


def i0e(input: Any) -> Tensor:
    """Return e^-|input| i0(input)."""
    return Evaluated(scaled_i_values, lambda x: sub(i1e(x), mul(sign(x), i0e(x))), 0)(input)


def i1e(input: Any) -> Tensor:
    """Return e^-|input| i1(input)."""
    return Evaluated(
        scaled_i_values,
        lambda x: sub(i0e(x), add(mul(sign(x), i1e(x)), over(i1e(x), x))),
        1,
    )(input)


modified_bessel_i0, modified_bessel_i1 = i0, i1


def modified_bessel_k0(input: Any) -> Tensor:
    """Return the modified Bessel function of the second kind of order 0: inf for 0, NaN below."""
    return Evaluated(k_values, lambda x: neg(modified_bessel_k1(x)), 0)(input)


def modified_bessel_k1(input: Any) -> Tensor:
    """Return the modified Bessel function of the second kind of order 1: inf for 0, NaN below."""
    return Evaluated(
        k_values,
        lambda x: neg(add(modified_bessel_k0(x), div(modified_bessel_k1(x), x))),
        1,
    )(input)


def scaled_modified_bessel_k0(input: Any) -> Tensor:
    """Return e^input modified_bessel_k0(input)."""
    return Evaluated(
        scaled_k_values,
        lambda x: sub(scaled_modified_bessel_k0(x), scaled_modified_bessel_k1(x)),
        0,
    )(input)


def scaled_modified_bessel_k1(input: Any) -> Tensor:
    """Return e^input modified_bessel_k1(input)."""
    return Evaluated(
        scaled_k_values,
        lambda x: sub(
            mul(scaled_modified_bessel_k1(x), sub(1, div(1, x))), scaled_modified_bessel_k0(x)
        ),
        1,
    )(input)


def spherical_bessel_j0(input: Any) -> Tensor:
    """Return sin(input) / input, and 1 for 0: the spherical Bessel function of order 0."""

    def slope(x: Any) -> Any:
        away = where(eq(x, 0), 1, x)
        return where(eq(x, 0), 0, div(sub(cos(x), spherical_bessel_j0(x)), away))

    def values(x: np.ndarray) -> np.ndarray:
        return np.where(x == 0, 1, np.where(np.isinf(x), 0, np.sin(x) / x))

    return Evaluated(values, slope)(input)


def airy_ai(input: Any) -> Tensor:
    """Return Airy's function Ai, the solution of y'' = x y that falls off; it has no gradient."""
    return wrap_like(evaluated(airy_values, unwrap(input)), input)
