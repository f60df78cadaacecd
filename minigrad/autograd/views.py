"""Views: Tensors that share the memory of another one, and what a change in place does to their graph.

A change in place is an out-of-place operation whose result is then put where the input was (`adopt`). The Tensor's
node becomes the node of that result. If it is a view, a part of its base has changed as well: the base becomes the
result of `ViewScatter(old base, new part)`, and every other view of that base is taken afresh from it when it is used
next (`View.refresh`), because it may show the part that has changed.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .grad_mode import mode
from .op import Node, Op, Variable, wrap
from .versions import change_of, record_changes, tick


class View:
    """How a Tensor is seen in another one's memory: `ops` applied to `base`, one after the other."""

    __slots__ = ("base", "base_node", "ops")

    def __init__(self, base: Any, ops: tuple[Op, ...]) -> None:
        self.base = base
        self.ops = ops
        self.base_node: Node | None = base.node

    @classmethod
    def of(cls, tensor: Any, op: Op, source: Any) -> View:
        # The op that is kept here must not keep alive the graph that led to it when it was recorded.
        op = copy.copy(op)
        op.edges = ()
        if source._view is None:
            return cls(source, (op,))
        return cls(source._view.base, (*source._view.ops, op))

    def refresh(self, tensor: Any) -> None:
        """Give `tensor` a new node if its base has been changed in place since it was taken."""
        node = self.base.node
        if node is self.base_node:
            return
        self.base_node = tensor.node = node
        if node is None:
            return
        for op in self.ops:
            step = copy.copy(op)
            step.edges = (tensor.node,)
            step.order = tick()
            tensor.node = step

    def show(self, values: Any) -> Any:
        """Return the same view of other values of the base's shape (an array or a Tensor)."""
        for op in self.ops:
            values = copy.copy(op)(values)
        return values


class ViewScatter(Op):
    """`base` with what `view` shows of it replaced by `part`."""

    __slots__ = ("view",)

    def __init__(self, view: View) -> None:
        self.view = view

    def forward(self, base: np.ndarray, part: np.ndarray) -> np.ndarray:
        result = base.copy(order="K")
        self.view.show(result)[...] = part
        return result

    def backward(self, grad: Any) -> tuple[Any, Any]:
        part = self.view.show(grad)
        nothing = wrap(np.zeros_like(part.array)) if isinstance(part, Variable) else np.zeros_like(part)
        return ViewScatter(self.view)(grad, nothing), part


def is_recorded(*values: Any) -> bool:
    """Return whether an operation on these values would be recorded."""
    return mode.enabled and any(isinstance(v, Variable) and v.node is not None for v in values)


def check_inplace(tensor: Any) -> None:
    """Raise if recording a change of `tensor` in place would lose the gradient of a leaf."""
    view = tensor._view
    if view is None:
        if tensor.is_leaf and tensor.node is not None:
            raise RuntimeError(
                "a leaf Variable that requires grad is being used in an in-place operation. "
                "Change it inside `with no_grad():`, or change a clone()."
            )
    elif view.base.is_leaf and view.base.node is not None:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation. "
            "Change it inside `with no_grad():`, or take the view of a clone()."
        )


def adopt(tensor: Any, result: Any, operation: str) -> None:
    """Put `result` (a Tensor) where `tensor` is, values and graph: the second half of every in-place operation."""
    array = tensor.array
    if result.array.shape != array.shape:
        raise RuntimeError(
            f"{operation}: output with shape {list(array.shape)} doesn't match the broadcast shape "
            f"{list(result.array.shape)}; an in-place result must have the shape of the tensor it replaces"
        )
    if not np.can_cast(result.array.dtype, array.dtype, "same_kind"):
        raise RuntimeError(
            f"{operation}: result type {result.array.dtype} can't be cast to the desired output type {array.dtype}; "
            f"use the out-of-place form"
        )
    if not array.flags.writeable:
        raise ValueError(f"{operation}: the tensor wraps a read-only NumPy array; use the out-of-place form or clone()")
    if 0 in array.strides and array.size > 1 and any(
        s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True)
    ):
        raise RuntimeError(
            f"{operation}: unsupported operation: more than one element of the written-to tensor refers to a single "
            f"memory location (it was made by expand). Please clone() the tensor before."
        )
    np.copyto(array, result.array, casting="same_kind")
    record_changes((change_of(array),), operation)
    if result.node is None and tensor.node is None:
        return
    if not mode.enabled:
        return
    view = tensor._view
    if view is None:
        tensor.node = result.node
        return
    base = view.base
    scatter = ViewScatter(view)
    scatter.edges = (base.node, result.node)
    scatter.order = tick()
    base.node = scatter
    view.refresh(tensor)


