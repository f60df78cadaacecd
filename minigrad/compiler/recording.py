"""Recording: one run of a function, watched, and written down as calls of kernels.

While it watches, the functions of `kernels` also report their arguments and results to it. What it cannot repeat does
not stop the run: it is remembered as the `obstacle`. Such are values that Python reads, arrays that NumPy made,
changes in place. So every array that a kernel is given has a name here (it is an argument, part of the state, or the
result of an earlier call), or is seen in the memory of one that has.
"""

from __future__ import annotations

import contextlib
import itertools
import keyword
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..autograd import engine
from ..autograd.op import Leaf, Op, Variable, register_tensor_type
from ..autograd.versions import Clock
from ..nn.module import Module
from ..random import Generator, default_generator
from ..tensor import Tensor

# Kernels that hand out memory: what others than kernels then put there has no origin.
ALLOCATING = {"empty", "empty_like", "like"}
# Methods by which Python learns what a Tensor holds, or waits for its gradient.
READING = (
    *("item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__"),
    *("register_hook", "retain_grad"),
)


class Expression(NamedTuple):
    """The source of a value, and the names in it."""

    source: str
    used: frozenset[str]


class Call(NamedTuple):
    """The source of "results = kernel(arguments)", the names of the results, and those used for them."""

    source: str
    made: tuple[str, ...]
    used: frozenset[str]


class Made(Tensor):
    """A Tensor that was made while a Recording watched."""

    __slots__ = ()


class Draw(int):
    """A seed or a stream of random numbers: another one in each run."""


class Recording:
    """What was seen of one run.

    calls      of kernels, in their order
    state      the Tensors that took part without being arguments
    modules    those that were called, with the attributes that they had then
    constants  what arguments of calls refer to by name
    draws      how many streams of random numbers were taken
    obstacle   the first thing that cannot be repeated, None if there is none
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.state: list[Tensor] = []
        self._before: list[np.ndarray] = []
        self.modules: list[tuple[Module, dict[str, Any]]] = []
        self.constants: dict[str, Any] = {}
        self.draws = 0
        self.obstacle: str | None = None
        self._names: dict[int, str] = {}  # by id, of what `_alive` keeps from being freed
        self._alive: list[Any] = []
        self._counts: dict[str, Iterator[int]] = {}
        self._used: set[str] = set()
        self._leaves: set[Leaf] = set()
        self._random = default_generator.get_state()
        self._thread = threading.get_ident()

    def refuse(self, obstacle: str) -> None:
        """Remember the first obstacle."""
        self.obstacle = self.obstacle or obstacle

    # Names

    def add(self, value: Any, stem: str) -> str:
        """Give an array, or a number that differs from run to run, a new name."""
        name = f"{stem}{next(self._counts.setdefault(stem, itertools.count(1)))}"
        self._names[id(value)] = name
        self._alive.append(value)
        return name

    def add_input(self, tensor: Tensor) -> None:
        """Note an argument of the function."""
        self.add(tensor.array, "x")
        self._leaves.add(tensor.node)

    def add_state(self, tensor: Tensor, stem: str) -> None:
        """Note that a Tensor takes part, unless that is known."""
        if id(tensor.array) not in self._names:
            self.state.append(tensor)
            self._before.append(tensor.array.copy())
            self.add(tensor.array, stem)
            self._leaves.add(tensor.node)
        elif tensor.node is not None and tensor.node not in self._leaves:
            self.refuse("the memory of a parameter is that of an argument or another parameter")

    def expression(self, value: Any) -> Expression:
        """Return the source of a value, and the names in it."""
        self._used = set()
        return Expression(self._source(value), frozenset(self._used))

    def _source(self, value: Any) -> str:
        known = self._names.get(id(value))
        if known is not None:
            self._used.add(known)
            return known
        if isinstance(value, np.ndarray):
            return self._view(value)
        if isinstance(value, (list, tuple)):
            parts = ", ".join(map(self._source, value))
            return (
                f"[{parts}]" if isinstance(value, list) else f"({parts}{',' * (len(value) == 1)})"
            )
        if value is None or isinstance(value, (bool, str)) or type(value) is int:
            return repr(value)
        if type(value) is float and np.isfinite(value):
            return repr(value)
        if isinstance(value, np.generic):
            self.refuse("a kernel is given a number that NumPy computed")
        return self._constant(value)

    def _constant(self, value: Any) -> str:
        """Return a name for what is the same in each run."""
        name = getattr(value, "__name__", "constant")
        name = name if name.isidentifier() and not keyword.iskeyword(name) else "constant"
        for number in itertools.count(1):
            numbered = f"{name}_{number}"
            if self.constants.setdefault(numbered, value) is value:
                return numbered
        raise AssertionError("unreachable")

    def _view(self, array: np.ndarray) -> str:
        """Return the source of an array that has no name, but lies in the memory of one that has."""
        first, end = np.lib.array_utils.byte_bounds(array)
        for owner in self._alive:
            if not isinstance(owner, np.ndarray) or owner.dtype != array.dtype or not array.size:
                continue
            start, stop = np.lib.array_utils.byte_bounds(owner)
            if not start <= first <= end <= stop:
                continue
            name = self._names[id(owner)]
            self._used.add(name)
            shape, strides = array.shape, array.strides
            if shape == owner.shape and strides == owner.strides and first == start:
                return name
            if shape == owner.shape[::-1] and strides == owner.strides[::-1] and first == start:
                return f"{name}.T"
            if owner.flags.c_contiguous:
                if array.flags.c_contiguous and array.size == owner.size:
                    return f"{name}.reshape({shape})"
                self.constants["ndarray"] = np.ndarray
                offset = array.ctypes.data - owner.ctypes.data
                return f"ndarray({shape}, {name}.dtype, {name}, {offset}, {strides})"
        if array.base is None and not array.flags.writeable:  # made once, and shared
            return self._constant(array)
        self.refuse(
            f"an array of shape {list(array.shape)} does not come from an argument or a kernel: NumPy made it, or it "
            f"was made in the function (make constants outside of it, as Tensors)"
        )
        return "None"

    # What happens

    def add_call(
        self,
        kernel: str,
        arguments: tuple[Any, ...],
        options: dict[str, Any],
        run: Callable[[], Any],
    ) -> Any:
        """Note a call, run it, and return its result."""
        given = [self.expression(value) for value in arguments]
        named = [(key, self.expression(value)) for key, value in options.items()]
        result = run()
        values = result if isinstance(result, (tuple, list)) else (result,)
        if all(value is None or isinstance(value, (bool, np.bool_)) for value in values):
            return result  # a question about types and shapes
        if not all(value is None or isinstance(value, np.ndarray) for value in values):
            self.refuse(f"{kernel} returns a number to Python")
        source = ", ".join(
            [text for text, _ in given] + [f"{key}={text}" for key, (text, _) in named]
        )
        source = f"{kernel}({source})"
        used = frozenset().union(
            *(names for _, names in given), *(names for _, (_, names) in named)
        )
        # What is known has been changed in place, and keeps its name.
        new = [value is not None and id(value) not in self._names for value in values]
        left = [
            self.add(value, "t") if is_new else "_"
            for value, is_new in zip(values, new, strict=True)
        ]
        if any(new):
            shapes = ", ".join(str(value.shape) for value in values if value is not None)
            source = f"{', '.join(left)}{',' * (values is result and len(left) == 1)} = {source}  # {shapes}"
        self.calls.append(Call(source, tuple(name for name in left if name != "_"), used))
        return result

    def add_draw(self, drawn: tuple[int, int]) -> tuple[Draw, Draw]:
        """Note that a stream of random numbers was taken."""
        seed, stream = map(Draw, drawn)
        made = self.add(seed, "seed"), self.add(stream, "stream")
        self.draws += 1
        self.calls.append(Call(f"{', '.join(made)} = next_philox()", made, frozenset()))
        return seed, stream

    def add_operands(self, operands: tuple[Any, ...]) -> None:
        """Note the Tensors that an operation is applied to, if they were made before the recording."""
        for tensor in operands:
            if isinstance(tensor, Variable) and not isinstance(tensor, Made):
                if tensor.node is not None and type(tensor.node) is not Leaf:
                    self.refuse(
                        f"a Tensor of shape {list(tensor.array.shape)} was computed outside the function, and has a "
                        f"gradient: make it an argument"
                    )
                self.add_state(tensor, "p" if tensor.node is not None else "c")

    def add_module(self, module: Module) -> None:
        """Note a module that is called, and its parameters and buffers."""
        if module._hooks is not None:
            self.refuse(f"{type(module).__name__} has hooks")
        self.modules.append((module, dict(module.__dict__)))
        for name, value in module.__dict__.items():
            if isinstance(value, Variable):
                self.add_state(value, name if name.isidentifier() else "p")

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what this thread does."""
        changed = Clock.changed
        with contextlib.ExitStack() as stack:
            for owner, name, watched in self._watched():
                stack.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, watched)
            stack.callback(register_tensor_type, Tensor)
            register_tensor_type(Made)
            yield
        if Clock.changed != changed:
            self.obstacle = "a Tensor is changed in place"  # whatever else followed from that
        for module, attributes in self.modules:
            for name, value in module.__dict__.items():
                if attributes.get(name, self) is not value:
                    self.refuse(
                        f"{type(module).__name__} sets its attribute {name!r} when it is called"
                    )
        after = default_generator.get_state()
        default_generator.set_state(self._random)
        for _ in range(self.draws):
            default_generator.next_philox()
        if not np.array_equal(default_generator.get_state(), after):
            self.refuse("it takes random numbers that are not a kernel's")

    def undo(self) -> None:
        """Put back the state, the modules' attributes, and the random numbers."""
        if self.obstacle is not None:
            for module, attributes in reversed(self.modules):
                module.__dict__.clear()
                module.__dict__.update(attributes)
        for tensor, before in zip(self.state, self._before, strict=True):
            if tensor.array.flags.writeable:
                tensor.array[...] = before
        default_generator.set_state(self._random)

    def _watched(self) -> Iterator[tuple[Any, str, Callable[..., Any]]]:
        """What is replaced while watching: of which object, which attribute, by what."""

        def mine() -> bool:
            return threading.get_ident() == self._thread

        def watched_kernel(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                if not mine():
                    return kernel(*args, **options)
                return self.add_call(name, args, options, lambda: kernel(*args, **options))

            return call

        def reporting(
            function: Callable[..., Any], report: Callable[..., Any]
        ) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                if mine():
                    report(args)
                return function(*args, **options)

            return call

        for name in kernels.__all__:
            if name not in ALLOCATING:
                yield kernels, name, watched_kernel(name, getattr(kernels, name))
        for name in filter(Tensor.__dict__.__contains__, READING):
            reason = f"Python asks for the values or hooks of a Tensor ({name.strip('_')})"
            yield Tensor, name, reporting(getattr(Tensor, name), lambda _, r=reason: self.refuse(r))
        kinds = [Op]
        for kind in kinds:
            kinds += kind.__subclasses__()
            if "__call__" in vars(kind):
                yield (
                    kind,
                    "__call__",
                    reporting(kind.__call__, lambda args: self.add_operands(args[1:])),
                )
        yield Module, "__call__", reporting(Module.__call__, lambda args: self.add_module(args[0]))
        yield (
            engine,
            "backward_pass",
            reporting(
                engine.backward_pass, lambda _: self.refuse("it calls backward() or grad() itself")
            ),
        )
        draw = Generator.next_philox
        yield (
            Generator,
            "next_philox",
            lambda g: self.add_draw(draw(g)) if mine() and g is default_generator else draw(g),
        )
