"""Pruning: parameters of which some elements are 0, by a mask.

A pruned parameter `name` becomes `name`_orig, which is trained, beside a buffer `name`_mask of ones and zeros; before
each forward, `name` is their product. Pruned again, of what is left another part goes. `amount` is how many elements
(or channels) go, or as a float from 0 to 1 which part of those that are left.

Source: Han, Pool, Tran and Dally, "Learning both weights and connections for efficient neural networks" (2015).
"""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar, TypeVar

from ...linalg.norms import vector_norm
from ...ops.creation import ones_like
from ...ops.joining import cat
from ...ops.sampling import rand
from ...tensor import Tensor
from ..module import Module
from ..parameter import Parameter
from .older import Reparametrization, find

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]

M = TypeVar("M", bound=Module)


class Masked(Reparametrization):
    """name = name_orig * name_mask"""

    parts = ("_orig", "_mask")

    def split(self, module: Module, weight: Parameter) -> None:
        module.register_parameter(f"{self.name}_orig", weight)
        module.register_buffer(f"{self.name}_mask", ones_like(weight))

    def computed(self, module: Module, training: bool) -> Tensor:
        orig, mask = (getattr(module, self.name + part) for part in self.parts)
        return orig * mask


class BasePruningMethod:
    """What chooses the elements: a subclass has `compute_mask`, and a PRUNING_TYPE.

    Of what is pruned already, an "unstructured" method is shown the elements that are left, a "structured" one the
    channels of its dimension `dim` that are, a "global" one all.
    """

    PRUNING_TYPE: ClassVar[str]
    dim: int

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """Return the mask, of the shape of both, by the importance `t` of the elements."""
        raise NotImplementedError

    def prune(
        self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None
    ) -> Tensor:
        """Return `t` with 0 where the mask is, for a tensor that belongs to no module."""
        mask = ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(t if importance_scores is None else importance_scores, mask)

    @classmethod
    def apply(
        cls,
        module: Module,
        name: str,
        *args: Any,
        importance_scores: Tensor | None = None,
        **kwargs: Any,
    ) -> BasePruningMethod:
        """Prune the parameter `name` of `module` by cls(*args, **kwargs), which is returned."""
        method = cls(*args, **kwargs)
        current = value_of(module, name)
        scores = current if importance_scores is None else importance_scores
        if tuple(scores.shape) != tuple(current.shape):
            raise AssertionError(
                f"importance_scores of shape {list(scores.shape)} are for a parameter of shape {list(current.shape)}"
            )
        if find(module, Masked, name) is None:
            mask = method.compute_mask(scores, ones_like(current))
            Masked(name).register(module)
        else:
            mask = further(method, scores, getattr(module, f"{name}_mask"))
        setattr(module, f"{name}_mask", mask.to(current.dtype))
        setattr(module, name, Masked(name).computed(module, module.training))
        return method


def value_of(module: Module, name: str) -> Tensor:
    value = getattr(module, name)
    if not isinstance(value, Tensor):
        raise TypeError(f"{type(module).__name__}.{name} is {value}: there is nothing to prune")
    return value.detach()


def further(method: BasePruningMethod, scores: Tensor, mask: Tensor) -> Tensor:
    """Return `mask` after `method` has chosen among what it leaves."""
    left: Any
    if method.PRUNING_TYPE == "unstructured":
        left = mask == 1
    elif method.PRUNING_TYPE == "structured":
        dim = method.dim % mask.ndim
        channels = mask.sum(others(mask, dim)) != 0
        left = (*[slice(None)] * dim, channels)
    elif method.PRUNING_TYPE == "global":
        left = ...
    else:
        raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
    result = mask.clone()
    result[left] = method.compute_mask(scores[left], mask[left]).to(mask.dtype)
    return result


def others(t: Tensor, dim: int) -> tuple[int, ...]:
    """Return the dimensions of `t` but for `dim`, which is checked."""
    if t.ndim < 2:
        raise ValueError(
            f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
            f"{list(t.shape)} with {t.ndim} dims"
        )
    if not -t.ndim <= dim < t.ndim:
        raise IndexError(f"Invalid index {dim} for tensor of size {list(t.shape)}")
    return tuple(d for d in range(t.ndim) if d != dim % t.ndim)


def check_amount(amount: Any) -> None:
    if isinstance(amount, bool) or not isinstance(amount, Real):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    if amount < 0 or (not isinstance(amount, Integral) and amount > 1):
        raise ValueError(
            f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer"
        )


class Identity(BasePruningMethod):
    """A mask that leaves everything as it is."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        return default_mask


class CustomFromMask(BasePruningMethod):
    """A mask of one's own."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        if tuple(default_mask.shape) != tuple(self.mask.shape):
            raise AssertionError(
                f"the mask has shape {list(self.mask.shape)}, the parameter {list(default_mask.shape)}"
            )
        return default_mask * self.mask.to(default_mask.dtype)


class Partial(BasePruningMethod):
    """Prunes an `amount`, of elements or of the channels of a dimension: those of the least importance."""

    def __init__(self, amount: int | float) -> None:
        check_amount(amount)
        self.amount = amount

    def least(self, importance: Tensor) -> Tensor:
        """Return the places in a vector of what goes."""
        size = importance.numel()
        whole = isinstance(self.amount, Integral)
        if whole and self.amount > size:
            raise ValueError(
                f"amount={self.amount} should be smaller than the number of parameters to prune={size}"
            )
        count = int(self.amount) if whole else round(self.amount * size)
        return importance.topk(count, largest=False).indices


class L1Unstructured(Partial):
    """The elements of the smallest absolute value go."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        flat = default_mask.flatten().clone()
        flat[self.least(self.importance(t).flatten())] = 0
        return flat.reshape(default_mask.shape)

    def importance(self, t: Tensor) -> Tensor:
        return t.abs()


class RandomUnstructured(L1Unstructured):
    """Elements that are drawn at random go."""

    def importance(self, t: Tensor) -> Tensor:
        return rand(*t.shape)


class LnStructured(Partial):
    """The channels, of dimension `dim`, of the smallest `n`-norm go."""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: int | float, n: Any, dim: int = -1) -> None:
        super().__init__(amount)
        self.n = n
        self.dim = dim

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        rest = others(t, self.dim)
        keep = ones_like(t)
        index = (*[slice(None)] * (self.dim % t.ndim), self.least(self.importance(t, rest)))
        keep[index] = 0
        return default_mask * keep

    def importance(self, t: Tensor, rest: tuple[int, ...]) -> Tensor:
        return vector_norm(t, 2 if self.n == "fro" else self.n, rest)


class RandomStructured(LnStructured):
    """Channels, of dimension `dim`, that are drawn at random go."""

    def __init__(self, amount: int | float, dim: int = -1) -> None:
        super().__init__(amount, None, dim)

    def importance(self, t: Tensor, rest: tuple[int, ...]) -> Tensor:
        return rand(t.shape[self.dim])


def identity(module: M, name: str) -> M:
    """Prune nothing, but give the parameter `name` its mask; return the module."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: M, name: str, amount: int | float) -> M:
    """Prune an `amount` of elements of the parameter `name`, drawn at random; return the module."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(
    module: M, name: str, amount: int | float, importance_scores: Tensor | None = None
) -> M:
    """Prune the `amount` of elements of the parameter `name` of the smallest absolute value, or of
    the smallest absolute `importance_scores`; return the module."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: M, name: str, amount: int | float, dim: int) -> M:
    """Prune an `amount` of channels of dimension `dim`, drawn at random; return the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: M,
    name: str,
    amount: int | float,
    n: Any,
    dim: int,
    importance_scores: Tensor | None = None,
) -> M:
    """Prune the `amount` of channels of dimension `dim` of the smallest `n`-norm; return the module."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: M, name: str, mask: Tensor) -> M:
    """Prune the elements of the parameter `name` where `mask` is 0; return the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: dict[tuple[Module, str], Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prune all of `parameters`, pairs of a module and a name, as if they were one, by the
    unstructured `pruning_method` with `kwargs`: L1Unstructured, amount=0.2.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    if not isinstance(importance_scores, (dict, type(None))):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    pairs = list(parameters)
    given = importance_scores or {}
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            f'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    current = [value_of(*pair) for pair in pairs]
    masks = [
        getattr(module, f"{name}_mask", ones_like(t))
        for (module, name), t in zip(pairs, current, strict=True)
    ]
    scores = [given.get(pair, t).flatten() for pair, t in zip(pairs, current, strict=True)]
    whole = further(method, cat(scores), cat([mask.flatten() for mask in masks]))
    start = 0
    for (module, name), t in zip(pairs, current, strict=True):
        end = start + t.numel()
        custom_from_mask(module, name, whole[start:end].reshape(t.shape))
        start = end


def is_pruned(module: Module) -> bool:
    """Return whether a parameter of the module, or of one below it, is pruned."""
    return any(
        isinstance(hook, Masked)
        for part in module.modules()
        if part._hooks
        for hook, _ in part._hooks.before.values()
    )


def remove(module: M, name: str) -> M:
    """Make `name` an ordinary parameter again, which keeps its zeros for now; return the module.

    It is the Parameter that was trained as `name`_orig. ValueError if it is not pruned.
    """
    key = find(module, Masked, name)
    if key is None:
        raise ValueError(
            f"Parameter {name!r} of module {module} has to be pruned before pruning can be removed"
        )
    hook, _ = module._hooks.before.pop(key)
    orig, value = getattr(module, f"{name}_orig"), hook.computed(module, False).detach()
    for part in ("", *hook.parts):
        delattr(module, name + part)
    orig.data = value
    module.register_parameter(name, orig)
    return module
