"""More, or fewer, points of the same picture: interpolation, and channels exchanged for places."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..tensor import Tensor
from .adaptive_pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .conversion import to
from .dims import per_dim
from .gathering import index_select
from .shape import permute, reshape, transpose

__all__ = [
    "channel_shuffle",
    "interpolate",
    "pixel_shuffle",
    "pixel_unshuffle",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

# The number of dimensions that each mode takes, batch and channels included.
_MODES = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "area": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "trilinear": (5,),
}
# Places up to which the sums for many sizes are remembered: those of 100,000 places take 15 MB.
_FEW = 4096
_AREA = {3: adaptive_avg_pool1d, 4: adaptive_avg_pool2d, 5: adaptive_avg_pool3d}


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Return `input`, (N, C, *places), with `size` places, or `scale_factor` times as many.

    Each value is that of the nearest place ("nearest", or "nearest-exact", with the places in the
    middle of their pixels), the mean of the places that it covers ("area"), or is interpolated between
    its neighbours: mode "linear", "bilinear" or "trilinear", for 1, 2 or 3 dimensions, or "bicubic",
    between four in each of 2, beyond whose range it may overshoot. With `align_corners` the first and
    the last places stay where they were, else the borders of the first and the last pixels. With
    `antialias` ("bilinear" and "bicubic") a smaller picture takes into account all that it covers.

    Source: Keys, "Cubic convolution interpolation for digital image processing" (1981).
    NotImplementedError for modes that there are not for so many dimensions, ValueError for options
    that do not fit each other, RuntimeError for integers and empty pictures.
    """
    if mode not in _MODES:
        raise NotImplementedError(
            f"interpolate: mode={mode!r} is missing; there are {', '.join(_MODES)}"
        )
    if input.ndim not in _MODES[mode]:
        raise NotImplementedError(
            f"interpolate: mode={mode!r} is for inputs of {' or '.join(map(str, _MODES[mode]))} "
            f"dimensions (batch, channels, places), got shape {list(input.shape)}"
        )
    between = mode.endswith(("linear", "cubic"))
    if between and input.dtype.kind != "f":
        raise RuntimeError(
            f"interpolate: mode={mode!r} needs floating-point input, not {input.dtype}; convert it "
            f"first, as in x.float()"
        )
    if align_corners is not None and not between:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear "
            "| bicubic | trilinear"
        )
    if antialias and mode not in ("bilinear", "bicubic"):
        raise ValueError("interpolate: antialias is for the modes bilinear and bicubic")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: only one of size or scale_factor should be defined, and one")
    if recompute_scale_factor and size is not None:
        raise ValueError(
            "interpolate: recompute_scale_factor is not meaningful with an explicit size"
        )
    count = input.ndim - 2
    factors: Sequence[float | None] = (None,) * count
    if size is not None:
        sizes = per_dim("interpolate", "size", size, count)
    else:
        several = isinstance(scale_factor, Sequence)
        factors = tuple(scale_factor) if several else (scale_factor,) * count
        if len(factors) != count:
            raise ValueError(
                f"interpolate: expected {count} scale factors for the places of "
                f"{list(input.shape)}, got {list(factors)}"
            )
        sizes = tuple(math.floor(n * f) for n, f in zip(input.shape[2:], factors, strict=True))
        if recompute_scale_factor:
            factors = (None,) * count
    if min(sizes, default=1) < 1 or 0 in input.shape[1:]:
        raise RuntimeError(
            f"interpolate: input and output sizes must be greater than 0, but they are "
            f"{list(input.shape[2:])} and {list(sizes)}"
        )
    if mode == "area":
        return _AREA[input.ndim](input, sizes)
    # The last dimension first where there will be more places: the others go through whole rows.
    fewer = math.prod(sizes) < math.prod(input.shape[2:])
    dims = range(2, input.ndim) if fewer else range(input.ndim - 1, 1, -1)
    dtype = input.dtype
    for dim in dims:
        old, new, factor = input.shape[dim], sizes[dim - 2], factors[dim - 2]
        step = old / new if factor is None else 1 / factor
        if align_corners:
            step = (old - 1) / (new - 1) if new > 1 else 0.0
        sums_of = _sums_of_few if old + new <= _FEW else _sums_of_many
        sums = sums_of(new, old, step, mode, bool(align_corners), antialias)
        if dtype in (np.float32, np.float64):
            input = Resample(dim, *sums)(input)
        elif between:
            input = to(Resample(dim, *sums)(to(input, np.float32)), dtype)
        else:
            input = index_select(input, dim, sums[0].index)
    return input


class Sums(NamedTuple):
    """Places as weighted sums of others: the j-th is that of index[k] times weights[k], for k from
    starts[j] to starts[j + 1] - 1."""

    starts: np.ndarray
    index: np.ndarray
    weights: np.ndarray


class Resample(Op):
    """The weighted sums of places along `dim`; `reverse` has the same weights, to go back."""

    __slots__ = ("dim", "reverse", "sums")

    def __init__(self, dim: int, sums: Sums, reverse: Sums) -> None:
        self.dim, self.sums, self.reverse = dim, sums, reverse

    def forward(self, x: np.ndarray) -> np.ndarray:
        return kernels.resample(x, self.dim, *self.sums)

    def backward(self, grad: Any) -> Any:
        return Resample(self.dim, self.reverse, self.sums)(grad)


def _sums(
    new: int, old: int, step: float, mode: str, align_corners: bool, antialias: bool
) -> tuple[Sums, Sums]:
    """Return which of `old` places each of the new ones is the sum of, and in which sums each is."""
    if mode.startswith("nearest"):
        places = np.arange(new, dtype=np.float32) + (0.5 if mode == "nearest-exact" else 0)
        index = np.minimum((places * np.float32(step)).astype(np.int64), old - 1)[None]
        weights = np.ones(index.shape)
    elif antialias:
        index, weights = _covered(new, old, step, mode)
    else:
        index, weights = _neighbours(new, old, step, mode, align_corners)
    target, tap = weights.T.nonzero()
    source, weights = index[tap, target], weights[tap, target]
    back = np.argsort(source, kind="stable")
    return (
        Sums(_starts(target, new), source, weights),
        Sums(_starts(source, old), target[back], weights[back]),
    )


_sums_of_few = functools.lru_cache(maxsize=128)(_sums)
_sums_of_many = functools.lru_cache(maxsize=4)(_sums)


def _starts(place: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([[0], np.bincount(place, minlength=count).cumsum()]).astype(np.int64)


def upsample(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """Return `interpolate` of this, under its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return `interpolate` in mode "nearest"."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Return `interpolate` in mode "bilinear", the corners aligned."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def _neighbours(
    new: int, old: int, step: float, mode: str, align_corners: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return (taps, new): between which of `old` places each of the new ones is, and their weights."""
    places = np.arange(new) * step if align_corners else (np.arange(new) + 0.5) * step - 0.5
    if mode == "bicubic":
        index = np.floor(places) + np.arange(-1, 3)[:, None]
        weights = cubic(places - index, -0.75)
    else:
        places = np.maximum(places, 0)
        index = np.minimum(np.floor(places), old - 1) + np.arange(2)[:, None]
        weights = 1 - abs(places - index)
    return index.clip(0, old - 1).astype(np.int64), weights


def _covered(new: int, old: int, step: float, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (taps, new): which of `old` places each of the new ones covers, and their weights, those
    of the interpolation stretched over `step` places."""
    stretch = max(step, 1.0)
    reach = (2 if mode == "bicubic" else 1) * stretch
    centre = step * (np.arange(new) + 0.5)
    first = np.maximum((centre - reach + 0.5).astype(np.int64), 0)
    end = np.minimum((centre + reach + 0.5).astype(np.int64), old)
    index = first + np.arange((end - first).max())[:, None]
    distance = (index - centre + 0.5) / stretch
    weights = cubic(distance, -0.5) if mode == "bicubic" else np.maximum(1 - abs(distance), 0)
    weights[index >= end] = 0
    return np.minimum(index, old - 1), weights / weights.sum(0)


def cubic(x: np.ndarray, a: float) -> np.ndarray:
    """Return Keys' weight of what is at distance x: 1 at 0, 0 at 1 and from 2 on, of slope a at 1."""
    x = abs(x)
    return np.where(x <= 1, cubic_near(x, a), np.where(x < 2, cubic_far(x, a), 0))


def cubic_near(x: Any, a: float) -> Any:
    """Return `cubic` for x in [0, 1]."""
    return ((a + 2) * x - (a + 3)) * x * x + 1


def cubic_far(x: Any, a: float) -> Any:
    """Return `cubic` for x in [1, 2]."""
    return ((x - 5) * x + 8) * x * a - 4 * a


def pixel_shuffle(input: Any, upscale_factor: int) -> Tensor:
    """Return groups of r^2 channels spread out as r x r pixels: (*, C r^2, H, W) -> (*, C, H r, W r).

    Source: Shi et al., "Real-time single image and video super-resolution using an efficient
    sub-pixel convolutional neural network" (2016).
    """
    r = upscale_factor
    _check_image("pixel_shuffle", input, r)
    *lead, channels, height, width = input.shape
    if channels % (r * r):
        raise RuntimeError(
            f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {r * r}"
        )
    n = len(lead)
    split = reshape(input, (*lead, channels // (r * r), r, r, height, width))
    order = [*range(n + 1), n + 3, n + 1, n + 4, n + 2]
    return reshape(permute(split, order), (*lead, channels // (r * r), height * r, width * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Tensor:
    """Return r x r pixels stacked as channels: (*, C, H r, W r) -> (*, C r^2, H, W), the inverse of
    `pixel_shuffle`.
    """
    r = downscale_factor
    _check_image("pixel_unshuffle", input, r)
    *lead, channels, height, width = input.shape
    if height % r or width % r:
        raise RuntimeError(
            f"pixel_unshuffle expects height and width to be divisible by downscale_factor, but "
            f"{height} x {width} is not divisible by {r}"
        )
    n = len(lead)
    split = reshape(input, (*lead, channels, height // r, r, width // r, r))
    order = [*range(n + 1), n + 2, n + 4, n + 1, n + 3]
    return reshape(permute(split, order), (*lead, channels * r * r, height // r, width // r))


def _check_image(name: str, input: Any, factor: int) -> None:
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions (channels, height, width), but "
            f"got shape {list(input.shape)}"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive factor, but got {factor}")


def channel_shuffle(input: Any, groups: int) -> Tensor:
    """Return the channels, (N, C, *), dealt out anew: one of each of the groups in turn.

    Source: Zhang et al., "ShuffleNet" (2018).
    """
    if input.ndim < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(input.shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    batch, channels, *places = input.shape
    if channels % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {channels} channels and {groups} "
            f"groups."
        )
    split = reshape(input, (batch, groups, channels // groups, *places))
    return reshape(transpose(split, 1, 2), tuple(input.shape))
