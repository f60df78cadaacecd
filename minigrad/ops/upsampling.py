"""More, or fewer, points of the same picture: interpolation, and channels exchanged for places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensor import Tensor
from .arithmetic import add, mul
from .dims import per_dim
from .gathering import index_select
from .shape import permute, reshape, transpose

__all__ = ["channel_shuffle", "interpolate", "pixel_shuffle", "pixel_unshuffle"]

# The number of dimensions that each mode takes, batch and channels included.
_MODES = {
    "nearest": (3, 4, 5),
    "nearest-exact": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "trilinear": (5,),
}


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
    middle of their pixels), or is interpolated between its neighbours: mode "linear", "bilinear"
    or "trilinear", for 1, 2 or 3 dimensions. With `align_corners` the first and the last places
    stay where they were, else the borders of the first and the last pixels.
    """
    if mode not in _MODES or antialias:
        raise NotImplementedError(
            f"interpolate: mode={mode!r}{', antialias=True' if antialias else ''} is missing; there "
            f"are {', '.join(_MODES)}"
        )
    if input.ndim not in _MODES[mode]:
        raise NotImplementedError(
            f"interpolate: mode={mode!r} is for inputs of {' or '.join(map(str, _MODES[mode]))} "
            f"dimensions (batch, channels, places), got shape {list(input.shape)}"
        )
    nearest = mode.startswith("nearest")
    if not nearest and input.dtype.kind != "f":
        raise RuntimeError(
            f"interpolate: mode={mode!r} needs floating-point input, not {input.dtype}; convert it "
            f"first, as in x.float()"
        )
    if nearest and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear "
            "| trilinear"
        )
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: only one of size or scale_factor should be defined, and one")
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
    for dim, (new, factor) in enumerate(zip(sizes, factors, strict=True), start=2):
        old = input.shape[dim]
        step = np.float32(old / new if factor is None else 1 / factor)
        if nearest:
            places = np.arange(new, dtype=np.float32) + (0.5 if mode == "nearest-exact" else 0)
            index = np.minimum((places * step).astype(np.int64), old - 1)
            input = index_select(input, dim, index)
        else:
            input = _between(
                input,
                dim,
                new,
                old,
                float(old / new if factor is None else 1 / factor),
                align_corners,
            )
    return input


def _between(x: Any, dim: int, new: int, old: int, step: float, align_corners: bool | None) -> Any:
    """Return `new` values along `dim`, each between two neighbours."""
    if align_corners:
        places = np.arange(new) * ((old - 1) / (new - 1) if new > 1 else 0)
    else:
        places = np.maximum((np.arange(new) + 0.5) * step - 0.5, 0)
    before = np.minimum(places.astype(np.int64), old - 1)
    after = np.minimum(before + 1, old - 1)
    weight = (places - before).astype(x.dtype).reshape((-1,) + (1,) * (x.ndim - dim - 1))
    return add(
        mul(index_select(x, dim, before), 1 - weight), mul(index_select(x, dim, after), weight)
    )


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
