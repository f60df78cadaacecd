"""Recording: one run of a function, watched, and written down as calls of kernels.

While it watches, the functions of `kernels` also report their arguments and results to it. What it cannot repeat ends
the run, before it happens: values that Python reads, changes in place. So every array that a kernel is given has a name
here (it is an argument, part of the state, or the result of an earlier call), or is seen in the memory of one that has.
Results are handed on read-only: NumPy shall not change them behind the Recording's back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..autograd.op import Leaf, Variable
from ..nn.module import Module
from ..nn.parameter import Uninitialized
from ..random import default_generator
from ..tensor import Tensor
from .names import Names
from .surroundings import Surroundings

# Methods of arrays by which Python learns values, and what NumPy's functions for it call.
_LOOKS = {"any", "all", "item", "tolist", "max", "min"}
_LOGIC = (np.logical_or, np.logical_and)


class Call(NamedTuple):
    """The source of "results = kernel(arguments)", the names of the results, and those used for them."""

    source: str
    made: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()


class Made(Tensor):
    """A Tensor that was made while a Recording watched."""

    __slots__ = ()


class Draw(int):
    """A seed or a stream of random numbers: another one in each run."""


class Mark(NamedTuple):
    """Where a Recording was, so that what came after it can be forgotten."""

    calls: list[Call]
    length: int
    uses: int
    counts: dict[str, int]
    random: Any
    obstacle: str | None


class Recording(Names):
    """What was seen of one run.

    surroundings  what the function reads without being given it
    calls      of kernels, in their order
    state      the Tensors that took part without being arguments
    modules    by id, those of which an attribute was read, with the attributes that they had then
    actions    the constants by which a training step does what no kernel does, and what stands for them where
               only kernels are to run
    arrived    the gradients that arrived at parameters
    given      their names, and those of the parameters
    changed    the names of gradients that were changed in place
    results    of kernels, by the id of what was handed on
    shared     gradients of which an operation may keep the memory
    uses       the nodes whose results were operands, once for each time
    several    nodes whose gradients a Piece adds up by itself
    inside     whether an operation is running
    reads      whether Python has looked at the values of an array
    """

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__()
        self.surroundings = surroundings
        self.calls: list[Call] = []
        self.state: list[Tensor] = []
        self._before: list[np.ndarray] = []
        self.modules: dict[int, tuple[Module, dict[str, Any]]] = {}
        self.actions: dict[str, Any] = {}
        self.arrived: list[np.ndarray] = []
        self.given: dict[str, str] = {}
        self.changed: set[str] = set()
        self.results: dict[int, np.ndarray] = {}
        self.shared: list[np.ndarray] = []
        self.uses: list[Any] = []
        self.several: list[Any] = []
        self.inside = self.reads = False
        self._owners: dict[int, Tensor] = {}  # arguments and state, by the id of their arrays
        self._random = default_generator.get_state()
        self._thread = threading.get_ident()
        self._pauses = 0

    def add_input(self, tensor: Tensor) -> None:
        """Note an argument of the function."""
        self.add(tensor.array, "x")
        self._owners[id(tensor.array)] = tensor

    def add_state(self, tensor: Tensor, stem: str) -> None:
        """Note that a Tensor takes part, unless that is known."""
        if self._owners.get(id(tensor.array)) is tensor:
            return
        if self.name_of(tensor.array) is not None:
            self.refuse("two Tensors that take part share their memory")
        self.state.append(tensor)
        self._before.append(tensor.array.copy())
        self.add(tensor.array, stem)
        self._owners[id(tensor.array)] = tensor

    # Whether it watches

    def watches(self) -> bool:
        """Return whether what happens now belongs to the run, and is to be written down."""
        return not self._pauses and threading.get_ident() == self._thread

    def unwatched(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Call a function of which only the result matters."""
        self._pauses += 1
        try:
            return function(*args, **options)
        finally:
            self._pauses -= 1

    def see(self, _: Any, event: str, function: Any) -> None:
        """Note, as a profiler, that Python looks at the values of an array, to decide something."""
        if event == "c_call" and self.watches():
            name, owner = function.__name__, getattr(function, "__self__", None)
            self.reads |= (
                (name in _LOOKS and isinstance(owner, np.ndarray))
                or (name == "reduce" and any(owner is ufunc for ufunc in _LOGIC))
                or name == "count_nonzero"
            )

    def mark(self) -> Mark:
        """Return what `rewind` needs."""
        random = self.unwatched(default_generator.get_state)
        length, uses, counts = len(self.calls), len(self.uses), self._counts.copy()
        return Mark(self.calls, length, uses, counts, random, self.obstacle)

    def rewind(self, mark: Mark) -> None:
        """Forget the calls since a mark."""
        for call in self.calls[mark.length :]:
            for name in call.made:
                self.forget(name)
        self.calls = mark.calls
        del self.calls[mark.length :]
        del self.uses[mark.uses :]
        self._counts = mark.counts.copy()
        self.obstacle = mark.obstacle
        self.unwatched(default_generator.set_state, mark.random)

    # What happens

    def emit(self, call: Call) -> None:
        """Write down a call of what computes."""
        if call.used & self.changed:
            self.refuse("it computes with gradients that were added up, or changed")
        self.calls.append(call)

    def add_call(self, name: str, kernel: Callable[..., Any], args: Any, options: Any) -> Any:
        """Note a call, make it, and return its result."""
        given = [("", self.expression(value)) for value in args]
        given += [(f"{key}=", self.expression(value)) for key, value in options.items()]
        self._pauses += 1
        result = kernel(*(self.results.get(id(value), value) for value in args), **options)
        self._pauses -= 1
        several = isinstance(result, (tuple, list))
        values = result if several else (result,)
        if all(value is None or isinstance(value, (bool, np.bool_)) for value in values):
            return result  # a question about types and shapes
        if not all(value is None or isinstance(value, np.ndarray) for value in values):
            self.refuse(f"{name} returns a number to Python")
        source = f"{name}({', '.join(key + text for key, (text, _) in given)})"
        used = frozenset().union(*(names for _, (_, names) in given))
        handed = self.add_results(source, values, used, several)
        return type(result)(handed) if several else handed[0]

    def add_results(
        self, source: str, values: Any, used: frozenset[str], several: bool
    ) -> list[Any]:
        """Note a call that made `values`, and return them as others may have them: read-only."""
        handed, left = [], []
        for value in values:
            # What is known has been changed in place, or is an operand, and keeps its name.
            new = value is not None and self.name_of(value) is None
            if new and isinstance(value, np.ndarray):
                array, value = value, value.view()
                value.flags.writeable = False
                self.results[id(value)] = array
            left.append(self.add(value, "t") if new else "_")
            handed.append(value)
        made = tuple(name for name in left if name != "_")
        if made:
            shapes = ", ".join(str(value.shape) for value in values if value is not None)
            comma = "," * (several and len(left) == 1)
            source = f"{', '.join(left)}{comma} = {source}  # {shapes}"
        self.emit(Call(source, made, used))
        return handed

    def add_draw(self, draw: Callable[..., Any], args: Any, _: Any) -> tuple[Draw, Draw]:
        """Take a stream of random numbers, and note that."""
        if args != (default_generator,):
            self.refuse("it draws from a Generator of its own")
        seed, stream = map(Draw, draw(*args))
        made = self.add(seed, "seed"), self.add(stream, "stream")
        self.calls.append(Call(f"{', '.join(made)} = next_philox()", made))
        return seed, stream

    def add_operands(self, _: Any, *operands: Any) -> None:
        """Note the Tensors that an operation is applied to."""
        for tensor in operands:
            if isinstance(tensor, Variable):
                if tensor.node is not None:
                    self.uses.append(tensor.node)
                self.add_tensor(tensor)

    def add_tensor(self, tensor: Any) -> None:
        """Note a Tensor that takes part, if it was made before the recording."""
        if not isinstance(tensor, Made):
            if tensor.node is not None and type(tensor.node) is not Leaf:
                self.refuse(
                    f"a Tensor of shape {list(tensor.array.shape)} was computed outside the function, and has a "
                    f"gradient: make it an argument"
                )
            self.add_state(tensor, "p" if tensor.node is not None else "c")

    def add_module(self, module: Module, _: str) -> None:
        """Note a module of which an attribute is read, unless that is known, and its parameters and buffers."""
        if id(module) in self.modules:
            return
        attributes = object.__getattribute__(module, "__dict__")
        self.modules[id(module)] = module, dict(attributes)
        if attributes.get("_hooks") is not None:
            self.refuse(f"{type(module).__name__} has hooks")
        for name, value in attributes.items():
            if isinstance(value, Uninitialized):
                self.refuse(f"{type(module).__name__} has not seen a batch yet: call it before")
            if isinstance(value, Variable):
                self.add_state(value, name if name.isidentifier() else "p")

    # The end

    def check(self) -> None:
        """Raise Unrecordable for what was seen, or is seen now, that cannot be repeated."""
        for module, attributes in self.modules.values():
            for name, value in module.__dict__.items():
                # One without attributes is just being made, in the function.
                if attributes and attributes.get(name, self) is not value:
                    self.refuse(
                        f"{type(module).__name__} sets its attribute {name!r} when it is called"
                    )
        changed = self.surroundings.changed()
        if changed is not None:
            self.refuse(f"it changes {changed}, which is not its own")
        if self.reads:
            self.refuse("Python looks at the values of an array")
        if any(sum(node is used for used in self.uses) > 1 for node in self.several if node):
            self.refuse(
                "an operation made of NumPy's functions uses a Tensor several times that is used elsewhere, "
                "too: its gradients would be added up in another order"
            )
        if self.obstacle is not None:
            self.refuse(self.obstacle)

    def undo(self) -> None:
        """Put back the state, the modules' attributes, and the random numbers."""
        if self.obstacle is not None:
            self.surroundings.restore()
            for module, attributes in self.modules.values():
                if attributes:
                    module.__dict__.clear()
                    module.__dict__.update(attributes)
        for tensor, before in zip(self.state, self._before, strict=True):
            if tensor.array.flags.writeable:
                tensor.array[...] = before
        default_generator.set_state(self._random)
