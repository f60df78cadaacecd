"""Who takes part. A contestant is a class with one method for each kind of case it knows.

Such a method gets the case's options and returns a function of no arguments, which is what is
timed, or None where the contestant has no such thing. Everything a module here needs is imported
in its contestant's process alone, so a peer that is not installed disturbs nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Timed = Callable[[], Any]

KERNELS = ("product", "optimizer", "batch_norm", "dropout", "cross_entropy", "unary")
WHOLE = ("step", "lenet", "program")
EVERYTHING = (*WHOLE, *KERNELS, "convolution", "overhead", "loader")
IMAGES = ("augmentation",)


@dataclass(frozen=True)
class Contestant:
    """label: in the tables; packages: which it needs; module and options: of its class `Contestant`."""

    label: str
    packages: tuple[str, ...]
    module: str
    kinds: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def is_peer(self) -> bool:
        """Whether it is another one than minigrad."""
        return "minigrad" not in self.packages

    def missing(self) -> list[str]:
        """Return the packages that are not installed."""
        return [package for package in self.packages if find_spec(package) is None]

    def build(self) -> Any:
        """Return the object whose methods build the cases."""
        return import_module(f"contestants.{self.module}").Contestant(**self.options)


def torch_like(label: str, framework: str, kinds: tuple[str, ...], **options: Any) -> Contestant:
    return Contestant(label, (framework,), "torch_like", kinds, {"framework": framework, **options})


CONTESTANTS = {
    "minigrad": torch_like("minigrad", "minigrad", (*EVERYTHING, *IMAGES)),
    "minigrad-compile": torch_like("minigrad.compile", "minigrad", WHOLE, compiled=True),
    "torch": torch_like("torch", "torch", EVERYTHING),
    "torch-fused": torch_like("torch fused=True", "torch", (*WHOLE, "optimizer"), fused=True),
    "torch-compile": torch_like("torch.compile", "torch", WHOLE, fused=True, compiled=True),
    "jax": Contestant("jax.jit", ("jax", "optax"), "jax_jit", ("step", "lenet")),
    "numpy": Contestant("NumPy", ("numpy",), "numpy_plain", KERNELS),
    "scipy": Contestant("SciPy", ("scipy",), "scipy_loop", IMAGES),
    "sklearn": Contestant("scikit-learn", ("sklearn",), "scikit_learn", ("program",)),
}
