"""check_op finds every fault."""

from __future__ import annotations

import numpy as np
import pytest
from faulty import Square

import minigrad as mg
from minigrad.autograd.op import wrap
from minigrad.testing import check_op

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3))


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
