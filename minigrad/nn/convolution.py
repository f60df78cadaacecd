"""Convolutions, transposed ones, and the windows of images as columns."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from .. import kernels
from ..autograd.op import wrap
from ..dtypes import get_default_dtype
from ..ops import convolution as ops
from ..ops import transposed_convolution, unfolding
from ..ops.dims import per_dim
from ..ops.joining import pad
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter

Sizes = tuple[int, ...]

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Convolving(Module):
    """What convolutions of `dims` dimensions share: their numbers, weight and bias.

    weight and bias start uniform in +-1/sqrt(weight[0].numel()), as PyTorch's do.
    """

    weight: Parameter
    bias: Parameter | None
    dims: int
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes,
        padding: int | Sizes | str,
        output_padding: int | Sizes,
        dilation: int | Sizes,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: Any,
    ) -> None:
        super().__init__()
        name, dims = type(self).__name__, self.dims
        if groups < 1:
            raise ValueError(f"{name}: groups must be a positive integer, got {groups}")
        for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(
                    f"{name}: {what} must be divisible by groups, got {channels} and {groups}"
                )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_dim(name, "kernel_size", kernel_size, dims)
        self.stride = per_dim(name, "stride", stride, dims)
        self.dilation = per_dim(name, "dilation", dilation, dims)
        self.output_padding = per_dim(name, "output_padding", output_padding, dims)
        self.padding: str | Sizes
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(
                    f"{name}: Invalid padding string {padding!r}, should be 'same' or 'valid'"
                )
            if padding == "same" and max(self.stride) > 1:
                raise ValueError(
                    f"{name}: padding='same' is not supported for strided convolutions"
                )
            self.padding = padding
        else:
            self.padding = per_dim(name, "padding", padding, dims)
        self.groups = groups
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"{name}: padding_mode must be one of {PADDING_MODES}, got {padding_mode!r}"
            )
        self.padding_mode = padding_mode
        outer = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (outer[0], outer[1] // groups, *self.kernel_size)
        dtype = dtype or get_default_dtype()
        self.weight = Parameter(wrap(kernels.empty(shape, dtype)))
        self.register_parameter(
            "bias", Parameter(wrap(kernels.empty((out_channels,), dtype))) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        # kaiming_uniform_ with a = sqrt(5) is uniform in +-1/sqrt(fan_in).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def extra_repr(self) -> str:
        none = (0,) * self.dims
        parts = [
            f"{self.in_channels}, {self.out_channels}",
            f"kernel_size={self.kernel_size}",
            f"stride={self.stride}",
            f"padding={self.padding}" if self.padding != none else "",
            f"dilation={self.dilation}" if self.dilation != (1,) * self.dims else "",
            f"output_padding={self.output_padding}" if self.output_padding != none else "",
            f"groups={self.groups}" if self.groups != 1 else "",
            "bias=False" if self.bias is None else "",
            f"padding_mode={self.padding_mode}" if self.padding_mode != "zeros" else "",
        ]
        return ", ".join(part for part in parts if part)


class Convolution(Convolving):
    """Conv1d, Conv2d and Conv3d, by their function."""

    convolve: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes = 1,
        padding: int | Sizes | str = 0,
        dilation: int | Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            0,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        padding = self.padding
        if self.padding_mode != "zeros":
            input = pad(input, self._widths(), self.padding_mode)
            padding = 0
        return self.convolve(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def _widths(self) -> list[int]:
        """What `pad` is to add before and behind, last dimension first."""
        if self.padding == "valid":
            return []
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            pairs = [(total // 2, total - total // 2) for total in totals]
        else:
            pairs = [(int(n), int(n)) for n in self.padding]
        return [width for pair in reversed(pairs) for width in pair]


class Conv1d(Convolution):
    """Convolution of sequences: (N, in_channels, length) -> (N, out_channels, out); see Conv2d."""

    convolve = staticmethod(ops.conv1d)
    dims = 1


class Conv2d(Convolution):
    """y = bias + sum over channels and kernel of weight times what the kernel covers of the image.

    x (N, in_channels, height, width) or without N -> y (N, out_channels, *out), out = (size + 2
    padding - dilation (kernel_size - 1) - 1) // stride + 1; weight (out_channels, in_channels / groups,
    *kernel_size). padding="same" keeps the size. padding_mode: "zeros", "reflect", "replicate",
    "circular". Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998).
    """

    convolve = staticmethod(ops.conv2d)
    dims = 2


class Conv3d(Convolution):
    """Convolution of volumes: (N, in_channels, depth, height, width) -> (N, out_channels, *out); see
    Conv2d.
    """

    convolve = staticmethod(ops.conv3d)
    dims = 3


class TransposedConvolution(Convolving):
    """ConvTranspose1d, ConvTranspose2d and ConvTranspose3d, by their function."""

    transpose: ClassVar[Callable[..., Tensor]]
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sizes,
        stride: int | Sizes = 1,
        padding: int | Sizes = 0,
        output_padding: int | Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sizes = 1,
        padding_mode: str = "zeros",
        *,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError(
                f'Only "zeros" padding mode, and numbers as padding, are supported for '
                f"{type(self).__name__}, got {padding_mode!r} and {padding!r}"
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            output_padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Sizes | None = None) -> Tensor:
        return self.transpose(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.output_padding if output_size is None else self._behind(input, output_size),
            self.groups,
            self.dilation,
        )

    def _behind(self, input: Tensor, output_size: Sizes) -> Sizes:
        """The output_padding that makes the result so large; ValueError if there is none."""
        dims = self.dims
        wanted = tuple(output_size)[-dims:]
        smallest = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                input.shape[-dims:],
                self.stride,
                self.padding,
                self.dilation,
                self.kernel_size,
                strict=True,
            )
        ]
        extra = tuple(w - n for w, n in zip(wanted, smallest, strict=False))
        if len(output_size) not in (dims, input.ndim) or not all(
            0 <= e < s for e, s in zip(extra, self.stride, strict=True)
        ):
            largest = [n + s - 1 for n, s in zip(smallest, self.stride, strict=True)]
            raise ValueError(
                f"{type(self).__name__}: requested an output size of {tuple(output_size)}, but valid "
                f"sizes range from {smallest} to {largest} for an input of {list(input.shape)}"
            )
        return extra


class ConvTranspose1d(TransposedConvolution):
    """Transposed convolution of sequences: (N, in_channels, length) -> (N, out_channels, out); see
    ConvTranspose2d.
    """

    transpose = staticmethod(transposed_convolution.conv_transpose1d)
    dims = 1


class ConvTranspose2d(TransposedConvolution):
    """The transpose of Conv2d as a layer: what Conv2d's backward does with a gradient.

    x (N, in_channels, height, width) or without N -> y (N, out_channels, *out), out = (size - 1)
    stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1; weight (in_channels,
    out_channels / groups, *kernel_size). Called with output_size, it finds output_padding itself.
    """

    transpose = staticmethod(transposed_convolution.conv_transpose2d)
    dims = 2


class ConvTranspose3d(TransposedConvolution):
    """Transposed convolution of volumes: (N, in_channels, depth, height, width) -> (N, out_channels,
    *out); see ConvTranspose2d.
    """

    transpose = staticmethod(transposed_convolution.conv_transpose3d)
    dims = 3


class Unfold(Module):
    """Windows of images as columns: (N, C, height, width) -> (N, C kernel_h kernel_w, windows)."""

    def __init__(
        self,
        kernel_size: int | Sizes,
        dilation: int | Sizes = 1,
        padding: int | Sizes = 0,
        stride: int | Sizes = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return unfolding.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Unfold):
    """The sum of windows, each at its place: (N, C kernel_h kernel_w, windows) -> (N, C, *output_size)."""

    def __init__(
        self,
        output_size: int | Sizes,
        kernel_size: int | Sizes,
        dilation: int | Sizes = 1,
        padding: int | Sizes = 0,
        stride: int | Sizes = 1,
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = output_size

    def forward(self, input: Tensor) -> Tensor:
        return unfolding.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}, {super().extra_repr()}"
