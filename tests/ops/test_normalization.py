"""Normalisation against NumPy: values, gradients, running statistics, and what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.ops.normalization import BatchNorm, LayerNorm
from minigrad.testing import assert_close, check_op

COVERED = [
    *("batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm"),
    "rms_norm",
]


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


# ---- within a sample -----------------------------------------------------------------------------


def within(x, axes, weight, bias, eps=1e-5):
    z = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)
    return z * weight + bias


@pytest.mark.parametrize(("shape", "dims"), [((3, 4), 1), ((2, 3, 4), 2), ((5,), 1), ((0, 3), 1)])
def test_layer_norm(shape, dims):
    rng = np.random.default_rng(0)
    x, last = rng.normal(size=shape) * 2 + 1, shape[-dims:]
    weight, bias = rng.normal(size=(2, *last))

    def function(x, *parameters):
        return F.layer_norm(x, last, *parameters)

    check_op(function, x, weight, bias)
    check_op(function, x, weight)
    check_op(function, x)
    axes = tuple(range(-dims, 0))
    assert_close(function(tensor(x), tensor(weight), tensor(bias)), within(x, axes, weight, bias))


@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (2, 6, 2, 3)])
def test_group_norm(shape):
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape) * 2 + 1
    weight, bias = rng.normal(size=(2, shape[1]))

    def function(x, *parameters):
        return F.group_norm(x, 2, *parameters)

    check_op(function, x, weight, bias)
    check_op(function, x)
    column = (-1, *[1] * (len(shape) - 2))
    z = within(x.reshape(len(x), 2, -1), 2, 1, 0).reshape(shape)
    expected = z * weight.reshape(column) + bias.reshape(column)
    assert_close(function(tensor(x), tensor(weight), tensor(bias)), expected)


def test_rms_norm():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 4)), rng.normal(size=(3, 4))
    check_op(lambda x, weight: F.rms_norm(x, (3, 4), weight, 1e-5), x, weight)
    check_op(lambda x: F.rms_norm(x, (4,)), x)
    z = x / np.sqrt(np.square(x).mean((1, 2), keepdims=True) + np.finfo(np.float64).eps)
    assert_close(F.rms_norm(tensor(x), (3, 4), tensor(weight)), z * weight)


def test_layer_norm_by_hand_on_arrays():
    op, x = LayerNorm(eps=0.0), np.array([[1.0, 3.0]])
    assert_close(op.forward(x, np.array([2.0, 2.0]), np.array([1.0, 1.0])), [[-1.0, 3.0]])
    dx, dweight, dbias = op.backward(np.array([[1.0, 0.0]]))
    assert_close(dx, np.zeros((1, 2)))
    assert_close((dweight, dbias), (np.array([-1.0, 0.0]), np.array([1.0, 0.0])))


def test_what_does_not_fit_within_a_sample():
    x, four = tensor(np.ones((2, 3))), tensor(np.ones(4))
    with pytest.raises(RuntimeError, match=r"normalized_shape=\[4\], .*\[\*, 4\].*got \[2, 3\]"):
        F.layer_norm(x, (4,))
    with pytest.raises(RuntimeError, match=r"normalized_shape=\[\]"):
        F.rms_norm(x, ())
    with pytest.raises(RuntimeError, match=r"weight should have shape \[3\].*it has \[4\]"):
        F.rms_norm(x, (3,), four)
    with pytest.raises(RuntimeError, match="input is float64 and bias is float32"):
        F.layer_norm(x, (3,), None, tensor(np.ones(3, np.float32)))
    with pytest.raises(RuntimeError, match=r"divisible by num_groups 2, got \[2, 3\]"):
        F.group_norm(x, 2)
    with pytest.raises(ValueError, match=r"more than 1 value.*\[1, 4\]"):
        F.group_norm(tensor(np.ones((1, 4))), 4)
    with pytest.raises(RuntimeError, match="floating-point input, got int64"):
        F.layer_norm(tensor(np.ones((2, 3), np.int64)), (3,))


@pytest.mark.parametrize("eps", [0.0, -1.0])
def test_eps_keeps_the_variance_of_a_batch_from_0(eps):
    with pytest.raises(ValueError, match=f"eps must be positive.* {eps}"):
        F.batch_norm(tensor([[1.0], [2.0]]), None, None, training=True, eps=eps)


def test_instance_norm():
    x, weight, bias = (np.random.default_rng(0).normal(size=s) for s in [(3, 2, 2, 4), (2,), (2,)])

    def expected(x, weight, bias):
        mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
        return weight[:, None, None] * (x - mean) / np.sqrt(var + 1e-5) + bias[:, None, None]

    check_op(
        lambda x, w, b: F.instance_norm(x, None, None, w, b), x, weight, bias, reference=expected
    )
    mean, var = tensor(np.zeros(2)), tensor(np.ones(2))
    F.instance_norm(tensor(x), mean, var, momentum=0.5)
    assert_close(mean, x.mean((0, 2, 3)) / 2)
    assert_close(var, 0.5 + x.var((2, 3), ddof=1).mean(0) / 2)
    y = F.instance_norm(tensor(x), mean, var, use_input_stats=False)
    m, v = mean.numpy()[:, None, None], var.numpy()[:, None, None]
    assert_close(y, (x - m) / np.sqrt(v + 1e-5))
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        F.instance_norm(tensor(x[:, :, :1, :1]))


# ---- by neighbouring channels --------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 4, 3), (1, 4, 2, 2)])
@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_local_response_norm(shape, size):
    def reference(x):
        mean = np.zeros_like(x)
        for c in range(4):
            near = x[:, max(c - size // 2, 0) : c + (size - 1) // 2 + 1]
            mean[:, c] = (near**2).sum(1) / size
        return x / (0.5 + 2 * mean) ** 0.75

    x = np.random.default_rng(0).normal(size=shape)
    check_op(lambda x: F.local_response_norm(x, size, 2, 0.75, 0.5), x, reference=reference)


def test_local_response_norm_of_what_does_not_fit():
    x = tensor(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"\(batch, channels, \*places\), got 2 dimensions"):
        F.local_response_norm(x, 2)
    with pytest.raises(RuntimeError, match="size must be at least 1 channel, got 0"):
        F.local_response_norm(x[None], 0)
    assert F.local_response_norm(x[:0, None], 2).shape == (0, 1, 3)
