"""Testing operations, ours and yours: gradients against finite differences, values against NumPy.

def test_square():
    check_op(lambda x: x * x, np.random.default_rng(0).normal(size=(3, 4)), reference=np.square)
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .autograd import engine
from .autograd.op import wrap
from .tensor import Tensor

__all__ = ["assert_close", "check_op", "gradcheck", "gradgradcheck"]

# PyTorch's (rtol, atol) for each dtype; integers and booleans are compared exactly.
_TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}

# An input with more elements is perturbed along random directions instead of element by element.
_ELEMENTWISE = 256
_DIRECTIONS = 8


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
    msg: str = "",
) -> None:
    """Raise AssertionError unless shapes agree and |actual - expected| <= atol + rtol |expected|.

    Tensors, arrays and sequences of them are compared; numbers and lists of numbers are taken in
    the dtype of the other side. The default tolerances (rtol, atol) are PyTorch's for the dtype:
    1.3e-6, 1e-5 for float32 and 1e-7, 1e-7 for float64.
    """
    if isinstance(actual, (tuple, list)) and any(
        isinstance(a, (Tensor, np.ndarray)) for a in actual
    ):
        if len(actual) != len(expected):
            raise AssertionError(f"{msg}{len(actual)} values where {len(expected)} were expected")
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_close(
                a,
                e,
                rtol=rtol,
                atol=atol,
                equal_nan=equal_nan,
                check_dtype=check_dtype,
                msg=f"{msg}item {i}: ",
            )
        return
    a, e = getattr(actual, "array", actual), getattr(expected, "array", expected)
    typed = [x.dtype for x in (a, e) if isinstance(x, (np.ndarray, np.generic))]
    if check_dtype and len(set(typed)) > 1:
        raise AssertionError(f"{msg}dtypes do not match: {typed[0]} is not {typed[1]}")
    a, e = (
        np.asarray(x, None if isinstance(x, (np.ndarray, np.generic)) or not typed else typed[0])
        for x in (a, e)
    )
    if a.shape != e.shape:
        raise AssertionError(f"{msg}shapes do not match: {list(a.shape)} is not {list(e.shape)}")
    defaults = np.max([_TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (a, e)], axis=0)
    rtol = defaults[0] if rtol is None else rtol
    atol = defaults[1] if atol is None else atol
    _compare(a, e, rtol, atol, equal_nan, f"{msg}values are not close: ", ("actual", "expected"))


def _compare(
    a: np.ndarray,
    b: np.ndarray,
    rtol: float,
    atol: float,
    equal_nan: bool,
    what: str,
    names: tuple[str, str],
) -> None:
    wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if not wrong.any():
        return
    with np.errstate(invalid="ignore"):
        difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    worst = np.unravel_index(
        np.argmax(np.where(wrong, np.nan_to_num(difference, nan=np.inf), -1)), a.shape
    )
    index = [int(i) for i in worst]
    show = np.array2string if a.size <= 100 else repr
    raise AssertionError(
        f"{what}{np.count_nonzero(wrong)} of {a.size} elements differ by more than "
        f"{atol:g} + {rtol:g} |{names[1]}|\n"
        f"worst at {index}: {names[0]} {a[worst].item()!r}, {names[1]} {b[worst].item()!r}, "
        f"difference {difference[worst]:.3g}\n"
        f"{names[0]}:\n{show(a)}\n{names[1]}:\n{show(b)}"
    )


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

    outputs = _differentiable(func(*inputs))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=y.shape) if y.ndim else np.ones(()) for y in outputs]
    again = _differentiable(func(*inputs))
    if any(
        not np.array_equal(y.array, z.array, equal_nan=True)
        for y, z in zip(outputs, again, strict=True)
    ):
        raise ValueError(
            "gradcheck: the same inputs give another result; seed what is random in it"
        )
    analytic = _pull_back(outputs, [inputs[i] for i in checked], [w.copy() for w in weights])

    for i, gradient in zip(checked, analytic, strict=True):
        array = inputs[i].array.copy()

        def slope(direction: Any, i: int = i, array: np.ndarray = array) -> float:
            """u^T (func(x + eps v) - func(x - eps v)) / 2 eps"""
            ends = []
            for step in (eps, -eps):
                moved = list(inputs)
                moved[i] = wrap(np.asarray(array + step * direction)).requires_grad_()
                ends.append(_differentiable(func(*moved)))
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
        _compare(np.asarray(gradient), numeric, rtol, atol, False, what, ("analytic", "numeric"))
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
        outputs = _differentiable(func(*inputs))
        grad_outputs = [
            wrap(np.asarray(rng.normal(size=y.shape))).requires_grad_() for y in outputs
        ]
    count = len(inputs)

    def gradients(*values: Any) -> tuple[Any, ...]:
        outputs = _differentiable(func(*values[:count]))
        return _pull_back(outputs, [values[i] for i in checked], values[count:], create_graph=True)

    return gradcheck(gradients, (*inputs, *_as_inputs(grad_outputs)), eps=eps, atol=atol, rtol=rtol)


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
    for i, y in enumerate(_as_tuple(function(*tensors))):
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
    values = [y.array for y in _as_tuple(function(*_tensors(inputs)))]
    for y in values:
        if type(y) is not np.ndarray:
            raise AssertionError(
                f"check_op: forward returned a {type(y).__name__} where an ndarray is needed"
            )
    if reference is not None:
        expected = [np.asarray(y) for y in _as_tuple(reference(*inputs))]
        assert_close(
            values,
            expected,
            equal_nan=True,
            check_dtype=False,
            msg="check_op: against the reference: ",
        )
    singles = tuple(x.astype(np.float32) if _is_float(x) else x for x in inputs)
    tensors = _tensors(singles)
    outputs = _as_tuple(function(*tensors))
    exact = _as_tuple(
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
    outputs = _differentiable(outputs)
    wanted = [x for x in tensors if isinstance(x, Tensor) and x.requires_grad]
    for x, gradient in zip(
        wanted, _pull_back(outputs, wanted, [np.ones_like(y.array) for y in outputs]), strict=True
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
    outputs = _differentiable(function(*tensors))
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
            outputs = _differentiable(function(*tensors))
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
    if any(np.shape(y) != shape for y in _as_tuple(reference(*inputs))):
        return
    firsts = [x.reshape(-1)[:1] for x in inputs]
    for changed in (tuple(x.reshape(()) for x in firsts if x.size), tuple(x[:0] for x in firsts)):
        try:
            expected = [np.asarray(y) for y in _as_tuple(reference(*changed))]
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
    outputs = _differentiable(function(*tensors))
    rng = np.random.default_rng(3)
    wanted = [x for x in tensors if isinstance(x, Tensor) and x.requires_grad]
    return [y.array for y in outputs] + list(
        _pull_back(outputs, wanted, [rng.normal(size=y.shape) for y in outputs])
    )


def _pull_back(
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


def _as_tuple(values: Any) -> tuple[Any, ...]:
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def _as_inputs(inputs: Any) -> tuple[Any, ...]:
    return tuple(
        wrap(x).requires_grad_() if isinstance(x, np.ndarray) and x.dtype == np.float64 else x
        for x in _as_tuple(inputs)
    )


def _is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def _differentiable(outputs: Any) -> list[Any]:
    """Return the floating-point results of an operation: the others have no gradient."""
    return [y for y in _as_tuple(outputs) if y.is_floating_point()]


def _tensors(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the inputs with each array as a Tensor of the same layout that requires grad."""
    result = []
    for x in inputs:
        if isinstance(x, np.ndarray):
            x = wrap(x.copy() if x.flags.c_contiguous and x.flags.writeable else x)
            x.requires_grad_(x.is_floating_point())
        result.append(x)
    return tuple(result)
