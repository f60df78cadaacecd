"""From PyTorch's values to minigrad's, and back to NumPy for comparison."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import minigrad as mg
from minigrad.autograd.op import wrap

DTYPES = {
    getattr(torch, name): np.dtype(name)
    for name in (
        "float16",
        "float32",
        "float64",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "bool",
    )
}
# (rtol, atol): the same formula in another order of operations.
TOLERANCES = {"float64": (1e-6, 1e-7), "float32": (1e-4, 1e-5), "float16": (1e-2, 1e-2)}
# Where a tensor lives and how it is laid out: minigrad has one place and NumPy's layouts.
IGNORED = ("device", "layout", "memory_format", "pin_memory", "non_blocking")


# A function of PyTorch's that is an argument, such as an activation, and minigrad's.
FUNCTIONS = {
    getattr(theirs, name): getattr(ours, name)
    for theirs, ours in ((torch, mg), (torch.nn.functional, mg.nn.functional))
    for name in dir(theirs)
    if callable(getattr(theirs, name)) and hasattr(ours, name) and name[0].islower()
}


class NotTranslatable(Exception):
    """The sample uses what minigrad does not have at all: complex numbers, sparse layouts, devices."""


class Translation:
    """Translates arguments, and remembers which Tensors stand for each other's gradients."""

    def __init__(self) -> None:
        self.leaves: list[tuple[torch.Tensor, mg.Tensor]] = []
        self.known: dict[int, mg.Tensor] = {}  # one tensor given twice stays one

    def __call__(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in self.known:
                self.known[id(value)] = self.tensor(value)
            return self.known[id(value)]
        if isinstance(value, torch.dtype):
            if value not in DTYPES:
                raise NotTranslatable(str(value))
            return DTYPES[value]
        if isinstance(
            value, (torch.device, torch.layout, torch.memory_format, torch.Generator, complex)
        ):
            raise NotTranslatable(type(value).__name__)
        if isinstance(value, torch.nn.Module):
            raise NotTranslatable("a module")
        if isinstance(value, torch.Size):
            return tuple(value)
        if type(value) in (list, tuple):
            return type(value)(map(self, value))
        if callable(value) and value in FUNCTIONS:
            return FUNCTIONS[value]
        if isinstance(value, slice):
            return slice(*map(self, (value.start, value.stop, value.step)))
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items() if k not in IGNORED}
        return value

    def tensor(self, value: torch.Tensor) -> mg.Tensor:
        if value.dtype not in DTYPES or value.layout != torch.strided or value.is_conj():
            raise NotTranslatable(str(value.dtype))
        if value.device.type != "cpu":
            raise NotTranslatable(str(value.device))
        if value.ndim > 64:  # NumPy's limit
            raise NotTranslatable(f"{value.ndim} dimensions")
        array = value.detach().numpy(force=True)
        copy = np.empty_like(array)
        copy[...] = array
        ours = wrap(copy)
        if value.requires_grad:
            ours.requires_grad_()
            self.leaves.append((value, ours))
        return ours


def flat(value: Any) -> list[Any]:
    """Return the tensors and numbers of a nested result, in their order."""
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in flat(item)]
    if isinstance(value, dict):
        return flat(list(value.values()))
    return [value]


def array(value: Any) -> Any:
    """Return a tensor of either library as an array, anything else as it is."""
    if isinstance(value, torch.Tensor):
        return value.detach().numpy(force=True)
    return value.array if isinstance(value, mg.Tensor) else value


def difference(theirs: Any, ours: Any) -> tuple[str, str] | None:
    """Return (aspect, what differs) of two results, or None."""
    theirs, ours = flat(theirs), flat(ours)
    if len(theirs) != len(ours):
        return "value", f"{len(ours)} results instead of {len(theirs)}"
    for one, other in zip(theirs, ours, strict=True):
        t, o = array(one), array(other)
        if isinstance(one, torch.dtype):
            t = DTYPES.get(one)
        if not isinstance(t, np.ndarray) and not isinstance(o, np.ndarray):
            if t != o and not (t != t and o != o):
                return "value", f"{o!r} instead of {t!r}"
            continue
        if not isinstance(t, np.ndarray) or not isinstance(o, np.ndarray):
            return "value", f"{type(other).__name__} instead of {type(one).__name__}"
        if t.shape != o.shape:
            return "value", f"shape {list(o.shape)} instead of {list(t.shape)}"
        if t.dtype != o.dtype:
            return "dtype", f"{o.dtype} instead of {t.dtype}"
        rtol, atol = TOLERANCES.get(t.dtype.name, (0, 0))
        close = np.isclose(o, t, rtol=rtol, atol=atol, equal_nan=True)
        if not close.all():
            place = tuple(int(i) for i in np.argwhere(~close)[0])
            return "value", f"{o[place]} instead of {t[place]} at {list(place)} of {list(t.shape)}"
    return None


def described(value: Any) -> str:
    """Return a short text of arguments: shapes and dtypes instead of numbers."""
    if isinstance(value, (torch.Tensor, mg.Tensor)):
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{dtype}{list(value.shape)}" if value.ndim else f"{dtype}({value.item():.3g})"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(map(described, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return ", ".join(f"{k}={described(v)}" for k, v in value.items())
    return getattr(value, "__name__", repr(value))
