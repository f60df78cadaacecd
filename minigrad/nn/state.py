"""A `state_dict` that comes back into a module: first all checks, then all changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..autograd.op import wrap
from ..autograd.versions import change_of, record_changes
from ..errors import did_you_mean
from ..tensor import Tensor
from .parameter import Parameter, Uninitialized


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` left alone, on either side."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        missing, unexpected = self
        return f"IncompatibleKeys(missing_keys={missing}, unexpected_keys={unexpected})"


def load_state(
    model: str,
    places: Mapping[str, tuple[Any, str]],
    state_dict: Mapping[str, Any],
    strict: bool,
    assign: bool,
) -> IncompatibleKeys:
    """Load `state_dict`, as `Module.load_state_dict` says, into `places`: module and attribute of each
    dotted name. `model` is for errors.
    """
    missing = [path for path in places if path not in state_dict]
    unexpected = [path for path in state_dict if path not in places]
    values = {path: _as_tensor(state_dict[path]) for path in places if path in state_dict}
    errors = []
    if strict and missing:
        told = (f'"{name}"' for name in missing)
        errors.append(f"Missing key(s) in state_dict: {', '.join(told)}. ")
    if strict and unexpected:
        told = (f'"{name}"{did_you_mean(name, missing)}' for name in unexpected)
        errors.append(f"Unexpected key(s) in state_dict: {', '.join(told)}. ")
    for path, value in values.items():
        module, name = places[path]
        errors += _mismatch(path, module.__dict__[name], value)
    if errors:
        raise RuntimeError("\n\t".join([f"Error(s) in loading state_dict for {model}:", *errors]))
    for path, value in values.items():
        _load(*places[path], value, assign)
    return IncompatibleKeys(missing, unexpected)


def _as_tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else wrap(np.asarray(value))


def _mismatch(path: str, target: Tensor, value: Tensor) -> list[str]:
    """Return why `value` does not fit in the place of `target`; nothing if it does."""
    if isinstance(target, Uninitialized):
        return []  # it takes on any shape
    if isinstance(value, Uninitialized):
        return [
            f"{path} is an {type(value).__name__} in the state_dict: call the model that it "
            f"comes from with a batch before taking its state."
        ]
    here, given = target.array, value.array
    if here.shape != given.shape:
        return [
            f"size mismatch for {path}: copying a param with shape {list(given.shape)} "
            f"from checkpoint, the shape in current model is {list(here.shape)}."
        ]
    if not np.can_cast(given.dtype, here.dtype, "same_kind"):
        return [f"dtype mismatch for {path}: {given.dtype} does not fit {here.dtype}"]
    return []


def _load(module: Any, name: str, value: Tensor, assign: bool) -> None:
    target = module.__dict__[name]
    if isinstance(target, Uninitialized):
        if isinstance(value, Uninitialized):
            return
        target.materialize(value.shape)
    if not assign:
        np.copyto(target.array, value.array, casting="same_kind")
        record_changes((change_of(target.array),), "load_state_dict")
    elif name in module._buffer_names:
        setattr(module, name, value.detach())
    else:
        setattr(module, name, Parameter(value, target.requires_grad))
