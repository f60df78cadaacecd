"""All that minigrad promises of an operation, checked."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import engine
from ..autograd.op import wrap
from ..tensor import Tensor
from .closeness import assert_close
from .gradients import as_tuple, differentiable, gradcheck, gradgradcheck, pull_back


def check_op(
    function: Callable[..., Any],
    *inputs: Any,
    reference: Callable[..., Any] | None = None,
    second: bool = True,
) -> None:
    """Raise AssertionError unless `function` keeps all that minigrad promises of an operation.

    - values equal those of `reference`, the same function in NumPy; float32 is kept
    - gradients, and with `second` their gradients, agree with finite differences
    - the layout of the inputs in memory makes no difference
    - neither the inputs nor the incoming gradient are written to; no gradient shares memory
    - the graph dies with its result, without the garbage collector
    - what works element by element does so for 0-d and empty inputs

    `inputs` are arrays (floating-point ones become float64 Tensors that require grad) and whatever
    else `function` takes. `function` returns one Tensor or several.
    """
    inputs = tuple(x.astype(np.float64) if _is_float(x) else x for x in inputs)
    expected = _check_values(function, inputs, reference)
    if not any(map(_is_float, inputs)) or not any(map(_is_float, expected)):
        return
    tensors = _tensors(inputs)
    for i, y in enumerate(as_tuple(function(*tensors))):
        if _is_float(y.array) and not y.requires_grad:
            raise AssertionError(f"check_op: result {i} is floating-point and yet has no gradient")
    gradcheck(function, tensors)
    if second:
        gradgradcheck(function, tensors)
    _check_layouts(function, inputs)
    _check_memory(function, inputs)
    _check_lifetime(function, inputs, second)
    if reference is not None:
        _check_shapes(function, inputs, reference)


def _check_values(
    function: Callable[..., Any], inputs: tuple[Any, ...], reference: Callable[..., Any] | None
) -> list[np.ndarray]:
    values = [y.array for y in as_tuple(function(*_tensors(inputs)))]
    for y in values:
        if type(y) is not np.ndarray:
            raise AssertionError(
                f"check_op: forward returned a {type(y).__name__} where an ndarray is needed"
            )
    if reference is not None:
        expected = [np.asarray(y) for y in as_tuple(reference(*inputs))]
        assert_close(
            values,
            expected,
            equal_nan=True,
            check_dtype=False,
            msg="check_op: against the reference: ",
        )
    singles = tuple(x.astype(np.float32) if _is_float(x) else x for x in inputs)
    tensors = _tensors(singles)
    outputs = as_tuple(function(*tensors))
    exact = as_tuple(
        function(*_tensors(tuple(x.astype(np.float64) if _is_float(x) else x for x in singles)))
    )
    for y, y64 in zip(outputs, exact, strict=True):
        if _is_float(y64.array) and any(map(_is_float, inputs)) and y.dtype != np.float32:
            raise AssertionError(f"check_op: float32 inputs give {y.dtype}; float32 must be kept")
        assert_close(
            y,
            y64,
            rtol=1e-4,
            atol=1e-5,
            equal_nan=True,
            check_dtype=False,
            msg="check_op: in float32: ",
        )
    outputs = differentiable(outputs)
    wanted = [x for x in tensors if isinstance(x, Tensor) and x.requires_grad]
    for x, gradient in zip(
        wanted, pull_back(outputs, wanted, [np.ones_like(y.array) for y in outputs]), strict=True
    ):
        if gradient.dtype != x.dtype:
            raise AssertionError(f"check_op: a float32 input gets a gradient of {gradient.dtype}")
    return values


def _check_layouts(function: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    plain = _value_and_gradients(function, inputs)
    for name, change in _LAYOUTS.items():
        changed = tuple(change(x) if isinstance(x, np.ndarray) else x for x in inputs)
        assert_close(
            _value_and_gradients(function, changed),
            plain,
            equal_nan=True,
            msg=f"check_op: with {name} inputs: ",
        )


def _reversed(x: np.ndarray) -> np.ndarray:
    return np.flip(np.flip(x).copy()) if x.ndim else x.copy()


def _strided(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 2, axis=-1)[..., ::2] if x.ndim else x


def _read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


_LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "column-major": lambda x: x.copy(order="F"),
    "strided": _strided,
    "reversed": _reversed,
    "read-only": _read_only,
}


def _check_memory(function: Callable[..., Any], inputs: tuple[Any, ...]) -> None:
    tensors = _tensors(inputs)
    outputs = differentiable(function(*tensors))
    weights = [np.random.default_rng(2).normal(size=y.shape) for y in outputs]
    given = [w.copy() for w in weights]
    engine.backward(outputs, given, retain_graph=True)
    for i, (before, x) in enumerate(zip(inputs, tensors, strict=True)):
        if isinstance(x, Tensor) and not np.array_equal(
            before, x.array, equal_nan=x.is_floating_point()
        ):
            raise AssertionError(f"check_op: input {i} was changed")
    for w, g in zip(weights, given, strict=True):
        if not np.array_equal(w, g):
            raise AssertionError("check_op: backward wrote into the gradient that it was given")
    once: list[Any] = []
    buffers = [("a result", y.array) for y in outputs] + [
        ("the incoming gradient", g) for g in given
    ]
    buffers += [(f"input {i}", x.array) for i, x in enumerate(tensors) if isinstance(x, Tensor)]
    for i, x in enumerate(tensors):
        if isinstance(x, Tensor) and x.grad is not None:
            for name, buffer in buffers:
                if np.shares_memory(x.grad.array, buffer):
                    raise AssertionError(
                        f"check_op: the gradient of input {i} shares memory with {name}"
                    )
            buffers.append((f"the gradient of input {i}", x.grad.array))
            once.append(x.grad.array.copy())
    engine.backward(outputs, given)
    twice = [x.grad.array for x in tensors if isinstance(x, Tensor) and x.grad is not None]
    assert_close(
        twice,
        [2 * g for g in once],
        equal_nan=True,
        msg="check_op: a second backward must add to .grad: ",
    )


def _check_lifetime(function: Callable[..., Any], inputs: tuple[Any, ...], second: bool) -> None:
    collecting = gc.isenabled()
    gc.disable()
    try:
        for create_graph in (False, True) if second else (False,):
            tensors = _tensors(inputs)
            outputs = differentiable(function(*tensors))
            nodes = [weakref.ref(y.grad_fn) for y in outputs]
            weights = [np.ones_like(y.array) for y in outputs]
            wanted = [x for x in tensors if isinstance(x, Tensor) and x.requires_grad]
            gradients = engine.grad(
                outputs, wanted, weights, create_graph=create_graph, allow_unused=True
            )
            nodes += [
                weakref.ref(g.grad_fn) for g in gradients if g is not None and g.grad_fn is not None
            ]
            del outputs, gradients
            if any(node() is not None for node in nodes):
                raise AssertionError(
                    "check_op: the graph outlives its result; is there a reference cycle?"
                )
    finally:
        if collecting:
            gc.enable()


def _check_shapes(
    function: Callable[..., Any], inputs: tuple[Any, ...], reference: Callable[..., Any]
) -> None:
    """Check 0-d and empty inputs if NumPy says that the operation works element by element."""
    if not all(isinstance(x, np.ndarray) for x in inputs):
        return
    try:
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
    except ValueError:
        return
    if any(np.shape(y) != shape for y in as_tuple(reference(*inputs))):
        return
    firsts = [x.reshape(-1)[:1] for x in inputs]
    for changed in (tuple(x.reshape(()) for x in firsts if x.size), tuple(x[:0] for x in firsts)):
        try:
            expected = [np.asarray(y) for y in as_tuple(reference(*changed))]
        except Exception:
            continue  # it is not element by element after all
        if len(changed) != len(inputs) or any(y.shape != changed[0].shape for y in expected):
            continue
        _check_values(function, changed, reference)
        for x, gradient in zip(
            changed, _value_and_gradients(function, changed)[len(expected) :], strict=False
        ):
            if gradient.shape != x.shape:
                raise AssertionError(
                    f"check_op: an input of shape {list(x.shape)} gets a gradient of shape "
                    f"{list(gradient.shape)}"
                )


def _value_and_gradients(function: Callable[..., Any], inputs: tuple[Any, ...]) -> list[np.ndarray]:
    tensors = _tensors(inputs)
    outputs = differentiable(function(*tensors))
    rng = np.random.default_rng(3)
    wanted = [x for x in tensors if isinstance(x, Tensor) and x.requires_grad]
    return [y.array for y in outputs] + list(
        pull_back(outputs, wanted, [rng.normal(size=y.shape) for y in outputs])
    )


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def _tensors(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the inputs with each array as a Tensor of the same layout that requires grad."""
    result = []
    for x in inputs:
        if isinstance(x, np.ndarray):
            x = wrap(x.copy() if x.flags.c_contiguous and x.flags.writeable else x)
            x.requires_grad_(x.is_floating_point())
        result.append(x)
    return tuple(result)
