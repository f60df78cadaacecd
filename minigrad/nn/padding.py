"""Padding: inputs lengthened at both ends of their last one, two or three dimensions."""

from __future__ import annotations

from typing import ClassVar

from ..ops.joining import pad
from ..tensor import Tensor
from .module import Module


class _Pad(Module):
    """What all of them share: `padding` is one width for all ends, or (left, right, top, bottom, ...)."""

    places: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__()
        widths = 2 * self.places
        self.padding = (padding,) * widths if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != widths:
            raise ValueError(
                f"{type(self).__name__}: expected one width or {widths} of them, got {padding}"
            )

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (self.places + 1, self.places + 2):
            raise ValueError(
                f"{type(self).__name__}: expected {self.places + 1}D or {self.places + 2}D input "
                f"(with or without a batch, channels, {self.places} dimensions of places), got "
                f"shape {list(input.shape)}"
            )
        return pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    """`value` at all ends of the last dimensions, of an input of any shape."""

    mode = "constant"

    def __init__(self, padding: int | tuple[int, ...], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _ZeroPad(_ConstantPad):
    """Zeros at all ends of the last dimensions, of an input of any shape."""

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ConstantPad1d(_ConstantPad):
    """The last dimension lengthened with `value`."""

    places = 1


class ZeroPad1d(_ZeroPad):
    """The last dimension lengthened with zeros."""

    places = 1


class ReflectionPad1d(_Pad):
    """The last dimension lengthened with what lies inside, mirrored at the outermost elements."""

    places, mode = 1, "reflect"


class ReplicationPad1d(_Pad):
    """The last dimension lengthened with copies of the outermost elements."""

    places, mode = 1, "replicate"


class CircularPad1d(_Pad):
    """The last dimension lengthened with what lies at the opposite end."""

    places, mode = 1, "circular"


class ConstantPad2d(_ConstantPad):
    """The last 2 dimensions lengthened with `value`."""

    places = 2


class ZeroPad2d(_ZeroPad):
    """The last 2 dimensions lengthened with zeros."""

    places = 2


class ReflectionPad2d(_Pad):
    """The last 2 dimensions lengthened with what lies inside, mirrored at the outermost elements."""

    places, mode = 2, "reflect"


class ReplicationPad2d(_Pad):
    """The last 2 dimensions lengthened with copies of the outermost elements."""

    places, mode = 2, "replicate"


class CircularPad2d(_Pad):
    """The last 2 dimensions lengthened with what lies at the opposite end."""

    places, mode = 2, "circular"


class ConstantPad3d(_ConstantPad):
    """The last 3 dimensions lengthened with `value`."""

    places = 3


class ZeroPad3d(_ZeroPad):
    """The last 3 dimensions lengthened with zeros."""

    places = 3


class ReflectionPad3d(_Pad):
    """The last 3 dimensions lengthened with what lies inside, mirrored at the outermost elements."""

    places, mode = 3, "reflect"


class ReplicationPad3d(_Pad):
    """The last 3 dimensions lengthened with copies of the outermost elements."""

    places, mode = 3, "replicate"


class CircularPad3d(_Pad):
    """The last 3 dimensions lengthened with what lies at the opposite end."""

    places, mode = 3, "circular"
