"""The hooks of a Module: before and after forward, and when backward has passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.grad_mode import mode
from ..autograd.op import Op, wrap
from ..tensor import Tensor

Hooks = dict[int, Callable[..., Any]]


class ModuleHooks:
    """The hooks of one module by the id of their handles, and the call that runs them."""

    def __init__(self) -> None:
        self.before: Hooks = {}
        self.after: Hooks = {}
        self.backward: Hooks = {}

    def call(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return module.forward(*args, **kwargs), with the hooks around it."""
        for hook in tuple(self.before.values()):
            replaced = hook(module, args)
            if replaced is not None:
                args = replaced if isinstance(replaced, tuple) else (replaced,)
        crossing = Crossing(module, self.backward) if self.backward and mode.enabled else None
        if crossing is not None:
            args = crossing.enter(args)
        output = module.forward(*args, **kwargs)
        for hook in tuple(self.after.values()):
            replaced = hook(module, args, output)
            if replaced is not None:
                output = replaced
        return output if crossing is None else crossing.leave(output)


class Crossing:
    """One backward pass through a module, seen by a gate at each end: the outputs' gate meets it
    first and keeps `grad_output`, the inputs' gate meets it last and runs the hooks."""

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module = module
        self.hooks = hooks
        self.grad_output: tuple[Any, ...] = ()
        self.inputs = 0  # how many, of which those at `places` have a gradient
        self.places: list[int] = []

    def enter(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.inputs = len(args)
        self.places = _differentiable(args)
        return _pass(InputGate(self), args, self.places)

    def leave(self, output: Any) -> Any:
        outputs = output if isinstance(output, tuple) else (output,)
        places = _differentiable(outputs)
        outputs = _pass(OutputGate(self, places, len(outputs)), outputs, places)
        return outputs if isinstance(output, tuple) else outputs[0]

    def run(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """Show the hooks the gradients of the inputs at `places`; return what is to go on."""
        recorded = any(isinstance(grad, Tensor) for grad in grads)
        shown = _spread(grads, self.places, self.inputs)
        grad_output, self.grad_output = self.grad_output, ()
        for hook in tuple(self.hooks.values()):
            replaced = hook(self.module, shown, grad_output)
            if replaced is None:
                continue
            replaced = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(replaced) != self.inputs:
                raise RuntimeError(
                    f"a backward hook of {type(self.module).__name__} returned {len(replaced)} "
                    f"gradients for {self.inputs} inputs"
                )
            shown = replaced
        kept = (shown[place] for place in self.places)
        return tuple(g if recorded or g is None else g.array for g in kept)


class InputGate(Op):
    """The inputs of a module, unchanged."""

    __slots__ = ("crossing",)

    def __init__(self, crossing: Crossing) -> None:
        self.crossing = crossing

    def forward(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        return arrays

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        return self.crossing.run(grads)


class OutputGate(Op):
    """The outputs of a module, unchanged."""

    __slots__ = ("count", "crossing", "places")

    def __init__(self, crossing: Crossing, places: list[int], count: int) -> None:
        self.crossing = crossing
        self.places = places
        self.count = count

    def forward(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        return arrays

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        self.crossing.grad_output = _spread(grads, self.places, self.count)
        if not self.crossing.places:
            self.crossing.run(())
        return grads


def _differentiable(values: tuple[Any, ...]) -> list[int]:
    return [i for i, v in enumerate(values) if isinstance(v, Tensor) and v.requires_grad]


def _pass(gate: Op, values: tuple[Any, ...], places: list[int]) -> tuple[Any, ...]:
    if not places:
        return values
    passed = list(values)
    for place, tensor in zip(places, gate(*(values[i] for i in places)), strict=True):
        passed[place] = tensor
    return tuple(passed)


def _spread(grads: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
    """Return `count` Tensors or None: the gradients at `places`."""
    spread: list[Any] = [None] * count
    for place, grad in zip(places, grads, strict=True):
        spread[place] = wrap(grad) if isinstance(grad, np.ndarray) else grad
    return tuple(spread)
