"""Optimizer: parameter groups, state, and the launch of an update rule over many arrays at once.

A subclass gives three things: `ranges`, what its options may be; `state_names`, which arrays it
keeps for each parameter; and `rule`, the update, one kernel over lists of arrays.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from .. import kernels
from ..autograd.grad_mode import enable_grad
from ..autograd.op import wrap
from ..autograd.versions import Place, caller, record_changes
from ..errors import did_you_mean
from ..tensor import Tensor
from .plan import Arrays, Batch, Plan, check_array, check_dicts

Options = dict[str, Any]


class Range:
    """The values an option may have, low <= value < high (or <= high, if `closed`), and its name
    in errors."""

    def __init__(self, what: str, high: float = math.inf, closed: bool = False) -> None:
        self.what = what
        self.high = high
        self.closed = closed

    def check(self, value: Any) -> None:
        """Raise ValueError if `value`, or one of several, is outside."""
        several = isinstance(value, (tuple, list))
        for i, number in enumerate(value if several else (value,)):
            if not 0 <= number < self.high and not (self.closed and number == self.high):
                what = f"{self.what} at index {i}" if several else self.what
                end = "]" if self.closed else ")"
                raise ValueError(f"Invalid {what}: {number}, it must be in [0, {self.high}{end}")


class Optimizer:
    """The base of all optimisers.

    params    Parameters, or dicts {"params": Parameters, option: value} for groups with options of
              their own; None for an optimizer of dicts of arrays, used by `update`
    defaults  the options of groups that do not set them
    l1_decay  pulls every parameter towards 0, and leaves it there exactly: after the rule's step
              p = sign(p) max(|p| - lr l1_decay, 0). For SGD that is proximal gradient descent, which
              minimises loss + l1_decay sum |p|; for rules that scale the gradient it is, like
              AdamW's weight decay, not scaled with it. Source: Parikh and Boyd, "Proximal
              algorithms" (2014), sections 4.2 and 6.5.2
    """

    ranges: ClassVar[dict[str, Range]] = {}
    counts_steps: ClassVar[bool] = True  # whether each parameter's state has "step", as in PyTorch
    # State that is one number a parameter, from 1: the rule gets it after the arrays, as one float32
    # array for all its parameters, whose elements are alike.
    number_names: ClassVar[tuple[str, ...]] = ()
    has_stepped = False

    def __init__(self, params: Any, defaults: Options, l1_decay: float = 0) -> None:
        # only where it is used, so that without it there is PyTorch's state and repr
        self.defaults = {**defaults, "l1_decay": l1_decay} if l1_decay else defaults
        self.state: defaultdict[Any, dict[str, Tensor]] = defaultdict(dict)
        self.param_groups: list[Options] = []
        self._plans: dict[int, Plan] = {}  # by the number of the group; -1 for `update`
        if params is None:
            self._add_group({"params": []})
            return
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got a Tensor: put it into a list"
            )
        if isinstance(params, Mapping):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                "but got a dict. For a dict of arrays, construct without params and call "
                "update(params, grads); for one parameter group, put it into a list"
            )
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], Mapping):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    # The rule: for subclasses

    def check(self, group: Options) -> None:
        """Raise ValueError where options of `group` do not go together."""

    def state_names(self, group: Options) -> tuple[str, ...]:
        """Return the names of the arrays that the rule keeps for each parameter."""
        return ()

    def state_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """Return the shape of the state `name` of a parameter of `shape`: the same.

        None for a parameter that has no such state; the rule is launched apart for those.
        """
        return shape

    def initial_state(self, name: str, group: Options, array: np.ndarray) -> np.ndarray:
        """Return the first value of the state `name` for a parameter: zeros."""
        return np.zeros(self.state_shape(name, array.shape) or (), array.dtype)

    def rule(
        self, group: Options, step: int, params: Arrays, grads: Arrays, *states: Arrays
    ) -> None:
        """Change `params` and `states` in place; `step` is 1 at their first step."""
        raise NotImplementedError(f"{type(self).__name__} has no update rule")

    # Parameter groups

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add {"params": Parameters, option: value}; options left out are the defaults."""
        if not isinstance(param_group, Mapping):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the "
                "ordering of tensors in sets will change between runs. Please use a list instead."
            )
        params = [params] if isinstance(params, Tensor) else list(params)
        for param in params:
            if not isinstance(param, Tensor):
                raise TypeError(
                    f"optimizer can only optimize Tensors, but one of the params is "
                    f"{type(param).__name__}. Pass model.parameters()."
                )
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor: pass what it was computed from")
        if len(set(params)) != len(params):
            raise ValueError("a parameter group contains the same parameter twice")
        known = {param for group in self.param_groups for param in group["params"]}
        if not known.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        self._add_group({**param_group, "params": params})

    def _add_group(self, group: Options) -> None:
        options = {*inspect.signature(type(self)).parameters, *self.defaults}
        for name in group.keys() - options:
            # Groups may carry notes of their own; what looks like an option is one misspelt.
            meant = did_you_mean(name, options)
            if meant:
                raise TypeError(f'{type(self).__name__} has no option "{name}"{meant}')
        group = {"params": group.pop("params"), **self.defaults, **group}
        for option, allowed in self.ranges.items():
            allowed.check(group[option])
        Range("l1_decay value").check(group.get("l1_decay", 0))
        if group.get("foreach") and group.get("fused"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
        for flag in ("differentiable", "capturable"):
            if group.get(flag):
                raise RuntimeError(
                    f"{flag}=True is not supported: parameters are changed in place, unrecorded"
                )
        self.check(group)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        for group in self.param_groups:
            params = group["params"]
            if set_to_none:
                for param in params:
                    param._grad = None
                continue
            for param in params:
                if param._grad is not None:
                    param._grad = wrap(np.zeros_like(param._grad.array))

    # A step

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters by their gradients; those whose `.grad` is None stay as they are.

        `closure`, if given, computes loss and gradients first; the loss is returned.
        """
        loss, place = None, caller()
        if closure is not None:
            with enable_grad():
                loss = closure()
        for number, group in enumerate(self.param_groups):
            plan = self._plans.get(number)
            if plan is None or not self._holds(plan, group, len(group["params"])):
                plan = self._plan_of(number, group)
            grads = plan.gradients()
            if grads is None:
                plan = self._plan_of(number, group)
                grads = plan.gradients()
            self._launch(plan, number, group, grads, "step", place)
        return loss

    def update(self, params: Mapping[Any, np.ndarray], grads: Mapping[Any, np.ndarray]) -> None:
        """Change the arrays of `params` in place by those of `grads`, which has the same keys.

        Needs no Parameters and no graph: `SGD(lr=0.1).update(params, grads)`. State is made at
        first use, and filed under the keys. KeyError for a key that only one of them has,
        TypeError for what is no float32 or float64 array, ValueError for shapes that differ.
        """
        group = self.param_groups[0]
        plan = self._plans.get(-1)
        collected = None
        if plan is not None and self._holds(plan, group, len(params)) and len(grads) == len(params):
            collected = plan.gradients_of(params, grads)
        if collected is None:
            check_dicts(params, grads)
            plan = self._plans[-1] = self._plan(group, list(params.items()), [])
            collected = plan.gradients_of(params, grads)
            assert collected is not None  # all that gradients_of minds was checked
        self._launch(plan, -1, group, collected, "update", caller())

    def _holds(self, plan: Plan, group: Options, size: int) -> bool:
        """Whether `plan` was made for as many parameters, the same state names and this state."""
        return (
            plan.size == size
            and plan.state_size == len(self.state)
            and plan.names == self.state_names(group)
        )

    def _launch(
        self,
        plan: Plan,
        number: int,
        group: Options,
        grads: list[Arrays],
        operation: str,
        place: Place,
    ) -> None:
        operation = f"{type(self).__name__}.{operation}"
        self.has_stepped = True
        first = False
        for batch, batch_grads in zip(plan.batches, grads):  # noqa: B905 (strict: half a microsecond)
            step = batch.step + 1
            self.rule(group, step, batch.arrays, batch_grads, *batch.states)
            if group.get("l1_decay"):
                kernels.soft_threshold(batch.arrays, group["lr"] * group["l1_decay"])
            if batch.counts is not None:
                batch.counts.fill(step)  # an addition of NumPy's takes ten times as long
                batch.step = step
            elif step == 1:
                first = True
            record_changes(batch.changes, operation, place)
        if first:
            del self._plans[number]  # these parameters join those that have made a step

    def _plan_of(self, number: int, group: Options) -> Plan:
        if not group["params"] and len(self.param_groups) == 1:
            raise RuntimeError(
                f"this {type(self).__name__} has no parameters to step: construct it with "
                f"model.parameters(), or call update(params, grads) on dicts of arrays"
            )
        busy = [(param, param.array) for param in group["params"] if param._grad is not None]
        idle = [param for param in group["params"] if param._grad is None]
        if not busy and all(
            param._grad is None for g in self.param_groups for param in g["params"]
        ):
            warnings.warn(
                f"{type(self).__name__}.step(): no parameter has a gradient, so none changes. Call "
                f"loss.backward() after zero_grad() and before step(), on a loss computed from them",
                stacklevel=3,
            )
        plan = self._plans[number] = self._plan(group, busy, idle)
        return plan

    def _plan(self, group: Options, pairs: list[tuple[Any, np.ndarray]], idle: list[Any]) -> Plan:
        """Make what state is missing, and put parameters of one dtype and age into one batch."""
        names = self.state_names(group)
        batches: dict[tuple[Any, ...], Batch] = {}
        for key, array in pairs:
            check_array(key, array)
            age = 1
            if self.counts_steps:
                state = self.state[key]
                if "step" not in state:
                    state["step"] = wrap(np.zeros((), np.float32))
                age = int(state["step"].item())
            numbers = []
            for name in self.number_names:
                number = self.state[key].setdefault(name, wrap(np.ones((), np.float32)))
                numbers.append(number.item())
            own = []  # the names of the states that this parameter has
            for name in names:
                state, shape = self.state[key], self.state_shape(name, array.shape)
                if shape is None:
                    continue
                own.append(name)
                if name not in state:
                    state[name] = wrap(self.initial_state(name, group, array))
                    age = age if self.counts_steps else 0
                elif not _fits(state[name].array, shape, array.dtype):
                    state[name] = _converted(key, name, state[name].array, shape, array.dtype)
            batch = batches.setdefault((array.dtype, age, *numbers, *own), Batch(age))
            batch.add(key, array)
        for (_, _, *last), batch in batches.items():
            own = last[len(self.number_names) :]
            batch.states = [[self.state[key][name].array for key in batch.keys] for name in own]
            batch.states += [self._together(batch, name) for name in self.number_names]
            if self.counts_steps:
                batch.counts = self._together(batch, "step")
        return Plan(list(batches.values()), idle, names, len(pairs) + len(idle), len(self.state))

    def _together(self, batch: Batch, name: str) -> np.ndarray:
        """Return the batch's numbers called `name` as one array, of which the state becomes views."""
        states = [self.state[key] for key in batch.keys]
        numbers = np.array([state[name].array for state in states], np.float32)
        for i, state in enumerate(states):
            state[name] = wrap(numbers[i : i + 1].reshape(()))
        return numbers

    # Saving

    def state_dict(self) -> dict[str, Any]:
        """Return {"state", "param_groups"} in PyTorch's format, parameters by their number.

        The state that `update` made stays filed under its keys.
        """
        params = [param for group in self.param_groups for param in group["params"]]
        numbers: dict[Any, int] = {param: i for i, param in enumerate(params)}
        groups = []
        for group in self.param_groups:
            options = {key: value for key, value in group.items() if key != "params"}
            groups.append({**options, "params": [numbers[param] for param in group["params"]]})
        state = {numbers.get(key, key): dict(values) for key, values in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the options and (copies of) the state that `state_dict()` returned.

        Raises ValueError where groups or shapes are not those of this optimizer.
        """
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(groups)}, "
                f"this optimizer has {len(self.param_groups)}"
            )
        keys: dict[Any, Any] = {}
        for i, (here, saved) in enumerate(zip(self.param_groups, groups, strict=True)):
            if len(here["params"]) != len(saved["params"]):
                raise ValueError(
                    f"loaded state dict contains a parameter group that doesn't match the size of "
                    f"optimizer's group: group {i} has {len(saved['params'])} parameters, "
                    f"this optimizer's has {len(here['params'])}"
                )
            keys.update(zip(saved["params"], here["params"], strict=True))
        state: defaultdict[Any, dict[str, Tensor]] = defaultdict(dict)
        for number, values in state_dict["state"].items():
            key = keys.get(number, number)
            for name, value in values.items():
                if value is not None:
                    shape, dtype = None, None  # of what `update` was given
                    if name in ("step", *self.number_names):
                        shape, dtype = (), np.dtype(np.float32)
                    elif isinstance(key, Tensor):
                        shape, dtype = self.state_shape(name, key.shape), key.dtype
                    state[key][name] = _loaded(name, value, shape, dtype)
        self.param_groups = [
            {**here, **saved, "params": here["params"]}
            for here, saved in zip(self.param_groups, groups, strict=True)
        ]
        self.state = state
        self._plans = {}

    def __getstate__(self) -> dict[str, Any]:
        # Plans are made of views and identities that a copy does not share.
        return {**self.__dict__, "_plans": {}}

    def __repr__(self) -> str:
        shown = ""
        for i, group in enumerate(self.param_groups):
            options = (f"    {key}: {group[key]}\n" for key in sorted(group) if key != "params")
            shown += f"\nParameter Group {i}\n{''.join(options)}"
        return f"{type(self).__name__} ({shown})"


def _fits(state: np.ndarray, shape: tuple[int, ...], dtype: np.dtype) -> bool:
    return state.shape == shape and state.dtype == dtype and state.flags.c_contiguous


def _converted(
    key: Any, name: str, state: np.ndarray, shape: tuple[int, ...], dtype: np.dtype
) -> Tensor:
    if state.shape != shape:
        raise ValueError(
            f"the optimizer's state {name!r}{_of(key)} has shape {state.shape}, but the parameter "
            f"needs {shape} now: make a new optimizer"
        )
    return wrap(np.array(state, dtype, order="C"))


def _of(key: Any) -> str:
    return "" if isinstance(key, Tensor) else f" of {key!r}"


def _loaded(name: str, value: Any, shape: tuple[int, ...] | None, dtype: np.dtype | None) -> Tensor:
    array = value.array if isinstance(value, Tensor) else np.asarray(value)
    if shape is not None and array.shape != shape:
        raise ValueError(
            f"loaded state dict has {name!r} of shape {list(array.shape)} for a parameter that needs "
            f"{list(shape)}"
        )
    return wrap(np.array(array, dtype, order="C"))
