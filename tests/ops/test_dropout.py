"""dropout: its values, its rate, its seed, and its gradient, which is the mask."""

import numpy as np
import pytest

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.dropout import AlphaDropout, Dropout
from minigrad.random import manual_seed
from minigrad.testing import assert_close, check_op

CHANNELS = ["dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout"]
COVERED = ["alpha_dropout", "dropout", "vanilla_dropout", *CHANNELS]


def test_gradients():
    check_op(lambda x: Dropout(0.4, seed=3, stream=5)(x), np.random.default_rng(0).normal(size=20))


@pytest.mark.parametrize(
    "op",
    [
        lambda: Dropout(0.4, 3, 5, scale=1.0),
        lambda: Dropout(0.4, 3, 5, dims=2),
        lambda: AlphaDropout(0.4, 3, 5),
        lambda: AlphaDropout(0.4, 3, 5, dims=1),
    ],
)
def test_gradients_of_variants(op):
    check_op(lambda x: op()(x), np.random.default_rng(0).normal(size=(4, 3, 2)))


@pytest.mark.parametrize("name", CHANNELS)
def test_whole_channels(name):
    x = tensor(np.ones((64, 32, 10), np.float32))
    y = getattr(F, name)(x, 0.25, training=True).array
    if name == "dropout3d":  # no batch: the first dimension is that of the channels
        y = y.reshape(64, -1)[:, None]
    assert (y == y[..., :1]).all()
    channels = y[..., 0]
    assert len(np.unique(channels)) == 2
    dropped = (channels == channels.min()).mean()
    assert abs(dropped - 0.25) < 5 * np.sqrt(0.19 / channels.size)
    if "alpha" not in name:
        assert_close(np.unique(channels), np.float32([0, 4 / 3]))


def test_channels_with_and_without_a_batch():
    for name, shape, channels in [
        ("dropout1d", (40, 7), 40),
        ("dropout1d", (8, 5, 7), 40),
        ("dropout2d", (8, 5, 2, 2), 40),
        ("dropout3d", (40, 3, 2, 2), 40),
        ("dropout3d", (8, 5, 3, 2, 2), 40),
    ]:
        y = getattr(F, name)(tensor(np.ones(shape)), 0.5).array.reshape(channels, -1)
        assert (y == y[:, :1]).all() and len(np.unique(y)) == 2, name
    with pytest.raises(RuntimeError, match=r"dropout1d: Expected 2D .* 4D input"):
        F.dropout1d(tensor(np.ones((1, 2, 3, 4))))
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        F.dropout2d(tensor(np.ones(3)))


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_mean_and_variance_are_kept(name):
    x = np.random.default_rng(0).normal(size=(1000, 1000))
    y = getattr(F, name)(tensor(x), 0.3, training=True).array
    assert abs(y.mean()) < 0.01 and abs(y.std() - 1) < 0.01
    # SELU's limit is where dropped elements are put, before the affine map that keeps the moments.
    limit = -1.0507009873554805 * 1.6732632423543772
    a = ((1 - 0.3) * (1 + 0.3 * limit**2)) ** -0.5
    dropped, count = np.unique(y, return_counts=True)
    assert_close(dropped[count.argmax()], a * limit - a * 0.3 * limit)
    assert not F.alpha_dropout(tensor(x), 1.0, training=True).array.any()


def test_vanilla_keeps_in_training_and_scales_in_use():
    x = tensor(np.arange(1, 10001, dtype=np.float32)).requires_grad_()
    y = F.vanilla_dropout(x, 0.75)
    kept = y.detach().array != 0
    assert_close(y.detach().array[kept], x.detach().array[kept])
    y.sum().backward()
    assert_close(x.grad, kept.astype(np.float32))
    x.grad = None
    used = F.vanilla_dropout(x, 0.75, training=False)  # after a training pass, whose mask is stale
    assert_close(used.detach(), x.detach().array * np.float32(0.25))
    used.sum().backward()
    assert_close(x.grad, np.full(10000, 0.25, np.float32))


def test_zero_or_scaled():
    x = tensor(np.arange(1, 10001, dtype=np.float32))
    y = F.dropout(x, 0.75)
    kept = y.array != 0
    assert_close(y.array[kept], x.array[kept] * 4)
    assert abs(kept.mean() - 0.25) < 0.02


def test_gradient_is_the_mask():
    x = tensor(np.ones(1000, np.float32)).requires_grad_()
    y = F.dropout(x, 0.5)
    y.sum().backward()
    assert_close(x.grad, y.detach())


def test_seed_decides():
    x = tensor(np.ones(1000, np.float32))
    manual_seed(7)
    first, second = F.dropout(x), F.dropout(x)
    manual_seed(7)
    assert_close(F.dropout(x), first)
    assert (first.array != second.array).any()


def test_identity_and_nothing():
    x = tensor(np.array([1.0, np.inf])).requires_grad_()
    assert F.dropout(x, 0.9, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert F.dropout(tensor(np.ones(3)), 1.0).tolist() == [0, 0, 0]


def test_inplace():
    x = tensor(np.ones(1000, np.float32))
    y = F.dropout(x, inplace=True)
    assert y is x and 0 in x.array and 2 in x.array


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_no_probability(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        F.dropout(tensor(np.ones(3)), p)
