"""Activations against their formulas in NumPy, finite differences, and PyTorch at kinks and tails."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops.activation import ReLU
from minigrad.testing import assert_close, check_op

inf = math.inf
erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


# name, options, the same in NumPy
CASES = [
    ("celu", {}, lambda x: np.where(x > 0, x, np.expm1(x))),
    ("celu", {"alpha": 0.7}, lambda x: np.where(x > 0, x, 0.7 * np.expm1(x / 0.7))),
    ("elu", {}, lambda x: np.where(x > 0, x, np.expm1(x))),
    ("elu", {"alpha": 0.7}, lambda x: np.where(x > 0, x, 0.7 * np.expm1(x))),
    ("gelu", {}, lambda x: 0.5 * x * (1 + erf(x / np.sqrt(2)))),
    ("gelu", {"approximate": "tanh"}, gelu_tanh),
    ("leaky_relu", {}, lambda x: np.where(x > 0, x, 0.01 * x)),
    ("leaky_relu", {"negative_slope": 0.2}, lambda x: np.where(x > 0, x, 0.2 * x)),
    ("logsigmoid", {}, lambda x: -np.log1p(np.exp(-x))),
    ("mish", {}, mish),
    ("relu", {}, lambda x: np.maximum(x, 0)),
    (
        "selu",
        {},
        lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    ),
    ("sigmoid", {}, sigmoid),
    ("silu", {}, lambda x: x * sigmoid(x)),
    ("softplus", {}, lambda x: np.log1p(np.exp(x))),
    (
        "softplus",
        {"beta": 2.0, "threshold": 4.0},
        lambda x: np.where(2 * x > 4, x, np.log1p(np.exp(2 * x)) / 2),
    ),
    ("softsign", {}, lambda x: x / (1 + np.abs(x))),
    ("tanhshrink", {}, lambda x: x - np.tanh(x)),
]
IDS = [name + "".join(f"-{value}" for value in options.values()) for name, options, _ in CASES]
COVERED = sorted({"glu"} | {name for name, _, _ in CASES})


def gradient(function, values):
    x = mg.tensor(values, dtype=mg.float64, requires_grad=True)
    return engine.grad(function(x).sum(), x)[0].array


@pytest.mark.parametrize(("name", "options", "reference"), CASES, ids=IDS)
def test_activation(name, options, reference):
    x = np.array([[-3.1, -1.4, -0.3], [0.2, 1.3, 2.6]])
    check_op(lambda x: getattr(mg, name)(x, **options), x, reference=reference)


@pytest.mark.parametrize(("name", "options", "reference"), CASES, ids=IDS)
@given(data=st.data())
def test_values_against_numpy(name, options, reference, data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    x = data.draw(hnp.arrays(np.float64, shape, elements=st.floats(-30, 30)))
    assert_close(getattr(mg, name)(mg.tensor(x), **options), np.asarray(reference(x)))


def test_gradients_at_the_kinks():
    at_zero = [-1.0, -0.0, 0.0, 1.0]
    assert gradient(mg.relu, at_zero).tolist() == [0, 0, 0, 1]
    assert gradient(lambda x: mg.leaky_relu(x, 0.5), at_zero).tolist() == [0.5, 0.5, 0.5, 1]
    assert gradient(lambda x: mg.elu(x, 0.5), [0.0]).tolist() == [0.5]


def test_tails():
    far = [-1000.0, 1000.0]
    assert mg.sigmoid(mg.tensor(far)).tolist() == [0, 1]
    assert mg.logsigmoid(mg.tensor(far)).tolist() == [-1000, 0]
    assert mg.softplus(mg.tensor(far)).tolist() == [0, 1000]
    assert mg.elu(mg.tensor(far)).tolist() == [-1, 1000]
    assert_close(mg.silu(mg.tensor(far)), np.float32([0, 1000]))
    assert_close(mg.mish(mg.tensor(far)), np.float32([0, 1000]))
    assert_close(mg.gelu(mg.tensor(far)), np.float32([0, 1000]))
    assert gradient(mg.logsigmoid, far).tolist() == [1, 0]
    assert gradient(mg.softplus, far).tolist() == [0, 1]


@pytest.mark.parametrize("function", [mg.elu, mg.celu, mg.selu, mg.mish, mg.softplus])
def test_second_gradients_survive_the_branch_not_taken(function):
    x = mg.tensor([-2.0, 1000.0], dtype=mg.float64, requires_grad=True)
    (first,) = engine.grad((function(x) * x).sum(), x, create_graph=True)
    (second,) = engine.grad(first.sum(), x)
    assert np.isfinite(second.array).all()


def test_integers():
    x = mg.tensor([3, -4])
    assert_close(mg.relu(x), np.int64([3, 0]))
    assert mg.sigmoid(x).dtype == mg.float32
    assert mg.softplus(mg.tensor(True)).shape == ()


def test_by_hand():
    op = ReLU()
    assert op.forward(np.array([-1.0, 2.0])).tolist() == [0, 2]
    assert op.backward(np.array([5.0, 7.0])).tolist() == [0, 7]


def test_methods_and_in_place():
    x = mg.tensor([-1.0, 2.0], requires_grad=True)
    assert x.relu().tolist() == [0, 2]
    y = x * 1
    assert y.relu_() is y
    y.sum().backward()
    assert x.grad.tolist() == [0, 1]
    assert_close((x * 1).sigmoid_(), mg.sigmoid(x).detach())


def test_gelu_names_its_forms():
    with pytest.raises(RuntimeError, match="approximate must be 'none' or 'tanh', not 'fast'"):
        mg.gelu(mg.ones(1), approximate="fast")


@pytest.mark.parametrize("dim", [-1, 0])
def test_glu(dim):
    def reference(x):
        a, b = np.split(x, 2, axis=dim)
        return a * sigmoid(b)

    x = np.random.default_rng(0).normal(size=(2, 6))
    check_op(lambda x: mg.glu(x, dim), x, reference=reference)
    with pytest.raises(RuntimeError, match="must be even, but dimension 1 is size 3"):
        mg.glu(mg.ones(2, 3), dim=-1)
    with pytest.raises(RuntimeError, match="glu does not support scalars"):
        mg.glu(mg.tensor(1.0))


def test_celu_of_nothing():
    with pytest.raises(RuntimeError, match="alpha cannot be 0 for CELU"):
        mg.celu(mg.ones(1), 0.0)
