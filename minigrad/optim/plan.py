"""What a step launches: parameters in batches, and the gradients collected for them.

What is the same from step to step (which arrays, their state, their change records) is gathered
once, in batches; a step then only collects the gradients. It is gathered anew whenever a parameter
got other memory, or has a gradient where it had none.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np

from ..autograd.versions import Change, change_of
from ..errors import did_you_mean
from ..tensor import Tensor

Arrays = list[np.ndarray]
_array_of = attrgetter("array")


class Batch:
    """Parameters that one launch of the rule updates: one dtype, and equally many steps so far.

    keys     what their state is filed under: the Parameters, or names
    arrays   their values
    states   a list of arrays for each of the rule's state names, and its number names' arrays
    counts   their steps, float32, where the rule counts them; every state["step"] is a view
    step     the number of the step last done
    """

    __slots__ = ("arrays", "changes", "counts", "keys", "states", "step")

    def __init__(self, step: int) -> None:
        self.step = step
        self.keys: list[Any] = []
        self.arrays: Arrays = []
        self.states: list[Arrays | np.ndarray] = []
        self.counts: np.ndarray | None = None
        self.changes: list[Change] = []

    def add(self, key: Any, array: np.ndarray) -> None:
        """File `array` under `key`."""
        self.keys.append(key)
        self.arrays.append(array)
        self.changes.append(change_of(array))


class Plan(NamedTuple):
    """The batches of one parameter group, and what they were made for."""

    batches: list[Batch]
    idle: list[Any]  # the parameters without a gradient
    names: tuple[str, ...]  # of the rule's state
    size: int  # of the group
    state_size: int

    def gradients(self) -> list[Arrays] | None:
        """Return the gradients of each batch; None if a parameter no longer is where the plan has it."""
        collected = []
        for batch in self.batches:
            try:
                collected.append([key._grad.array for key in batch.keys])
            except AttributeError:  # a gradient is None
                return None
            if not all(map(is_, map(_array_of, batch.keys), batch.arrays)):
                return None
        for param in self.idle:
            if param._grad is not None:
                return None
        return collected

    def gradients_of(
        self, params: Mapping[Any, np.ndarray], grads: Mapping[Any, np.ndarray]
    ) -> list[Arrays] | None:
        """As `gradients`, from dicts of arrays; None if anything is not as the plan has it."""
        collected = []
        for batch in self.batches:
            try:
                if not all(map(is_, map(params.__getitem__, batch.keys), batch.arrays)):
                    return None
                batch_grads = [grads[key] for key in batch.keys]
            except KeyError:
                return None
            for i, (grad, array) in enumerate(zip(batch_grads, batch.arrays, strict=True)):
                if not isinstance(grad, np.ndarray):
                    if not isinstance(grad, np.generic):
                        return None
                    grad = batch_grads[i] = np.asarray(grad)  # what arithmetic makes of 0-d arrays
                if grad.shape != array.shape or grad.dtype != array.dtype:
                    return None
            collected.append(batch_grads)
        return collected


def check_dicts(params: Mapping[Any, Any], grads: Mapping[Any, Any]) -> None:
    """Raise unless each of the arrays of `params` has a gradient of its shape and dtype in `grads`."""
    for given, other, what in ((grads, params, "parameter"), (params, grads, "gradient")):
        for key in given:
            if key not in other:
                raise KeyError(
                    f'there is no {what} "{key}"{did_you_mean(str(key), map(str, other))}'
                )
    for key, array in params.items():
        check_array(key, array)
        grad = grads[key]
        if not isinstance(grad, (np.ndarray, np.generic)):
            raise TypeError(f"the gradient of {key!r} is {type(grad).__name__}, not a NumPy array")
        if grad.shape != array.shape:
            raise ValueError(
                f"the gradient of {key!r} has shape {grad.shape}, the parameter {array.shape}"
            )
        if grad.dtype != array.dtype:
            raise TypeError(
                f"the gradient of {key!r} is {grad.dtype}, the parameter {array.dtype}; convert it "
                f"with grad.astype({array.dtype})"
            )


def check_array(key: Any, array: Any) -> None:
    """Raise unless `array`, the parameter filed under `key`, can be changed in place."""
    name = f"a parameter of shape {key.shape}" if isinstance(key, Tensor) else f"parameter {key!r}"
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is {type(array).__name__}, not a NumPy array")
    if array.dtype not in (np.float32, np.float64):
        raise TypeError(
            f"{name} is {array.dtype}; an optimizer changes float32 or float64 in place: "
            f"convert it with astype(np.float32)"
        )
    if not array.flags.writeable:
        raise ValueError(f"{name} is read-only and cannot be changed in place: copy() it")
