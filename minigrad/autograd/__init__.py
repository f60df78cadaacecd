"""Recording operations and differentiating what was recorded.

op         Op, one differentiable operation, and how applying it is recorded
engine     backward() and grad(): the pass from the results to the leaves
views      Tensors that share memory, and changes in place
versions   who changed which memory in place, and where
hooks      functions that look at a gradient on its way
grad_mode  no_grad and its kin
function   Function: PyTorch's form of a custom operation
functional jacobian, hessian, vjp, jvp
"""

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

__all__ = [
    "Function",
    "Op",
    "backward",
    "enable_grad",
    "grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]
