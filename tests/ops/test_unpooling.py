"""Unpooling: what was pooled comes back to its place; what is refused."""

import numpy as np
import pytest

from minigrad import nn, tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close, check_op

COVERED = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


def distinct(*shape):
    return np.random.default_rng(0).permutation(np.prod(shape)).reshape(shape) / 7.0 + 1


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("options", [(2,), (3, 2, 1)])
def test_the_largest_come_back_to_their_places(dims, options):
    pool, unpool = getattr(F, f"max_pool{dims}d"), getattr(F, f"max_unpool{dims}d")
    x = distinct(2, 2, *(4, 6, 4)[:dims])
    y, index = pool(tensor(x), *options, return_indices=True)
    size = x.shape[2:]

    def back(y):
        return unpool(y, index, *options, output_size=size)

    expected = np.where(np.isin(x, y.array), x, 0)
    assert_close(back(y), expected)
    assert_close(unpool(y, index, *options, output_size=x.shape), expected)
    assert_close(unpool(y[0], index[0], *options, output_size=size), expected[0])
    places = index.array.reshape(4, -1)
    if len(np.unique(places[0])) == len(places[0]):  # of several for one place, one stays
        check_op(back, distinct(*y.shape))
    gradient = distinct(*x.shape)
    t = tensor(y.array).requires_grad_()
    back(t).backward(tensor(gradient))
    found = np.take_along_axis(gradient.reshape(4, -1), places, 1)
    assert_close(t.grad, found.reshape(y.shape))


def test_module():
    x = tensor(distinct(1, 2, 5, 5))
    pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
    assert repr(unpool) == "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))"
    assert (
        repr(nn.MaxUnpool1d(3, 2, 1)) == "MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(1,))"
    )
    y = unpool(*pool(x), output_size=x.shape)
    assert_close(y[:, :, :4, :4].eq(0).sum(), 2 * 12)
    y, index = nn.MaxPool3d(2, return_indices=True)(x.expand(1, 2, 2, 5, 5))
    assert nn.MaxUnpool3d(2)(y, index[:1] % 32).shape == (1, 2, 2, 4, 4)


Y = tensor(np.ones((1, 1, 2, 2)))
INDEX = tensor(np.array([[[[0, 2], [8, 10]]]]))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.max_unpool2d(Y, INDEX, 2, output_size=(6, 5)), ValueError, r"\(6, 5\).*stride"),
        (lambda: F.max_unpool2d(Y, INDEX, 2, output_size=(5,)), ValueError, "2 or 4 elements"),
        (lambda: F.max_unpool2d(Y, INDEX, 2, 2, 3), ValueError, r"non-negative.*\(-2, -2\)"),
        (lambda: F.max_unpool2d(Y, INDEX, 2, 0), RuntimeError, "greater than zero"),
        (
            lambda: F.max_unpool2d(Y, INDEX[..., :1], 2),
            RuntimeError,
            r"shape of input, \[1, 1, 2, 2",
        ),
        (lambda: F.max_unpool2d(Y, INDEX + 8, 2), RuntimeError, "from 8 to 18, .* 4 x 4 places"),
        (lambda: F.max_unpool2d(Y, -INDEX, 2), RuntimeError, "invalid max index"),
        (lambda: F.max_unpool2d(Y, INDEX.double(), 2), RuntimeError, "expected integers"),
        (
            lambda: F.max_unpool2d(Y[0, 0], INDEX[0, 0], 2),
            RuntimeError,
            r"3D .* or 4D .*got \[2, 2\]",
        ),
        (lambda: F.max_unpool3d(Y[None, :, :, :0], INDEX, 2), RuntimeError, "5D"),
    ],
)
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_empty_batch():
    assert F.max_unpool2d(Y[:0], INDEX[:0], 2).shape == (0, 1, 4, 4)
