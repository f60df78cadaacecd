"""Parameters that are functions of others: `module.weight` is computed whenever it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from ...autograd.grad_mode import no_grad
from ...tensor import Tensor
from ..container import ModuleDict, ModuleList
from ..module import Module
from ..parameter import Parameter

__all__ = [
    "ParametrizationList",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

M = TypeVar("M", bound=Module)


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, applied one after the other to `original`, the parameter
    (or buffer) that is trained; to original0, original1, ... if right_inverse gives several.
    """

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        start = self._inverse(original, strict=False)
        self.is_tensor = isinstance(start, Tensor)
        if self.is_tensor:
            self.check("When right_inverse outputs one tensor,", original, start, shape=False)
            original.data = start.detach()
            self._hold("original", original, original)
        elif isinstance(start, Sequence) and all(isinstance(value, Tensor) for value in start):
            for i, value in enumerate(start):
                self._hold(f"original{i}", value, original)
        else:
            raise ValueError(
                f"right_inverse must return a Tensor or a sequence of Tensors, got "
                f"{type(start).__name__}"
            )

    def _hold(self, name: str, value: Tensor, original: Tensor) -> None:
        if not isinstance(original, Parameter):
            self.register_buffer(name, value)
        elif value is original:
            self.register_parameter(name, original)
        else:
            self.register_parameter(name, Parameter(value.detach(), original.requires_grad))

    @no_grad()
    def _inverse(self, value: Any, strict: bool) -> Any:
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                value = module.right_inverse(value)
            elif strict:
                raise RuntimeError(
                    f"parametrization {type(module).__name__} does not implement right_inverse: the "
                    f"tensor cannot be assigned to"
                )
        return value

    @staticmethod
    def check(when: str, before: Tensor, after: Any, shape: bool = True) -> None:
        """Raise ValueError unless `after` is a Tensor of the dtype (and the shape) of `before`."""
        if not isinstance(after, Tensor):
            raise ValueError(f"{when} it must be a Tensor, not {type(after).__name__}")
        if after.dtype != before.dtype or (shape and after.shape != before.shape):
            raise ValueError(
                f"{when} dtype and shape must stay {before.dtype} {list(before.shape)}, and they would "
                f"be {after.dtype} {list(after.shape)}; register it with unsafe=True to change them"
            )

    def originals(self) -> list[Tensor]:
        """Return what the tensor is computed from."""
        held = {**self._parameters, **self._buffers}
        return list(held.values())

    def right_inverse(self, value: Tensor) -> None:
        """Set the originals so that the tensor becomes `value`, as far as the parametrizations'
        right_inverse, applied from the last to the first, can do that.

        RuntimeError if one has none, ValueError for another number of tensors than there are.
        """
        start = self._inverse(value, strict=True)
        values = [start] if isinstance(start, Tensor) else list(start)
        originals = self.originals()
        if len(values) != len(originals):
            raise ValueError(
                f"right_inverse must return {len(originals)} tensors, got {len(values)}"
            )
        for original, new in zip(originals, values, strict=True):
            self.check("The tensor that right_inverse returns:", original, new, shape=False)
            original.data = new.detach()

    def forward(self) -> Tensor:
        first, *others = self
        value = first(*self.originals())
        for module in others:
            value = module(value)
        return value


def register_parametrization(
    module: M, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> M:
    """Let the parameter (or buffer) `tensor_name` of `module` be parametrization(original), computed
    whenever it is read; return the module.

    Registered on top of others, it is applied to their result. `parametrization.right_inverse`, if
    there is one, gives the original (or several) that the present value comes from; without it the
    present value is the original. ValueError if there is no such tensor, or if, unless `unsafe`, it
    would change dtype or shape.
    """
    parametrization.train(module.training)
    before = module.__dict__.get(tensor_name)
    if is_parametrized(module, tensor_name):
        held = module.parametrizations[tensor_name]
        before = getattr(module, tensor_name)
        if not unsafe:
            held.check("Registering a parametrization:", before, parametrization(before))
        held.append(parametrization)
        held.unsafe |= unsafe
    elif isinstance(before, Tensor):
        cls, value = type_before_parametrizations(module), before.detach()
        held = ParametrizationList([parametrization], before, unsafe)
        if not unsafe:
            held.check("Registering a parametrization:", value, held())
        delattr(module, tensor_name)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        module.parametrizations[tensor_name] = held
        _compute_when_read(module, cls)
    else:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
            f"'{tensor_name}'"
        )
    return module


def _compute_when_read(module: Module, cls: type[Module]) -> None:
    """Make `module`, by itself a `cls`, one that computes what it has parametrizations of.

    The class is the module's own, as its properties are: others of `cls`, and copies, keep theirs.
    """
    properties = {name: _computed(name) for name in module.parametrizations}
    module.__class__ = type(f"Parametrized{cls.__name__}", (cls,), properties)


def _computed(name: str) -> property:
    def read(module: Module) -> Tensor:
        return module.parametrizations[name]()

    def write(module: Module, value: Tensor) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(read, write)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a tensor of `module`, or the one called `tensor_name`, has a parametrization."""
    held = module.__dict__.get("parametrizations")
    if not isinstance(held, ModuleDict):
        return False
    return len(held) > 0 if tensor_name is None else tensor_name in held


def remove_parametrizations(module: M, tensor_name: str, leave_parametrized: bool = True) -> M:
    """Make `tensor_name` an ordinary parameter (or buffer) again; return the module.

    Its value is the present one, or without `leave_parametrized` that of the original. ValueError if
    it has no parametrization, or if the value shall be that of several originals.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"Module {type(module).__name__} does not have a parametrization on {tensor_name}"
        )
    held = module.parametrizations[tensor_name]
    if not (held.is_tensor or leave_parametrized):
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in "
            "terms of a sequence of tensors"
        )
    original = held.originals()[0]
    with no_grad():
        value = getattr(module, tensor_name).detach().clone() if leave_parametrized else original
    cls = type_before_parametrizations(module)
    del module.parametrizations[tensor_name]
    if is_parametrized(module):
        _compute_when_read(module, cls)
    else:
        del module.parametrizations
        module.__class__ = cls
    if held.is_tensor:
        original.data = value.detach()
        value = original
    if not isinstance(original, Parameter):
        module.register_buffer(tensor_name, value)
    elif value is original:
        module.register_parameter(tensor_name, original)
    else:
        module.register_parameter(tensor_name, Parameter(value, original.requires_grad))
    return module


def type_before_parametrizations(module: Module) -> type[Module]:
    """Return the class that `module` has, or had before it was parametrized."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)
