"""Activations made of pieces: against NumPy, finite differences, and PyTorch at their bends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op

# name, options, the same in NumPy
CASES = [
    ("hardshrink", {}, lambda x: np.where(np.abs(x) > 0.5, x, 0)),
    ("hardshrink", {"lambd": 1.1}, lambda x: np.where(np.abs(x) > 1.1, x, 0)),
    ("hardsigmoid", {}, lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    ("hardswish", {}, lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    ("hardtanh", {}, lambda x: np.clip(x, -1, 1)),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}, lambda x: np.clip(x, -0.5, 2)),
    ("relu6", {}, lambda x: np.clip(x, 0, 6)),
    ("rrelu", {}, lambda x: np.where(x > 0, x, x * (1 / 8 + 1 / 3) / 2)),
    ("softshrink", {}, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0)),
    ("softshrink", {"lambd": 0.1}, lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.1, 0)),
    ("threshold", {"threshold": 0.1, "value": 7.0}, lambda x: np.where(x > 0.1, x, 7.0)),
]
IDS = [name + "".join(f"-{value}" for value in options.values()) for name, options, _ in CASES]
COVERED = sorted({"prelu"} | {name for name, _, _ in CASES})


def gradient(function, values):
    x = mg.tensor(values, dtype=mg.float64, requires_grad=True)
    return engine.grad(function(x).sum(), x)[0].tolist()


@pytest.mark.parametrize(("name", "options", "reference"), CASES, ids=IDS)
def test_piecewise(name, options, reference):
    x = np.array([[-3.1, -1.4, -0.3], [0.2, 1.3, 6.6]])
    check_op(lambda x: getattr(mg, name)(x, **options), x, reference=reference)


@pytest.mark.parametrize(("name", "options", "reference"), CASES, ids=IDS)
@given(data=st.data())
def test_values_against_numpy(name, options, reference, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    x = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(-30, 30)))
    assert_close(getattr(mg, name)(mg.tensor(x), **options), np.asarray(reference(x)))


@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
def test_hardswish_is_x_from_3_on(dtype):
    largest = np.finfo(dtype).max
    x = np.array([*np.linspace(3, 9, 100), largest / 3, largest], dtype)
    assert mg.hardswish(mg.tensor(x)).tolist() == x.tolist()


def test_gradients_at_the_bends():
    assert gradient(mg.hardtanh, [-2.0, -1.0, 0.0, 1.0, 2.0]) == [0, 0, 1, 0, 0]
    assert gradient(mg.relu6, [0.0, 3.0, 6.0]) == [0, 1, 0]
    assert gradient(mg.hardsigmoid, [-3.0, 0.0, 3.0]) == [0, 1 / 6, 0]
    assert gradient(mg.hardswish, [-3.0, 0.0, 3.0]) == [0, 0.5, 1]
    assert gradient(mg.softshrink, [-0.5, 0.0, 0.5, 0.6]) == [0, 0, 0, 1]
    assert gradient(mg.hardshrink, [-0.5, 0.0, 0.5, 0.6]) == [0, 0, 0, 1]
    assert gradient(lambda x: mg.threshold(x, 1, 7), [0.5, 1.0, 1.1]) == [0, 0, 1]
    assert gradient(lambda x: mg.prelu(x, mg.tensor(0.5, dtype=x.dtype)), [0.0, 1.0]) == [0.5, 1]


def test_nan_stays():
    nan = mg.tensor([np.nan])
    for name, options, _ in CASES:
        assert np.isnan(getattr(mg, name)(nan, **options).array).all(), name


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_prelu(channels):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 4)), rng.uniform(0.1, 0.9, size=channels)

    def reference(x, weight):
        return np.where(x > 0, x, x * weight.reshape(-1, 1))

    check_op(mg.prelu, x, weight, reference=reference)


def test_prelu_needs_a_weight_a_channel():
    with pytest.raises(RuntimeError, match="parameter numbers = 2 and channel size = 3"):
        mg.prelu(mg.ones(2, 3), mg.ones(2))
    with pytest.raises(RuntimeError, match="scalar or 1D tensor"):
        mg.prelu(mg.ones(2, 3), mg.ones(1, 3))


def test_rrelu_draws_slopes_in_training():
    x = mg.full((1000,), -1.0, dtype=mg.float64, requires_grad=True)
    y = mg.rrelu(x, 0.2, 0.4, training=True, generator=mg.Generator().manual_seed(0))
    slopes = -y.detach().array
    assert slopes.min() >= 0.2 and slopes.max() < 0.4 and abs(slopes.mean() - 0.3) < 0.01
    y.sum().backward()
    assert_close(x.grad, slopes)
    with pytest.raises(RuntimeError, match="Lower bound should be less than or equal"):
        mg.rrelu(x, 0.4, 0.2)


def test_what_is_refused():
    with pytest.raises(ValueError, match="min_val cannot be greater than max_val"):
        mg.hardtanh(mg.ones(1), 2, 1)
    with pytest.raises(RuntimeError, match="lambd must not be negative, but it is -1"):
        mg.softshrink(mg.ones(1), -1)
