"""Orthogonal polynomials of degree n (numbers, or a tensor of them), each by its recurrence over the degree.

n is rounded towards 0; below 0 the result is 0. There is a gradient by `input`.
Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 22.7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.op import unwrap
from ..ops.arithmetic import add, mul, sub
from ..ops.division import div
from ..ops.selection import where
from ..tensor import Tensor

__all__ = [
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
]


def polynomial(
    x: Any,
    n: Any,
    first: Callable[[Any], Any],
    following: Callable[[Any, int, Any, Any], Any],
) -> Tensor:
    """Return p_n(x), of which p_0 = 1, p_1 = first(x) and p_k+1 = following(x, k, p_k, p_k-1)."""
    degree = np.trunc(unwrap(n))
    x = mul(add(x, mul(unwrap(n), 0)), 1.0)  # of the common shape and dtype
    total = where(degree == 0, 1.0, mul(x, 0))
    before, term = 1.0, first(x)
    for k in range(1, int(degree.max(initial=0)) + 1):
        total = where(degree == k, term, total)
        before, term = term, following(x, k, term, before)
    return total


def chebyshev(x: Any, n: Any, first: Callable[[Any], Any]) -> Tensor:
    return polynomial(x, n, first, lambda x, k, p, before: sub(mul(mul(x, 2), p), before))


def chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """Return Chebyshev's polynomial of the first kind, cos(n arccos(input))."""
    return chebyshev(input, n, lambda x: x)


def chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """Return Chebyshev's polynomial of the second kind, sin((n + 1) a) / sin a with input = cos a."""
    return chebyshev(input, n, lambda x: mul(x, 2))


def chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """Return Chebyshev's polynomial of the third kind, cos((n + 1/2) a) / cos(a / 2) with input = cos a."""
    return chebyshev(input, n, lambda x: sub(mul(x, 2), 1))


def chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """Return Chebyshev's polynomial of the fourth kind, sin((n + 1/2) a) / sin(a / 2) with input = cos a."""
    return chebyshev(input, n, lambda x: add(mul(x, 2), 1))


def shifted_chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """Return chebyshev_polynomial_t(2 input - 1, n)."""
    return chebyshev_polynomial_t(sub(mul(input, 2.0), 1), n)


def shifted_chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """Return chebyshev_polynomial_u(2 input - 1, n)."""
    return chebyshev_polynomial_u(sub(mul(input, 2.0), 1), n)


def shifted_chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """Return chebyshev_polynomial_v(2 input - 1, n)."""
    return chebyshev_polynomial_v(sub(mul(input, 2.0), 1), n)


def shifted_chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """Return chebyshev_polynomial_w(2 input - 1, n)."""
    return chebyshev_polynomial_w(sub(mul(input, 2.0), 1), n)


def hermite_polynomial_h(input: Any, n: Any) -> Tensor:
    """Return Hermite's polynomial of physics, orthogonal under e^-input^2."""
    return polynomial(
        input,
        n,
        lambda x: mul(x, 2),
        lambda x, k, p, before: mul(sub(mul(x, p), mul(before, k)), 2),
    )


def hermite_polynomial_he(input: Any, n: Any) -> Tensor:
    """Return Hermite's polynomial of statistics, orthogonal under e^(-input^2 / 2)."""
    return polynomial(input, n, lambda x: x, lambda x, k, p, before: sub(mul(x, p), mul(before, k)))


def laguerre_polynomial_l(input: Any, n: Any) -> Tensor:
    """Return Laguerre's polynomial, orthogonal under e^-input above 0."""

    def following(x: Any, k: int, p: Any, before: Any) -> Any:
        return div(sub(mul(sub(2 * k + 1, x), p), mul(before, k)), k + 1)

    return polynomial(input, n, lambda x: sub(1, x), following)


def legendre_polynomial_p(input: Any, n: Any) -> Tensor:
    """Return Legendre's polynomial, orthogonal between -1 and 1."""

    def following(x: Any, k: int, p: Any, before: Any) -> Any:
        return div(sub(mul(mul(x, 2 * k + 1), p), mul(before, k)), k + 1)

    return polynomial(input, n, lambda x: x, following)
