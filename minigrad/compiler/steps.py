"""What a training step does besides computing: gradients arrive at parameters, optimizers and schedulers step.

It is written down, and not done: it is the same Python when the step is repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.hooks import hooks_by_node
from ..autograd.op import Variable, wrap
from ..autograd.versions import change_of, record_changes
from ..optim.optimizer import Optimizer
from .recording import Call, Recording


class Idle:
    """Stands for what is written down here, where only the kernels are to run."""

    def __init__(self, result: Any = None) -> None:
        self._result = result

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self._result

    step = zero_grad = __call__


def add_pass(recording: Recording, backward_pass: Any, args: Any, options: Any) -> None:
    """Go through the graph, of which nothing may be left: it is not there when the step is repeated."""
    _, retain_graph, create_graph, targets, _ = args
    if retain_graph or create_graph or targets is not None or options:
        recording.refuse(
            "it calls grad(), or backward() that keeps the graph or names the Tensors it is for"
        )
    backward_pass(*args)


def add_gradient(recording: Recording, add_grad: Any, args: Any, _: Any) -> None:
    """Note that a gradient arrives at a Tensor."""
    tensor, grad, *_ = args
    if not any(tensor is one for one in recording.state):
        recording.refuse("a gradient arrives at an argument, or at a Tensor that it made")
    if hooks_by_node.get(id(tensor.node)):
        recording.refuse("a parameter has hooks")
    if grad.dtype != tensor.array.dtype or grad.shape != tensor.array.shape:
        recording.refuse("a gradient is of another dtype than the parameter")
    result = recording.results.get(id(grad), grad)
    name = recording.name_of(grad)
    if (
        name is None
        or name in recording.given
        or not kernels.replaces(result, tensor.array)
        or any(grad is shared for shared in recording.shared)
    ):
        grad = kernels.expand(grad, grad.shape)
        name = recording.name_of(grad)
    leaf = recording.add_constant(tensor, "leaf")
    recording.changed |= {before for before, at in recording.given.items() if at == leaf}
    recording.given[name] = leaf
    recording.arrived.append(grad)
    add = recording.add_constant(add_grad, "add_grad")
    recording.actions[add] = None
    source = f"{add}({leaf}, {name}, True)  # {recording.name_of(tensor.array)}"
    recording.emit(Call(source, (), frozenset([name])))


def add_method(recording: Recording, name: str, _: Any, args: Any, options: Any) -> None:
    """Note a step of an optimizer or a scheduler, or that gradients are cleared."""
    owner, *values = args
    values += options.values()
    if values and not (name == "zero_grad" and isinstance(values[0], bool)):
        recording.refuse(f"{type(owner).__name__}.{name}() is given an argument")
    if isinstance(owner, Optimizer) and name == "step":
        # As the step does: what was saved for a backward that is yet to come has changed.
        groups = vars(owner)["param_groups"]
        changes = [change_of(p.array) for group in groups for p in group["params"]]
        recording.unwatched(record_changes, changes, "step")
    if values == [False]:
        recording.changed |= recording.given.keys()
    constant = recording.add_constant(owner, type(owner).__name__.lower())
    recording.actions[constant] = Idle()
    recording.emit(Call(f"{constant}.{name}({', '.join(map(repr, values))})"))


def add_clipping(recording: Recording, clip: Callable[..., Any], args: Any, options: Any) -> Any:
    """Note that gradients are clipped. What that returns, if anything, is a number."""
    parameters, *rest = args or (options.pop("parameters"),)
    parameters = [parameters] if isinstance(parameters, Variable) else list(parameters)
    for parameter in parameters:
        recording.add_tensor(parameter)
    dtypes = {parameter.array.dtype for parameter in parameters}
    if len(dtypes) != 1:
        recording.refuse(f"{clip.__name__} is given gradients of several dtypes")
    recording.changed |= recording.given.keys()
    given = [recording.add_constant(parameters, "parameters")]
    given += [recording.expression(value).source for value in rest]
    given += [f"{key}={recording.expression(value).source}" for key, value in options.items()]

    def clipped(*args: Any, **options: Any) -> np.ndarray | None:
        norm = clip(*args, **options)
        return None if norm is None else norm.array

    name = recording.add_constant(clipped, clip.__name__)
    result = None if "value" in clip.__name__ else np.zeros((), *dtypes)
    recording.actions[name] = Idle(result)
    (norm,) = recording.add_results(f"{name}({', '.join(given)})", (result,), frozenset(), False)
    return None if norm is None else wrap(norm)
