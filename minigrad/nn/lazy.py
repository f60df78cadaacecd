"""Lazy layers: how many features or channels come in, the first input says."""

from __future__ import annotations

from typing import Any, ClassVar

from ..ops.dims import AXES
from ..tensor import Tensor
from .convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module
from .normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from .parameter import Parameter, Uninitialized, UninitializedBuffer, UninitializedParameter


class Lazy(Module):
    """What lazy layers share: each takes the arguments of the layer that it becomes, but the first.

    At its first call it makes the parameters for such an input, and is from then on a `cls_to_become`
    (so its type changes, not the Parameter objects: an optimizer made before goes on working). Until
    then these have no shape and no values, only a dtype; what needs them raises ValueError. Loading a
    state_dict gives them both.
    """

    cls_to_become: ClassVar[type[Module]]
    inferred: ClassVar[str]  # the attribute that the first argument is

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, *args, **kwargs)
        self._arguments = (args, kwargs)
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            if tensor is not None and tensor.dtype.kind == "f":
                lazy = UninitializedParameter if type(tensor) is Parameter else UninitializedBuffer
                setattr(self, name, lazy(dtype=tensor.dtype))

    def count(self, input: Tensor) -> int:
        """Return how many features or channels `input` has."""
        raise NotImplementedError

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        held = (*self._parameters.values(), *self._buffers.values())
        return any(isinstance(tensor, Uninitialized) for tensor in held)

    def reset_parameters(self) -> None:
        """Draw the parameters anew, once there are any."""
        if getattr(self, self.inferred):
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Give what has no shape yet the shape, and the values, of a layer made for `input`.

        RuntimeError if what was loaded before is for another one.
        """
        given, options = self._arguments
        layer = self.cls_to_become(self.count(input), *given, **options)
        for name, tensor in (*layer.named_parameters(), *layer.named_buffers()):
            own = getattr(self, name)
            if isinstance(own, Uninitialized):
                own.materialize(tensor.shape)
                own.array[...] = tensor.array
            elif own.shape != tensor.shape:
                raise RuntimeError(
                    f"{type(self).__name__}: the first input, {list(input.shape)}, needs {name} of shape "
                    f"{list(tensor.shape)}, but {list(own.shape)} was loaded"
                )
        setattr(self, self.inferred, getattr(layer, self.inferred))

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        self.initialize_parameters(*args, **kwargs)
        del self._arguments
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self.forward(*args, **kwargs)


class LazyLinear(Lazy, Linear):
    """A Linear layer whose `in_features` are those of its first input: LazyLinear(out_features, ...)."""

    cls_to_become = Linear
    inferred = "in_features"

    def count(self, input: Tensor) -> int:
        return input.shape[-1]


# ---- convolutions --------------------------------------------------------------------------------


class LazyConvolution(Lazy):
    """What the lazy convolutions share: LazyConv2d(out_channels, kernel_size, ...)."""

    inferred = "in_channels"
    dims: int

    def count(self, input: Tensor) -> int:
        dims = self.dims
        if input.ndim not in (dims + 1, dims + 2):
            axes = ", ".join(AXES[dims])
            raise RuntimeError(
                f"{type(self).__name__}: expected {dims + 1}D (channels, {axes}) or {dims + 2}D (batch, "
                f"channels, {axes}) input, got {list(input.shape)}"
            )
        return input.shape[-dims - 1]


class LazyConv1d(LazyConvolution, Conv1d):
    """A Conv1d whose `in_channels` are those of its first input."""

    cls_to_become = Conv1d


class LazyConv2d(LazyConvolution, Conv2d):
    """A Conv2d whose `in_channels` are those of its first input."""

    cls_to_become = Conv2d


class LazyConv3d(LazyConvolution, Conv3d):
    """A Conv3d whose `in_channels` are those of its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(LazyConvolution, ConvTranspose1d):
    """A ConvTranspose1d whose `in_channels` are those of its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(LazyConvolution, ConvTranspose2d):
    """A ConvTranspose2d whose `in_channels` are those of its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(LazyConvolution, ConvTranspose3d):
    """A ConvTranspose3d whose `in_channels` are those of its first input."""

    cls_to_become = ConvTranspose3d


# ---- normalisation -------------------------------------------------------------------------------


class LazyNorm(Lazy):
    """What the lazy normalisations share: LazyBatchNorm2d(eps, momentum, ...)."""

    inferred = "num_features"

    def count(self, input: Tensor) -> int:
        self.check_ndim(input)
        return input.shape[1]


class LazyBatchNorm1d(LazyNorm, BatchNorm1d):
    """A BatchNorm1d whose `num_features` are the channels of its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(LazyNorm, BatchNorm2d):
    """A BatchNorm2d whose `num_features` are the channels of its first input."""

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(LazyNorm, BatchNorm3d):
    """A BatchNorm3d whose `num_features` are the channels of its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm(LazyNorm):
    """What the lazy instance normalisations share: unlike the others, they have by default weight and
    bias, and running statistics (as PyTorch's)."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(eps, momentum, affine, track_running_stats, **options)

    def count(self, input: Tensor) -> int:
        self.check_ndim(input)
        return input.shape[input.ndim - max(self.shapes) + 1]


class LazyInstanceNorm1d(LazyInstanceNorm, InstanceNorm1d):
    """An InstanceNorm1d whose `num_features` are the channels of its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(LazyInstanceNorm, InstanceNorm2d):
    """An InstanceNorm2d whose `num_features` are the channels of its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(LazyInstanceNorm, InstanceNorm3d):
    """An InstanceNorm3d whose `num_features` are the channels of its first input."""

    cls_to_become = InstanceNorm3d
