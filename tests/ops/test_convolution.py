"""Convolutions: values and gradients of every shape, stride, padding, dilation and grouping; what is
refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import tensor
from minigrad.nn import functional as F
from minigrad.ops.convolution import Convolution
from minigrad.testing import assert_close, check_op

COVERED = ["conv1d", "conv2d", "conv3d"]


def plain_conv2d(x, w, b, stride, padding, dilation, groups):
    """The formula, sum by sum; padding (top, bottom), (left, right)."""
    x = np.pad(x, [(0, 0), (0, 0), *padding])
    (rows, cols), (channels, *kernel) = stride, w.shape[1:]
    out = [
        (n - d * (k - 1) - 1) // s + 1
        for n, d, k, s in zip(x.shape[2:], dilation, kernel, stride, strict=True)
    ]
    y = np.zeros((len(x), len(w), *out), x.dtype)
    for o, i, j in np.ndindex(len(w), *out):
        first = o // (len(w) // groups) * channels
        window = x[:, first : first + channels, i * rows :, j * cols :][
            ..., :: dilation[0], :: dilation[1]
        ][..., : kernel[0], : kernel[1]]
        y[:, o, i, j] = (window * w[o]).sum((1, 2, 3)) + (0 if b is None else b[o])
    return y


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=pairs,
    stride=pairs,
    padding=st.one_of(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.just("same")),
    dilation=pairs,
    groups=st.integers(1, 3),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
    bias=st.booleans(),
)
def test_conv2d_is_its_formula(
    size, kernel, stride, padding, dilation, groups, channels, filters, bias
):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, channels * groups, *size))
    w = rng.normal(size=(filters * groups, channels, *kernel))
    b = rng.normal(size=filters * groups) if bias else None
    reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    if padding == "same":
        stride, around = (1, 1), [(r // 2, r - r // 2) for r in reach]
    else:
        around = [(p, p) for p in padding]
    if any(n + sum(p) <= r for n, p, r in zip(size, around, reach, strict=True)):
        with pytest.raises(RuntimeError, match="greater than actual input size"):
            F.conv2d(tensor(x), tensor(w), None, stride, padding, dilation, groups)
        return
    y = F.conv2d(
        tensor(x), tensor(w), b if b is None else tensor(b), stride, padding, dilation, groups
    )
    assert_close(y, plain_conv2d(x, w, b, stride, around, dilation, groups))


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        ((5, 4), (3, 3), {}),
        ((5, 6), (2, 3), {"stride": (2, 1), "padding": (1, 2)}),
        ((6, 5), (3, 2), {"stride": 3, "dilation": 2, "padding": 2, "groups": 2}),
        ((4, 3), (2, 4), {"padding": "same"}),
        ((3, 3), (1, 1), {"stride": 2}),
    ],
)
def test_conv2d(size, kernel, options):
    rng = np.random.default_rng(0)
    x, w = (
        rng.normal(size=(2, 2, *size)),
        rng.normal(size=(4, 2 // options.get("groups", 1), *kernel)),
    )
    check_op(lambda x, w, b: F.conv2d(x, w, b, **options), x, w, rng.normal(size=4))
    check_op(lambda x, w: F.conv2d(x, w, **options), x[0], w)


@pytest.mark.parametrize("padding", [0, 1, "same", "valid"])
def test_conv1d(padding):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 7)), rng.normal(size=(4, 3, 3)), rng.normal(size=4)
    check_op(lambda x, w, b: F.conv1d(x, w, b, padding=padding), x, w, b)
    image = F.conv2d(tensor(x[:, :, None]), tensor(w[:, :, None]), tensor(b), 1, padding and (0, 1))
    if padding in (0, 1):
        assert_close(F.conv1d(tensor(x), tensor(w), tensor(b), padding=padding), image[:, :, 0])


def test_other_layouts_in_memory_and_empty_batches():
    x = np.arange(2 * 4 * 5 * 3, dtype=np.float32).reshape(2, 4, 5, 3).transpose(0, 3, 1, 2)
    w = np.ones((2, 3, 2, 2), np.float32)[::-1]
    want = F.conv2d(tensor(x.copy()), tensor(w.copy()))
    assert_close(F.conv2d(tensor(x), tensor(w)), want)
    assert F.conv2d(tensor(x[:0]), tensor(w)).shape == (0, 2, 3, 4)


def test_by_hand_on_arrays():
    op = Convolution((1, 1), (1, 1), (0, 0), (1, 1))
    x, w = np.full((1, 1, 2, 2), 2.0), np.arange(4.0).reshape(1, 1, 2, 2)
    assert_close(op.forward(x, w, np.array([1.0])), [[[[13.0]]]])
    dx, dw, db = op.backward(np.full((1, 1, 1, 1), 3.0))
    assert_close((dx, dw, db), (3 * w, 3 * x, np.array([3.0])))


def plain_conv3d(x, w, stride, padding, dilation, groups):
    """The formula, tap by tap: each meets every stride-th element of the padded volume."""
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    out = [
        (n - d * (k - 1) - 1) // s + 1
        for n, d, k, s in zip(x.shape[2:], dilation, w.shape[2:], stride, strict=True)
    ]
    x, w = x.reshape(len(x), groups, -1, *x.shape[2:]), w.reshape(groups, -1, *w.shape[1:])
    y = np.zeros((len(x), groups, w.shape[1], *out))
    for tap in np.ndindex(*w.shape[3:]):
        met = tuple(
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, n, s in zip(tap, dilation, out, stride, strict=True)
        )
        y += np.einsum("ngcdhw,gfc->ngfdhw", x[(..., *met)], w[(..., *tap)])
    return y.reshape(len(x), -1, *out)


@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ((2, 2, 1), {}),
        ((3, 2, 2), {"stride": (2, 1, 3), "padding": (2, 1, 0), "groups": 2}),
        ((2, 1, 2), {"stride": 2, "dilation": (3, 1, 2), "padding": 1}),
    ],
)
def test_conv3d(kernel, options):
    rng = np.random.default_rng(0)
    x, w = (
        rng.normal(size=(1, 2, 4, 3, 3)),
        rng.normal(size=(4, 2 // options.get("groups", 1), *kernel)),
    )
    check_op(lambda x, w, b: F.conv3d(x, w, b, **options), x, w, rng.normal(size=4))
    numbers = [np.broadcast_to(options.get(k, d), 3) for k, d in GEOMETRY.items()]
    y = F.conv3d(tensor(x), tensor(w), **options)
    assert_close(y, plain_conv3d(x, w, *numbers, options.get("groups", 1)))
    assert y.is_contiguous()
    assert_close(F.conv3d(tensor(x[0]), tensor(w), **options), y[0])


GEOMETRY = {"stride": 1, "padding": 0, "dilation": 1}


def test_conv3d_of_the_same_size():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 2, 3, 4, 3)), rng.normal(size=(3, 2, 2, 3, 4))
    padded = np.pad(x, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 2)])  # of an odd sum, more behind
    expected = plain_conv3d(padded, w, (1, 1, 1), (0, 0, 0), (1, 1, 1), 1)
    assert_close(F.conv3d(tensor(x), tensor(w), padding="same"), expected)


IMAGES, WEIGHT = np.ones((2, 3, 8, 8), np.float32), np.ones((4, 3, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("x", "w", "options", "message"),
    [
        (
            IMAGES,
            WEIGHT[:, :1],
            {},
            "to have 1 channels, but got 3 .*batch=2, channels=3, height=8",
        ),
        (IMAGES, WEIGHT, {"groups": 2}, "to have 6 channels, but got 3"),
        (IMAGES.transpose(0, 2, 3, 1), WEIGHT, {}, r"x.permute\(0, 3, 1, 2\)"),
        (IMAGES[:, 0], WEIGHT[:, :1], {}, r"x.unsqueeze\(1\)"),
        (IMAGES[0, 0], WEIGHT, {}, r"expected 4D input \(batch, channels, height, width\), or 3D"),
        (IMAGES, WEIGHT[0], {}, r"weight \[3, 3, 3\]"),
        (IMAGES, WEIGHT.astype(float), {}, "same dtype, got float32 and float64"),
        (
            IMAGES,
            WEIGHT,
            {"bias": np.ones(3, np.float32)},
            "1-dimensional with 4 elements.*size .3.",
        ),
        (IMAGES, WEIGHT, {"stride": 0}, "non-positive stride"),
        (IMAGES, WEIGHT, {"dilation": 0}, "non-positive dilation"),
        (IMAGES, WEIGHT, {"padding": -1}, "negative padding"),
        (IMAGES, WEIGHT, {"padding": "equal"}, "Invalid padding string: 'equal'"),
        (IMAGES, WEIGHT, {"padding": "same", "stride": 2}, "not supported for strided"),
        (IMAGES, WEIGHT, {"dilation": 4}, "greater than actual input size"),
        (IMAGES, WEIGHT, {"groups": 0}, "non-positive groups"),
        (IMAGES, WEIGHT, {"stride": (1, 2, 3)}, "stride to be a single integer or 2 of them"),
        (IMAGES[:, :, :0], WEIGHT, {"padding": 2}, "only the batch and the channels may be empty"),
    ],
)
def test_what_does_not_fit(x, w, options, message):
    with pytest.raises(RuntimeError, match="(?s)" + message):
        F.conv2d(tensor(x), tensor(w), **options)


def test_sizes_that_are_no_integers():
    with pytest.raises(TypeError, match=r"stride must be an integer .*1\.5"):
        F.conv2d(tensor(IMAGES), tensor(WEIGHT), stride=1.5)


def test_what_does_not_fit_volumes():
    volumes = tensor(np.ones((2, 5, 6, 7, 3), np.float32))
    with pytest.raises(
        RuntimeError, match=r"depth=6, height=7, width=3\); .* x.permute\(0, 4, 1, 2, 3\)"
    ):
        F.conv3d(volumes, tensor(np.ones((2, 3, 1, 1, 1), np.float32)))
    with pytest.raises(RuntimeError, match=r"conv3d: expected 5D input \(batch, channels, depth, "):
        F.conv3d(volumes, tensor(WEIGHT))
