"""Mixed precision, as programs for PyTorch ask for it: taken, and nothing changes.

What is computed stays in the dtype of its tensors, so that no gradient needs to be scaled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["GradScaler", "autocast"]

F = TypeVar("F", bound=Callable[..., Any])


class autocast:
    """A context manager, or decorator, that changes nothing: float32 is computed as float32."""

    def __init__(
        self,
        device_type: str = "cpu",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        pass

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        pass

    def __call__(self, function: F) -> F:
        return function


class GradScaler:
    """Scales losses by 1, as PyTorch's does where it is disabled; its options are taken, `enabled` too."""

    def __init__(self, device: str = "cpu", **options: Any) -> None:
        pass

    def scale(self, outputs: Any) -> Any:
        """Return `outputs`."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Do nothing."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """Return optimizer.step(*args, **kwargs)."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Do nothing."""

    def get_scale(self) -> float:
        """Return 1."""
        return 1.0

    def is_enabled(self) -> bool:
        """Return False."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """Return {}."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Do nothing."""
