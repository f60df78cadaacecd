"""Function: PyTorch's form of a custom operation, a class of static methods that share a context.

To the engine it is an `Op` like any other: the context is the node of the graph.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .grad_mode import is_grad_enabled, no_grad
from .op import Op, Output, Variable, wrap
from .versions import check_unchanged, tick
from .views import adopt, check_inplace

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class Function:
    """A custom operation: subclass it with static methods and call it by `apply`.

        class Square(Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, grad):
                (x,) = ctx.saved_tensors
                return 2 * grad * x

        y = Square.apply(x)

    `forward` works on Tensors and is not recorded; it returns one or a tuple. `backward` gets one
    gradient a result and returns one an argument of `apply`, None where there is none. Written in
    operations on Tensors, it can be differentiated again.
    `forward` may also go without `ctx`, next to `setup_context(ctx, inputs, output)`.
    """

    def __init__(self) -> None:
        name = type(self).__name__
        raise RuntimeError(f"{name} has static methods only: call {name}.apply(...), not {name}()")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("a Function needs a static method forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple[Any, ...], output: Any) -> None:
        """Keep what backward needs, where `forward` has no `ctx`."""

    @staticmethod
    def backward(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("a Function needs a static method backward(ctx, *grads)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Apply the operation to Tensors and whatever else `forward` takes."""
        return FunctionCtx(cls)(*args)


class FunctionCtx(Op):
    """What `forward` and `backward` of one application share; any attribute may be set on it."""

    def __init__(self, function: type[Function]) -> None:
        self._function = function
        self._materialize = True
        self._kept: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._constant: tuple[Any, ...] = ()

    def name(self) -> str:
        return f"{self._function.__name__}Backward"

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """True for each argument of `apply` whose gradient is wanted."""
        return tuple(edge is not None for edge in self.edges)

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep Tensors (or None) for backward, until it has freed the graph."""
        self._kept = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was given to `save_for_backward`; RuntimeError if freed or changed since."""
        saved = tuple(self.saved or ())
        check_unchanged((array for array, _, _ in saved), self._saved_at, self._function.__name__)
        return tuple(
            array if array is None else wrap(array, node if number is None else self._node(number))
            for array, node, number in saved
        )

    def mark_dirty(self, *inputs: Any) -> None:
        """Name the inputs that forward changed in place; it has to return them."""
        self._dirty = inputs

    def mark_non_differentiable(self, *outputs: Any) -> None:
        """Name results that have no gradient; integers and booleans have none anyway."""
        self._constant = outputs

    def set_materialize_grads(self, value: bool) -> None:
        """Choose zeros (the default) or None as the gradient of a result that was not used."""
        self._materialize = value

    def __call__(self, *inputs: Any) -> Any:
        for value in inputs:
            if isinstance(value, Variable) and value._view is not None:
                value._view.refresh(value)
        self.edges = tuple(x.node if isinstance(x, Variable) else None for x in inputs)
        self._inputs = tuple(map(_layout, inputs))
        recorded = is_grad_enabled() and any(self.needs_input_grad)
        function = self._function
        with no_grad():
            if function.setup_context is Function.setup_context:
                result = function.forward(self, *inputs)
            else:
                result = function.forward(*inputs)
                function.setup_context(self, inputs, result)
        self.order = tick()
        results = result if isinstance(result, tuple) else (result,)
        self._outputs = tuple(map(_layout, results))
        self._is_tuple = isinstance(result, tuple)
        dirty, constant, kept = self._dirty, self._constant, self._kept
        self._dirty = self._constant = self._kept = ()  # a Tensor kept here would be a cycle
        if recorded:
            # A result is kept by its number, for the same reason.
            fresh = [None if _among(y, inputs) and not _among(y, dirty) else y for y in results]
            self.saved = [
                (None, None, None)
                if x is None
                else (x.array, x.node, next((i for i, y in enumerate(fresh) if y is x), None))
                for x in kept
            ]
        wrapped = []
        for number, y in enumerate(results):
            if isinstance(y, Variable):
                floating = y.array.dtype.kind == "f" and not _among(y, constant)
                node = self._node(number) if recorded and floating else None
                if not _among(y, dirty):
                    array = y.array
                    if recorded and _shares_memory(array, inputs):
                        # Else a change in place of the one would be lost to the other.
                        array = array.copy()
                    y = wrap(array, node)
                else:
                    if node is not None:
                        check_inplace(y)
                    adopt(y, wrap(y.array, node), function.__name__)
            wrapped.append(y)
        self._saved_at = tick()
        return tuple(wrapped) if self._is_tuple else wrapped[0]

    def _node(self, number: int) -> Any:
        """The node of a result; an Output is made anew, for the context must not refer to it."""
        return Output(self, number, len(self._outputs)) if self._is_tuple else self

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        on_tensors = is_grad_enabled()
        incoming = []
        for grad, layout in zip(grads, self._outputs, strict=True):
            if grad is None and layout is not None and self._materialize:
                grad = np.zeros(*layout)
            incoming.append(wrap(grad) if isinstance(grad, np.ndarray) else grad)
        name = self._function.__name__
        results = self._function.backward(self, *incoming)
        results = results if isinstance(results, tuple) else (results,)
        count = len(self.edges)
        if len(results) < count or any(grad is not None for grad in results[count:]):
            raise RuntimeError(
                f"{name}.backward returned an incorrect number of gradients (expected {count}, one "
                f"for each argument of apply, got {len(results)})"
            )
        outgoing = []
        for i, (grad, layout) in enumerate(zip(results, self._inputs, strict=False)):
            if grad is not None:
                grad = self._checked(grad, layout, f"{name}.backward: gradient {i}")
                grad = grad if on_tensors else grad.array
            outgoing.append(grad)
        return tuple(outgoing)

    @staticmethod
    def _checked(grad: Any, layout: Any, what: str) -> Any:
        if not isinstance(grad, Variable):
            raise TypeError(f"{what} must be a Tensor or None, not {type(grad).__name__}")
        if layout is None:
            raise RuntimeError(f"{what} must be None: that argument of apply was not a Tensor")
        shape, dtype = layout
        if grad.array.shape != shape:
            raise RuntimeError(
                f"{what} has shape {list(grad.array.shape)}, its input {list(shape)}: they differ"
            )
        return grad if grad.array.dtype == dtype else grad.to(dtype)  # type: ignore[attr-defined]


def _layout(value: Any) -> tuple[tuple[int, ...], np.dtype] | None:
    return (value.array.shape, value.array.dtype) if isinstance(value, Variable) else None


def _shares_memory(array: np.ndarray, inputs: tuple[Any, ...]) -> bool:
    return any(isinstance(x, Variable) and np.may_share_memory(array, x.array) for x in inputs)


def _among(value: Any, values: tuple[Any, ...]) -> bool:
    return any(value is other for other in values)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Say of a Function's `backward` that it cannot be differentiated: to try is a RuntimeError."""

    @functools.wraps(backward)
    def once(ctx: FunctionCtx, *grads: Any) -> Any:
        with no_grad():
            results = backward(ctx, *grads)
        if not is_grad_enabled():
            return results
        if isinstance(results, tuple):
            return tuple(_Undifferentiable.of(grad, ctx) for grad in results)
        return _Undifferentiable.of(results, ctx)

    return once


class _Undifferentiable(Op):
    """Where the gradient of a `once_differentiable` backward would begin."""

    __slots__ = ("function",)

    @classmethod
    def of(cls, grad: Any, ctx: FunctionCtx) -> Any:
        if grad is None:
            return None
        op = cls()
        op.function = ctx._function.__name__
        op.edges = ctx.edges
        op.order = tick()
        return wrap(grad.array, op)

    def backward(self, grad: Any) -> Any:
        raise RuntimeError(
            f"trying to differentiate twice a function that was marked with @once_differentiable: "
            f"{self.function}.backward"
        )
