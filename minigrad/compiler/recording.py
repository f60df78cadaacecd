"""Recording: one run of a function, watched, and written down as calls of kernels.

While it watches, the functions of `kernels` also report their arguments and results to it. What it cannot repeat ends
the run, before it happens: values that Python reads, arrays that NumPy made, changes in place. So every array that a
kernel is given has a name here (it is an argument, part of the state, or the result of an earlier call), or is seen in
the memory of one that has. Results are handed on read-only: NumPy shall not change them behind the Recording's back.

What a training step does besides (gradients that arrive at parameters, an optimizer's step) is written down too, and
not done: it is the same Python when the step is repeated.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, NoReturn

import numpy as np

from .. import kernels
from ..autograd import engine
from ..autograd.hooks import hooks_by_node
from ..autograd.op import Leaf, Op, Variable, register_tensor_type
from ..autograd.versions import record_changes
from ..autograd.views import check_inplace
from ..nn.module import Module
from ..nn.parameter import Uninitialized
from ..optim.lr_scheduler import LRScheduler
from ..optim.optimizer import Optimizer
from ..random import Generator, default_generator
from ..tensor import Tensor
from .surroundings import Surroundings

# Kernels that hand out memory: what others than kernels then put there has no origin.
ALLOCATING = {"empty", "empty_like", "like"}
# Methods by which Python learns what a Tensor holds, waits for its gradient, or changes whether it has one.
UNREPEATABLE = (
    *("item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__"),
    *("__complex__", "__contains__", "is_nonzero"),
    *("register_hook", "retain_grad", "requires_grad_", "detach_"),
)
# Methods by which a training step ends or begins.
STEPS = (
    (Optimizer, "step"),
    (Optimizer, "zero_grad"),
    (Module, "zero_grad"),
    (LRScheduler, "step"),
)


class Unrecordable(Exception):
    """Why a function cannot be compiled."""


class Expression(NamedTuple):
    """The source of a value, and the names in it."""

    source: str
    used: frozenset[str]


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


class Recording:
    """What was seen of one run.

    surroundings  what the function reads without being given it
    calls      of kernels, in their order
    state      the Tensors that took part without being arguments
    modules    by id, those of which an attribute was read, with the attributes that they had then
    constants  what calls refer to by name
    actions    the constants by which a training step does what no kernel does
    arrived    the gradients that arrived at parameters
    given      their names, and those of the parameters
    obstacle   the thing that cannot be repeated, None if there is none
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.calls: list[Call] = []
        self.state: list[Tensor] = []
        self._before: list[np.ndarray] = []
        self.modules: dict[int, tuple[Module, dict[str, Any]]] = {}
        self.constants: dict[str, Any] = {}
        self.actions: set[str] = set()
        self.arrived: list[np.ndarray] = []
        self.given: dict[str, str] = {}
        self.obstacle: str | None = None
        self._names: dict[int, str] = {}  # by id, of what `_alive` keeps from being freed
        self._alive: list[Any] = []
        self._taken = set(kernels.__all__)
        self._counts: dict[str, Iterator[int]] = {}
        self._results: dict[int, np.ndarray] = {}  # of kernels, by the id of what was handed on
        self._used: set[str] = set()
        self._added_to: set[str] = set()  # gradients that others were added to, in place
        self._has_stepped = False
        self._owners: dict[int, Tensor] = {}  # arguments and state, by the id of their arrays
        self._random = default_generator.get_state()
        self._thread = threading.get_ident()

    def refuse(self, obstacle: str) -> NoReturn:
        """End the run. The function may catch the exception, not make the first obstacle forgotten."""
        self.obstacle = self.obstacle or obstacle
        raise Unrecordable(self.obstacle)

    # Names

    def add(self, value: Any, stem: str) -> str:
        """Give an array, or a number that differs from run to run, a new name."""
        numbers = self._counts.setdefault(stem, itertools.count(1))
        name = next(n for n in map(f"{stem}{{}}".format, numbers) if n not in self._taken)
        self._taken.add(name)
        self._name(value, name)
        return name

    def _name(self, value: Any, name: str) -> None:
        self._names[id(value)] = name
        self._alive.append(value)

    def add_input(self, tensor: Tensor) -> None:
        """Note an argument of the function."""
        self.add(tensor.array, "x")
        self._owners[id(tensor.array)] = tensor

    def add_state(self, tensor: Tensor, stem: str) -> None:
        """Note that a Tensor takes part, unless that is known."""
        if self._owners.get(id(tensor.array)) is tensor:
            return
        if id(tensor.array) in self._names:
            self.refuse("two Tensors that take part share their memory")
        self.state.append(tensor)
        self._before.append(tensor.array.copy())
        self.add(tensor.array, stem)
        self._owners[id(tensor.array)] = tensor

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
        return self._add_constant(value, f"{name}_" if name.isidentifier() else "constant_")

    def _add_constant(self, value: Any, stem: str) -> str:
        name = self._names.get(id(value)) or self.add(value, stem)
        self.constants[name] = value
        return name

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

    # What happens

    def add_call(self, name: str, kernel: Callable[..., Any], args: Any, options: Any) -> Any:
        """Note a call, make it, and return its result."""
        given = [("", self.expression(value)) for value in args]
        given += [(f"{key}=", self.expression(value)) for key, value in options.items()]
        result = kernel(*(self._results.get(id(value), value) for value in args), **options)
        several = isinstance(result, (tuple, list))
        values = result if several else (result,)
        if all(value is None or isinstance(value, (bool, np.bool_)) for value in values):
            return result  # a question about types and shapes
        if not all(value is None or isinstance(value, np.ndarray) for value in values):
            self.refuse(f"{name} returns a number to Python")
        # What is known has been changed in place, and keeps its name.
        new = [value is not None and id(value) not in self._names for value in values]
        handed = [self._result(v) if is_new else v for v, is_new in zip(values, new, strict=True)]
        left = [
            self._names[id(v)] if is_new else "_" for v, is_new in zip(handed, new, strict=True)
        ]
        source = f"{name}({', '.join(key + text for key, (text, _) in given)})"
        if any(new):
            shapes = ", ".join(str(value.shape) for value in values if value is not None)
            comma = "," * (several and len(left) == 1)
            source = f"{', '.join(left)}{comma} = {source}  # {shapes}"
        used = frozenset().union(*(names for _, (_, names) in given))
        if self._has_stepped or used & self._added_to:
            self.refuse("it computes after the step of an optimizer, or with gradients added up")
        self.calls.append(Call(source, tuple(name for name in left if name != "_"), used))
        return type(result)(handed) if several else handed[0]

    def _result(self, array: np.ndarray) -> np.ndarray:
        """Name the result of a kernel, and return it as others may have it: read-only."""
        handed = array.view()
        handed.flags.writeable = False
        self._name(handed, self.add(array, "t"))
        self._results[id(handed)] = array
        return handed

    def add_draw(self, draw: Callable[..., Any], args: Any, _: Any) -> tuple[Draw, Draw]:
        """Take a stream of random numbers, and note that."""
        if args != (default_generator,):
            self.refuse("it draws from a Generator of its own")
        seed, stream = map(Draw, draw(*args))
        made = self.add(seed, "seed"), self.add(stream, "stream")
        self.calls.append(Call(f"{', '.join(made)} = next_philox()", made, frozenset()))
        return seed, stream

    def add_operands(self, _: Op, *operands: Any) -> None:
        """Note the Tensors that an operation is applied to, if they were made before the recording."""
        for tensor in operands:
            if isinstance(tensor, Variable) and not isinstance(tensor, Made):
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

    # What a training step does

    def add_backward(self, backward_pass: Callable[..., Any], args: Any, options: Any) -> None:
        """Go through the graph, of which nothing may be left: it is not there when the step is repeated."""
        _, retain_graph, create_graph, *targets = args
        if retain_graph or create_graph or targets or options:
            self.refuse(
                "it calls grad(), or backward() that keeps the graph or names the Tensors it is for"
            )
        backward_pass(*args)

    def add_gradient(self, add_grad: Callable[..., Any], args: Any, _: Any) -> None:
        """Note that a gradient arrives at a Tensor."""
        tensor, grad, *_ = args
        if not any(tensor is one for one in self.state):
            self.refuse("a gradient arrives at an argument, or at a Tensor that it made")
        if hooks_by_node.get(id(tensor.node)):
            self.refuse("a parameter has hooks")
        if grad.dtype != tensor.array.dtype or grad.shape != tensor.array.shape:
            self.refuse("a gradient is of another dtype than the parameter")
        result = self._results.get(id(grad), grad)
        if self._names.get(id(grad)) in self.given or not kernels.replaces(result, tensor.array):
            grad = kernels.expand(grad, grad.shape)
        name, leaf = self._names[id(grad)], self._add_constant(tensor, "leaf")
        self._added_to |= {before for before, at in self.given.items() if at == leaf}
        self.given[name] = leaf
        self.arrived.append(grad)
        add = self._add_constant(add_grad, "add_grad")
        self.actions.add(add)
        source = f"{add}({leaf}, {name}, True)  # {self._names[id(tensor.array)]}"
        self.calls.append(Call(source, (), frozenset([name])))

    def add_method(self, name: str, _: Callable[..., Any], args: Any, options: Any) -> None:
        """Note a call of one of the STEPS."""
        owner, *values = args
        values += options.values()
        if values and not (name == "zero_grad" and values == [True]):
            self.refuse(f"{type(owner).__name__}.{name}() is given an argument")
        self._has_stepped |= isinstance(owner, Optimizer) and name == "step"
        owner = self._add_constant(owner, type(owner).__name__.lower())
        self.actions.add(owner)
        self.calls.append(Call(f"{owner}.{name}()"))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what this thread does."""
        with contextlib.ExitStack() as stack:
            for owner, name, watched in self._watched():
                if name in vars(owner):
                    stack.callback(setattr, owner, name, vars(owner)[name])
                else:
                    stack.callback(delattr, owner, name)
                setattr(owner, name, watched)
            stack.callback(register_tensor_type, Tensor)
            register_tensor_type(Made)
            yield
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
        if self.obstacle is not None:
            raise Unrecordable(self.obstacle)

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

    def _watched(self) -> Iterator[tuple[Any, str, Any]]:
        """What is replaced while watching: of which object, which attribute, by what."""

        def mine() -> bool:
            return threading.get_ident() == self._thread

        def reporting(function: Callable[..., Any], report: Callable[..., Any]) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                if mine():
                    report(*args)
                return function(*args, **options)

            return call

        def refusing(function: Callable[..., Any], obstacle: str) -> Any:
            return reporting(function, lambda *_: self.refuse(obstacle))

        def replacing(function: Callable[..., Any], substitute: Callable[..., Any]) -> Any:
            def call(*args: Any, **options: Any) -> Any:
                if mine():
                    return substitute(function, args, options)
                return function(*args, **options)

            return call

        for name in kernels.__all__:
            if name not in ALLOCATING:
                yield kernels, name, replacing(getattr(kernels, name), partial(self.add_call, name))
        for kind in kinds_of(Op):
            if "__call__" in vars(kind):
                yield kind, "__call__", reporting(kind.__call__, self.add_operands)
        for owner, name in STEPS:
            for kind in kinds_of(owner):
                if name in vars(kind):
                    method = vars(kind)[name]
                    yield kind, name, replacing(method, partial(self.add_method, name))
        yield engine, "backward_pass", replacing(engine.backward_pass, self.add_backward)
        yield engine, "add_grad", replacing(engine.add_grad, self.add_gradient)
        # Steps are written down, not run: it is the function that asks, for what will be otherwise later.
        what = "Python asks for the options of an optimizer, or makes one"
        get = refusing(lambda optimizer: vars(optimizer)["param_groups"], what)
        put = refusing(lambda optimizer, groups: vars(optimizer).update(param_groups=groups), what)
        yield Optimizer, "param_groups", property(get, put)
        what = "Python asks for the rates of a scheduler"
        yield LRScheduler, "get_last_lr", refusing(LRScheduler.get_last_lr, what)
        yield Module, "__getattribute__", reporting(Module.__getattribute__, self.add_module)
        yield Generator, "next_philox", replacing(Generator.next_philox, self.add_draw)
        # The gradient that a parameter's hooks are given is that of the whole graph.
        yield engine, "run_hooks", replacing(engine.run_hooks, lambda _, args, __: args[1])

        for name in filter(vars(Tensor).__contains__, UNREPEATABLE):
            what = f"Python asks for the values, hooks or graph of a Tensor ({name.strip('_')})"
            yield Tensor, name, refusing(getattr(Tensor, name), what)
        what = "a Tensor is changed in place"
        for function in (check_inplace, record_changes):
            for module in [m for name, m in sys.modules.items() if is_ours(name)]:
                if vars(module).get(function.__name__) is function:
                    yield module, function.__name__, refusing(function, what)
        what = "it takes random numbers that are not a kernel's"
        yield Generator, "numpy", property(refusing(Generator.numpy.fget, what))
        what = "it seeds the random numbers"
        yield Generator, "manual_seed", refusing(Generator.manual_seed, what)
        yield Generator, "next_seed", refusing(Generator.next_seed, what)
        array, grad = Variable.array, Variable._grad
        read = reporting(array.__get__, self.check_reader)
        yield Variable, "array", property(read, reporting(array.__set__, self.check_unset(array)))
        put = reporting(grad.__set__, self.check_unset(grad))
        get = refusing(grad.__get__, "Python asks for the gradient of a Tensor")
        yield Variable, "_grad", property(get, put)

    def check_reader(self, _: Tensor) -> None:
        """Refuse where code outside of the package takes the array of a Tensor."""
        if not is_ours(sys._getframe(2).f_globals.get("__name__", "")):
            self.refuse("Python asks for the values of a Tensor (array)")

    def check_unset(self, slot: Any) -> Callable[[Tensor, Any], None]:
        """Return what refuses to let `slot` of a Tensor, once set, be given another value."""

        def check(tensor: Tensor, _: Any) -> None:
            with contextlib.suppress(AttributeError):  # of a new Tensor
                slot.__get__(tensor)
                self.refuse(f"a Tensor is given another {slot.__name__.strip('_')}")

        return check


def kinds_of(kind: type) -> Iterator[type]:
    """Return a class and all that are derived from it."""
    yield kind
    for derived in kind.__subclasses__():
        yield from kinds_of(derived)


def is_ours(module: str) -> bool:
    """Return whether a module of this name is part of this package."""
    return module.partition(".")[0] == __name__.partition(".")[0]
