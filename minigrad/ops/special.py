"""Special functions: the error function's complement and inverse, the logarithm of gamma and its derivatives.

They are evaluated in float64, whatever the dtype of the result. Sources: Abramowitz and Stegun, "Handbook of
Mathematical Functions" (1964), by the numbers of its formulas, and what is named at the functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Op
from ..tensor import Tensor, inplace_form, method
from .arithmetic import add, mul, neg, sub
from .broadcasting import Broadcasting
from .comparison import eq
from .division import div
from .pointwise import exp, log, square
from .selection import clamp, where
from .trigonometry import cos

__all__ = ["digamma", "erfc", "erfinv", "lgamma", "logit", "mvlgamma", "polygamma", "sinc", "xlogy"]


def evaluated(function: Callable[..., np.ndarray], x: np.ndarray, *args: Any) -> np.ndarray:
    """Return function(x) computed in float64, in the dtype of x (the default one for integers)."""
    x = dtypes.floating(x)
    with np.errstate(all="ignore"):
        return np.asarray(function(x.astype(np.float64), *args)).astype(x.dtype)


# ---- the error function --------------------------------------------------------------------------


def gauss(z: np.ndarray, sign: int) -> np.ndarray:
    """e^(sign z^2), in two factors, the first exact: z^2 rounded would lose the last digits of a large one"""
    coarse = np.trunc(z * 16) / 16
    return np.exp(sign * np.square(coarse)) * np.exp(sign * (z - coarse) * (z + coarse))


def scaled_erfc_tail(z: np.ndarray) -> np.ndarray:
    """e^z^2 erfc(z) for z >= 1/2: 2z / pi times the integral of e^-t^2 / (t^2 + z^2) from 0 to infinity
    (7.4.11), by the trapezoidal rule with steps of h = 1/2.

    Its error is known, from the poles at t = +-iz: Matta and Reichel, "Uniform computation of the
    error function and other related functions" (1971).
    """
    steps = (np.arange(1, 14) / 2) ** 2
    total = 0.5 / z + sum(math.exp(-t2) / (t2 / z + z) for t2 in steps.tolist())
    poles = 2 * gauss(z, 1) / np.expm1(4 * math.pi * z)
    return total / math.pi - np.where(z < 2 * math.pi, poles, 0)


def erfc_values(x: np.ndarray) -> np.ndarray:
    """1 - erf(x), with all digits also where that is tiny"""
    z = np.clip(np.abs(x), 0.5, 28)  # e^-28^2 is 0
    tail = gauss(z, -1) * scaled_erfc_tail(z)
    return np.where(np.abs(x) < 0.5, 1 - kernels.erf(x), np.where(x < 0, 2 - tail, tail))


def erfcx_values(x: np.ndarray) -> np.ndarray:
    """e^x^2 erfc(x)"""
    left = np.clip(x, -28, 0.5)
    right = scaled_erfc_tail(np.maximum(x, 0.5))
    return np.where(x < 0.5, gauss(left, 1) * erfc_values(left), right)


def erfinv_values(x: np.ndarray) -> np.ndarray:
    """The y with erf(y) = x: two steps of Halley's method, each of which triples the digits, from

    Winitzki, "A handy approximation for the error function and its inverse" (2008): 3 digits.
    """
    size = np.abs(x)
    logarithm = np.log1p(-np.square(x))
    half = 2 / (math.pi * 0.147) + logarithm / 2
    y = np.sqrt(np.sqrt(np.square(half) - logarithm / 0.147) - half)
    for _ in range(2):
        error = np.where(size < 0.5, kernels.erf(y) - size, (1 - size) - erfc_values(y))
        step = error * (math.sqrt(math.pi) / 2) * np.exp(np.square(y))
        y = y - step / (1 + y * step)
    y = np.where(size < 1, y, np.where(size == 1, np.inf, np.nan))
    return np.copysign(y, x)


class Erfc(Op):
    """1 - erf(x)"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return evaluated(erfc_values, x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, mul(exp(neg(square(x))), -2 / math.sqrt(math.pi)))


class Erfinv(Op):
    """The y with erf(y) = x; dy/dx = sqrt(pi)/2 e^y^2"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.output = evaluated(erfinv_values, x)
        return self.output

    def backward(self, grad: Any) -> Any:
        return mul(grad, mul(exp(square(self.output)), math.sqrt(math.pi) / 2))


@method(inplace=True)
def erfc(input: Any) -> Tensor:
    """Return 1 - erf(input), with all digits also where that is tiny."""
    return Erfc()(input)


@method(inplace=True)
def erfinv(input: Any) -> Tensor:
    """Return the y with erf(y) = input: infinite at -1 and 1, NaN beyond."""
    return Erfinv()(input)


# ---- gamma ---------------------------------------------------------------------------------------

# The Bernoulli numbers B_2, B_4, ..., B_16.
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
SHIFT = 12  # from which on eight terms of the asymptotic series have all digits


def sin_pi(x: np.ndarray) -> np.ndarray:
    """sin(pi x), exactly 0 for an integer"""
    nearest = np.rint(x)
    return np.where(nearest % 2, -1.0, 1.0) * np.sin(math.pi * (x - nearest))


def lgamma_values(x: np.ndarray) -> np.ndarray:
    """ln |gamma(x)| by Stirling's series (6.1.40), after gamma(z) = gamma(z + n) / (z ... (z + n - 1));
    below 1/2 by reflection (6.1.17)."""
    z = np.where(x < 0.5, 1 - x, x)
    small = z < SHIFT
    product = np.ones_like(z)
    for i in range(SHIFT):
        product = np.where(small, product * (z + i), product)
    w = np.where(small, z + SHIFT, z)
    series = sum(b / (2 * k * (2 * k - 1) * w ** (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1))
    value = (w - 0.5) * (np.log(w) - 1) + (math.log(2 * math.pi) - 1) / 2 + series - np.log(product)
    value = np.where(x < 0.5, np.log(math.pi / np.abs(sin_pi(x))) - value, value)
    return np.where(np.isinf(x), np.inf, np.where((x == 1) | (x == 2), 0, value))


def digamma_values(x: np.ndarray) -> np.ndarray:
    """(ln gamma)'(x) by its asymptotic series (6.3.18), after psi(z) = psi(z + n) - sum 1 / (z + i);
    below 0 by reflection (6.3.7)."""
    z = np.where(x < 0, 1 - x, x)
    small = z < SHIFT
    earlier = sum(np.where(small, 1 / (z + i), 0) for i in range(SHIFT))
    w = np.where(small, z + SHIFT, z)
    series = sum(b / (2 * k * w ** (2 * k)) for k, b in enumerate(BERNOULLI, 1))
    value = np.log(w) - 0.5 / w - series - earlier
    value = np.where(x < 0, value - math.pi / np.tan(math.pi * (x - np.rint(x))), value)
    value = np.where((x < 0) & (x == np.rint(x)), np.nan, value)
    return np.where(x == 0, np.copysign(np.inf, -x), value)


def hurwitz(s: Any, q: np.ndarray) -> np.ndarray:
    """sum 1 / (q + k)^s for s > 1 and q > 0: SHIFT terms, and the others by Euler and Maclaurin's
    formula (23.1.30)"""
    w = q + SHIFT
    total = sum((q + k) ** -s for k in range(SHIFT)) + w ** (1 - s) / (s - 1) + w**-s / 2
    factor = s  # s (s + 1) ... (s + 2k - 2) / (2k)!, without the factorial
    for k, b in enumerate(BERNOULLI, 1):
        total = total + b * factor / math.factorial(2 * k) * w ** -(s + 2 * k - 1)
        factor = factor * (s + 2 * k - 1) * (s + 2 * k)
    return total


def zeta_values(s: Any, q: np.ndarray) -> np.ndarray:
    """sum 1 / (q + k)^s: infinite for q = 0, -1, ..., and below 0 with |q + k| and the sign of s's parity"""
    above = q - np.floor(q)
    turned = hurwitz(s, 1 - above) - hurwitz(s, 1 - q)
    below = hurwitz(s, above) + np.where(s % 2, -turned, turned)
    value = np.where(q > 0, hurwitz(s, np.where(q > 0, q, 1)), np.where(s % 1, np.nan, below))
    value = np.where((q <= 0) & (above == 0), np.inf, value)
    return np.where(s > 1, value, np.where(s == 1, np.inf, np.nan))


def polygamma_values(x: np.ndarray, n: int) -> np.ndarray:
    """(-1)^(n+1) n! sum 1 / (x + k)^(n+1) (6.4.10)"""
    sign = (-1) ** (n + 1)
    return sign * math.factorial(n) * zeta_values(n + 1.0, x)


class Lgamma(Op):
    """ln |gamma(x)|, whose slope is digamma"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        return evaluated(lgamma_values, x)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, digamma(x))


class Polygamma(Op):
    """The derivative number n of digamma, whose slope is the next one"""

    __slots__ = ("n",)

    def __init__(self, n: int) -> None:
        self.n = n

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        if self.n == 0:
            return evaluated(digamma_values, x)
        return evaluated(polygamma_values, x, self.n)

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, polygamma(self.n + 1, x))


@method(inplace=True)
def lgamma(input: Any) -> Tensor:
    """Return ln |gamma(input)|: infinite at 0, -1, -2, ..."""
    return Lgamma()(input)


@method(inplace=True)
def digamma(input: Any) -> Tensor:
    """Return the derivative of ln gamma(input)."""
    return Polygamma(0)(input)


def polygamma(n: int, input: Any) -> Tensor:
    """Return the derivative number n + 1 of ln gamma(input); RuntimeError for a negative n."""
    if n < 0:
        raise RuntimeError(f"polygamma(n, x) does not support negative n, but n is {n}")
    return Polygamma(n)(input)


@method("polygamma")
def _polygamma(input: Any, n: int) -> Tensor:
    """Return the derivative number n + 1 of ln gamma(input); RuntimeError for a negative n."""
    return polygamma(n, input)


Tensor.polygamma_ = inplace_form(_polygamma, "polygamma_")  # type: ignore[attr-defined]


@method(inplace=True)
def mvlgamma(input: Any, p: int) -> Tensor:
    """Return ln gamma in p dimensions: p (p - 1)/4 ln pi + sum_{i<p} ln gamma(input - i/2).

    RuntimeError for p < 1.
    """
    if p < 1:
        raise RuntimeError(f"mvlgamma: p has to be greater than or equal to 1, but it is {p}")
    total = lgamma(input)
    for i in range(1, p):
        total = add(total, lgamma(sub(input, i / 2)))
    return add(total, p * (p - 1) / 4 * math.log(math.pi))


# ---- others --------------------------------------------------------------------------------------


class Sinc(Op):
    """y = sin(pi x) / pi x, 1 at 0; dy/dx = (cos(pi x) - y) / x, 0 at 0"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.inputs = (x,)
        self.output = evaluated(np.sinc, x)
        return self.output

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return mul(grad, where(eq(x, 0), 0, div(sub(cos(mul(x, math.pi)), self.output), x)))


class XLogY(Broadcasting):
    """x ln y, and 0 where x = 0 (also for y = 0, where the logarithm is infinite)"""

    __slots__ = ()

    logarithm = staticmethod(log)

    @staticmethod
    def inside(y: Any) -> Any:
        """Return what the logarithm is taken of."""
        return y

    def forward(self, x: Any, y: Any) -> np.ndarray:
        x, y = map(dtypes.floating, self.align(x, y))
        self.inputs = (x, y)
        product = kernels.mul(x, self.logarithm(y))
        return where((x == 0) & ~np.isnan(y), product.dtype.type(0), product)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        x, y = self.inputs
        need_x, need_y = self.needs(2)
        return self.undo(
            mul(grad, where(eq(x, 0) & (self.inside(y) <= 0), 0, self.logarithm(y)))
            if need_x
            else None,
            mul(grad, div(x, self.inside(y))) if need_y else None,
        )


class Logit(Op):
    """ln(x / (1 - x)); its slope is 1 / (x (1 - x))"""

    __slots__ = ()

    def forward(self, x: np.ndarray) -> np.ndarray:
        x = dtypes.floating(x)
        self.inputs = (x,)
        return kernels.sub(kernels.log(x), kernels.ufunc(np.log1p, -x))

    def backward(self, grad: Any) -> Any:
        (x,) = self.inputs
        return div(grad, mul(x, sub(1, x)))


@method(inplace=True)
def sinc(input: Any) -> Tensor:
    """Return sin(pi input) / (pi input), and 1 for 0."""
    return Sinc()(input)


@method(inplace=True)
def logit(input: Any, eps: float | None = None) -> Tensor:
    """Return ln(input / (1 - input)), the inverse of the sigmoid; before that, input is brought into
    [eps, 1 - eps] if `eps` is given.
    """
    return Logit()(input if eps is None else clamp(input, eps, 1 - eps))


@method(inplace=True)
def xlogy(input: Any, other: Any) -> Tensor:
    """Return input * ln(other), broadcast: 0 where input = 0, whatever `other` is (but NaN)."""
    return XLogY()(input, other)
