"""How a Tensor is printed: as PyTorch prints it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import dtypes

__all__ = ["set_printoptions"]


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": float("inf"), "edgeitems": 3, "linewidth": 80},
}

_options = SimpleNamespace(**_PROFILES["default"], sci_mode=None)


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how Tensors are printed: digits, size from which "..." is used, edge items, line width.

    `profile` is "default", "short" or "full" and comes first. `sci_mode` forces or forbids
    scientific notation; None, also when it is left out, leaves it to the values.
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(f"profile {profile!r} is none of {', '.join(map(repr, _PROFILES))}")
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    chosen = _PROFILES.get(profile or "", {})
    for name, value in {**chosen, **{k: v for k, v in given.items() if v is not None}}.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def tensor_repr(tensor: Any) -> str:
    """Return "tensor([...], dtype=..., grad_fn=<...>)"."""
    array = tensor.array
    prefix = "tensor("
    suffixes = []
    usual = {dtypes.get_default_dtype()}
    if array.size:
        usual |= {dtypes.int64, dtypes.bool}
        summarize = array.size > _options.threshold
        text = _nested(array, len(prefix), summarize, _Elements(array, summarize))
    else:
        text = "[]"
        if array.ndim != 1:
            suffixes.append(f"size={array.shape}")
    if array.dtype not in usual:
        suffixes.append(f"dtype=minigrad.{array.dtype}")
    if tensor.grad_fn is not None:
        suffixes.append(f"grad_fn={tensor.grad_fn}")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")

    text = prefix + text
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > _options.linewidth:
            text += f",\n{' ' * len(prefix)}{suffix}"
            column = len(prefix) + len(suffix)
        else:
            text += f", {suffix}"
            column += len(suffix) + 2
    return text + ")"


class _Elements:
    """Formats each element of an array, all at one width and in one notation."""

    def __init__(self, array: np.ndarray, summarize: bool) -> None:
        self.width = 1
        self.spec: str | None = None
        self.point = ""  # what follows a whole number among floats: PyTorch's "3."
        if summarize:
            array = _edges(array)
        if array.dtype.kind != "f":
            self.width = max(len(str(value)) for value in array.ravel().tolist())
            return
        values = array.astype(np.float64).ravel()
        values = values[np.isfinite(values) & (values != 0)]
        whole = bool((values == np.ceil(values)).all())
        self.spec, self.point = (".0f", ".") if whole else (f".{_options.precision}f", "")
        if not values.size:
            return
        size = np.abs(values)
        scientific = _options.sci_mode
        if scientific is None:
            with np.errstate(over="ignore"):
                scientific = size.max() / size.min() > 1000.0 or size.max() > 1e8
            scientific = scientific or (not whole and size.min() < 1e-4)
        if scientific:
            self.spec, self.point = f".{_options.precision}e", ""
        self.width = max(len(self(value)) for value in values.tolist())

    def __call__(self, value: Any) -> str:
        if self.spec is None:
            return str(value).rjust(self.width)
        text = format(value, self.spec)
        return (text + self.point if np.isfinite(value) else text).rjust(self.width)


def _edges(array: np.ndarray) -> np.ndarray:
    """Return only the elements that a summary shows."""
    n = _options.edgeitems
    for axis in range(array.ndim):
        if array.shape[axis] > 2 * n:
            ends = [*range(n), *range(array.shape[axis] - n, array.shape[axis])]
            array = array.take(ends, axis)
    return array


def _nested(array: np.ndarray, indent: int, summarize: bool, element: _Elements) -> str:
    """Return `array` in brackets; the lines after the first one start at column `indent`."""
    if array.ndim == 0:
        return element(array.item())
    n = _options.edgeitems
    parts: list[Any] = list(array.tolist() if array.ndim == 1 else array)
    gap = summarize and len(parts) > 2 * n
    if gap:
        parts = parts[:n] + parts[len(parts) - n :]
    if array.ndim == 1:
        shown = [element(value) for value in parts]
        if gap:
            shown.insert(n, " ...")
        in_line = max(1, (_options.linewidth - indent) // (element.width + 2))
        lines = [", ".join(shown[i : i + in_line]) for i in range(0, len(shown), in_line)]
        between = "\n"
    else:
        lines = [_nested(part, indent + 1, summarize, element) for part in parts]
        if gap:
            lines.insert(n, "...")
        between = "\n" * (array.ndim - 1)
    return "[" + f",{between}{' ' * (indent + 1)}".join(lines) + "]"
