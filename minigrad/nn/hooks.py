"""The hooks of a Module: before and after forward, and when backward has passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd.grad_mode import mode
from ..autograd.op import Op, wrap
from ..tensor import Tensor

Hooks = dict[int, Callable[..., Any]]
# With each of those around forward, whether it is given the keyword arguments too.
CallHooks = dict[int, tuple[Callable[..., Any], bool]]


class ModuleHooks:
    """The hooks of one module by the id of their handles, and the call that runs them."""

    def __init__(self) -> None:
        self.before: CallHooks = {}
        self.after: CallHooks = {}
        self.backward_before: Hooks = {}
        self.backward: Hooks = {}

    def call(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return module.forward(*args, **kwargs), with the hooks around it."""
        for hook, with_kwargs in tuple(self.before.values()):
            if with_kwargs:
                args, kwargs = _arguments(hook(module, args, kwargs), args, kwargs)
            else:
                replaced = hook(module, args)
                if replaced is not None:
                    args = replaced if isinstance(replaced, tuple) else (replaced,)
        crossing = None
        if (self.backward or self.backward_before) and mode.enabled:
            crossing = Crossing(module, self.backward_before, self.backward)
            args = crossing.enter(args)
        output = module.forward(*args, **kwargs)
        for hook, with_kwargs in tuple(self.after.values()):
            replaced = hook(module, args, *([kwargs] if with_kwargs else []), output)
            if replaced is not None:
                output = replaced
        return output if crossing is None else crossing.leave(output)


def _arguments(replaced: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return the arguments after a hook that may have replaced both; RuntimeError for anything else."""
    if replaced is None:
        return args, kwargs
    if not (isinstance(replaced, tuple) and len(replaced) == 2):
        raise RuntimeError(
            f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {replaced}"
        )
    return replaced


class Crossing:
    """One backward pass through a module, seen by a gate at each end: the outputs' gate meets it
    first, shows `grad_output` to the hooks `before`, and keeps it; the inputs' gate meets it last and
    runs the hooks `after`."""

    def __init__(self, module: Any, before: Hooks, after: Hooks) -> None:
        self.module = module
        self.before = before
        self.after = after
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

    def arrive(self, grads: tuple[Any, ...], places: list[int], count: int) -> tuple[Any, ...]:
        """Show the gradients of the `count` outputs at `places`; return what is to go on."""
        self.grad_output = self._run(self.before, _spread(grads, places, count), "outputs")
        kept = _kept(self.grad_output, grads, places)
        if not self.places:  # there will be no other end
            self.depart(())
        return kept

    def depart(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """Show the gradients of the inputs at `places`; return what is to go on."""
        grad_output, self.grad_output = self.grad_output, ()
        shown = _spread(grads, self.places, self.inputs)
        return _kept(self._run(self.after, shown, "inputs", grad_output), grads, self.places)

    def _run(self, hooks: Hooks, shown: tuple[Any, ...], what: str, *more: Any) -> tuple[Any, ...]:
        for hook in tuple(hooks.values()):
            replaced = hook(self.module, shown, *more)
            if replaced is None:
                continue
            replaced = replaced if isinstance(replaced, tuple) else (replaced,)
            if len(replaced) != len(shown):
                raise RuntimeError(
                    f"a backward hook of {type(self.module).__name__} returned {len(replaced)} "
                    f"gradients for {len(shown)} {what}"
                )
            shown = replaced
        return shown


class InputGate(Op):
    """The inputs of a module, unchanged."""

    __slots__ = ("crossing",)

    def __init__(self, crossing: Crossing) -> None:
        self.crossing = crossing

    def forward(self, *arrays: np.ndarray) -> tuple[np.ndarray, ...]:
        return arrays

    def backward(self, *grads: Any) -> tuple[Any, ...]:
        return self.crossing.depart(grads)


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
        return self.crossing.arrive(grads, self.places, self.count)


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


def _kept(shown: tuple[Any, ...], grads: tuple[Any, ...], places: list[int]) -> tuple[Any, ...]:
    """Return the gradients at `places` as what `grads` are: Tensors where the pass is recorded."""
    recorded = any(isinstance(grad, Tensor) for grad in grads)
    kept = (shown[place] for place in places)
    return tuple(g if recorded or g is None else g.array for g in kept)
