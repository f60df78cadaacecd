"""Gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd import engine
from ..autograd.op import wrap
from ..tensor import Tensor
from .closeness import compare

# An input with more elements is perturbed along random directions instead of element by element.
_ELEMENTWISE = 256
_DIRECTIONS = 8


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
) -> bool:
    """Return True if the gradients of `func` agree with central differences, else raise.

    u^T J v  against  u^T (func(x + eps v) - func(x - eps v)) / 2 eps

    u is a fixed random vector (1 for a 0-d result), so u^T J is one backward pass; v is each unit
    vector in turn, or 8 random directions where an input has more than 256 elements.

    `inputs` is a Tensor or a tuple; those that require grad are checked and must be float64; an
    array of float64 stands for a Tensor that requires grad. `func` returns one Tensor or several.
    Raises AssertionError where they disagree, ValueError for what cannot be checked.
    """
    inputs = _as_inputs(inputs)
    checked = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck: none of the inputs requires grad; there is nothing to check")
    for i in checked:
        if inputs[i].dtype != np.float64:
            raise ValueError(
                f"gradcheck: input {i} is {inputs[i].dtype}; finite differences need float64"
            )

    outputs = differentiable(func(*inputs))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=y.shape) if y.ndim else np.ones(()) for y in outputs]
    again = differentiable(func(*inputs))
    if any(
        not np.array_equal(y.array, z.array, equal_nan=True)
        for y, z in zip(outputs, again, strict=True)
    ):
        raise ValueError(
            "gradcheck: the same inputs give another result; seed what is random in it"
        )
    analytic = pull_back(outputs, [inputs[i] for i in checked], [w.copy() for w in weights])

    for i, gradient in zip(checked, analytic, strict=True):
        array = inputs[i].array.copy()

        def slope(direction: Any, i: int = i, array: np.ndarray = array) -> float:
            """u^T (func(x + eps v) - func(x - eps v)) / 2 eps"""
            ends = []
            for step in (eps, -eps):
                moved = list(inputs)
                moved[i] = wrap(np.asarray(array + step * direction)).requires_grad_()
                ends.append(differentiable(func(*moved)))
            pairs = zip(weights, *ends, strict=True)
            return sum(float(np.sum(u * (high.array - low.array))) for u, high, low in pairs) / (
                2 * eps
            )

        if array.size <= _ELEMENTWISE:
            numeric = np.empty(array.shape)
            unit = np.zeros(array.shape)
            for index in np.ndindex(*array.shape):
                unit[index] = 1
                numeric[index] = slope(unit)
                unit[index] = 0
            where = "element by element"
        else:
            directions = rng.normal(size=(_DIRECTIONS, *array.shape))
            numeric = np.array([slope(v) for v in directions])
            gradient = np.array([np.sum(gradient * v) for v in directions])
            where = f"along {_DIRECTIONS} random directions"
        what = f"gradcheck: gradient of input {i}, of shape {list(array.shape)}, {where}: "
        compare(np.asarray(gradient), numeric, rtol, atol, False, what, ("analytic", "numeric"))
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
) -> bool:
    """Return True if the second gradients of `func` agree with central differences, else raise.

    It is `gradcheck` of (inputs, grad_outputs) -> J^T grad_outputs; they are random unless given.
    """
    inputs = _as_inputs(inputs)
    checked = [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    if grad_outputs is None:
        rng = np.random.default_rng(1)
        outputs = differentiable(func(*inputs))
        grad_outputs = [
            wrap(np.asarray(rng.normal(size=y.shape))).requires_grad_() for y in outputs
        ]
    count = len(inputs)

    def gradients(*values: Any) -> tuple[Any, ...]:
        outputs = differentiable(func(*values[:count]))
        return pull_back(outputs, [values[i] for i in checked], values[count:], create_graph=True)

    return gradcheck(gradients, (*inputs, *_as_inputs(grad_outputs)), eps=eps, atol=atol, rtol=rtol)


def pull_back(
    outputs: Sequence[Any],
    inputs: Sequence[Any],
    weights: Sequence[Any],
    create_graph: bool = False,
) -> Any:
    """Return J^T weights for each of `inputs`: Tensors if `create_graph`, else arrays."""
    pairs = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if not pairs:
        gradients = [wrap(np.zeros_like(x.array)) for x in inputs]
    else:
        gradients = engine.grad(
            [y for y, _ in pairs],
            inputs,
            [w for _, w in pairs],
            create_graph=create_graph,
            materialize_grads=True,
        )
    return tuple(gradients) if create_graph else tuple(g.array for g in gradients)


def as_tuple(values: Any) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def _as_inputs(inputs: Any) -> tuple[Any, ...]:
    return tuple(
        wrap(x).requires_grad_() if isinstance(x, np.ndarray) and x.dtype == np.float64 else x
        for x in as_tuple(inputs)
    )


def differentiable(outputs: Any) -> list[Any]:
    """Return the floating-point results of an operation: the others have no gradient."""
    return [y for y in as_tuple(outputs) if y.is_floating_point()]
