"""What the tests of reductions share: the dimensions that are reduced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import check_op

DIMS = [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)]


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def gradient(function: Callable[..., Any], x: Any) -> np.ndarray:
    """The gradient of the sum of function(x)."""
    x = mg.tensor(np.array(x), requires_grad=True)
    return engine.grad(mg.sum(function(x)), x)[0].array


def check_over_dims(name: str, reference: Callable[..., Any], dim: Any) -> None:
    """Hold minigrad's function to `reference`, a function of (array, axis, keepdims) in NumPy."""
    function = getattr(mg, name)
    for keepdim in (False, True):
        check_op(
            lambda x, keepdim=keepdim: function(x, dim=dim, keepdim=keepdim),
            normal(2, 4, 3),
            reference=lambda x, keepdim=keepdim: reference(x, axis=dim, keepdims=keepdim),
            second=not keepdim,
        )
