"""Muon."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from .. import kernels
from .optimizer import Optimizer, Options, Range
from .plan import Arrays


class Muon(Optimizer):
    """Momentum, brought near to the closest orthogonal matrix: every direction is stepped along equally far. For
    the matrices of hidden layers, rows x columns; other parameters want another optimiser.

        buf = momentum buf + (1 - momentum) g
        u = momentum buf + (1 - momentum) g if nesterov else buf
        p = (1 - lr weight_decay) p - lr a orthogonal(u)

    a is sqrt(max(1, rows / columns)), with adjust_lr_fn="match_rms_adamw" 0.2 sqrt(max(rows, columns)).
    orthogonal(u) is reached from u / max(|u|, eps) in `ns_steps` steps of Newton and Schulz's iteration,
    x = (c0 + c1 x x^T + c2 (x x^T)^2) x with the `ns_coefficients` c, computed in the dtype of the parameter
    (PyTorch computes it in bfloat16).
    Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024); the second a from
    Liu et al., "Muon is scalable for LLM training" (2025).
    """

    ranges: ClassVar = {
        "lr": Range("learning rate"),
        "weight_decay": Range("weight_decay value"),
        "momentum": Range("momentum value"),
    }
    counts_steps = False

    def __init__(
        self,
        params: Any = None,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        *,
        l1_decay: float = 0,
    ) -> None:
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults, l1_decay)

    def check(self, group: Options) -> None:
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Adjust learning rate function {group['adjust_lr_fn']} is not supported: "
                f'it is "original" (or None) or "match_rms_adamw"'
            )
        for param in group["params"]:
            if param.ndim != 2:
                raise ValueError(f"Muon {ONLY_MATRICES}, not one of shape {list(param.shape)}")

    def state_names(self, group: Options) -> tuple[str, ...]:
        return ("momentum_buffer",)

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        lr, keep = group["lr"], group["momentum"]
        for p, g, buf in zip(params, grads, *states, strict=True):
            if p.ndim != 2:  # a dict of arrays is not checked before
                raise ValueError(f"Muon {ONLY_MATRICES}, not one of shape {list(p.shape)}")
            buf += (1 - keep) * (g - buf)
            u = keep * buf + (1 - keep) * g if group["nesterov"] else buf
            rows, columns = p.shape
            if group["adjust_lr_fn"] == "match_rms_adamw":
                length = lr * 0.2 * math.sqrt(max(rows, columns))
            else:
                length = lr * math.sqrt(max(1, rows / max(columns, 1)))
            p *= 1 - lr * group["weight_decay"]
            p -= length * orthogonal(u, group["ns_coefficients"], group["ns_steps"], group["eps"])


ONLY_MATRICES = "only supports 2D parameters, the matrices of layers"


def orthogonal(
    u: np.ndarray, coefficients: tuple[float, float, float], steps: int, eps: float
) -> np.ndarray:
    """Return the matrix near u, of any shape, whose singular values are near 1 (0.7 to 1.2)."""
    c0, c1, c2 = coefficients
    wide = u if u.shape[0] <= u.shape[1] else u.T  # the smaller product
    norm = math.sqrt(float(kernels.sum(kernels.mul(u, u))))
    x = np.ascontiguousarray(wide / max(norm, eps))
    for _ in range(steps):
        gram = kernels.matmul(x, x.T)
        x = c0 * x + kernels.matmul(c1 * gram + c2 * kernels.matmul(gram, gram), x)
    return x if wide is u else x.T
