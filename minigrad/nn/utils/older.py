"""weight_norm and spectral_norm as they were before `parametrizations`: a hook computes the weight anew
before each forward, and the names in the state_dict are others."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from ...autograd.grad_mode import no_grad
from ...ops.distance import normalize
from ...ops.sampling import randn
from ...tensor import Tensor
from ..convolution import TransposedConvolution
from ..module import Module
from ..parameter import Parameter, Uninitialized
from .parametrizations import as_matrix, check_iterations, lengths

__all__ = ["remove_spectral_norm", "remove_weight_norm", "spectral_norm", "weight_norm"]

M = TypeVar("M", bound=Module)


class Reparametrization:
    """A forward hook that sets the tensor `name` of a module to what it computes of its `parts`."""

    parts: ClassVar[tuple[str, ...]]

    def __init__(self, name: str) -> None:
        self.name = name

    def split(self, module: Module, weight: Parameter) -> None:
        """Register the parts that `weight` is computed of."""
        raise NotImplementedError

    def computed(self, module: Module, training: bool) -> Tensor:
        raise NotImplementedError

    def __call__(self, module: Module, inputs: tuple[object, ...]) -> None:
        setattr(module, self.name, self.computed(module, module.training))

    def register(self, module: M) -> M:
        kind, name = type(self).__name__, self.name
        if find(module, type(self), name) is not None:
            raise RuntimeError(f"Cannot register two {kind} hooks on the same parameter {name}")
        weight = module._parameters.get(name)
        if weight is None or isinstance(weight, Uninitialized):
            raise ValueError(
                f"{kind}: {type(module).__name__} has no parameter {name!r} with values"
            )
        delattr(module, name)
        self.split(module, weight)
        setattr(module, name, self.computed(module, False))
        module.register_forward_pre_hook(self)
        return module


def find(module: Module, kind: type[Reparametrization], name: str) -> int | None:
    """Return the key of the hook of `kind` that computes `name`, or None."""
    hooks = module._hooks.before if module._hooks else {}
    return next((k for k, (h, _) in hooks.items() if isinstance(h, kind) and h.name == name), None)


def remove(module: M, kind: type[Reparametrization], name: str) -> M:
    key = find(module, kind, name)
    if key is None:
        raise ValueError(f"{kind.__name__} of '{name}' not found in {module}")
    hook, _ = module._hooks.before.pop(key)
    with no_grad():
        weight = hook.computed(module, False)
    for part in ("", *hook.parts):
        delattr(module, name + part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module


class WeightNorm(Reparametrization):
    """name = name_g name_v / |name_v|"""

    parts = ("_g", "_v")

    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def split(self, module: Module, weight: Parameter) -> None:
        module.register_parameter(f"{self.name}_g", Parameter(lengths(weight, self.dim).detach()))
        module.register_parameter(f"{self.name}_v", Parameter(weight.detach()))

    def computed(self, module: Module, training: bool) -> Tensor:
        g, v = (getattr(module, self.name + part) for part in self.parts)
        return v * (g / lengths(v, self.dim))


class SpectralNorm(Reparametrization):
    """name = name_orig / sigma, approached through name_u and name_v"""

    parts = ("_orig", "_u", "_v")

    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int) -> None:
        super().__init__(name)
        check_iterations(n_power_iterations)
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        self.dim = dim

    def split(self, module: Module, weight: Parameter) -> None:
        module.register_parameter(f"{self.name}_orig", weight)
        shape = as_matrix(weight.detach(), self.dim).shape
        for part, n in zip(("_u", "_v"), shape, strict=True):
            start = normalize(randn(n, dtype=weight.dtype), 2.0, 0, self.eps)
            module.register_buffer(self.name + part, start)

    def computed(self, module: Module, training: bool) -> Tensor:
        weight, u, v = (getattr(module, self.name + part) for part in self.parts)
        matrix = as_matrix(weight, self.dim)
        if training:
            with no_grad():
                for _ in range(self.n_power_iterations):
                    v.copy_(normalize(matrix.t().mv(u), 2.0, 0, self.eps))
                    u.copy_(normalize(matrix.mv(v), 2.0, 0, self.eps))
        return weight / u.clone().dot(matrix.mv(v.clone()))


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Let the parameter `name` be g v / |v|, with `name`_g and `name`_v as parameters in its place;
    return the module.

    As `parametrizations.weight_norm`, which is newer, but for the names in the state_dict.
    """
    return WeightNorm(name, dim).register(module)


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Make `name` an ordinary parameter again, of its present value; ValueError if it is one."""
    return remove(module, WeightNorm, name)


def spectral_norm(
    module: M,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> M:
    """Let the parameter `name` be divided by its largest singular value; return the module.

    As `parametrizations.spectral_norm`, which is newer, but for the names in the state_dict (`name`_orig,
    `name`_u, `name`_v), and the singular value is approached anew only before each forward.
    """
    if dim is None:
        dim = int(isinstance(module, TransposedConvolution))
    return SpectralNorm(name, n_power_iterations, eps, dim).register(module)


def remove_spectral_norm(module: M, name: str = "weight") -> M:
    """Make `name` an ordinary parameter again, of its present value; ValueError if it is one."""
    return remove(module, SpectralNorm, name)
