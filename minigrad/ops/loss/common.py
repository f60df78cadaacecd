"""What losses have in common: reductions, and that prediction and target are of one shape."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...autograd.op import unwrap
from ..reduction import mean, sum


def reduce(losses: Any, reduction: str) -> Any:
    """Return the mean, the sum, or all of them ("none")."""
    if reduction == "none":
        return losses
    return (mean if reduction == "mean" else sum)(losses)


def check_reduction(reduction: str) -> None:
    """Raise ValueError unless `reduction` is one of the three that exist."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{reduction} is not a valid value for reduction: use 'mean', 'sum' or 'none'"
        )


def check_same_shape(
    name: str,
    input: Any,
    target: Any,
    what: tuple[str, str] = ("prediction", "target"),
    error: type[Exception] = ValueError,
) -> None:
    """Raise `error` if prediction and target differ in shape: broadcast, they would be compared
    each with each, and the loss would look right."""
    shape, wanted = np.shape(unwrap(input)), np.shape(unwrap(target))
    if shape != wanted:
        first, second = what
        raise error(
            f"{name}: the {first} has shape {list(shape)} and the {second} {list(wanted)}; they "
            f"must be equal, they are not broadcast. Reshape one, e.g. {second}.view_as({first}) "
            f"or {first}.squeeze(-1)."
        )


def check_floating(name: str, input: Any) -> None:
    """Raise RuntimeError for a prediction of integers: it has no gradient, so it is a mistake."""
    dtype = getattr(unwrap(input), "dtype", None)
    if dtype is not None and dtype.kind != "f":
        raise RuntimeError(
            f"{name}: the prediction is {dtype}, it must be floating-point (convert it with "
            f".float()). Are prediction and target in this order: {name}(prediction, target)?"
        )


def warn_of_activation(name: str, input: Any, op: type, advice: str) -> None:
    """Warn if `input` is the result of `op`, which the loss applies itself (or does not expect)."""
    if type(getattr(input, "node", None)) is op:
        warnings.warn(
            f"{name}: the input is the output of a {op.__name__.lower()}. {advice}",
            stacklevel=3,
        )
