"""Losses of distributions: Kullback-Leibler divergence, Poisson and Gaussian likelihood."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...autograd.op import unwrap
from ...tensor import Tensor
from ..arithmetic import add, mul, sub
from ..division import div
from ..pointwise import exp, log, square
from ..reduction import sum
from ..selection import where
from ..special import xlogy
from .common import check_floating, check_reduction, check_same_shape, reduce

__all__ = ["gaussian_nll_loss", "kl_div", "poisson_nll_loss"]


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """Return the mean of t (ln t - input): the divergence of the distribution e^input from t.

    input   log-probabilities, e.g. of log_softmax
    target  t: probabilities of the same shape, or their logarithms if `log_target`

    `reduction` "batchmean" is the divergence itself, the sum divided by the length of the first
    dimension; "mean" divides by all elements (and warns); "sum", "none". ValueError if the shapes
    differ. Source: Kullback and Leibler, On information and sufficiency (1951).
    """
    if reduction != "batchmean":
        check_reduction(reduction)
    check_same_shape("kl_div", input, target)
    check_floating("kl_div", input)
    if reduction == "mean":
        warnings.warn(
            "kl_div: reduction 'mean' divides by all elements, also by the number of classes; the "
            "divergence itself is 'batchmean'",
            stacklevel=2,
        )
    losses = (
        mul(exp(target), sub(target, input))
        if log_target
        else sub(xlogy(target, target), mul(target, input))
    )
    if reduction == "batchmean":
        return div(sum(losses), losses.shape[0] if losses.ndim else 1)
    return reduce(losses, reduction)


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """Return mean(e^input - target input): minus the log-likelihood of counts `target`.

    `input` is the logarithm of the expected count; if not `log_input`, the count x itself, and the
    loss is x - target ln(x + eps). `full` adds Stirling's approximation of ln(target!), for
    targets > 1. `reduction` "sum" gives the sum, "none" every loss. ValueError if the shapes differ.
    """
    check_reduction(reduction)
    check_same_shape("poisson_nll_loss", input, target)
    check_floating("poisson_nll_loss", input)
    count, logarithm = (exp(input), input) if log_input else (input, log(add(input, eps)))
    losses = sub(count, mul(target, logarithm))
    if full:
        counts = unwrap(target)
        many = counts > 1
        # Where it is not taken, it is taken of 1: nothing infinite may reach the gradient.
        t = where(many, target, counts.dtype.type(1))
        stirling = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * math.pi)), 0.5))
        losses = add(losses, where(many, stirling, 0.0))
    return reduce(losses, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """Return mean((ln v + (input - target)^2 / v) / 2), v = max(var, eps).

    input, target  (..., D), one shape
    var            that shape; or (..., 1), (...) or a number, one variance for several values

    Minus the log-likelihood of `target` under normal distributions; `full` adds ln(2 pi) / 2. The
    gradient of var passes also where eps took its place. `reduction` "sum" gives the sum, "none"
    every loss. ValueError if the shapes do not fit, or if a variance is negative. Source: Nix and
    Weigend, Estimating the mean and variance of the target probability distribution (1994).
    """
    check_reduction(reduction)
    check_same_shape("gaussian_nll_loss", input, target)
    check_floating("gaussian_nll_loss", input)
    shape, given = np.shape(unwrap(input)), np.shape(unwrap(var))
    if not isinstance(var, (int, float)) and given != shape:
        if given == shape[:-1]:
            var = var.reshape((*given, 1))
        elif len(given) != len(shape) or any(
            n not in (1, m) for n, m in zip(given, shape, strict=True)
        ):
            raise ValueError(
                f"gaussian_nll_loss: var is of incorrect size: it has shape {list(given)}, and "
                f"needs that of the prediction, {list(shape)}, or {list(shape[:-1])}"
            )
    values = np.asarray(unwrap(var))
    if (values < 0).any():
        raise ValueError("gaussian_nll_loss: var has negative entry/entries")
    if not isinstance(var, (int, float)):
        var = add(var, np.maximum(values, values.dtype.type(eps)) - values)
        logarithm = log(var)
    else:
        var = max(var, eps)
        logarithm = math.log(var)
    losses = mul(add(div(square(sub(input, target)), var), logarithm), 0.5)
    if full:
        losses = add(losses, 0.5 * math.log(2 * math.pi))
    return reduce(losses, reduction)
