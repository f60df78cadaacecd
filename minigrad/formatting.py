"""How a Tensor is printed: as PyTorch prints it."""

from __future__ import annotations

from typing import Any

import numpy as np


def tensor_repr(tensor: Any) -> str:
    """Return "tensor([...], dtype=..., grad_fn=<...>)"."""
    return f"tensor({np.array2string(tensor.array, separator=', ', precision=4)})"
