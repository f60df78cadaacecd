"""Where tensors are: on the CPU. What programs ask of PyTorch before they choose a device is answered so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

__all__ = ["accelerator", "backends", "cuda", "device", "mps"]


# What PyTorch knows as the type of a device.
TYPES = (
    "cpu",
    "cuda",
    "ipu",
    "xpu",
    "mkldnn",
    "opengl",
    "opencl",
    "ideep",
    "hip",
    "ve",
    "fpga",
    "maia",
    "xla",
    "lazy",
    "vulkan",
    "mps",
    "meta",
    "hpu",
    "mtia",
    "privateuseone",
)


class device(str):
    """The name of a device, "cpu" or "cpu:0", with its `type` and `index`.

    Others that PyTorch knows can be named; a tensor that is to be put there is refused.
    RuntimeError for a name that is none.
    """

    __slots__ = ()

    def __new__(cls, type: str, index: int | None = None) -> device:
        if not isinstance(type, str):
            raise TypeError(
                f"device() takes a name, such as 'cpu', and a number behind it, not {type!r}"
            )
        kind, colon, number = type.partition(":")
        if kind not in TYPES:
            raise RuntimeError(
                f"Expected one of {', '.join(TYPES)} device type at start of device string: {type!r}"
            )
        if colon and not (number.isdecimal() and str(int(number)) == number):
            raise RuntimeError(f"Invalid device string: {type!r}")
        if index is None:
            return super().__new__(cls, type)
        if colon:
            raise RuntimeError(
                f"type (string) must not include an index because index was passed explicitly: {type}"
            )
        if index < 0:
            raise RuntimeError(f"Device index must not be negative, but it is {index}")
        return super().__new__(cls, f"{type}:{index}")

    @property
    def type(self) -> str:
        """The name without the number."""
        return self.split(":")[0]

    @property
    def index(self) -> int | None:  # type: ignore[override]
        """The number behind the name, None without one."""
        _, *number = self.split(":")
        return int(number[0]) if number else None

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"


class Absent:
    """A kind of device that is not there, as PyTorch without it: no seed is set on it, nothing is emptied."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_available(self) -> bool:
        """Return False."""
        return False

    def device_count(self) -> int:
        """Return 0."""
        return 0

    def current_accelerator(self) -> None:
        """Return None."""

    def manual_seed(self, seed: int) -> None:
        """Do nothing."""

    def manual_seed_all(self, seed: int) -> None:
        """Do nothing."""

    def empty_cache(self) -> None:
        """Do nothing."""

    def __getattr__(self, attribute: str) -> Any:
        raise AttributeError(
            f"minigrad computes on the CPU alone: there is no {self._name}.{attribute}; ask "
            f"{self._name}.is_available() first"
        )


accelerator, cuda, mps = Absent("accelerator"), Absent("cuda"), Absent("mps")


def _false() -> bool:
    return False


# Switches that programs set, and what they ask for, with the values of PyTorch without these.
backends: Any = SimpleNamespace(
    cuda=SimpleNamespace(is_built=_false, matmul=SimpleNamespace(allow_tf32=True)),
    cudnn=SimpleNamespace(
        is_available=_false,
        version=lambda: None,
        enabled=True,
        benchmark=False,
        deterministic=False,
        allow_tf32=True,
    ),
    mps=SimpleNamespace(is_available=_false, is_built=_false),
)
