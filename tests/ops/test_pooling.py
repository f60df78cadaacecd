"""Pooling: values, places and gradients for every window; what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import tensor
from minigrad.nn import functional as F
from minigrad.ops.pooling import AvgPool, MaxPool, windows
from minigrad.testing import assert_close, check_op

COVERED = [f"{kind}_pool{dims}d" for kind in ("avg", "lp", "max") for dims in (1, 2, 3)]


def distinct(*shape):
    """Numbers no two of which are close: finite differences must not change which is the largest."""
    return np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape) / 7.0


@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 3),
    ceil_mode=st.booleans(),
)
def test_windows_cover_what_the_padded_row_would(
    size, kernel, stride, padding, dilation, ceil_mode
):
    if 2 * padding > kernel:
        return
    steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride
    most = max((math.ceil if ceil_mode else math.floor)(steps) + 1, 0)
    reached = [[i * stride - padding + p * dilation for p in range(kernel)] for i in range(most)]
    try:
        found = windows(size, kernel, stride, padding, dilation, ceil_mode, True)
    except ValueError:  # a window has steps over the whole row
        assert any(not any(0 <= t < size for t in taps) for taps in reached)
        return
    for (first, end, count), taps in zip(found, reached, strict=False):
        assert list(range(first, end, dilation)) == [t for t in taps if 0 <= t < size]
        if dilation == 1:
            assert count == sum(t < size + padding for t in taps)
    full = max(math.floor(steps) + 1, 0)
    assert len(found) in (full, most)
    if ceil_mode and len(found) == full + 1:  # the last window begins within the row
        assert full * stride - padding < size


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 2},
        {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)},
        {"kernel_size": 2, "dilation": 2, "stride": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    ],
)
def test_max_pool2d(options):
    check_op(lambda x: F.max_pool2d(x, **options), distinct(2, 2, 6, 5))
    x = tensor(distinct(2, 3, 6, 5))
    y, index = F.max_pool2d(x, **options, return_indices=True)
    assert index.dtype == np.int64
    assert_close(
        np.take_along_axis(x.array.reshape(2, 3, -1), index.array.reshape(2, 3, -1), 2),
        y.flatten(2),
    )
    assert_close(F.max_pool2d(x[0], **options), y[0])


def test_max_pool2d_is_its_formula():
    x = distinct(2, 3, 7, 6)
    want = x[:, :, :6].reshape(2, 3, 3, 2, 3, 2).max((3, 5))
    assert_close(F.max_pool2d(tensor(x), 2), want)
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)
    view = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))[:, :, ::2, ::2]
    assert_close(F.max_pool2d(tensor(x), 3, 2, 1), view.max((4, 5)))


def test_max_pool_of_equal_elements_and_of_nan():
    x = tensor(np.array([[[1.0, 1.0, np.nan, 0.0, np.nan]]]))
    y, index = F.max_pool1d(x, 2, 1, return_indices=True)
    assert_close(y, [[[1.0, np.nan, np.nan, np.nan]]], equal_nan=True)
    assert index.tolist() == [[[0, 2, 2, 4]]]


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("ceil_mode", [True, False])
def test_avg_pool(dims, include, ceil_mode):
    pool, x = (F.avg_pool1d, F.avg_pool2d)[dims - 1], distinct(2, 2, *(6, 5)[-dims:])
    check_op(lambda x: pool(x, 3, 2, 1, ceil_mode, include), x)
    around = [(0, 0), (0, 0), *[(1, 1)] * dims]
    if not ceil_mode:
        axes = tuple(range(2, 2 + dims))
        sums, ones = (
            np.lib.stride_tricks.sliding_window_view(np.pad(a, around), (3,) * dims, axes).sum(
                tuple(range(-dims, 0))
            )[(..., *[slice(None, None, 2)] * dims)]
            for a in (x, np.ones_like(x))
        )
        assert_close(
            pool(tensor(x), 3, 2, 1, False, include), sums / (3**dims if include else ones)
        )


def test_avg_pool_divisor():
    x = distinct(1, 4, 4)
    assert_close(F.avg_pool2d(tensor(x), 2, divisor_override=2), 2 * F.avg_pool2d(tensor(x), 2))


def test_max_pool1d():
    x = distinct(2, 3, 9)
    check_op(lambda x: F.max_pool1d(x, 3, 2, 1), x)
    assert_close(F.max_pool1d(tensor(x), 3), x.reshape(2, 3, 3, 3).max(3))
    assert_close(F.max_pool1d(tensor(x[0]), 3), x[0].reshape(3, 3, 3).max(2))


def volumes(x, size, stride):
    """All windows of x (..., depth, height, width), their elements last."""
    found = np.lib.stride_tricks.sliding_window_view(x, size, (-3, -2, -1))
    found = found[..., :: stride[0], :: stride[1], :: stride[2], :, :, :]
    return found.reshape(*found.shape[:-3], -1)


def test_volumes():
    x = distinct(2, 3, 5, 4)  # one volume of two channels
    options = {"kernel_size": (2, 3, 2), "stride": (1, 2, 2), "padding": (1, 1, 0)}
    check_op(lambda x: F.max_pool3d(x, **options), x)
    check_op(lambda x: F.avg_pool3d(x, **options), x)
    padded = [np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=v) for v in (0, -np.inf)]
    sums, maxima = (volumes(p, (2, 3, 2), (1, 2, 2)) for p in padded)
    assert_close(F.max_pool3d(tensor(x), **options), maxima.max(-1))
    assert_close(F.avg_pool3d(tensor(x), **options), sums.mean(-1))
    counts = np.isfinite(maxima).sum(-1)
    assert_close(F.avg_pool3d(tensor(x), **options, count_include_pad=False), sums.sum(-1) / counts)
    assert_close(F.avg_pool3d(tensor(x), **options, divisor_override=5), sums.sum(-1) / 5)


def test_places_in_volumes():
    x = distinct(2, 3, 5, 6, 4)
    y, index = F.max_pool3d(tensor(x), 2, (1, 2, 1), 1, (2, 1, 1), return_indices=True)
    found = np.take_along_axis(x.reshape(2, 3, -1), index.array.reshape(2, 3, -1), 2)
    assert_close(found, y.flatten(2))
    nothing = F.max_pool3d(tensor(x[:0]), 2, return_indices=True)
    assert [y.shape for y in nothing] == [(0, 3, 2, 3, 2)] * 2


def test_norms():
    x = distinct(2, 4, 4, 4) + 0.1
    check_op(lambda x: F.lp_pool1d(x, 2, 3, 2), x[0])
    check_op(lambda x: F.lp_pool2d(x, 2.5, (2, 3)), x)
    check_op(lambda x: F.lp_pool3d(x, 3, 2), x)
    t, windows = tensor(x), volumes(x, (1, 2, 2), (1, 2, 2))
    for p in (1, 2, 3.5, np.inf):
        assert_close(F.lp_pool2d(t, p, 2), np.linalg.norm(windows, p, -1))
    assert_close(F.lp_pool2d(-t, -np.inf, 2), windows.min(-1))
    # The window that hangs over the edge has half of the elements, and counts as if it were full.
    x = tensor([[[3.0, 4.0, 2.0]]])
    assert_close(F.lp_pool1d(x, 2, 2, ceil_mode=True), [[[5.0, 8**0.5]]])


def test_the_gradient_of_the_norm_of_zeros_is_zero():
    x = tensor([[[0.0, 0.0, 3.0, 4.0]]]).requires_grad_()
    F.lp_pool1d(x, 2, 2).sum().backward()
    assert_close(x.grad, [[[0, 0, 0.6, 0.8]]])


def test_by_hand_on_arrays():
    rows, x = windows(2, 2, 2, 0, 1, False, True), np.array([[[1.0, 2.0], [4.0, 3.0]]])
    op = MaxPool(rows, rows)
    assert_close(op.forward(x), [[[4.0]]])
    assert_close(op.backward(np.array([[[5.0]]])), [[[0.0, 0.0], [5.0, 0.0]]])
    op = AvgPool(rows, rows)
    assert_close(op.forward(x), [[[2.5]]])
    assert_close(op.backward(np.array([[[4.0]]])), np.ones((1, 2, 2)))


IMAGES = tensor(np.ones((2, 3, 4, 4), np.float32))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: F.max_pool2d(IMAGES, 5),
            "larger than the input, .2, 3, 4, 4.: output size is too small",
        ),
        (lambda: F.max_pool2d(IMAGES, 2, padding=2), "at most half of the kernel"),
        (lambda: F.avg_pool2d(IMAGES, 2, padding=-1), "non-negative"),
        (lambda: F.avg_pool2d(IMAGES, 0), "greater than zero"),
        (lambda: F.avg_pool2d(IMAGES, 2, divisor_override=0), "not zero"),
        (
            lambda: F.max_pool2d(IMAGES[0, 0], 2),
            r"3D \(channels, height, width\) or 4D .*got .4, 4.",
        ),
        (lambda: F.max_pool1d(IMAGES, 2), r"2D \(channels, length\) or 3D"),
        (lambda: F.max_pool2d(IMAGES.long(), 2), "input of floats"),
        (lambda: F.lp_pool3d(IMAGES[0, 0], 2, 2), r"4D \(channels, depth, height, width\) or 5D"),
        (lambda: F.max_pool2d(IMAGES[..., :1, :1], 2, 1, 1, 2), "holds padding only"),
    ],
)
def test_what_does_not_fit(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()


def test_only_a_batch_may_be_empty():
    nothing = tensor(np.ones((0, 4, 4), np.float32))
    for pool in (F.max_pool1d, F.avg_pool1d):
        assert pool(nothing, 2).shape == (0, 4, 2)
        with pytest.raises(RuntimeError, match=r"got .0, 4."):
            pool(nothing[..., 0], 2)
    for pool in (F.max_pool2d, F.avg_pool2d):
        assert pool(nothing[None].transpose(0, 1), 2).shape == (0, 1, 2, 2)
        with pytest.raises(RuntimeError, match=r"got .0, 4, 4."):
            pool(nothing, 2)
