"""Sampling at places: against each value looked up by itself; what is refused."""

import itertools
import math

import numpy as np
import pytest

from minigrad import autograd, tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["affine_grid", "grid_sample"]


def normal(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def keys(x, a=-0.75):
    x = abs(x)
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0


def mirrored(place, n, align):
    low, high = (0, n - 1) if align else (-0.5, n - 0.5)
    while high > low and not low <= place <= high:
        place = 2 * low - place if place < low else 2 * high - place
    return place if high > low else 0


def looked_up(x, grid, mode, padding, align):
    """The definition, place by place and neighbour by neighbour."""
    size, out = x.shape[2:], grid.shape[1:-1]
    y = np.zeros((*x.shape[:2], *out))

    def outside(place, n):
        if padding == "reflection":
            place = mirrored(place, n, align)
        return place if padding == "zeros" else min(max(place, 0), n - 1)

    for at in np.ndindex(len(x), *out):
        places = [
            (c + 1) / 2 * (n - 1) if align else ((c + 1) * n - 1) / 2
            for c, n in zip(grid[at][::-1], size, strict=True)
        ]
        if mode != "bicubic":
            places = [outside(p, n) for p, n in zip(places, size, strict=True)]
        reach = {"nearest": [0], "bilinear": [0, 1], "bicubic": [-1, 0, 1, 2]}[mode]
        for steps in itertools.product(reach, repeat=len(size)):
            weight, index = 1.0, []
            for p, step, n in zip(places, steps, size, strict=True):
                near = round(p) if mode == "nearest" else math.floor(p) + step
                if mode == "bilinear":
                    weight *= 1 - abs(p - near)
                if mode == "bicubic":
                    weight *= keys(p - near)
                    near = int(outside(near, n))
                index.append(near)
            if all(0 <= i < n for i, n in zip(index, size, strict=True)):
                y[(at[0], slice(None), *at[1:])] += weight * x[(at[0], slice(None), *index)]
    return y


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_pictures(mode, padding, align):
    x, grid = normal(2, 2, 3, 4), normal(2, 3, 2, 2) * 1.5
    options = {"mode": mode, "padding_mode": padding, "align_corners": align}
    assert_close(
        F.grid_sample(tensor(x), tensor(grid), **options),
        looked_up(x, grid, mode, padding, align),
    )
    if align != (padding == "border"):
        return  # one of each is enough for the slopes
    if mode == "nearest":
        check_op(lambda x: F.grid_sample(x, tensor(grid).to(x.dtype), **options), x)
    else:
        second = mode == "bilinear"
        check_op(lambda x, g: F.grid_sample(x, g, **options), x[:1], grid[:1, :2], second=second)


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("padding", ["zeros", "reflection"])
def test_volumes(mode, padding):
    x, grid = normal(1, 2, 2, 3, 2), normal(1, 2, 1, 2, 3)
    y = F.grid_sample(tensor(x), tensor(grid), mode, padding, align_corners=False)
    assert_close(y, looked_up(x, grid, mode, padding, False))
    if mode == "bilinear":
        check_op(
            lambda x, g: F.grid_sample(x, g, padding_mode=padding, align_corners=False), x, grid
        )


def test_outside_of_the_border_the_grid_has_no_gradient():
    x = tensor(np.arange(3.0).reshape(1, 1, 1, 3))
    grid = tensor([[[[-2.0, 0.0], [-1.0, 0.0], [0.5, 0.0]]]], dtype=np.float64).requires_grad_()
    y = F.grid_sample(x, grid, padding_mode="border", align_corners=True)
    assert_close(y.flatten(), [0.0, 0.0, 1.5])
    assert_close(autograd.grad(y.sum(), [grid])[0][0, 0, :, 0], [0.0, 0.0, 1.0])


@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 1, 2, 3, 2)])
@pytest.mark.parametrize("align", [False, True])
def test_affine_grid(size, align):
    dims = len(size) - 2

    def moved(theta):
        grid = np.zeros((size[0], *size[2:], dims))
        for n, *at in np.ndindex(size[0], *size[2:]):
            place = [
                (2 * i / (s - 1) - 1 if s > 1 else 0) if align else (2 * i + 1) / s - 1
                for i, s in zip(at, size[2:], strict=True)
            ]
            grid[(n, *at)] = theta[n] @ [*reversed(place), 1]
        return grid

    check_op(
        lambda theta: F.affine_grid(theta, size, align), normal(2, dims, dims + 1), reference=moved
    )


@pytest.mark.parametrize("align", [False, True])
def test_the_identity_samples_the_picture_itself(align):
    x, theta = tensor(normal(1, 2, 3, 4)), tensor(np.eye(2, 3)[None])
    assert_close(F.grid_sample(x, F.affine_grid(theta, x.shape, align), align_corners=align), x)


X, GRID, THETA = tensor(np.ones((2, 3, 4, 5))), tensor(np.ones((2, 6, 7, 2))), np.ones((2, 2, 3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.grid_sample(X, GRID, "linear"), ValueError, "mode .* but got 'linear'"),
        (lambda: F.grid_sample(X, GRID, padding_mode="same"), ValueError, "but got 'same'"),
        (lambda: F.grid_sample(X, GRID[:1], "nearest", "zeros", False), RuntimeError, "same batch"),
        (
            lambda: F.grid_sample(X, GRID[..., :1], "nearest", "zeros", False),
            RuntimeError,
            "out, 2",
        ),
        (
            lambda: F.grid_sample(X[:, :, :0], GRID, "nearest", "zeros", False),
            RuntimeError,
            "empty",
        ),
        (lambda: F.grid_sample(X, GRID.float(), "nearest", "zeros", False), RuntimeError, "dtype"),
        (
            lambda: F.grid_sample(X[None], GRID[None].expand(1, 2, 6, 7, 2), "bicubic"),
            RuntimeError,
            "got .1, 2, 3, 4, 5. and",
        ),
        (lambda: F.affine_grid(tensor(THETA), (2, 3, 4), False), NotImplementedError, "depth"),
        (lambda: F.affine_grid(tensor(THETA), (2, 1, 4, 4, 4), False), ValueError, ".2, 3, 4."),
        (lambda: F.affine_grid(tensor(THETA).long(), (2, 1, 4, 4), False), ValueError, "int64"),
        (lambda: F.affine_grid(tensor(THETA), (2, 1, 0, 4), False), ValueError, "without zeros"),
        (
            lambda: F.affine_grid(tensor(THETA), (3, 1, 4, 4), False),
            RuntimeError,
            "2 matrices for 3",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:grid_sample")
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_what_align_corners_is_taken_to_be_is_told():
    with pytest.warns(UserWarning, match="grid_sample: align_corners is not given"):
        F.grid_sample(X, GRID)
    assert F.grid_sample(X[:, :0], GRID, align_corners=True).shape == (2, 0, 6, 7)
    assert F.grid_sample(X, GRID[:, :0], align_corners=True).shape == (2, 3, 0, 7)


def test_infinite_places_lie_outside():
    image = tensor(np.arange(9.0, dtype=np.float32).reshape(1, 1, 3, 3))
    grid = tensor([[[[np.inf, 0.0], [-np.inf, np.inf]]]])
    for padding, want in (("border", [5, 6]), ("zeros", [0, 0])):
        got = F.grid_sample(image, grid, padding_mode=padding, align_corners=True)
        assert_close(got.flatten(), np.array(want, np.float32))
