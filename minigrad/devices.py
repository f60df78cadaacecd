"""Where tensors are: on the CPU. What programs ask of PyTorch before they choose a device is answered so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

__all__ = ["accelerator", "backends", "cuda", "device", "mps"]


class device(str):
    """The name of a device, "cpu" or "cpu:0", with its `type` and `index`.

    Others can be named; a tensor that is to be put there is refused.
    """

    __slots__ = ()

    def __new__(cls, type: str, index: int | None = None) -> device:
        return super().__new__(cls, type if index is None else f"{type}:{index}")

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

    def is_available(self) -> bool:
        """Return False."""
        return False

    def device_count(self) -> int:
        """Return 0."""
        return 0

    def manual_seed(self, seed: int) -> None:
        """Do nothing."""

    def manual_seed_all(self, seed: int) -> None:
        """Do nothing."""

    def empty_cache(self) -> None:
        """Do nothing."""


accelerator, cuda, mps = Absent(), Absent(), Absent()
# Programs set switches such as backends.cudnn.deterministic = True.
backends: Any = SimpleNamespace(cuda=cuda, cudnn=SimpleNamespace(), mps=mps)
