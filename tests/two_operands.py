"""What is tested of every operation on two operands, in whichever file of `ops` it lives."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck


def away_from_zero(*shape: int, seed: int = 0) -> np.ndarray:
    """Numbers of size 0.6 to 0.9: no quotient of two is within 0.1 of an integer but 1."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.6, 0.9, size=shape) * rng.choice([-1, 1], size=shape)


def check_binary(name: str, reference: Callable) -> None:
    """Hold `minigrad.name` to all that is promised, broadcast and with numbers, against NumPy."""
    function = getattr(mg, name)
    for shapes in (((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1,), (2, 2))):
        a = 10 * away_from_zero(*shapes[0], seed=1) + 0.03
        b = 3 * away_from_zero(*shapes[1], seed=2)
        check_op(function, a, b, reference=reference)
    x = away_from_zero(2, 3)
    check_op(lambda x: function(x, 2.5), x, reference=lambda x: reference(x, 2.5))
    check_op(lambda x: function(5, x), x, reference=lambda x: reference(5, x))
    a, b = np.array(8.5), 3 * away_from_zero(2, 3)
    gradcheck(function, (a, b))
    gradcheck(function, (b, a))
    gradgradcheck(function, (a, b))
    check_values(name, reference)


def check_values(name: str, reference: Callable) -> None:
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
        numbers = st.floats(-100, 100, width=32).filter(lambda x: abs(x) > 1e-3)
        a, b = (data.draw(hnp.arrays(np.float32, s, elements=numbers)) for s in shapes.input_shapes)
        assert_close(getattr(mg, name)(mg.tensor(a), mg.tensor(b)), np.asarray(reference(a, b)))

    check()


class Other:
    """What an operator of Tensor leaves the answer to."""

    def answer(self, tensor: mg.Tensor) -> str:
        return "answered"

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = answer


def check_operator(name: str, expected: Callable) -> None:
    """Hold Python's operator `name`, straight, reflected and in place, to NumPy's function."""
    a, b = away_from_zero(3, seed=1), away_from_zero(3, seed=2)
    straight, in_place = getattr(operator, name), getattr(operator, "i" + name)
    assert_close(straight(mg.tensor(a), mg.tensor(b)), expected(a, b))
    assert_close(straight(mg.tensor(a), b), expected(a, b))
    assert_close(straight(mg.tensor(a), 2), expected(a, 2))
    assert_close(straight(2, mg.tensor(a)), expected(2, a))
    x = alias = mg.tensor(a)
    x = in_place(x, mg.tensor(b))
    assert x is alias
    assert_close(x, expected(a, b))
    for function in (straight, in_place):
        assert function(x, Other()) == "answered"
    for foreign in (None, "1", [1.0]):
        with pytest.raises(TypeError):
            straight(x, foreign)


def check_by_hand(op: type, a: np.ndarray, b: np.ndarray, grad: np.ndarray) -> None:
    """Hold forward and backward on arrays to the recorded ones, also when they serve again."""
    by_hand = op()
    y = by_hand.forward(a, b)
    da, db = by_hand.backward(grad)
    x = [mg.tensor(v, requires_grad=True) for v in (a, b)]
    recorded = op()(*x)
    assert_close(y, recorded.detach().numpy())
    assert_close([da, db], list(engine.grad(recorded, x, grad)))
    op, one, row = op(), np.ones((2, 3)), np.ones(3)
    for a, b in [(one, row), (one, one), (row, one), (one, 2.0), (one, one)]:
        da, db = op.backward(np.ones(op.forward(a, b).shape))
        assert da.shape == a.shape
        assert isinstance(b, float) or db.shape == b.shape
