"""Recording operations and differentiating what was recorded.

op         Op, one differentiable operation, and how applying it is recorded
engine     backward() and grad(): the pass from the results to the leaves
views      Tensors that share memory, and changes in place
versions   who changed which memory in place, and where
hooks      functions that look at a gradient on its way
grad_mode  no_grad and its kin
anomaly    nan found where it arises
function   Function: PyTorch's form of a custom operation
functional jacobian, hessian, vjp, jvp
"""

from typing import TYPE_CHECKING

from .anomaly import detect_anomaly, set_detect_anomaly
from .engine import backward, grad
from .function import Function
from .grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .op import Op

if TYPE_CHECKING:  # minigrad/__init__.py adds them: here nothing knows Tensor
    from ..testing import gradcheck as gradcheck
    from ..testing import gradgradcheck as gradgradcheck

__all__ = [
    "Function",
    "Op",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
