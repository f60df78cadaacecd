"""Views: Tensors that share the memory of another one, and what a change in place does to their
graph.

A change in place is an out-of-place operation whose result is then put where the input was
(`adopt`), or a `Writing` operation that writes there at once. The Tensor's node becomes the node of
that result. If it is a view, a part of its base has changed as well: the base becomes the result of
`ViewScatter(old base, new part)`, and every other view of that base is taken afresh from it when it
is used next (`View.refresh`), because it may show the part that has changed.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from .. import dtypes, kernels
from .grad_mode import mode
from .hooks import move_retained
from .op import Leaf, Node, Op, Variable, register_link_view, unwrap, wrap
from .versions import change_of, record_changes, tick


class View:
    """How a Tensor is seen in the memory of another: by `ops`, one after the other, of `base`."""

    __slots__ = ("base", "base_node", "ops")

    base: Any
    base_node: Node | None
    ops: tuple[Op, ...]

    def refresh(self, tensor: Any) -> None:
        """Give `tensor` a new node if its base has been changed in place since it was taken."""
        base = self.base
        if base._view is not None:  # since `relayout` it is a view itself, of what it was before
            base = self.base = base._view.base
        node = base.node
        if node is self.base_node:
            return
        self.base_node = node
        tensor.node = seen_through(self.ops, node)


def seen_through(ops: tuple[Op, ...], node: Node | None) -> Node | None:
    """Return the node of what the view operations `ops` show of the result of `node`."""
    if node is None:
        return None
    for op in ops:
        step = copy.copy(op)
        step.edges = (node,)
        step.order = tick()
        node = step
    return node


def link_view(tensor: Any, op: Op, source: Any) -> None:
    """Note that `tensor`, which `op` made of `source`, is a view of it if it shares its memory."""
    if not isinstance(source, Variable):
        return
    array, owner = source.array, tensor.array.base
    # The first comparisons settle nearly every case in a tenth of the time of the last.
    same = owner is array or (owner is not None and owner is array.base)
    if not same and not np.may_share_memory(tensor.array, array):
        return
    view = tensor._view = View()
    base = source._view
    if base is None:
        view.base, view.ops = source, (op,)
    else:
        view.base, view.ops = base.base, (*base.ops, op)
    view.base_node = view.base.node


register_link_view(link_view)


def relayout(tensor: Any, shown: Any) -> None:
    """Make `tensor` what `shown`, an unrecorded view of its memory, is: as `transpose_` does.

    If it was no view, it becomes one of what it was until now, which its own views are views of
    from now on. No value changes, so nothing that was saved of it does.
    """
    own, view, node = shown._view, tensor._view, tensor.node
    if type(node) is not Leaf:
        tensor.node = seen_through(own.ops, node)
        move_retained(node, tensor.node)
    if view is None:
        own.base = wrap(tensor.array, node)
    else:
        own.base, own.ops = view.base, (*view.ops, *own.ops)
    own.base_node = own.base.node
    tensor.array, tensor._view = shown.array, own


def show(ops: tuple[Op, ...], values: Any) -> Any:
    """Return what the view operations `ops`, one after the other, show of `values` (an array or a
    Tensor).
    """
    for op in ops:
        values = op.unused()(values)
    return values


class ViewScatter(Op):
    """`base` with what the view operations `ops` show of it replaced by `part`.

    layout  the dimensions of the base in the order of their strides: what is a view of memory in
            that order may need a copy in another one, such as a gradient may come in
    """

    __slots__ = ("layout", "ops")

    def __init__(self, ops: tuple[Op, ...], layout: tuple[int, ...]) -> None:
        self.ops = ops
        self.layout = layout

    def forward(self, base: np.ndarray, part: np.ndarray) -> np.ndarray:
        result = kernels.empty(tuple(base.shape[dim] for dim in self.layout), base.dtype)
        result = result.transpose(sorted(range(base.ndim), key=self.layout.__getitem__))
        np.copyto(result, base)
        show(self.ops, result)[...] = part
        return result

    def backward(self, grad: Any) -> tuple[Any, Any]:
        part = show(self.ops, grad)
        nothing = np.zeros(part.shape, part.dtype)
        return ViewScatter(self.ops, self.layout)(grad, nothing), part


class Writing(Op):
    """An operation that differs from its first input only where `write` puts something else."""

    __slots__ = ()

    def write(self, x: np.ndarray, *values: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no write")

    def forward(self, x: np.ndarray, *values: Any) -> np.ndarray:
        result = kernels.expand(x, x.shape)
        self.write(result, *values)
        return result

    def change(self, tensor: Any, *values: Any, operation: str) -> Any:
        """Write into `tensor` itself, without a copy; record it where one of them wants a gradient.
        Return `tensor`.
        """
        for value in (tensor, *values):
            if isinstance(value, Variable) and value._view is not None:
                value._view.refresh(value)
        check_inplace(tensor)
        check_writable(tensor.array, operation)
        recorded = is_recorded(tensor, *values)
        if recorded:
            nodes = (v.node if isinstance(v, Variable) else None for v in values)
            self.edges = (tensor.node, *nodes)
        self.write(tensor.array, *map(unwrap, values))
        record_changes((change_of(tensor.array),), operation)
        if recorded:
            self.order = tick()
            rebase(tensor, self)
        return tensor


def is_recorded(*values: Any) -> bool:
    """Return whether an operation on these values would be recorded."""
    return mode.enabled and any(isinstance(v, Variable) and v.node is not None for v in values)


def check_inplace(tensor: Any) -> None:
    """Raise if changing `tensor` in place, while operations are recorded, would lose a gradient."""
    if not mode.enabled:
        return
    view = tensor._view
    if type(tensor.node) is Leaf:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. "
            "Change it inside `with no_grad():`, or change a clone()."
        )
    if view is None:
        return
    if type(view.base.node) is Leaf:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation. "
            "Change it inside `with no_grad():`, or take the view of a clone()."
        )
    if tensor.node is None and view.base.node is not None:
        raise RuntimeError(
            "a view was created in no_grad mode and is being modified inplace with grad mode "
            "enabled: its base would not know. Do both inside, or both outside, `with no_grad():`."
        )


def overlaps_itself(array: np.ndarray) -> bool:
    """Return whether several elements are one and the same memory, as `expand` makes them."""
    if array.flags.c_contiguous:
        return False
    return any(s == 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True))


def check_writable(array: np.ndarray, operation: str) -> None:
    """Raise if `operation` must not write into `array`."""
    if overlaps_itself(array):
        raise RuntimeError(
            f"{operation}: unsupported operation: more than one element of the written-to tensor "
            "refers to a single memory location (it was made by expand). Please clone() the "
            "tensor before."
        )
    if not array.flags.writeable:
        raise ValueError(
            f"{operation}: the tensor wraps a read-only NumPy array; use the out-of-place form or "
            "clone()"
        )


def adopt(tensor: Any, result: Any, operation: str) -> None:
    """Put `result` (a Tensor) where `tensor` is, values and graph: the second half of every in-
    place operation.
    """
    array = tensor.array
    if result.array.shape != array.shape:
        raise RuntimeError(
            f"{operation}: output with shape {list(array.shape)} doesn't match the broadcast shape "
            f"{list(result.array.shape)}; an in-place result must have the shape of the tensor "
            "it replaces"
        )
    check_writable(array, operation)
    values = result.array
    if values.dtype != array.dtype:
        values = converted(values, array.dtype, operation)
    np.copyto(array, values)
    record_changes((change_of(array),), operation)
    if mode.enabled and (result.node is not None or tensor.node is not None):
        rebase(tensor, result.node)


def converted(values: np.ndarray, dtype: np.dtype, operation: str) -> np.ndarray:
    """Return the result of an in-place operation in the dtype of what it replaces, or raise."""
    if not dtypes.can_cast(values.dtype, dtype):
        raise RuntimeError(
            f"{operation}: result type {values.dtype} can't be cast to the desired output type "
            f"{dtype}; use the out-of-place form"
        )
    result = values.astype(dtype)
    narrower = values.dtype.kind in "iu" and not np.can_cast(values.dtype, dtype)
    if narrower and not np.array_equal(result, values):
        raise RuntimeError(
            f"{operation}: the result, {values.dtype}, has values that {dtype} cannot hold; use "
            "the out-of-place form"
        )
    return result


def rebase(tensor: Any, node: Node | None) -> None:
    """Make `node` what `tensor`, whose memory has changed, is the result of; if it is a view, its
    base changes with it.
    """
    view = tensor._view
    if view is None:
        move_retained(tensor.node, node)
        tensor.node = node
        return
    base = view.base
    scatter = ViewScatter(view.ops, memory_order(base.array))
    scatter.edges = (base.node, node)
    scatter.order = tick()
    move_retained(base.node, scatter)
    base.node = scatter
    view.refresh(tensor)


def memory_order(array: np.ndarray) -> tuple[int, ...]:
    """Return the dimensions of `array` from the longest stride to the shortest."""
    return tuple(sorted(range(array.ndim), key=lambda dim: -abs(array.strides[dim])))
