"""Functions of each element against NumPy, finite differences, and PyTorch at the awkward points."""

import math

import numpy as np
import pytest
from smooth_functions import (
    check_integers_become_floating_point,
    check_smooth,
    gradient,
    uniform,
)

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

inf, nan = math.inf, math.nan

# name: its domain, the same in NumPy
SMOOTH = {
    "erf": (-3, 3, np.vectorize(math.erf, otypes=[float])),
    "exp": (-3, 3, np.exp),
    "exp2": (-3, 3, np.exp2),
    "expm1": (-3, 3, np.expm1),
    "log": (0.2, 3, np.log),
    "log10": (0.2, 3, np.log10),
    "log1p": (-0.8, 3, np.log1p),
    "log2": (0.2, 3, np.log2),
    "reciprocal": (0.3, 3, np.reciprocal),
    "rsqrt": (0.2, 3, lambda x: 1 / np.sqrt(x)),
    "sqrt": (0.2, 3, np.sqrt),
    "square": (-3, 3, np.square),
}
COVERED = [*SMOOTH, "float_power", "ldexp", "pow"]


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth(name):
    check_smooth(name, *SMOOTH[name])


@pytest.mark.parametrize("name", set(SMOOTH) - {"square"})
def test_integers_become_floating_point(name):
    check_integers_become_floating_point(name)


def test_gradients_at_the_awkward_points():
    assert gradient(mg.sqrt, [0.0, 4.0]).tolist() == [inf, 0.25]
    assert gradient(mg.abs, [-1.0, 0.0, -0.0, 2.0]).tolist() == [-1, 0, 0, 1]
    assert gradient(mg.log, [0.0]).tolist() == [inf]
    assert gradient(mg.nan_to_num, [nan, inf, -inf, 1.0]).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 0.5, -1, -0.5, 2.5])
def test_pow_of_a_number(exponent):
    x = uniform(0.3, 3, 2, 3)
    check_op(lambda x: x**exponent, x, reference=lambda x: x**exponent)


@pytest.mark.parametrize("base", [2, 0.5, 1])
def test_number_to_a_power(base):
    x = uniform(-2, 2, 2, 3)
    check_op(lambda x: base**x, x, reference=lambda x: base**x)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((1,), (2, 2))], ids=str)
def test_pow_of_tensors(shapes):
    base, exponent = uniform(0.3, 3, *shapes[0]), uniform(-2, 2, *shapes[1])
    check_op(mg.pow, base, exponent, reference=np.power)


def test_pow_at_zero():
    assert gradient(lambda x: x**0, [0.0, 2.0, nan]).tolist() == [0, 0, 0]
    assert gradient(lambda x: x**1, [0.0]).tolist() == [1]
    assert gradient(lambda x: x**2, [0.0]).tolist() == [0]
    assert gradient(lambda x: x**0.5, [0.0]).tolist() == [inf]
    assert gradient(lambda x: 0**x, [0.0, 1.0]).tolist() == [0, 0]
    x = mg.tensor([0.0, 0.0, 0.0], dtype=mg.float64, requires_grad=True)
    b = mg.tensor([0.0, 1.0, 2.0], dtype=mg.float64, requires_grad=True)
    dx, db = engine.grad((x**b).sum(), (x, b))
    assert dx.tolist() == [0, 1, 0] and db.tolist() == [0, 0, 0]


def test_pow_of_negative_bases():
    x = uniform(-3, -0.3, 4)
    for exponent in (2, 3, 4.0, 5, -1, -2.0):
        gradcheck(lambda x, e=exponent: x**e, x)
        gradgradcheck(lambda x, e=exponent: x**e, x)
    exponents = mg.tensor([1.0, 2.0, 3.0, -2.0], dtype=mg.float64)
    gradcheck(lambda x: x**exponents, x)


@pytest.mark.parametrize("exponent", [2, 3, 4])
def test_whole_powers_are_exact(exponent):
    x = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    want = x.astype(np.float64) ** exponent
    error = abs((mg.tensor(x) ** exponent).numpy() - want)
    assert (error <= 2 * np.spacing(abs(want).astype(np.float32))).all()


def test_pow_dtypes_and_errors():
    x = mg.tensor([3, -4])
    assert_close(x**2, np.int64([9, 16]))
    assert_close(x**2.0, np.float32([9, 16]))
    assert_close(x.half() ** 2, np.float16([9, 16]))
    assert_close(mg.tensor([1.0, 2.0]) ** mg.tensor([2, 3]), np.float32([1, 8]))
    assert_close(2 ** mg.tensor([3.0]), np.float32([8]))
    x **= 2
    assert x.tolist() == [9, 16]
    with pytest.raises(RuntimeError, match="Integers to negative integer powers"):
        x**-1
    # A tensor of exponents may have negative ones: the power is rounded towards 0, as in PyTorch.
    bases, exponents = mg.tensor([2, 1, -1, -1, 0, 3]), mg.tensor([-1, -2, -3, -2, -1, 2])
    assert (bases**exponents).tolist() == [0, 1, -1, 1, 0, 9]
    assert (2 ** mg.tensor([-1, 3])).tolist() == [0, 8]
    with pytest.raises(TypeError, match="unsupported operand"):
        x ** "2"


def test_ldexp():
    exponents = np.array([[-2], [3]])
    check_op(lambda x: mg.ldexp(x, mg.tensor(exponents)), uniform(-2, 2, 2, 3), reference=None)
    assert_close(mg.ldexp(mg.tensor([3, 5]), exponents), np.ldexp(np.float32([3, 5]), exponents))
    check_op(mg.ldexp, uniform(-2, 2, 3), uniform(-1, 1, 3), reference=lambda x, e: x * 2**e)


def test_float_power():
    x = mg.tensor([3.0, 0.5], requires_grad=True)
    y = mg.float_power(x, mg.tensor([2, 3]))
    assert_close(y, np.float64([9, 0.125]))
    assert_close(engine.grad(y.sum(), x)[0], np.float32([6, 0.75]))
    assert_close(mg.float_power(mg.tensor([2, 3]), -1), np.float64([1 / 2, 1 / 3]))
    assert_close(mg.float_power(2, mg.tensor([3])), np.float64([8]))


def test_small_values_keep_their_digits():
    x = mg.tensor([1e-12, -1e-12], dtype=mg.float64)
    assert_close(mg.expm1(x), x, rtol=1e-11, atol=0)
    assert_close(mg.log1p(x), x, rtol=1e-11, atol=0)


def test_the_logarithm_in_the_gradient_of_an_exponent_has_its_precision():
    b = mg.tensor([0.3], dtype=mg.float64, requires_grad=True)
    (db,) = engine.grad(mg.tensor([3]) ** b, b)
    assert_close(db, np.float64([3**0.3 * math.log(3)]), rtol=1e-14, atol=0)
