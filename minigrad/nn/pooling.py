"""Pooling: the largest element, the mean, or a norm of each window; and the largest put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..ops import adaptive_pooling, fractional_pooling, unpooling
from ..ops import pooling as ops
from ..ops.dims import per_dim
from ..tensor import Tensor
from .module import Module

Sizes = tuple[int, ...]


class MaxPool(Module):
    """MaxPool1d, MaxPool2d and MaxPool3d, by their function."""

    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        dilation: int | Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        return self.pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool):
    """The largest element of each window: (N, C, length) -> (N, C, out); see MaxPool2d."""

    pool = staticmethod(ops.max_pool1d)


class MaxPool2d(MaxPool):
    """The largest element of each window: (N, C, height, width) -> (N, C, *out), with or without N.

    out = (size + 2 padding - dilation (kernel_size - 1) - 1) / stride + 1, rounded down, or up with
    ceil_mode; stride is kernel_size by default. With return_indices a pair: also the places, in each
    plane counted by rows.
    """

    pool = staticmethod(ops.max_pool2d)


class MaxPool3d(MaxPool):
    """MaxPool2d for volumes: (N, C, depth, height, width) -> (N, C, *out)."""

    pool = staticmethod(ops.max_pool3d)


class MaxUnpool(Module):
    """MaxUnpool1d, 2d and 3d, by their function and the number of dimensions."""

    unpool: ClassVar[Callable[..., Any]]
    dims: ClassVar[int]

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
    ) -> None:
        super().__init__()
        name, dims = type(self).__name__, self.dims
        self.kernel_size = per_dim(name, "kernel_size", kernel_size, dims)
        stride = self.kernel_size if stride is None else stride
        self.stride = per_dim(name, "stride", stride, dims)
        self.padding = per_dim(name, "padding", padding, dims)

    def forward(self, input: Tensor, indices: Tensor, output_size: Sizes | None = None) -> Tensor:
        return self.unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool):
    """What MaxPool1d kept, put back: (N, C, length) -> (N, C, out); see MaxUnpool2d."""

    unpool = staticmethod(unpooling.max_unpool1d)
    dims = 1


class MaxUnpool2d(MaxUnpool):
    """Zeros, with what MaxPool2d kept where it was: (N, C, height, width) -> (N, C, *out).

    Called with both results of MaxPool2d(return_indices=True), and with output_size where several
    sizes pool to the same one; see `functional.max_unpool2d`.
    """

    unpool = staticmethod(unpooling.max_unpool2d)
    dims = 2


class MaxUnpool3d(MaxUnpool):
    """MaxUnpool2d for volumes: (N, C, depth, height, width) -> (N, C, *out)."""

    unpool = staticmethod(unpooling.max_unpool3d)
    dims = 3


class FractionalMaxPool(Module):
    """FractionalMaxPool2d and FractionalMaxPool3d, by their function."""

    pool: ClassVar[Callable[..., Any]]
    dims: ClassVar[int]

    def __init__(
        self,
        kernel_size: int | Sizes,
        output_size: int | Sizes | None = None,
        output_ratio: float | tuple[float, ...] | None = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        fractional_pooling.check_ratio(name, self.dims, output_size, output_ratio)
        self.kernel_size = kernel_size
        self.output_size = output_size
        self.output_ratio = output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Tensor) -> Any:
        return self.pool(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            self._random_samples,
        )


class FractionalMaxPool2d(FractionalMaxPool):
    """The largest element of windows whose steps vary at random: see `functional.fractional_max_pool2d`."""

    pool = staticmethod(fractional_pooling.fractional_max_pool2d)
    dims = 2


class FractionalMaxPool3d(FractionalMaxPool):
    """FractionalMaxPool2d for volumes: see `functional.fractional_max_pool3d`."""

    pool = staticmethod(fractional_pooling.fractional_max_pool3d)
    dims = 3


class AvgPool1d(Module):
    """The mean of each window: (N, C, length) -> (N, C, out); see AvgPool2d."""

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = per_dim("AvgPool1d", "kernel_size", kernel_size, 1)
        stride = self.kernel_size if stride is None else stride
        self.stride = per_dim("AvgPool1d", "stride", stride, 1)
        self.padding = per_dim("AvgPool1d", "padding", padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return ops.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool(Module):
    """AvgPool2d and AvgPool3d, by their function."""

    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return self.pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(AvgPool):
    """The mean of each window: (N, C, height, width) -> (N, C, *out), with or without N.

    The sum is divided by the number of elements, of which count_include_pad=False leaves out the
    padding, or by divisor_override. The size of the result is MaxPool2d's.
    """

    pool = staticmethod(ops.avg_pool2d)


class AvgPool3d(AvgPool):
    """AvgPool2d for volumes: (N, C, depth, height, width) -> (N, C, *out)."""

    pool = staticmethod(ops.avg_pool3d)


class LPPool(Module):
    """LPPool1d, LPPool2d and LPPool3d, by their function."""

    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Tensor:
        return self.pool(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(LPPool):
    """A norm of each window: (N, C, length) -> (N, C, out); see LPPool2d."""

    pool = staticmethod(ops.lp_pool1d)


class LPPool2d(LPPool):
    """(sum x^norm_type)^(1 / norm_type) of each window: (N, C, height, width) -> (N, C, *out), with or
    without N; see `functional.lp_pool2d`.
    """

    pool = staticmethod(ops.lp_pool2d)


class LPPool3d(LPPool):
    """LPPool2d for volumes: (N, C, depth, height, width) -> (N, C, *out)."""

    pool = staticmethod(ops.lp_pool3d)


class AdaptivePool(Module):
    """What pooling to a given size shares: `output_size`, None for a dimension that stays as it is."""

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptivePool):
    """The means of output_size windows: (N, C, length) -> (N, C, output_size)."""

    def forward(self, input: Tensor) -> Tensor:
        return adaptive_pooling.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(AdaptivePool):
    """The means of windows that cover each plane evenly: (N, C, height, width) -> (N, C, *output_size)."""

    def forward(self, input: Tensor) -> Tensor:
        return adaptive_pooling.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(AdaptivePool):
    """AdaptiveAvgPool2d for volumes: (N, C, depth, height, width) -> (N, C, *output_size)."""

    def forward(self, input: Tensor) -> Tensor:
        return adaptive_pooling.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool(AdaptivePool):
    """AdaptiveMaxPool1d, 2d and 3d."""

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """The largest elements of output_size windows: (N, C, length) -> (N, C, output_size)."""

    def forward(self, input: Tensor) -> Any:
        return adaptive_pooling.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """The largest elements of windows that cover each plane evenly: (N, C, height, width) -> (N, C,
    *output_size).
    """

    def forward(self, input: Tensor) -> Any:
        return adaptive_pooling.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """AdaptiveMaxPool2d for volumes: (N, C, depth, height, width) -> (N, C, *output_size)."""

    def forward(self, input: Tensor) -> Any:
        return adaptive_pooling.adaptive_max_pool3d(input, self.output_size, self.return_indices)
