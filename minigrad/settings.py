"""Settings that programs for PyTorch make at their top: here they are kept, and change nothing.

What is computed is always deterministic, in the precision of its dtype, on the CPU.
"""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

from .devices import device as Device
from .dtypes import float32, float64, set_default_dtype
from .ops.conversion import check_device, older_type

__all__ = [
    "are_deterministic_algorithms_enabled",
    "channels_last",
    "channels_last_3d",
    "contiguous_format",
    "get_default_device",
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_warn_always_enabled",
    "preserve_format",
    "set_default_device",
    "set_default_tensor_type",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_num_interop_threads",
    "set_warn_always",
    "strided",
    "use_deterministic_algorithms",
]

# Orders of a tensor's elements in memory: it is NumPy's, whichever a program asks for.
channels_last, channels_last_3d, contiguous_format, preserve_format, strided = (
    f"torch.{name}"
    for name in (
        "channels_last",
        "channels_last_3d",
        "contiguous_format",
        "preserve_format",
        "strided",
    )
)

_kept = SimpleNamespace(
    deterministic=False, warn_only=False, precision="highest", interop=1, warn_always=False
)


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Keep `mode`: all algorithms are deterministic, whatever it is."""
    _kept.deterministic, _kept.warn_only = bool(mode), bool(mode and warn_only)


def are_deterministic_algorithms_enabled() -> bool:
    """Return what `use_deterministic_algorithms` was given; False at first."""
    return _kept.deterministic


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Return the `warn_only` that `use_deterministic_algorithms` was given; False at first."""
    return _kept.warn_only


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """Keep "default" (0), "warn" (1) or "error" (2): see `use_deterministic_algorithms`."""
    modes = ("default", "warn", "error")
    mode = modes.index(debug_mode) if debug_mode in modes else debug_mode
    if mode not in (0, 1, 2):
        raise RuntimeError(
            f"invalid value of debug_mode, expected 0, 1, or 2, or one of {modes}, but got {debug_mode}"
        )
    use_deterministic_algorithms(mode > 0, warn_only=mode == 1)


def get_deterministic_debug_mode() -> int:
    """Return the number of the mode that `set_deterministic_debug_mode` was given; 0 at first."""
    return _kept.deterministic * (2 - _kept.warn_only)


def set_warn_always(b: bool) -> None:
    """Keep `b`: how often a warning is shown is for Python's `warnings` to say."""
    _kept.warn_always = b


def is_warn_always_enabled() -> bool:
    """Return what `set_warn_always` was given; False at first."""
    return _kept.warn_always


def set_default_tensor_type(t: Any) -> None:
    """PyTorch's older form of `set_default_dtype`: FloatTensor or DoubleTensor, or their names."""
    dtype = older_type(t)
    if dtype not in (float32, float64):
        raise TypeError(
            f"only floating-point types are supported as the default type: FloatTensor and "
            f"DoubleTensor, not {t}"
        )
    set_default_dtype(dtype)


def set_float32_matmul_precision(precision: str) -> None:
    """Keep "highest", "high" or "medium": products of float32 are computed in float32."""
    if precision not in ("highest", "high", "medium"):
        warnings.warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current "
            "set_float32_matmul_precision call has no effect.",
            stacklevel=2,
        )
        return
    _kept.precision = precision


def get_float32_matmul_precision() -> str:
    """Return what `set_float32_matmul_precision` was given; "highest" at first."""
    return _kept.precision


def set_num_interop_threads(num: int) -> None:
    """Keep a number of threads to run operations beside each other, which none are."""
    if num < 1:
        raise RuntimeError(f"set_num_interop_threads expects a positive integer, not {num}")
    _kept.interop = num


def get_num_interop_threads() -> int:
    """Return what `set_num_interop_threads` was given; 1 at first."""
    return _kept.interop


def set_flush_denormal(mode: bool) -> bool:
    """Return False: the smallest numbers are computed with as they are."""
    return False


def set_default_device(device: Any) -> None:
    """Raise RuntimeError unless `device` is the CPU, or None: no tensor is made elsewhere."""
    check_device(device)


def get_default_device() -> Device:
    """Return the CPU."""
    return Device("cpu")
