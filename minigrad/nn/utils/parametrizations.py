"""Parametrizations: a weight as length times direction, and one of norm 1."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from ...autograd.grad_mode import no_grad
from ...ops.distance import normalize
from ...ops.norms import norm
from ...ops.sampling import randn
from ...tensor import Tensor
from ..convolution import TransposedConvolution
from ..module import Module
from .parametrize import register_parametrization

__all__ = ["spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


# ---- length and direction ------------------------------------------------------------------------


def lengths(v: Tensor, dim: int | None) -> Tensor:
    """Return the norm of each slice of `dim`, of shape (1, ..., n, ..., 1); for None (or -1) that of
    all, of shape ()."""
    if dim is None or dim == -1:
        return norm(v)
    others = tuple(d for d in range(v.ndim) if d != dim)
    return norm(v, 2.0, others, True) if others else v.abs()


class _WeightNorm(Module):
    """g v / |v|: see `weight_norm`."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, g: Tensor, v: Tensor) -> Tensor:
        return v * (g / lengths(v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return lengths(weight, self.dim), weight


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Let the parameter `name` be g v / |v|, with its length g and its direction v as parameters in its
    place; return the module.

    There is a length for each slice of `dim`, or one for all if it is None. In the state_dict g is
    "parametrizations.weight.original0", v original1. Source: Salimans and Kingma, "Weight
    normalization" (2016).
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


# ---- norm 1 --------------------------------------------------------------------------------------


def as_matrix(weight: Tensor, dim: int) -> Tensor:
    """Return the slices of `dim` as the rows of a matrix."""
    if dim:
        weight = weight.movedim(dim, 0)
    return weight.reshape(weight.shape[0], math.prod(weight.shape[1:]))


class _SpectralNorm(Module):
    """weight / sigma: see `spectral_norm`. The buffers _u and _v approach the singular vectors."""

    def __init__(
        self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12
    ) -> None:
        super().__init__()
        if not -weight.ndim <= dim < weight.ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-weight.ndim}, "
                f"{weight.ndim - 1}] but got {dim})"
            )
        check_iterations(n_power_iterations)
        self.dim = dim % weight.ndim
        self.eps = eps
        if weight.ndim > 1:
            self.n_power_iterations = n_power_iterations
            matrix = as_matrix(weight.detach(), self.dim)
            for buffer, n in zip(("_u", "_v"), matrix.shape, strict=True):
                self.register_buffer(buffer, normalize(randn(n, dtype=matrix.dtype), 2.0, 0, eps))
            self.approach(matrix, 15)

    @no_grad()
    def approach(self, matrix: Tensor, count: int) -> None:
        """Improve _u and _v by `count` steps of the power method."""
        for _ in range(count):
            self._u.copy_(normalize(matrix.mv(self._v), 2.0, 0, self.eps))
            self._v.copy_(normalize(matrix.t().mv(self._u), 2.0, 0, self.eps))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim == 1:
            return normalize(weight, 2.0, 0, self.eps)
        matrix = as_matrix(weight, self.dim)
        if self.training:
            self.approach(matrix, self.n_power_iterations)
        # Clones: the next step changes them before the gradient of this one may have been taken.
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def check_iterations(count: int) -> None:
    if count <= 0:
        raise ValueError(
            f"Expected n_power_iterations to be positive, but got n_power_iterations={count}"
        )


def spectral_norm(
    module: M,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> M:
    """Let the parameter `name` be divided by its largest singular value; return the module.

    The slices of `dim` (the outputs: 0, of transposed convolutions 1) are the rows of the matrix whose
    singular value it is; a vector is divided by its norm. It is approached by `n_power_iterations`
    steps of the power method whenever the parameter is read in training. Source: Miyato et al.,
    "Spectral normalization for generative adversarial networks" (2018). ValueError if there is no such
    parameter or no iterations.
    """
    weight: Any = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if dim is None:
        dim = int(isinstance(module, TransposedConvolution))
    parametrization = _SpectralNorm(weight, n_power_iterations, dim, eps)
    return register_parametrization(module, name, parametrization)
