"""What is replaced while a Recording watches: functions and methods that report to it, or refuse."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import CellType
from typing import Any

from .. import kernels
from ..autograd import engine
from ..autograd.op import Op, Variable, register_tensor_type
from ..autograd.versions import record_changes
from ..autograd.views import check_inplace
from ..nn.module import Module
from ..nn.utils import clip_grad_norm_, clip_grad_value_
from ..optim.lr_scheduler import LRScheduler
from ..optim.optimizer import Optimizer
from ..random import Generator
from ..tensor import Tensor
from .pieces import add_backward, add_forward, add_function, functions_of_tensors, is_ours
from .recording import Made, Recording
from .steps import add_clipping, add_gradient, add_method, add_pass

# Kernels that hand out memory: what others than kernels then put there has no origin.
ALLOCATING = {"empty", "empty_like", "like"}
# Methods by which Python learns what a Tensor holds.
READING = (
    *("item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__"),
    *("__complex__", "__contains__", "__format__", "__repr__", "is_nonzero"),
)
# Methods that wait for its gradient, or change whether it has one.
OF_GRAPH = ("register_hook", "retain_grad", "requires_grad_", "detach_")
# Methods by which a training step ends or begins.
STEPS = (
    (Optimizer, "step"),
    (Optimizer, "zero_grad"),
    (Module, "zero_grad"),
    (LRScheduler, "step"),
)


@contextlib.contextmanager
def watching(recording: Recording) -> Iterator[None]:
    """Have a Recording watch what this thread does."""
    before: list[tuple[Any, Any, Any]] = []
    profiler = sys.getprofile()
    try:
        for owner, name, watched in _watched(recording):
            before.append((owner, name, _held(owner, name)))
            _put(owner, name, watched)
        register_tensor_type(Made)
        if profiler is None:  # one is not to be replaced where a program is profiled
            sys.setprofile(recording.see)
        yield
    finally:
        if profiler is None:
            sys.setprofile(None)
        register_tensor_type(Tensor)
        for owner, name, value in reversed(before):
            _put(owner, name, value)
    recording.check()


def _held(owner: Any, name: Any) -> Any:
    """What an object of its own, a dict, a list or a cell has there."""
    if isinstance(owner, (dict, list)):
        return owner[name]
    return owner.cell_contents if isinstance(owner, CellType) else vars(owner).get(name, _NOTHING)


def _put(owner: Any, name: Any, value: Any) -> None:
    if isinstance(owner, (dict, list)):
        owner[name] = value
    elif value is _NOTHING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)


_NOTHING = object()


def _watched(recording: Recording) -> Iterator[tuple[Any, str, Any]]:
    """What is replaced: of which object, which attribute, by what."""

    def reporting(function: Callable[..., Any], report: Callable[..., Any]) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            if recording.watches():
                report(*args)
            return function(*args, **options)

        return call

    def refusing(function: Callable[..., Any], obstacle: str) -> Any:
        return reporting(function, lambda *_: recording.refuse(obstacle))

    def replacing(function: Callable[..., Any], substitute: Callable[..., Any]) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            if recording.watches():
                return substitute(function, args, options)
            return function(*args, **options)

        return call

    ours = [module for name, module in sys.modules.items() if is_ours(name)]

    def everywhere(
        function: Callable[..., Any], replacement: Any
    ) -> Iterator[tuple[Any, str, Any]]:
        for module in ours:
            if vars(module).get(function.__name__) is function and module.__name__ != __name__:
                yield module, function.__name__, replacement

    for name in kernels.__all__:
        if name not in ALLOCATING:
            kernel = getattr(kernels, name)
            yield kernels, name, replacing(kernel, partial(recording.add_call, name))
    for kind in set(kinds_of(Op)):
        if "__call__" in vars(kind):
            yield kind, "__call__", reporting(kind.__call__, recording.add_operands)
        for name, add in (("forward", add_forward), ("backward", add_backward)):
            if name in vars(kind):
                yield kind, name, replacing(vars(kind)[name], partial(add, recording))
    found = functions_of_tensors()
    named = recording.surroundings.holders_of({id(function): function for *_, function in found})
    add = partial(add_function, recording)
    watched = {function: replacing(function, add) for function in {f for *_, f in found}}
    for owner, name, function in (*found, *named):
        if name not in READING:
            yield owner, name, watched[function]
    for owner, name in STEPS:
        for kind in kinds_of(owner):
            if name in vars(kind):
                method = vars(kind)[name]
                yield kind, name, replacing(method, partial(add_method, recording, name))
    for function in (clip_grad_norm_, clip_grad_value_):
        yield from everywhere(function, replacing(function, partial(add_clipping, recording)))
    for name, add in (("backward_pass", add_pass), ("add_grad", add_gradient)):
        yield engine, name, replacing(getattr(engine, name), partial(add, recording))
    # Steps are written down, not run: it is the function that asks, for what will be otherwise later.
    what = "Python asks for the options of an optimizer, or makes one"
    get = refusing(lambda optimizer: vars(optimizer)["param_groups"], what)
    put = refusing(lambda optimizer, groups: vars(optimizer).update(param_groups=groups), what)
    yield Optimizer, "param_groups", property(get, put)
    what = "Python asks for the rates of a scheduler"
    yield LRScheduler, "get_last_lr", refusing(LRScheduler.get_last_lr, what)
    yield Module, "__getattribute__", reporting(Module.__getattribute__, recording.add_module)
    yield Generator, "next_philox", replacing(Generator.next_philox, recording.add_draw)
    # The gradient that a parameter's hooks are given is that of the whole graph.
    yield engine, "run_hooks", replacing(engine.run_hooks, lambda _, args, __: args[1])

    for name in filter(vars(Tensor).__contains__, READING):
        what = (
            f"Python asks for the values of a Tensor, by {name}: return it and ask outside of the function; "
            f"where() chooses within"
        )
        yield Tensor, name, refusing(getattr(Tensor, name), what)
    for name in OF_GRAPH:
        what = f"it calls {name} of a Tensor: do that outside of the function"
        yield Tensor, name, refusing(getattr(Tensor, name), what)
    what = "a Tensor is changed in place: write y = y + x for y += x, relu(y) for relu_(y), where() for y[i] = x"
    for function in (check_inplace, record_changes):
        yield from everywhere(function, refusing(function, what))
    what = "it takes random numbers that are not a kernel's"
    yield Generator, "numpy", property(refusing(Generator.numpy.fget, what))
    what = "it seeds the random numbers"
    yield Generator, "manual_seed", refusing(Generator.manual_seed, what)
    yield Generator, "next_seed", refusing(Generator.next_seed, what)
    array, grad = Variable.array, Variable._grad
    read = reporting(array.__get__, partial(check_reader, recording))
    put = reporting(array.__set__, check_unset(recording, array))
    yield Variable, "array", property(read, put)
    put = reporting(grad.__set__, check_unset(recording, grad))
    get = refusing(grad.__get__, "Python asks for the gradient of a Tensor")
    yield Variable, "_grad", property(get, put)


def check_reader(recording: Recording, _: Tensor) -> None:
    """Refuse where code outside of the package takes the array of a Tensor."""
    if not is_ours(sys._getframe(2).f_globals.get("__name__", "")):
        recording.refuse("Python asks for the values of a Tensor, by .array")


def check_unset(recording: Recording, slot: Any) -> Callable[[Tensor, Any], None]:
    """Return what refuses to let `slot` of a Tensor, once set, be given another value."""

    def check(tensor: Tensor, _: Any) -> None:
        with contextlib.suppress(AttributeError):  # of a new Tensor
            slot.__get__(tensor)
            recording.refuse(f"a Tensor is given another {slot.__name__.strip('_')}")

    return check


def kinds_of(kind: type) -> Iterator[type]:
    """Return a class and all that are derived from it."""
    yield kind
    for derived in kind.__subclasses__():
        yield from kinds_of(derived)
