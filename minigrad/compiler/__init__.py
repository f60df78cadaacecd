"""compile: run a function of Tensors, or a whole training step, as the straight line of kernel calls it comes down to.

An operation on small arrays spends most of its time in Python: Tensors, the graph, the walk back through it. A net of
fixed shapes takes the same way each time, so the way is recorded once, and from then on only its kernels are called.

recording     Recording, one run of the function, written down as calls of `kernels`
names         what arrays are called there
pieces        operations and functions that more than kernels make up: their calls
steps         what a training step does besides computing
surroundings  Surroundings, the variables that the function reads without being given them
watching      what is replaced while the run is watched
program       Program, these calls as Python functions; Compiled, the operation that runs them
"""

from __future__ import annotations

import functools
import threading
import types
import warnings
from collections.abc import Callable
from typing import Any

from ..autograd.grad_mode import mode
from ..autograd.op import Variable
from .program import Program, Unrecordable, record
from .surroundings import distinct

__all__ = ["compile"]

# Programs that a function may have: one for each set of shapes and options, and for each set-up of its modules.
_LIMIT = 8
# One at a time: to record, functions are replaced that all threads use.
_recording = threading.Lock()


def compile(
    function: Callable[..., Any] | None = None,
    *,
    fullgraph: bool = False,
    disable: bool = False,
    **options: Any,
) -> Any:
    """Return `function` (or a Module) in a form that calls its kernels directly, forward and backward.

        loss_of = mg.compile(lambda x, y: F.cross_entropy(net(x), y))
        loss_of(x, y).backward()    # the first time it is recorded
        print(loss_of.code)         # what runs from then on

        @mg.compile
        def step(x, y):             # faster still: a whole training step
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            return loss

    The results, gradients included, are bit for bit those of the function; only the time in Python between the kernels
    is saved: much in small nets, little in large ones. It is recorded anew for arguments of another shape or dtype,
    another value that is no Tensor, where a module that takes part was changed (eval(), a layer replaced), and where
    a variable that it reads stands for something else: of a closure, a global, an attribute, an item of a list or dict.

    Of a training step, zero_grad(), backward(), nn.utils.clip_grad_norm_() and clip_grad_value_(), and the steps of
    optimizers and schedulers are part. Gradients are added to those that are there. What it returns has no graph.

    What is made of kernels is recorded as their calls. Operations and functions that NumPy takes part in are called as
    they are, in their place among the kernels: they are right, and take the time that they take.

    As everywhere where programs are recorded, Python in the function runs while it is recorded, not later: nothing is
    printed again, nor are values checked that only Python checks, nor time, files or Python's random numbers looked at.
    What cannot be recorded (values read by Python, as in item() and `if x.sum() > 0`; shapes that depend on values, as
    that of x[x > 0]; changes in place; `.grad`; an optimizer's options; NumPy's functions in the function itself;
    variables of its surroundings that it sets or appends to) lets the function run as it is, from its start, with a
    warning that says why; with `fullgraph` it is a RuntimeError. No second derivatives. A parameter that the function
    uses several times, and the graph elsewhere too, has these gradients added in another order.

    With `disable` the function itself is returned; PyTorch's other options speak to its compilers, and are ignored.
    Without a function, a decorator is returned.
    """
    if function is None:
        return functools.partial(compile, fullgraph=fullgraph, disable=disable)
    return function if disable else CompiledFunction(function, fullgraph)


class CompiledFunction:
    """What `compile` returns; other attributes than these are those of the function or Module itself.

    code  what runs in place of the latest call, as Python source; None if the function runs as it is
    """

    def __init__(self, function: Callable[..., Any], fullgraph: bool) -> None:
        functools.update_wrapper(self, function, updated=())
        self.code: str | None = None
        self._function = function
        self._fullgraph = fullgraph
        self._programs: dict[Any, list[Program | None]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_function"], name)

    def __reduce__(self) -> Any:
        """A copy is compiled anew: what was recorded belongs to the Tensors of this one."""
        return CompiledFunction, (self._function, self._fullgraph)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *args: Any, **options: Any) -> Any:
        tensors: list[Any] = []
        key: list[Any] = [mode.enabled, *options]
        for value in (*args, *options.values()):
            if isinstance(value, Variable):
                tensors.append(value)
                array = value.array
                key += array.shape, array.strides, array.dtype, value.requires_grad
            else:
                key.append(distinct(value))
        # Where each gradient is to be looked at, there must be a graph.
        program = None if mode.anomaly else self._program(tuple(key), args, options)
        if program is None:
            self.code = None
            return self._function(*args, **options)
        self.code = program.code
        return program(tensors)

    def _program(self, key: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Program | None:
        """Return the Program for these arguments, recorded now if need be; None if there can be none."""
        if _recording.locked():  # by what is just recorded and calls this, or by another thread
            return None
        try:
            programs = self._programs.get(key, ())
        except TypeError:
            return self._refuse("an argument is neither a Tensor nor hashable")
        for program in programs:
            if program is None or program.is_current():
                return program
        if sum(map(len, self._programs.values())) >= _LIMIT:
            return self._refuse(
                f"it was recorded {_LIMIT} times: the shapes of its arguments, its options, variables "
                f"of its surroundings or attributes of its modules change from call to call"
            )
        if not _recording.acquire(blocking=False):
            return None
        try:
            program = record(self._function, args, options)
            if program is None:
                return None
        except Unrecordable as obstacle:
            program = self._refuse(str(obstacle))
        finally:
            _recording.release()
        self._programs.setdefault(key, []).append(program)
        return program

    def _refuse(self, obstacle: str) -> None:
        name = getattr(self._function, "__name__", type(self._function).__name__)
        message = f"compile: {name} runs as it is: {obstacle}"
        if self._fullgraph:
            raise RuntimeError(message)
        warnings.warn(message, stacklevel=4)
