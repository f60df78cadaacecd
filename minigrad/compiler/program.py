"""Program: recorded calls of kernels as the source of two Python functions, and the operation that runs them."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable, Sequence, Set
from operator import attrgetter, is_
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.engine import backward_pass
from ..autograd.op import Op, Variable, wrap
from ..nn.module import Module, Setup
from ..random import default_generator
from .recording import Call, Recording


class Unrecordable(Exception):
    """Why a function cannot be compiled."""


class Program:
    """The kernel calls of one run of a function, as Python functions.

    code      their source
    forward   (*arguments, *state) -> results, saved
    backward  (saved, *gradients of the results) -> gradients of arguments and state
    results   shape and dtype of each
    state     the Tensors that took part without being arguments: parameters, buffers, constants
    finish    makes what the function returns of the Tensors that are the results; None if that is the only one
    """

    def __init__(
        self,
        code: str,
        recording: Recording,
        results: list[tuple[tuple[int, ...], np.dtype]],
        finish: Callable[[Any], Any] | None,
    ) -> None:
        self.code = code
        self.results = results
        self.finish = finish
        functions = {name: getattr(kernels, name) for name in kernels.__all__}
        functions |= recording.constants
        functions["next_philox"] = default_generator.next_philox
        # Tracebacks show the lines of files that linecache knows.
        file = f"<compiled function {next(_numbers)}>"
        linecache.cache[file] = (len(code), None, code.splitlines(True), file)
        exec(compile(code, file, "exec"), functions)
        self.forward = functions["forward"]
        self.backward = functions["backward"]
        self.state = recording.state
        self._arrays = [tensor.array for tensor in self.state]
        self._nodes = [tensor.node for tensor in self.state]
        self._attributes = [module.__dict__ for module, _ in recording.modules]
        self._setup = Setup.changes
        self._values = [value for attributes in self._attributes for value in attributes.values()]

    def is_current(self) -> bool:
        """Return whether modules and state are set up as they were when this was recorded."""
        return (
            (self._setup == Setup.changes or self._is_set_up())
            and all(map(is_, map(_array_of, self.state), self._arrays))
            and all(map(is_, map(_node_of, self.state), self._nodes))
        )

    def _is_set_up(self) -> bool:
        values = itertools.chain.from_iterable(map(dict.values, self._attributes))
        if sum(map(len, self._attributes)) != len(self._values) or not all(
            map(is_, values, self._values)
        ):
            return False
        self._setup = Setup.changes
        return True


_array_of, _node_of = attrgetter("array"), attrgetter("node")
_numbers = itertools.count(1)


class Compiled(Op):
    """All that a function of Tensors does, as one operation: a run of its Program."""

    __slots__ = ("program",)

    def __init__(self, program: Program) -> None:
        self.program = program

    def forward(self, *arrays: np.ndarray) -> Any:
        self.inputs = arrays
        results, self.saved = self.program.forward(*arrays)
        return results

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        if any(isinstance(grad, Variable) for grad in grads):
            raise RuntimeError(
                "a compiled function has no second derivative: where create_graph=True is wanted, call the function "
                "that was compiled"
            )
        grads = [
            np.zeros(*kind) if grad is None else grad
            for grad, kind in zip(grads, self.program.results, strict=True)
        ]
        return self.program.backward(self.saved, *grads)


def record(function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Program:
    """Run `function` once, undo what that changed, and return it as a Program.

    Raises Unrecordable where it did what a Program cannot repeat, or does not repeat bit for bit.
    """
    recording = Recording()
    inputs: list[Any] = []

    def own(value: Any) -> Any:
        """What stands for an argument: a Tensor without the graph that made it, for the recording to end there."""
        if isinstance(value, Module):
            recording.add_module(value)
        if not isinstance(value, Variable):
            return value
        inputs.append(wrap(value.array).requires_grad_(value.requires_grad))
        recording.add_input(inputs[-1])
        return inputs[-1]

    args, options = tuple(map(own, args)), {name: own(value) for name, value in options.items()}
    with recording.watching():
        returned = function(*args, **options)
        several = type(returned) in (tuple, list)
        results = returned if several else (returned,)
        if not all(isinstance(result, Variable) for result in results):
            recording.refuse(f"it returns {type(returned).__name__}, not a Tensor or several")
            results = ()
        forward, recording.calls = recording.calls, []
        values = tuple(result.array for result in results)
        outcome = recording.expression(values if several else values[0] if values else None)

        grads = tuple(map(np.ones_like, values))
        grad_names = [recording.add(grad, "grad") for grad in grads]
        leaves = [tensor.node for tensor in (*inputs, *recording.state)]
        arrived = {leaf: None for leaf in leaves if leaf is not None}
        recorded = [result.node is not None for result in results]
        roots = [(r.node, g) for r, g in zip(results, grads, strict=True) if r.node is not None]
        backward_pass(roots, retain_graph=False, create_graph=False, targets=arrived)
        gradients = tuple(arrived.get(leaf) for leaf in leaves)
        back = recording.expression(gradients)
    after = [tensor.array.copy() for tensor in recording.state]
    recording.undo()
    made = {name for call in forward for name in call.made}
    if not outcome.used <= made:
        recording.refuse("it returns an argument, or what was there before, as it is")
    if recording.obstacle is not None:
        raise Unrecordable(recording.obstacle)

    names = [recording.expression(tensor.array).source for tensor in (*inputs, *recording.state)]
    saved = back.used.union(*(call.used for call in recording.calls)) & made.union(names)
    listed = "".join(f"{name}, " for name in sorted(saved))
    code = definition(
        f"forward({', '.join(names)})",
        forward,
        f"{outcome.source}, ({listed})",
        outcome.used | saved,
    )
    unpacked = [Call(f"{listed.strip()} = saved", (), frozenset())] if saved else []
    head = f"backward(saved, {', '.join(grad_names)})"
    code += "\n\n" + definition(head, unpacked + recording.calls, back.source, back.used)

    def finish(outputs: Any) -> Any:
        outputs = outputs if several else (outputs,)
        outputs = [o if keep else o.detach() for o, keep in zip(outputs, recorded, strict=True)]
        return type(returned)(outputs) if several else outputs[0]

    kinds = [(value.shape, value.dtype) for value in values]
    program = Program(code, recording, kinds, finish if several or not recorded[0] else None)
    repeated, kept = program.forward(*(tensor.array for tensor in (*inputs, *recording.state)))
    again = program.backward(kept, *grads)
    repeated = repeated if several else (repeated,)
    state = [tensor.array for tensor in recording.state]
    same = all(map(same_bits, (*values, *gradients, *after), (*repeated, *again, *state)))
    recording.undo()
    if not same:
        raise Unrecordable(
            "its kernels alone compute something else: NumPy changes what they return"
        )
    return program


def same_bits(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    """Return whether two arrays (or None) are the same to the last bit, NaN included."""
    if a is None or b is None:
        return a is b
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def definition(head: str, calls: Sequence[Call], returned: str, kept: Set[str]) -> str:
    """Return the source of a function that makes these calls.

    What it made, but for what is `kept`, is deleted after its last use: the next result can have that memory, while it
    is in the cache.
    """
    last = {name: i for i, call in enumerate(calls) for name in (*call.made, *call.used)}
    lines, made = [f"def {head}:"], set()
    for i, call in enumerate(calls):
        lines.append(call.source)
        made.update(call.made)
        if done := sorted(name for name in made - kept if last[name] == i):
            lines.append(f"del {', '.join(done)}")
    return "\n    ".join([*lines, f"return {returned}"]) + "\n"
