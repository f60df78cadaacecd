"""Operations that NumPy computes: written down as a whole, and run as they are when a Program is.

What is made of kernels alone is recorded as their calls. Where an operation's forward or backward does more (NumPy's
functions, a look at the values), the call of that is recorded. A function that is no single operation becomes one: a
Piece. Its graph is that of the function, within.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from sys import getrefcount
from types import FunctionType
from typing import Any

import numpy as np

from ..autograd.engine import backward_pass
from ..autograd.grad_mode import mode
from ..autograd.op import Leaf, Op, Variable, wrap
from ..ops.indexing import Pick
from ..tensor import Tensor
from .names import Slot, Unrecordable
from .recording import Call, Recording

# Of an operation, what is not part of it but of the graph.
_OF_GRAPH = {"edges", "order", "__weakref__"}
# Functions whose results have shapes, or are numbers, that depend on the values.
VALUES = {
    *("allclose", "argwhere", "bincount", "equal", "is_nonzero", "masked_select", "nonzero"),
    *("unique", "unique_consecutive"),
}
# Those where this is so if sizes are given as a Tensor.
_OF_SIZES = {"repeat_interleave", "split", "split_with_sizes", "tensor_split"}
_OF_LISTS = {"tensor", "as_tensor", "asarray"}
# Operations that run functions of their own.
_OWN = {"Compiled", "FunctionCtx", "_Undifferentiable"}


class Piece(Op):
    """A function of Tensors as one operation.

    args, options  what it is given, with Slots where there are Tensors
    kind           the type of several results; None if there is one
    nodes          of the results, in the graph within
    tensors        that stand for its operands there, as leaves
    """

    __slots__ = ("args", "function", "kind", "nodes", "options", "tensors")

    def __init__(self, function: Callable[..., Any], args: Any, options: Any) -> None:
        self.function = function
        self.args = args
        self.options = options

    def forward(self, *arrays: np.ndarray) -> Any:
        edges = getattr(self, "edges", None) or (None,) * len(arrays)
        tensors = [wrap(array) for array in arrays]
        for tensor, edge in zip(tensors, edges, strict=True):
            tensor.node = None if edge is None else Leaf(tensor)
        self.tensors = tensors
        before, mode.enabled = mode.enabled, any(edges)
        try:
            result = self.function(*filled(self.args, tensors), **filled(self.options, tensors))
        finally:
            mode.enabled = before
        self.kind = type(result) if isinstance(result, (tuple, list)) else None
        results = (result,) if self.kind is None else tuple(result)
        self.nodes = [result.node for result in results]
        outputs = tuple(result.array for result in results)
        return outputs[0] if self.kind is None else outputs

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        roots = [
            (node, grad)
            for node, grad in zip(self.nodes, grads, strict=True)
            if node is not None and grad is not None
        ]
        # All leaves that there are: nothing need be found out about what leads to which.
        backward_pass(roots, retain_graph=True, create_graph=False)
        arrived = [tensor._grad for tensor in self.tensors]
        for tensor in self.tensors:
            tensor._grad = None
        return tuple(None if grad is None else grad.array for grad in arrived)

    def uses(self) -> list[int]:
        """Return for each operand how often the graph within uses it."""
        leaves = [tensor.node for tensor in self.tensors]
        counts = {leaf: 0 for leaf in leaves if leaf is not None}
        seen, todo = set(), [node for node in self.nodes if node is not None]
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                for edge in filter(None, node.edges):
                    if edge in counts:
                        counts[edge] += 1
                    todo.append(edge)
        return [counts.get(leaf, 0) for leaf in leaves]


def filled(value: Any, tensors: list[Any]) -> Any:
    """Return `value` with the Tensors that its Slots stand for."""
    if isinstance(value, Slot):
        return tensors[value.number]
    if type(value) in (list, tuple):
        return type(value)(filled(part, tensors) for part in value)
    if type(value) is dict:
        return {key: filled(part, tensors) for key, part in value.items()}
    return value


def emptied(value: Any, tensors: list[Any]) -> Any:
    """Return `value` with Slots for its Tensors, which are put into the list."""
    if isinstance(value, Variable):
        known = [i for i, tensor in enumerate(tensors) if tensor is value]
        if not known:
            tensors.append(value)
        return Slot(known[0] if known else len(tensors) - 1)
    if type(value) in (list, tuple):
        return type(value)(emptied(part, tensors) for part in value)
    if type(value) is dict:
        return {key: emptied(part, tensors) for key, part in value.items()}
    return value


def remade(kind: type[Op], **slots: Any) -> Op:
    """Return an operation with these attributes."""
    op = object.__new__(kind)
    for name, value in slots.items():
        setattr(op, name, value)
    return op


def slots_of(op: Op) -> dict[str, Any]:
    """The attributes of an operation: what it was made with, and what forward has kept."""
    names = {name for kind in type(op).__mro__ for name in vars(kind).get("__slots__", ())}
    names |= getattr(op, "__dict__", {}).keys()
    return {name: getattr(op, name) for name in sorted(names - _OF_GRAPH) if hasattr(op, name)}


def attempt(
    recording: Recording, function: Callable[..., Any], args: Any, options: Any, inside: bool
) -> tuple[bool, Any]:
    """Call a function, a method of an operation if `inside`. Return whether what it did could be written down, and
    its result."""
    before = recording.reads, recording.inside
    recording.reads, recording.inside = False, inside
    try:
        result = function(*args, **options)
    except (Unrecordable, ValueError) as error:
        if not isinstance(error, Unrecordable) and "read-only" not in str(error):
            raise
        return False, error
    else:
        return not recording.reads, result
    finally:
        recording.reads, recording.inside = before


def add_forward(recording: Recording, forward: Any, args: Any, options: Any) -> Any:
    """Note what an operation's forward does: the kernels that it calls, or else its call."""
    op, *arrays = args
    if recording.inside or options or kind_of(op) in _OWN:
        return forward(*args, **options)
    before = slots_of(op)
    if type(op) is not Piece:
        mark = recording.mark()
        is_written, result = attempt(recording, forward, args, options, inside=True)
        if is_written and recording.knows(result, *slots_of(op).values()):
            return result
        recording.rewind(mark)
        for name in slots_of(op).keys() - before.keys():
            delattr(op, name)
        for name, value in before.items():
            setattr(op, name, value)
    if isinstance(op, Pick) and "b" in [
        getattr(getattr(i, "dtype", None), "kind", "") for i in op.index
    ]:
        recording.refuse("the shape of what a mask picks depends on its values")
    given = recording.expression(tuple(arrays))
    name = add_operation(recording, op, before)
    source = f"{name}.forward({', '.join(recording.expression(a).source for a in arrays)})"
    result = recording.unwatched(forward, *args)
    several = isinstance(result, (tuple, list))
    values = tuple(result) if several else (result,)
    if any(isinstance(value, np.generic) for value in values):
        if several:
            recording.refuse(f"{type(op).__name__} returns numbers")
        recording.constants["asarray"] = np.asarray
        source, values = f"asarray({source})", (np.asarray(result),)
    handed = recording.add_results(source, values, given.used | {name}, several)
    return tuple(handed) if several else handed[0]


def add_backward(recording: Recording, backward: Any, args: Any, options: Any) -> Any:
    """Note what an operation's backward does: the kernels that it calls, or else its call."""
    op, *grads = args
    if recording.inside or options or kind_of(op) in _OWN:
        return backward(*args, **options)
    name = recording.name_of(op)
    kept = slots_of(op)
    if name is None:
        mark = recording.mark()
        is_written, result = attempt(recording, backward, args, options, inside=True)
        if is_written and recording.knows(result):
            return result
        recording.rewind(mark)
        name = add_operation(recording, op, kept)
    given = recording.expression(tuple(grads))
    source = f"{name}.backward({', '.join(recording.expression(g).source for g in grads)})"
    result = recording.unwatched(backward, *args)
    several = isinstance(result, tuple)
    # The last one has no other owner than this tuple.
    values = (*(result if several else (result,)), np.empty(0))
    del result
    *owners, sole = map(getrefcount, values)
    handed = recording.add_results(source, values[:-1], given.used | {name}, several)
    for array, value, count in zip(handed, values, owners, strict=False):
        if count > sole or isinstance(getattr(value, "base", None), np.ndarray):
            recording.shared.append(array)
    # What it reads must be as it was: who checks that, sees the arrays, not what holds them.
    saved = [x for x in (*_as_tuple(kept.get("inputs")), kept.get("output")) if x is not None]
    names = {recording.name_of(x) for x in saved} - {None}
    recording.calls[-1] = recording.calls[-1]._replace(used=recording.calls[-1].used | names)
    return tuple(handed) if several else handed[0]


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def add_operation(recording: Recording, op: Op, slots: dict[str, Any]) -> str:
    """Write down how an operation is made, and return its name."""
    edges = getattr(op, "edges", None)
    if edges is not None:
        slots = {**slots, "edges": tuple(None if edge is None else True for edge in edges)}
    made = ", ".join(
        f"{name}={recording.expression(value).source}" for name, value in slots.items()
    )
    used = recording.expression(tuple(slots.values())).used
    recording.constants["remade"] = remade
    kind = recording.add_constant(type(op), f"{type(op).__name__}_")
    stem = op.function.__name__ if type(op) is Piece else type(op).__name__.lower()
    name = recording.add(op, stem.strip("_") or "function")
    recording.emit(Call(f"{name} = remade({kind}, {made})", (name,), used))
    return name


def add_function(recording: Recording, function: Any, args: Any, options: Any) -> Any:
    """Note what a function of Tensors does: operations, or else the call of the function."""
    if recording.inside:
        return function(*args, **options)
    tensors: list[Any] = []
    places, named = emptied(list(args), tensors), emptied(options, tensors)
    for tensor in tensors:
        recording.add_tensor(tensor)
    mark = recording.mark()
    is_written, result = attempt(recording, function, args, options, inside=False)
    if is_written:
        results = _as_tuple(tuple(result) if isinstance(result, list) else result)
        if recording.knows(*(r.array for r in results if isinstance(r, Variable))):
            return result
        if not any(isinstance(r, Variable) for r in results):
            return result
    recording.rewind(mark)
    check_values(recording, function.__name__, args, tensors)
    piece = Piece(function, places, named)
    result = piece(*tensors)
    results = result if piece.kind is not None else (result,)
    results = [r if isinstance(r, Variable) else wrap(r) for r in results]
    for r, node in zip(results, piece.nodes, strict=True):
        r.node = None if node is None else r.node
    recording.several += [
        tensor.node for tensor, count in zip(tensors, piece.uses(), strict=True) if count > 1
    ]
    if piece.kind is None:
        return results[0]
    return piece.kind._make(results) if hasattr(piece.kind, "_make") else piece.kind(results)


def check_values(recording: Recording, name: str, args: Any, tensors: list[Any]) -> None:
    """Refuse functions whose results have a shape, or are numbers, that depend on values."""
    count = len(args)
    if (
        name in VALUES
        or (name == "one_hot" and count < 2)
        or (name == "where" and count < 2)
        or (name in _OF_SIZES and len(tensors) > 1)
        or (name == "_getitem" and any(t.array.dtype == bool for t in tensors[1:]))
    ):
        what = "x[mask]" if name == "_getitem" else name
        recording.refuse(f"what {what} returns has a shape, or is a number, that depends on values")
    if name in _OF_LISTS and any(isinstance(a, (list, tuple)) and len(a) > 32 for a in args):
        recording.refuse(f"{name} is given a long list, which may change")


@functools.cache
def functions_of_tensors() -> list[tuple[Any, str, Any]]:
    """Where the functions of `ops` are found: in which module or class, by which name, and which."""
    modules = [module for name, module in sys.modules.items() if is_ours(name)]
    public = {
        id(vars(module)[name])
        for module in modules
        if module.__name__.startswith(_WATCHED)
        for name in (*getattr(module, "__all__", ()), "attention_weights")
        if type(vars(module).get(name)) is FunctionType and not name.endswith("_")
    }
    found = [
        (module, name, value)
        for module in modules
        for name, value in vars(module).items()
        if id(value) in public and not module.__name__.startswith(__package__)
    ]
    found += [
        (Tensor, name, value)
        for name, value in vars(Tensor).items()
        if type(value) is FunctionType
        and value.__module__.startswith(_OPS)
        and not _IN_PLACE.fullmatch(name)
    ]
    return found


_PACKAGE = __package__.rpartition(".")[0]
_OPS = f"{_PACKAGE}.ops."
_WATCHED = _OPS, f"{_PACKAGE}.nn.functional", f"{_PACKAGE}.linalg", f"{_PACKAGE}.special"
_IN_PLACE = re.compile(
    r"(?!__).*_|__i(add|sub|mul|truediv|floordiv|mod|pow|and|or|xor|[lr]shift|matmul)__|__setitem__"
)


def is_ours(module: str) -> bool:
    """Return whether a module of this name is part of this package."""
    return module.partition(".")[0] == __name__.partition(".")[0]


def kind_of(op: Any) -> str:
    return type(op).__name__
