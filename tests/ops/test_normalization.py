"""batch_norm against NumPy: values, gradients, running statistics, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.normalization import BatchNorm
from minigrad.testing import assert_close, check_op

COVERED = ["batch_norm"]


def reference(x, weight, bias, eps=1e-5, mean=None, var=None):
    axes = (0, *range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    mean = x.mean(axes) if mean is None else mean
    var = x.var(axes) if var is None else var
    z = (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)
    return z * weight.reshape(shape) + bias.reshape(shape)


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 4), (2, 2, 3, 2)])
@pytest.mark.parametrize("training", [True, False])
def test_values_and_gradients(shape, training):
    rng = np.random.default_rng(0)
    x, channels = rng.normal(size=shape) * 2 + 1, shape[1]
    weight, bias = rng.normal(size=(2, channels))
    mean, var = rng.normal(size=channels), rng.random(channels) + 0.5

    def function(x, weight, bias):
        running = (tensor(mean).to(x.dtype), tensor(var).to(x.dtype))
        return F.batch_norm(x, *running, weight, bias, training)

    check_op(function, x, weight, bias)
    known = (None, None) if training else (mean, var)
    expected = reference(x, weight, bias, 1e-5, *known)
    assert_close(function(tensor(x), tensor(weight), tensor(bias)), expected)


def test_without_weight_and_bias():
    x = np.random.default_rng(0).normal(size=(6, 2))
    check_op(lambda x: F.batch_norm(x, None, None, training=True), x)
    one, zero = np.ones(2), np.zeros(2)
    assert_close(F.batch_norm(tensor(x), None, None, training=True), reference(x, one, zero))


@given(
    momentum=st.floats(0, 1),
    dtype=st.sampled_from([np.float32, np.float64]),
    n=st.integers(2, 5),
    seed=st.integers(0, 1000),
)
def test_running_statistics(momentum, dtype, n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3, 2)).astype(dtype)
    mean, var = rng.normal(size=3).astype(dtype), rng.random(3).astype(dtype)
    running_mean, running_var = tensor(mean), tensor(var)
    F.batch_norm(tensor(x), running_mean, running_var, training=True, momentum=momentum)
    expected = (1 - momentum) * mean + momentum * x.mean((0, 2))
    assert_close(running_mean, expected.astype(dtype), rtol=1e-5, atol=1e-5)
    expected = (1 - momentum) * var + momentum * x.var((0, 2), ddof=1)
    assert_close(running_var, expected.astype(dtype), rtol=1e-5, atol=1e-5)


def test_by_hand_on_arrays():
    x = np.array([[1.0], [3.0]])
    op = BatchNorm(eps=0.0)
    assert_close(op.forward(x, np.array([2.0]), np.array([1.0])), [[-1.0], [3.0]])
    dx, dweight, dbias = op.backward(np.array([[1.0], [0.0]]))
    assert_close((dx, dweight, dbias), (np.zeros((2, 1)), np.array([-1.0]), np.array([1.0])))


def test_one_value_a_channel_has_no_variance():
    with pytest.raises(ValueError, match=r"Expected more than 1 value.*\[1, 3\].*drop_last"):
        F.batch_norm(tensor(np.ones((1, 3))), None, None, training=True)


def test_what_does_not_fit():
    x, three, four = tensor(np.ones((2, 3))), tensor(np.ones(3)), tensor(np.ones(4))
    with pytest.raises(RuntimeError, match=r"running_var should contain 3 elements.*\[4\]"):
        F.batch_norm(x, three, four)
    with pytest.raises(RuntimeError, match="input is float64 and weight is float32"):
        F.batch_norm(x, three, three, tensor(np.ones(3, np.float32)))
    with pytest.raises(RuntimeError, match="needed in evaluation"):
        F.batch_norm(x, None, None)
    with pytest.raises(RuntimeError, match=r"\(batch, channels, ...\), got \[3\]"):
        F.batch_norm(three, three, three)
