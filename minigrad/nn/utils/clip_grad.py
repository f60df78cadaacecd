"""Gradients kept short, by their norm or one by one. `foreach` is taken for PyTorch's sake."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...autograd.grad_mode import no_grad
from ...ops.joining import stack
from ...ops.norms import norm
from ...tensor import Tensor

Tensors = Tensor | Iterable[Tensor]


def _list(tensors: Tensors) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def _grads(parameters: Tensors) -> list[Tensor]:
    return [p.grad for p in _list(parameters) if p.grad is not None]


@no_grad()
def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Return the norm, (sum |x|^norm_type)^(1 / norm_type), of all elements of all tensors.

    RuntimeError if it is infinite or NaN and `error_if_nonfinite`.
    """
    norms = [norm(tensor, float(norm_type)) for tensor in _list(tensors)]
    total = norm(stack(norms), float(norm_type)) if norms else Tensor(0.0)
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To scale the gradients by it anyway, set `error_if_nonfinite=False`"
        )
    return total


@no_grad()
def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scale the gradients by min(1, max_norm / (total_norm + 1e-6)), in place."""
    scale = float(max_norm) / (float(total_norm) + 1e-6)
    if not scale >= 1:  # NaN shows in the gradients
        for grad in _grads(parameters):
            grad.mul_(scale)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients, in place, so that their norm together is at most `max_norm`; return the
    norm that it was.

    RuntimeError if that is infinite or NaN and `error_if_nonfinite`. Source: Pascanu, Mikolov and
    Bengio, "On the difficulty of training recurrent neural networks" (2013).
    """
    parameters = _list(parameters)
    total = get_total_norm(_grads(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


@no_grad()
def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Replace each gradient g by min(max(g, -clip_value), clip_value), in place."""
    for grad in _grads(parameters):
        grad.clamp_(-float(clip_value), float(clip_value))
