"""Op: one differentiable operation, and how applying it to Tensors is recorded.

The graph is made of nodes. A node's `edges` lead to the nodes that made its inputs:

    Op      one applied operation
    Output  one of the results of an Op that has several
    Leaf    where a gradient ends up: a Tensor that the user made with requires_grad

Nodes know arrays, not Tensors: a Tensor knows its node, its node does not know the Tensor. So there are no
reference cycles, an intermediate result that no backward needs is freed at once, and a whole graph dies with the
last Tensor that leads to it.
"""

from __future__ import annotations

import copy
import weakref
from operator import is_
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from .grad_mode import mode
from .versions import tick

if TYPE_CHECKING:
    from .views import View

_new = object.__new__


class Variable:
    """What recording knows of a Tensor; `minigrad.Tensor` is its one subclass, and announces itself here.

    array  its values
    node   the node that it is the result of; None where no gradient is wanted
    _grad  the gradient accumulated so far, a Tensor or None
    _view  of which Tensor it is a view, and how; None if it is no view
    """

    __slots__ = ("__weakref__", "_grad", "_view", "array", "node")

    array: np.ndarray
    node: Node | None
    _grad: Any
    _view: View | None


# What the modules above, which are made of operations, tell this one.
_tensor_type: type = Variable
_link_view: Any = None


def register_tensor_type(cls: type) -> None:
    """Make `cls` the type of the results of recorded operations."""
    global _tensor_type
    _tensor_type = cls


def register_link_view(function: Any) -> None:
    """Have `function(tensor, op, source)` note that `op` made `tensor` as a view of `source`."""
    global _link_view
    _link_view = function


def wrap(array: np.ndarray, node: Node | None = None) -> Any:
    """Return a Tensor over `array` itself (no copy), the result of `node`."""
    tensor = _new(_tensor_type)
    tensor.array = array
    tensor.node = node
    tensor._grad = tensor._view = None
    return tensor


def unwrap(value: Any) -> Any:
    """Return the array of a Tensor, anything else as it is."""
    return value.array if isinstance(value, Variable) else value


def wrap_like(array: np.ndarray, other: Any) -> Any:
    """Return a result without gradient as what `other` is: a Tensor, or the array itself."""
    return wrap(array) if isinstance(other, Variable) else array


class Node:
    """A point of the graph at which gradients arrive.

    edges  the nodes of the inputs, in their order; None for an input that wants no gradient
    order  the tick of its recording: a node is always younger than those its edges lead to
    """

    __slots__ = ("__weakref__", "edges", "order")

    edges: tuple[Any, ...]
    order: int

    def name(self) -> str:
        """Return PyTorch's name for this node, as `grad_fn` shows it."""
        return f"{type(self).__name__}Backward0"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """Of each input the node that made it, and as which of its results; (None, 0) where no gradient goes."""
        return tuple(
            (edge.edges[0], edge.index) if type(edge) is Output else (edge, 0)
            for edge in self.edges
        )

    def __repr__(self) -> str:
        return f"<{self.name()}>"


class Leaf(Node):
    """Adds what arrives to the `.grad` of a Tensor (which it does not keep alive)."""

    __slots__ = ("tensor",)

    def __init__(self, tensor: Variable) -> None:
        self.tensor = weakref.ref(tensor)
        self.edges = ()
        self.order = 0

    def name(self) -> str:
        return "AccumulateGrad"

    @property
    def variable(self) -> Variable | None:
        """The Tensor, if it still lives."""
        return self.tensor()


class Output(Node):
    """Result number `index` of the `count` results of an operation."""

    __slots__ = ("count", "index")

    def __init__(self, op: Op, index: int, count: int) -> None:
        self.edges = (op,)
        self.order = tick()
        self.index = index
        self.count = count

    def name(self) -> str:
        return self.edges[0].name()


class _Probe:
    def __call__(self) -> int:
        return getrefcount(self)


# What getrefcount says of a callable that nobody holds on to, when it is called: Probe()().
UNHELD = _Probe()()


class Op(Node):
    """One differentiable operation: subclass it with a `forward` and a `backward`.

        class Square(Op):
            def forward(self, x):
                self.inputs = (x,)
                return x * x

            def backward(self, grad):
                (x,) = self.inputs
                return 2 * grad * x

        y = Square()(x)                      # on Tensors: recorded; a new one for each application
        op = Square(); y = op.forward(x)     # by hand, on NumPy arrays
        dx = op.backward(dy)

    `forward` takes arrays and returns an array (or a tuple of them). Options go into `__init__`.
    `backward` takes the gradient of the result and returns one gradient an input (a tuple, if there are several), or
    None for an input without one. It never writes into the gradient it is given. When the backward pass is itself
    recorded (`create_graph=True`) it is given Tensors instead of arrays, and finds Tensors in `inputs` and `output`: so
    it is written in terms that serve both, such as the functions of `minigrad` and the operators.

    inputs  the arrays of forward's arguments that backward needs, in their order; None for the others
    output  the result of forward, if backward needs it
    saved   whatever else backward needs and is no differentiable function of the inputs (masks, indices)
    """

    __slots__ = ("inputs", "output", "saved")

    inputs: Any
    output: Any
    saved: Any

    is_view = False  # whether the result may share the memory of the first input

    # Any signature may override these two: that is what type checkers take such arguments for.
    def forward(self, *arrays: Any, **options: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, *grads: Any, **options: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def needs(self, count: int) -> tuple[Any, ...]:
        """Say of each of the `count` inputs whether its gradient is wanted (true) or not: by hand, of all.

        No default for `edges` by `__getattr__`: every attribute of every operation would be looked up ten times slower.
        """
        try:
            return self.edges
        except AttributeError:
            return (True,) * count

    def __call__(self, *inputs: Any) -> Any:
        """Apply to Tensors (recorded where one of them wants a gradient), or to plain arrays (then as forward)."""
        if getrefcount(self) > UNHELD:
            self.check_unused()
        arrays: list[Any] = []
        edges: list[Node | None] = []
        for value in inputs:
            if isinstance(value, Variable):
                if value._view is not None:
                    value._view.refresh(value)
                arrays.append(value.array)
                edges.append(value.node)
            else:
                arrays.append(value)
                edges.append(None)
        recorded = mode.enabled and any(edges)
        if recorded:
            self.edges = tuple(edges)
            result = self.forward(*arrays)
            self.order = tick()
        else:
            result = self.forward(*arrays)
            if all(map(is_, arrays, inputs)):
                return result
        if type(result) is not np.ndarray:
            if type(result) is tuple:
                return self._wrap_several(result, recorded)
            result = np.asarray(result)  # NumPy makes scalars of 0-d results
        tensor = _new(_tensor_type)  # as `wrap` does
        tensor.array = result
        tensor.node = self if recorded else None
        tensor._grad = tensor._view = None
        if self.is_view:
            _link_view(tensor, self, inputs[0])
        return tensor

    def check_unused(self) -> None:
        """Raise if this operation has been recorded: what it saved then, a backward still needs."""
        if hasattr(self, "order"):
            name = type(self).__name__
            raise RuntimeError(
                f"this {name} was applied before, and is a node of the graph that was recorded then. Make a new one "
                f"for each application: {name}(...)(x), not op = {name}(...); op(x); op(y)"
            )

    def unused(self) -> Op:
        """Return a copy that was not applied yet."""
        twin = copy.copy(self)
        if hasattr(twin, "order"):
            del twin.order
        return twin

    def _wrap_several(self, results: tuple[np.ndarray, ...], recorded: bool) -> tuple[Any, ...]:
        count = len(results)
        results = tuple(map(np.asarray, results))
        return tuple(
            wrap(array, Output(self, i, count) if recorded and array.dtype.kind == "f" else None)
            for i, array in enumerate(results)
        )

    def on_tensors(self) -> Op:
        """Return a twin whose `inputs` and `output` are Tensors tied to the graph: its backward can be recorded."""
        twin = copy.copy(self)
        inputs, output = getattr(self, "inputs", None), getattr(self, "output", None)
        if type(inputs) is tuple:
            twin.inputs = tuple(
                wrap(value, edge) if isinstance(value, np.ndarray) else value
                for value, edge in zip(inputs, self.edges, strict=False)
            )
        if isinstance(output, np.ndarray):
            twin.output = wrap(output, self)
        return twin
