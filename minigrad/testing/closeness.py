"""Two arrays, or many, compared within tolerances; what differs is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor

# PyTorch's (rtol, atol) for each dtype; integers and booleans are compared exactly.
_TOLERANCES = {"float16": (1e-3, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7)}


def assert_close(
    actual: Any,
    expected: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_dtype: bool = True,
    msg: str = "",
) -> None:
    """Raise AssertionError unless shapes agree and |actual - expected| <= atol + rtol |expected|.

    Tensors, arrays and sequences of them are compared; numbers and lists of numbers are taken in
    the dtype of the other side. The default tolerances (rtol, atol) are PyTorch's for the dtype:
    1.3e-6, 1e-5 for float32 and 1e-7, 1e-7 for float64.
    """
    if isinstance(actual, (tuple, list)) and any(
        isinstance(a, (Tensor, np.ndarray)) for a in actual
    ):
        if len(actual) != len(expected):
            raise AssertionError(f"{msg}{len(actual)} values where {len(expected)} were expected")
        for i, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_close(
                a,
                e,
                rtol=rtol,
                atol=atol,
                equal_nan=equal_nan,
                check_dtype=check_dtype,
                msg=f"{msg}item {i}: ",
            )
        return
    a, e = getattr(actual, "array", actual), getattr(expected, "array", expected)
    typed = [x.dtype for x in (a, e) if isinstance(x, (np.ndarray, np.generic))]
    if check_dtype and len(set(typed)) > 1:
        raise AssertionError(f"{msg}dtypes do not match: {typed[0]} is not {typed[1]}")
    a, e = (
        np.asarray(x, None if isinstance(x, (np.ndarray, np.generic)) or not typed else typed[0])
        for x in (a, e)
    )
    if a.shape != e.shape:
        raise AssertionError(f"{msg}shapes do not match: {list(a.shape)} is not {list(e.shape)}")
    defaults = np.max([_TOLERANCES.get(x.dtype.name, (0.0, 0.0)) for x in (a, e)], axis=0)
    rtol = defaults[0] if rtol is None else rtol
    atol = defaults[1] if atol is None else atol
    compare(a, e, rtol, atol, equal_nan, f"{msg}values are not close: ", ("actual", "expected"))


def compare(
    a: np.ndarray,
    b: np.ndarray,
    rtol: float,
    atol: float,
    equal_nan: bool,
    what: str,
    names: tuple[str, str],
) -> None:
    wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if not wrong.any():
        return
    with np.errstate(invalid="ignore"):
        difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    worst = np.unravel_index(
        np.argmax(np.where(wrong, np.nan_to_num(difference, nan=np.inf), -1)), a.shape
    )
    index = [int(i) for i in worst]
    show = np.array2string if a.size <= 100 else repr
    raise AssertionError(
        f"{what}{np.count_nonzero(wrong)} of {a.size} elements differ by more than "
        f"{atol:g} + {rtol:g} |{names[1]}|\n"
        f"worst at {index}: {names[0]} {a[worst].item()!r}, {names[1]} {b[worst].item()!r}, "
        f"difference {difference[worst]:.3g}\n"
        f"{names[0]}:\n{show(a)}\n{names[1]}:\n{show(b)}"
    )
