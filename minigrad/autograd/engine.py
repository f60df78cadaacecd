"""The backward pass: from the results to the leaves, the youngest node first.

Every node is younger than those its edges lead to, so a heap ordered by age meets each node after all the nodes that
send it a gradient: no counting of dependencies, no recursion, one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from sys import getrefcount
from typing import Any, NoReturn

import numpy as np

from .. import kernels
from .anomaly import check_nan
from .grad_mode import mode
from .hooks import hooks_by_node, run_after, run_hooks
from .op import Node, Op, Output, Variable, unwrap, wrap
from .versions import Clock, Place, caller, change_of, check_unchanged, line_of, record_changes


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradient of `tensors` to the `.grad` of the leaves they were computed from.

    leaf.grad += sum_i grad_tensors[i]^T d tensors[i] / d leaf

    `grad_tensors` has the shapes of `tensors`; None stands for 1 where a tensor has one element. `inputs` restricts the
    accumulation to these Tensors. The graph is freed unless `retain_graph` (default: `create_graph`).
    Raises RuntimeError for a tensor without a graph, for a non-scalar without a gradient, for a freed graph, and where
    a value that is needed was changed in place.
    """
    accumulate(tensors, grad_tensors, retain_graph, create_graph, inputs, caller())


def accumulate(
    tensors: Any,
    grad_tensors: Any,
    retain_graph: bool | None,
    create_graph: bool,
    inputs: Any,
    place: Place,
) -> None:
    """Do what `backward` says, called from `place`."""
    roots = roots_of(tensors, grad_tensors, create_graph, "backward()")
    retain_graph = create_graph if retain_graph is None else retain_graph
    if inputs is None:
        backward_pass(roots, retain_graph, create_graph, None, place)
        return
    inputs = as_tuple(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    targets: dict[Node, Any] = dict.fromkeys(map(node_of, inputs))
    backward_pass(roots, retain_graph, create_graph, targets, place)
    for tensor in dict.fromkeys(inputs):
        if targets[tensor.node] is not None:
            add_grad(tensor, targets[tensor.node], fresh=False)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    *,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """Return the gradients of `outputs` with respect to each of `inputs`, leaving every `.grad` alone.

    sum_i grad_outputs[i]^T d outputs[i] / d inputs[j]

    With `create_graph` the results are themselves differentiable. An input that `outputs` do not depend on is an error,
    unless `allow_unused` (then None) or `materialize_grads` (then zeros).
    `only_inputs` is there because PyTorch has it.
    """
    inputs = as_tuple(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    roots = roots_of(outputs, grad_outputs, create_graph, "grad()")
    retain_graph = create_graph if retain_graph is None else retain_graph
    targets: dict[Node, Any] = dict.fromkeys(map(node_of, inputs))
    backward_pass(roots, retain_graph, create_graph, targets, caller())
    results = []
    for i, tensor in enumerate(inputs):
        result = targets[tensor.node]
        if result is None and materialize_grads:
            result = wrap(np.zeros_like(tensor.array))
        elif result is None and not allow_unused:
            raise RuntimeError(
                f"input {i}, of shape {list(tensor.array.shape)}, appears not to have been used in the graph. "
                f"Set allow_unused=True if this is the desired behavior."
            )
        elif result is not None and not isinstance(result, Variable):
            # `targets` and the name here hold it: anything else that does might see what the caller does to it.
            result = wrap(own(result, tensor.array, getrefcount(result) == _SOLE + 1))
        results.append(result)
    return tuple(results)


# d y / d y of a number y; no gradient is ever written to, unless a backward made it itself.
_ONES = {np.dtype(dtype): np.ones((), dtype) for dtype in (np.float16, np.float32, np.float64)}
for _one in _ONES.values():
    _one.flags.writeable = False


def as_tuple(values: Any) -> tuple[Any, ...]:
    """Return one value, or several, as a tuple."""
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def node_of(tensor: Any) -> Node:
    """Return the node of a Tensor, or raise if it has none."""
    if not isinstance(tensor, Variable):
        raise TypeError(f"gradients are of Tensors with respect to Tensors, not {tensor!r}")
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    if tensor.node is None:
        raise RuntimeError(
            f"a tensor of shape {list(tensor.array.shape)} does not require grad and does not have a grad_fn: no "
            f"operation on it was recorded. Set requires_grad=True on what it was computed from, and compute it "
            f"outside no_grad()."
        )
    return tensor.node


def roots_of(outputs: Any, grads: Any, recorded: bool, caller_name: str) -> list[tuple[Node, Any]]:
    """Pair the node of each output with its gradient, as `root_of` does; of one output or several."""
    if isinstance(outputs, Variable) and (grads is None or isinstance(grads, Variable)):
        return [root_of(outputs, grads, recorded)]
    outputs, grads = as_tuple(outputs), as_tuple(grads)
    if len(grads) == 1 and grads[0] is None:
        grads *= len(outputs)
    if len(grads) != len(outputs):
        raise RuntimeError(
            f"{caller_name} got {len(outputs)} tensors and {len(grads)} gradients for them"
        )
    return [root_of(*pair, recorded) for pair in zip(outputs, grads, strict=True)]


def root_of(output: Any, grad: Any, recorded: bool) -> tuple[Node, Any]:
    """Return the node of `output` and its gradient, the given one, or 1 for a single element: as an
    array, or, if the pass is `recorded`, as a Tensor."""
    node, array = node_of(output), output.array
    if grad is None:
        if array.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, and this one has shape "
                f"{list(array.shape)}. Reduce it to a scalar, as in y.sum().backward(), or pass its "
                f"gradient: y.backward(gradient)."
            )
        grad = _ONES[array.dtype] if array.ndim == 0 else np.ones_like(array)
    else:
        if not isinstance(grad, Variable):
            grad = np.asarray(grad, dtype=array.dtype)
        elif grad.array.dtype != array.dtype:
            grad = grad.to(array.dtype)  # type: ignore[attr-defined]
        shape = unwrap(grad).shape
        if shape != array.shape:
            raise RuntimeError(
                f"Mismatch in shape: the gradient has shape {list(shape)} and the output "
                f"{list(array.shape)}; they must agree"
            )
    if recorded:
        return node, grad if isinstance(grad, Variable) else wrap(grad)
    return node, unwrap(grad)


class Freed:
    """What a backward leaves in place of the values an operation had saved; it explains itself when it is used."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def explain(self, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(
            "Trying to backward through the graph a second time: the values it had saved were freed by the "
            f"backward at {line_of(self._place)}. Specify retain_graph=True there if you need to backward "
            "through the graph again."
        ) from None

    __iter__ = __len__ = __getitem__ = __array__ = explain


def _count_references() -> int:
    array = np.empty(0)
    return getrefcount(array)


# What getrefcount says of an array that a local name alone refers to (it differs between Python versions).
_SOLE = _count_references()


def backward_pass(
    roots: Sequence[tuple[Node, Any]],
    retain_graph: bool,
    create_graph: bool,
    targets: dict[Node, Any] | None = None,
    place: Place = None,
) -> None:
    """Send gradients from `roots`, pairs of a node and the gradient of its result, through the graph.

    Without `targets`, they are added to the `.grad` of every leaf that is reached. With `targets`, only what leads to
    those nodes is computed, and the gradient that arrives at each is put into the dictionary.
    `place` is where it was called from, for errors.

    Gradients, those of `roots` too, are plain arrays, or Tensors where the pass is itself recorded (`create_graph`).
    """
    wanted = None if targets is None else leading_to(targets, roots)
    # By the node at which they arrive; a list where an operation has several results.
    pending: dict[Node, Any] = {}
    # Nodes whose pending gradient is a sum made here, that may be added to in place.
    owned: set[Node] = set()
    # All but the leaves, whose order is 0: they come last, when all that leads to them was there.
    heap: list[tuple[int, Node]] = []
    freed = Freed(place)
    arrivals: Iterable[tuple[Node | None, Any]] = roots
    was_recording, mode.enabled = mode.enabled, create_graph
    anomaly = mode.anomaly
    try:
        while True:
            for node, grad in arrivals:
                if node is None or grad is None or (wanted is not None and node not in wanted):
                    continue
                if node in pending:
                    pending[node] = add_up(pending[node], grad, node in owned)
                    owned.add(node)
                    continue
                pending[node] = grad
                order = node.order
                if order:
                    heappush(heap, (-order, node))
            if not heap:
                break
            node = heappop(heap)[1]
            grad = pending.pop(node)
            if hooks_by_node and type(grad) is not list:
                grad = run_hooks(node, grad)
            edges = node.edges
            if targets is not None:
                if node in targets:
                    targets[node] = grad
                if not any(edge in wanted for edge in edges):
                    arrivals = ()
                    continue
            if type(node) is Output:
                (op,) = edges
                if op not in pending:
                    pending[op] = [None] * node.count
                    heappush(heap, (-op.order, op))
                # A node of the same result may have been here: a Function makes one for each saved_tensors.
                before = pending[op][node.index]
                pending[op][node.index] = grad if before is None else add_up(before, grad, False)
                arrivals = ()
                continue
            if Clock.changed > node.order:
                check_saved(node)
            op = node.on_tensors() if create_graph else node
            try:
                grads = op.backward(*grad) if type(grad) is list else op.backward(grad)
            except Exception:
                inputs = getattr(node, "inputs", None)
                if isinstance(inputs, Freed):
                    inputs.explain()
                raise
            if not retain_graph:
                node.inputs = node.output = node.saved = freed
            if type(grads) is not tuple:
                grads = (grads,)
            if len(grads) != len(edges):
                raise RuntimeError(
                    f"{type(node).__name__}.backward returned {len(grads)} gradients for {len(edges)} inputs"
                )
            arrivals = zip(edges, grads)  # noqa: B905 (strict would cost as much as the rest of the line)
            if anomaly:
                check_nan(node, grads)
            # No name here may keep a gradient alive, or make it look shared where it arrives.
            grad = grads = op = None
        arrivals = ()
        for leaf in tuple(pending):
            grad = pending.pop(leaf)
            if hooks_by_node:
                grad = run_hooks(leaf, grad)
            if targets is not None:
                if leaf in targets:
                    targets[leaf] = grad
                continue
            tensor = leaf.tensor()
            fresh = getrefcount(grad) == _SOLE
            if tensor is not None:
                add_grad(tensor, grad, fresh, place)
                if hooks_by_node:
                    run_after(leaf, tensor)
    finally:
        mode.enabled = was_recording


def leading_to(targets: dict[Node, Any], roots: Sequence[tuple[Node, Any]]) -> set[Node]:
    """Return the nodes of the graph under `roots` from which one of `targets` is reached."""
    seen: set[Node] = set()
    todo = [node for node, _ in roots]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(edge for edge in node.edges if edge is not None)
    wanted: set[Node] = set()
    for node in sorted(seen, key=lambda node: node.order):
        if node in targets or any(edge in wanted for edge in node.edges):
            wanted.add(node)
    return wanted


def check_saved(node: Op) -> None:
    """Raise if an array that `node` saved was changed in place after it was recorded."""
    inputs = getattr(node, "inputs", None)
    if isinstance(inputs, Freed):
        return
    output = getattr(node, "output", None)
    check_unchanged((*(inputs or ()), output), node.order, type(node).__name__)


def add_up(total: Any, grad: Any, owned: bool) -> Any:
    """Return total + grad, in place if the buffer of `total` is `owned` by this pass."""
    if isinstance(total, Variable) or isinstance(grad, Variable):
        return total + grad
    if owned and total.dtype == grad.dtype:
        return kernels.accumulate(total, grad)
    return kernels.add(total, grad)


def add_grad(tensor: Any, grad: Any, fresh: bool, place: Place = None) -> None:
    """Add `grad` to `tensor.grad`; if it is `fresh`, an array that nothing else refers to, without a copy.

    `place` is the caller of backward, where that is known already."""
    like, before = tensor.array, tensor._grad
    if before is None and fresh and kernels.replaces(grad, like):
        tensor._grad = wrap(grad)
        return
    if not kernels.alike(grad, like):
        grad = grad if isinstance(grad, Variable) else np.asarray(grad)
        if grad.shape != like.shape:
            raise RuntimeError(
                f"a gradient of shape {list(grad.shape)} arrived at a leaf of shape {list(like.shape)}: the backward "
                f"of an operation on it returned the wrong shape"
            )
    if isinstance(grad, Variable):
        tensor._grad = grad if before is None else before + grad
    elif before is None:
        tensor._grad = wrap(own(grad, like, fresh))
    else:
        total = before.array
        kernels.accumulate(total, grad)
        record_changes((change_of(total),), "backward", place)  # a graph may have saved it


def own(array: np.ndarray, like: np.ndarray, fresh: bool) -> np.ndarray:
    """Return `array` if it is `fresh` and could replace `like`, else a copy: nobody else shall see it change."""
    if fresh and kernels.replaces(array, like):
        return array
    copy = kernels.empty_like(like)
    copy[...] = array
    return copy
