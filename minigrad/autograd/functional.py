"""Derivatives of a function at a point: jacobian, hessian, and their products with vectors.

Each takes `func` and `inputs`, a Tensor or a tuple of them, and returns a Tensor or tuples of them
in the same form. With `create_graph` the results can be differentiated, also by the inputs if these
require grad. With `strict` a result that does not depend on an input is a RuntimeError; else its
derivative is zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops.joining import stack
from .engine import grad
from .grad_mode import enable_grad
from .op import Variable, wrap

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def jacobian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False
) -> Any:
    """Return the derivatives of every result of `func` by every input.

    J[i..., j...] = d output[i...] / d input[j...], of shape (*output, *input)

    For several results it is a tuple, for several inputs a tuple (in each) too.
    """
    points, one_input = _points(inputs, create_graph)
    with enable_grad():
        outputs, one_output = _tensors(func(*points), "jacobian: func has to return")
    rows = []
    for output in outputs:
        shape = output.array.shape
        # By the unit vectors of the output: row i of J is J^T e_i.
        unit = np.zeros(shape, output.array.dtype)
        gradients = []
        for index in np.ndindex(*shape):
            unit[index] = 1
            given = (wrap(unit.copy()),)
            gradients.append(_pull_back((output,), points, given, create_graph, strict))
            unit[index] = 0
        rows.append(
            tuple(
                stack(list(column)).reshape((*shape, *point.array.shape))
                for column, point in zip(zip(*gradients, strict=True), points, strict=True)
            )
            if gradients
            else tuple(wrap(np.zeros((*shape, *p.array.shape), p.array.dtype)) for p in points)
        )
    results = tuple(row[0] if one_input else row for row in rows)
    return results[0] if one_output else results


def hessian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False
) -> Any:
    """Return the second derivatives of `func`, which has one element, by every pair of inputs.

    H[i..., j...] = d^2 output / d input[i...] d input[j...], of shape (*input, *input)

    For several inputs it is a tuple of tuples.
    """

    def gradient(*points: Any) -> Any:
        return jacobian(
            lambda *xs: _one_element(func(*xs), "hessian").reshape(()),
            points if isinstance(inputs, tuple) else points[0],
            create_graph=True,
            strict=strict,
        )

    return jacobian(gradient, inputs, create_graph, strict)


def vjp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(inputs) and v^T J; `v` has the form of the result, None stands for 1."""
    points, one_input = _points(inputs, create_graph)
    with enable_grad():
        outputs, one_output = _tensors(func(*points), "vjp: func has to return")
    vectors = _vectors(v, outputs, "vjp", "result")
    products = _pull_back(outputs, points, vectors, create_graph, strict)
    return _as_given(outputs, one_output, create_graph), _as_given(
        products, one_input, create_graph
    )


def jvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(inputs) and J v; `v` has the form of the inputs, None stands for 1.

    J^T u is linear in u, so its derivative by u, times v, is J v: two backward passes.
    """
    points, _ = _points(inputs, create_graph)
    vectors = _vectors(v, points, "jvp", "input")
    with enable_grad():
        outputs, one_output = _tensors(func(*points), "jvp: func has to return")
        us = tuple(wrap(np.zeros_like(y.array)).requires_grad_() for y in outputs)
        gradients = _pull_back(outputs, points, us, True, strict)
    products = _pull_back(gradients, us, vectors, create_graph, strict)
    return _as_given(outputs, one_output, create_graph), _as_given(
        products, one_output, create_graph
    )


def vhp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(inputs), of one element, and v^T H; `v` has the form of the inputs."""
    points, one_input = _points(inputs, create_graph)
    vectors = _vectors(v, points, "vhp", "input")
    with enable_grad():
        output = _one_element(func(*points), "vhp")
        gradients = _pull_back((output,), points, (None,), True, strict)
    products = _pull_back(gradients, points, vectors, create_graph, strict)
    return _as_given((output,), True, create_graph), _as_given(products, one_input, create_graph)


def hvp(
    func: Callable[..., Any],
    inputs: Any,
    v: Any = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    """Return func(inputs), of one element, and H v: the same as `vhp`, for H is symmetric."""
    return vhp(func, inputs, v, create_graph, strict)


def _points(inputs: Any, create_graph: bool) -> tuple[tuple[Any, ...], bool]:
    """Return where to differentiate: nodes of their own, so that only what `func` does counts."""
    tensors, is_one = _tensors(inputs, "inputs have to be")
    return tuple(
        x + 0 if create_graph and x.requires_grad else x.detach().requires_grad_() for x in tensors
    ), is_one


def _tensors(values: Any, what: str) -> tuple[tuple[Any, ...], bool]:
    """Return `values` as a tuple, and whether they were a single Tensor."""
    is_one = not isinstance(values, (tuple, list))
    tensors = (values,) if is_one else tuple(values)
    for value in tensors:
        if not isinstance(value, Variable):
            raise TypeError(f"{what} a Tensor or a tuple of Tensors, not {type(value).__name__}")
    return tensors, is_one


def _one_element(output: Any, name: str) -> Any:
    (tensor, *more), _ = _tensors(output, f"{name}: func has to return")
    if more or tensor.array.size != 1:
        raise RuntimeError(
            f"{name}: func has to return one element, not "
            f"{[list(y.array.shape) for y in (tensor, *more)]}; sum it up"
        )
    return tensor


def _vectors(v: Any, like: Sequence[Any], name: str, kind: str) -> tuple[Any, ...]:
    if v is None:
        if len(like) != 1 or like[0].array.size != 1:
            raise RuntimeError(f"{name}: v may be left out only for a single {kind} of one element")
        return (wrap(np.ones_like(like[0].array)),)
    vectors, _ = _tensors(v, f"{name}: v has to be")
    shapes = [list(x.array.shape) for x in like]
    if [list(x.array.shape) for x in vectors] != shapes:
        raise RuntimeError(
            f"{name}: v has shapes {[list(x.array.shape) for x in vectors]}, the {kind}s {shapes}; "
            f"they must agree"
        )
    return vectors


def _pull_back(
    outputs: Sequence[Any],
    inputs: Sequence[Any],
    vectors: Sequence[Any],
    create_graph: bool,
    strict: bool,
) -> tuple[Any, ...]:
    """Return J^T vectors; the graph stays for another pass."""
    pairs = [(y, v) for y, v in zip(outputs, vectors, strict=True) if y.requires_grad]
    if strict and len(pairs) < len(outputs):
        raise RuntimeError("strict: a result of the function does not depend on any input")
    if not pairs:
        return tuple(wrap(np.zeros_like(x.array)) for x in inputs)
    ys, vs = zip(*pairs, strict=True)
    return grad(ys, inputs, vs, True, create_graph, materialize_grads=not strict)


def _as_given(values: Sequence[Any], is_one: bool, create_graph: bool) -> Any:
    if not create_graph:
        values = tuple(x.detach() for x in values)
    return values[0] if is_one else tuple(values)
