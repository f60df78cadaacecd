"""Program: recorded calls of kernels as the source of Python functions, and the operation that runs them."""

from __future__ import annotations

import contextlib
import itertools
import linecache
import weakref
from collections.abc import Callable, Iterator, Sequence, Set
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..autograd.engine import Freed, backward_pass
from ..autograd.grad_mode import mode
from ..autograd.hooks import hooks_by_node
from ..autograd.op import Op, Output, Variable, wrap
from ..nn.module import Setup
from ..random import default_generator
from .names import Expression, Unrecordable
from .recording import Call, Recording
from .surroundings import Surroundings
from .watching import watching

# Results of which each may be differentiated without the others: so many have 2^n - 1 backwards.
_MOST = 3


class Program:
    """The kernel calls of one run of a function, as Python functions.

    code       their source
    forward    (*arguments, *state) -> results, saved
    backwards  (saved, *gradients of results) -> gradients of arguments and state: one for each set of results that
               have a gradient, by which of all results are in it
    trains     whether forward is a training step: gradients arrive at parameters, optimizers step
    state      the Tensors that took part without being arguments: parameters, buffers, constants
    finish     makes what the function returns of the Tensors that are the results; None if that is the only one
    """

    def __init__(
        self,
        code: str,
        recording: Recording,
        backwards: dict[tuple[bool, ...], str],
        finish: Callable[[Any], Any] | None,
    ) -> None:
        self.code = code
        self.finish = finish
        functions = {name: getattr(kernels, name) for name in kernels.__all__}
        functions |= recording.constants
        functions["next_philox"] = default_generator.next_philox
        # Tracebacks show the lines of files that linecache knows.
        file = f"<compiled function {next(_numbers)}>"
        linecache.cache[file] = (len(code), None, code.splitlines(True), file)
        weakref.finalize(self, linecache.cache.pop, file, None).atexit = False
        exec(compile(code, file, "exec"), functions)
        self.forward = functions["forward"]
        self.backwards = {given: functions[name] for given, name in backwards.items()}
        self.trains = bool(recording.actions)
        self._actions = recording.actions
        self._surroundings = recording.surroundings
        self.state = recording.state
        self._arrays = [tensor.array for tensor in self.state]
        self._nodes = [tensor.node for tensor in self.state]
        self._attributes = [module.__dict__ for module, _ in recording.modules.values()]
        self._setup = Setup.changes
        self._values = [value for attributes in self._attributes for value in attributes.values()]

    def __call__(self, tensors: list[Any]) -> Any:
        """Do with these arguments what the function does with them."""
        if self.trains:
            results, _ = self.forward(*map(_array_of, tensors), *self._arrays)
            results = tuple(map(wrap, results)) if type(results) is tuple else wrap(results)
        else:
            results = Compiled(self)(*tensors, *self.state)
        return results if self.finish is None else self.finish(results)

    @contextlib.contextmanager
    def rehearsing(self, arrive: Callable[[np.ndarray], None]) -> Iterator[None]:
        """Have `forward` call `arrive` with gradients, and no method of a module or an optimizer."""
        functions = self.forward.__globals__
        actions = {name: functions[name] for name in self._actions}
        functions.update(
            {
                name: (lambda _, grad, __: arrive(grad)) if idle is None else idle
                for name, idle in self._actions.items()
            }
        )
        yield
        functions.update(actions)

    def is_current(self) -> bool:
        """Return whether modules and state are set up as they were when this was recorded."""
        return (
            (self._setup == Setup.changes or self._is_set_up())
            and self._surroundings.are_same()
            and all(map(is_, map(_array_of, self.state), self._arrays))
            and all(map(is_, map(_node_of, self.state), self._nodes))
            and not (self.trains and hooks_by_node and any(map(_has_hooks, self._nodes)))
        )

    def _is_set_up(self) -> bool:
        values = itertools.chain.from_iterable(map(dict.values, self._attributes))
        if sum(map(len, self._attributes)) != len(self._values) or not all(
            map(is_, values, self._values)
        ):
            return False
        self._setup = Setup.changes
        return True


def _has_hooks(node: Any) -> bool:
    return bool(hooks_by_node.get(id(node)))


_array_of, _node_of = attrgetter("array"), attrgetter("node")
_numbers = itertools.count(1)


class Compiled(Op):
    """All that a function of Tensors does, as one operation: a run of its Program."""

    __slots__ = ("program",)

    def __init__(self, program: Program) -> None:
        self.program = program

    def forward(self, *arrays: np.ndarray) -> Any:
        # Not what it is given but what its backward reads must stay as it is until then.
        results, self.inputs = self.program.forward(*arrays)
        return results

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        given = []
        for grad in grads:
            if grad is None:
                continue
            if isinstance(grad, Variable):
                raise RuntimeError(
                    "a compiled function has no second derivative: where create_graph=True is wanted, call the "
                    "function that was compiled"
                )
            # The views of it in the source are those of the contiguous one that was recorded.
            given.append(grad if grad.flags.c_contiguous else grad.copy())
        backward = self.program.backwards[tuple([grad is not None for grad in grads])]
        return backward(self.inputs, *given)


def record(
    function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Program | None:
    """Run `function` once, undo what that changed, and return it as a Program.

    None where it raises an exception in a training step, of which what came before is yet to be done.
    Raises Unrecordable where it did what a Program cannot repeat, or does not repeat bit for bit.
    """
    surroundings = Surroundings(function)
    if surroundings.iterator is not None:
        raise Unrecordable(
            f"it takes what an iterator of its surroundings gives next ({surroundings.iterator})"
        )
    recording = Recording(surroundings)
    try:
        return _record(recording, function, args, options)
    except Exception as error:
        if "read-only" in str(error):  # so are the results of kernels
            recording.obstacle = recording.obstacle or "NumPy changes what a kernel returned"
        obstacle = recording.obstacle
        if obstacle is None and not recording.actions:
            raise
        recording.obstacle = obstacle or str(error)
        recording.undo()
        if obstacle is None:
            return None
        raise Unrecordable(obstacle) from None


def _record(
    recording: Recording,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
) -> Program:
    inputs: list[Any] = []

    def own(value: Any) -> Any:
        """What stands for an argument: a Tensor for the recording alone, without the graph that made it."""
        if not isinstance(value, Variable):
            return value
        inputs.append(wrap(twin(value.array)).requires_grad_(value.requires_grad))
        recording.add_input(inputs[-1])
        return inputs[-1]

    args, options = tuple(map(own, args)), {name: own(value) for name, value in options.items()}
    with watching(recording):
        returned = function(*args, **options)
        kind = type(returned)
        several = kind in (tuple, list) or (returned is None and bool(recording.actions))
        results = tuple(returned or ()) if several else (returned,)
        forward, recording.calls = recording.calls, []
        values = tuple(result.array for result in checked(results, recording))
        outcome = recording.expression(values if several else values[0])
        made = {name for call in forward for name in call.made}
        if not outcome.used <= made - recording.given.keys():
            recording.refuse(
                "it returns an argument, a gradient, or what was there before, as it is"
            )
        tensors = (*inputs, *recording.state)
        grads = tuple(map(np.ones_like, values))
        backwards = [] if recording.actions else backwards_of(results, grads, tensors, recording)
    after = [tensor.array.copy() for tensor in recording.state]
    recording.undo()
    recorded = tuple(result.node is not None for result in results)

    def finish(outputs: Any) -> Any:
        outputs = outputs if several else (outputs,)
        outputs = [o if keep else o.detach() for o, keep in zip(outputs, recorded, strict=True)]
        return outputs[0] if not several else kind(outputs) if kind is not type(None) else None

    def repeats(program: Program) -> bool:
        """Whether a program does the same to the last bit."""
        arrived: list[np.ndarray] = []
        with program.rehearsing(arrived.append):
            repeated, kept = program.forward(*(tensor.array for tensor in tensors))
            pairs = [*zip(values, repeated if several else (repeated,), strict=True)]
            pairs += zip(recording.arrived, arrived, strict=True)
            for back in backwards:
                given = itertools.compress(grads, back.given)
                again = program.backwards[back.given](kept, *given)
                pairs += zip(back.gradients, again, strict=True)
        pairs += zip(after, (tensor.array for tensor in recording.state), strict=True)
        same = all(itertools.starmap(same_bits, pairs))
        recording.undo()
        return same

    names = [recording.expression(tensor.array).source for tensor in tensors]
    program = Program(
        source(names, forward, outcome, backwards),
        recording,
        {back.given: back.name for back in backwards},
        finish if several or not recorded[0] else None,
    )
    if not repeats(program):
        recording.refuse("its kernels alone compute something else: NumPy changes what they return")
    return program


def source(
    names: list[str], forward: list[Call], outcome: Expression, backwards: list[Backward]
) -> str:
    """Return the source of a Program."""
    made = {name for call in forward for name in call.made}
    used = frozenset().union(
        *(back.outcome.used.union(*(call.used for call in back.calls)) for back in backwards)
    )
    saved = used & made.union(names)
    listed = "".join(f"{name}, " for name in sorted(saved))
    head = f"forward({', '.join(names)})"
    code = definition(head, forward, f"{outcome.source}, ({listed})", outcome.used | saved)
    unpacked = [Call(f"{listed.strip()} = saved")] if saved else []
    for back in backwards:
        calls = unpacked + back.calls
        code += "\n\n" + definition(back.head, calls, back.outcome.source, back.outcome.used)
    return code


def checked(results: tuple[Any, ...], recording: Recording) -> tuple[Any, ...]:
    """Return what a function has returned, if that is fit to be recorded."""
    for result in results:
        if not isinstance(result, Variable):
            recording.refuse(f"it returns {type(result).__name__}, not a Tensor or several")
        if result.node is None:
            continue
        if not mode.enabled:
            recording.refuse("it has gradients recorded where that is switched off")
        node = result.node.edges[0] if type(result.node) is Output else result.node
        if recording.actions and type(getattr(node, "inputs", None)) is not Freed:
            recording.refuse(
                "it calls backward(), and returns another Tensor that has a graph: detach() it"
            )
    arrays = [result.array for result in results]
    if any(itertools.starmap(np.shares_memory, itertools.combinations(arrays, 2))):
        recording.refuse("two of its results share memory")
    return results


class Backward(NamedTuple):
    """The calls that make the gradients of some results, and these gradients."""

    given: tuple[bool, ...]  # which results have a gradient
    name: str
    head: str
    calls: list[Call]
    outcome: Expression
    gradients: tuple[np.ndarray | None, ...]


def backwards_of(
    results: tuple[Any, ...],
    grads: tuple[np.ndarray, ...],
    tensors: tuple[Any, ...],
    recording: Recording,
) -> list[Backward]:
    """Return the backward for each set of results that may have a gradient."""
    recorded = tuple(result.node is not None for result in results)
    if sum(recorded) > _MOST:
        recording.refuse(f"more than {_MOST} of its results have a gradient")
    names = [recording.add(grad, "grad") for grad in grads]
    leaves = [tensor.node for tensor in tensors]
    backwards = []
    for given in itertools.product(*((True, False) if has else (False,) for has in recorded)):
        if any(given):
            roots = [(results[i].node, grads[i]) for i in np.flatnonzero(given)]
            arrived = {leaf: None for leaf in leaves if leaf is not None}
            recording.calls = []
            backward_pass(roots, retain_graph=True, create_graph=False, targets=arrived)
            gradients = tuple(arrived.get(leaf) for leaf in leaves)
            outcome = recording.expression(gradients)
            numbers = [str(i + 1) for i, g in enumerate(given) if g and given != recorded]
            name = "_".join(["backward", *numbers])
            head = f"{name}({', '.join(['saved', *itertools.compress(names, given)])})"
            backwards.append(Backward(given, name, head, recording.calls, outcome, gradients))
            for made in itertools.chain.from_iterable(call.made for call in recording.calls):
                recording.forget(made)  # another function has none of it
    return backwards


def twin(array: np.ndarray) -> np.ndarray:
    """Return a copy in the same layout, in memory of its own."""
    if not array.size:
        return array.copy()
    first, end = np.lib.array_utils.byte_bounds(array)
    memory = np.empty(end - first, np.uint8)
    offset = array.__array_interface__["data"][0] - first
    copy = np.ndarray(array.shape, array.dtype, memory, offset, array.strides)
    copy[...] = array
    copy.flags.writeable = array.flags.writeable
    return copy


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
