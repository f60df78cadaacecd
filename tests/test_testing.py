from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import Op
from minigrad.autograd.op import wrap
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3))


class Square(Op):
    """x^2, with the faults that the tests ask for."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults

    def forward(self, x):
        self.inputs = (x,)
        y = x * x
        if "value" in self.faults:
            y = y + 1e-3
        if "float32" in self.faults:
            y = y.astype(np.float64)
        if "mutation" in self.faults:
            x[...] = 1
        if "layout" in self.faults and not x.flags.c_contiguous:
            y = y + 1
        if "alias" in self.faults:
            return y, np.zeros(1)
        return y

    def backward(self, grad, *_):
        (x,) = self.inputs
        if "gradient" in self.faults:
            return 2.01 * grad * x
        if "constant" in self.faults:
            return (
                grad * mg.tensor(2 * np.asarray(x)) if isinstance(grad, mg.Tensor) else 2 * grad * x
            )
        if "upstream" in self.faults and isinstance(grad, np.ndarray):
            grad *= 2
            return grad * x
        if "shape" in self.faults:
            return (2 * grad * x).reshape(-1)
        return 2 * grad * x


class Cyclic(Square):
    def forward(self, x):
        self.itself = self
        return super().forward(x)


def test_a_good_operation_passes() -> None:
    check_op(lambda x: Square()(x), X, reference=np.square)
    check_op(lambda x: Square()(x), RNG.normal(size=(30, 20)), reference=np.square)
    check_op(mg.mul, X, RNG.normal(size=(3,)), reference=np.multiply)
    check_op(lambda x, i: x[i], X, np.array([1, 0, 1]), reference=lambda x, i: x[i])
    check_op(lambda x: x > 0, X, reference=lambda x: x > 0)
    check_op(lambda x: Square()(x), np.array(3.0), reference=np.square)
    check_op(mg.matmul, X, RNG.normal(size=(3, 4)), reference=np.matmul)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("value", "against the reference: item 0: values are not close"),
        ("float32", "float32 inputs give float64"),
        ("mutation", "gradcheck"),
        ("layout", "with column-major inputs"),
        ("gradient", r"(?s)gradcheck: gradient of input 0.*analytic .*numeric"),
        ("constant", "gradcheck: gradient of input 0"),
        ("upstream", "wrote into the gradient that it was given"),
        ("shape", "shape"),
    ],
)
def test_each_fault_is_found(fault: str, message: str) -> None:
    with pytest.raises((AssertionError, RuntimeError, ValueError), match=message):
        check_op(lambda x: Square(fault)(x), X, reference=np.square)


def test_a_lost_gradient_is_found() -> None:
    with pytest.raises(AssertionError, match="result 0 is floating-point and yet has no gradient"):
        check_op(lambda x: mg.tensor(np.square(x.array)), X)


def test_a_numpy_scalar_in_place_of_an_array_is_found() -> None:
    with pytest.raises(AssertionError, match="forward returned a float64"):
        check_op(lambda x: wrap(np.square(x.array), Square()), np.array(2.0))


def test_a_reference_cycle_is_found() -> None:
    with pytest.raises(AssertionError, match="outlives its result"):
        check_op(lambda x: Cyclic()(x), X)


def test_gradcheck_needs_something_to_check() -> None:
    with pytest.raises(ValueError, match="none of the inputs requires grad"):
        gradcheck(mg.exp, mg.tensor([1.0]))
    with pytest.raises(ValueError, match="input 1 is float32; finite differences need float64"):
        gradcheck(mg.add, (X, mg.tensor([1.0], requires_grad=True)))
    with pytest.raises(ValueError, match="same inputs give another result"):
        gradcheck(lambda x: x * float(RNG.normal()), X)


def test_gradcheck_of_big_inputs_goes_along_random_directions() -> None:
    big = RNG.normal(size=(50, 20))
    assert gradcheck(mg.tanh, big)
    with pytest.raises(AssertionError, match=r"of shape \[50, 20\], along 8 random directions"):
        gradcheck(lambda x: Square("gradient")(x), big)


def test_gradcheck_of_functions_with_several_results_and_unused_inputs() -> None:
    assert gradcheck(lambda a, b: (a * 2, a * a), (X, X))
    assert gradgradcheck(lambda a, b: (a * 2, a * a), (X, X))


def test_gradgradcheck_finds_a_wrong_second_derivative() -> None:
    assert gradcheck(lambda x: Square("constant")(x), X)
    with pytest.raises(AssertionError, match="gradcheck: gradient of input 0"):
        gradgradcheck(lambda x: Square("constant")(x), X)


def test_assert_close() -> None:
    assert_close(mg.tensor([1.0, 2.0]), [1, 2])
    assert_close(mg.tensor([1.0]), np.array([1.0 + 1e-6], np.float32))
    assert_close([mg.tensor(1.0), np.ones(2)], [1.0, [1, 1]])
    assert_close(np.array([np.nan]), np.array([np.nan]), equal_nan=True)
    assert_close(np.array([1.0]), np.array([1.1]), atol=0.2)


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (np.ones(2), np.ones(3), r"shapes do not match: \[2\] is not \[3\]"),
        (np.ones(2), np.ones(2, np.float32), "dtypes do not match: float64 is not float32"),
        (
            np.array([1.0, 2, 3]),
            np.array([1.0, 2, 4]),
            r"(?s)1 of 3 elements.*at \[2\]: actual 3.0",
        ),
        (np.array([1, 2]), np.array([1, 3]), "1 of 2 elements"),
        (np.array([np.nan]), np.array([np.nan]), "1 of 1 elements"),
        ([np.ones(1)], [], "1 values where 0 were expected"),
        ([np.ones(1), np.ones(2)], [np.ones(1), np.zeros(2)], "item 1: values are not close"),
    ],
)
def test_assert_close_says_what_differs(actual, expected, message) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_close(actual, expected)
