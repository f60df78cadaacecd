"""Arithmetic against NumPy and finite differences; dtypes, operators and errors as PyTorch has them."""

import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops.arithmetic import Add, Div, Mul, Sub
from minigrad.testing import assert_close, check_op, gradcheck, gradgradcheck

ALIASES = {"divide": "div", "multiply": "mul", "negative": "neg", "subtract": "sub"}
COVERED = [
    *ALIASES,
    "add",
    "addcdiv",
    "addcmul",
    "div",
    "floor_divide",
    "fmod",
    "lerp",
    "mul",
    "neg",
    "positive",
    "remainder",
    "rsub",
    "sub",
    "true_divide",
]

# name, the same in NumPy
BINARY = {
    "add": np.add,
    "sub": np.subtract,
    "rsub": lambda a, b: b - a,
    "mul": np.multiply,
    "div": np.divide,
    "true_divide": np.true_divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
}
OPERATORS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
}


def away_from_zero(*shape, seed=0):
    """Numbers of size 0.6 to 0.9: no quotient of two is within 0.1 of an integer but 1."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.6, 0.9, size=shape) * rng.choice([-1, 1], size=shape)


@pytest.mark.parametrize(
    "shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1,), (2, 2))], ids=str
)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name, shapes):
    a = 10 * away_from_zero(*shapes[0], seed=1) + 0.03
    b = 3 * away_from_zero(*shapes[1], seed=2)
    check_op(getattr(mg, name), a, b, reference=BINARY[name])


@pytest.mark.parametrize("name", BINARY)
def test_a_0d_operand(name):
    a, b = np.array(8.5), 3 * away_from_zero(2, 3)
    gradcheck(getattr(mg, name), (a, b))
    gradcheck(getattr(mg, name), (b, a))
    gradgradcheck(getattr(mg, name), (a, b))


@pytest.mark.parametrize("name", BINARY)
@given(data=st.data())
def test_values_broadcast_as_in_numpy(name, data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    numbers = st.floats(-100, 100, width=32).filter(lambda x: abs(x) > 1e-3)
    a, b = (data.draw(hnp.arrays(np.float32, s, elements=numbers)) for s in shapes.input_shapes)
    result = getattr(mg, name)(mg.tensor(a), mg.tensor(b))
    assert_close(result, np.asarray(BINARY[name](a, b)))


@pytest.mark.parametrize("name", BINARY)
def test_numbers(name):
    x = away_from_zero(2, 3)
    check_op(lambda x: getattr(mg, name)(x, 2.5), x, reference=lambda x: BINARY[name](x, 2.5))
    check_op(lambda x: getattr(mg, name)(5, x), x, reference=lambda x: BINARY[name](5, x))


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    a, b = away_from_zero(3, seed=1), away_from_zero(3, seed=2)
    straight, in_place = getattr(operator, name), getattr(operator, "i" + name)
    expected = BINARY[OPERATORS[name]]
    assert_close(straight(mg.tensor(a), mg.tensor(b)), expected(a, b))
    assert_close(straight(mg.tensor(a), b), expected(a, b))
    assert_close(straight(mg.tensor(a), 2), expected(a, 2))
    assert_close(straight(2, mg.tensor(a)), expected(2, a))
    x = mg.tensor(a)
    alias = x
    x = in_place(x, mg.tensor(b))
    assert x is alias
    assert_close(x, expected(a, b))


@pytest.mark.parametrize("name", OPERATORS)
def test_foreign_operands_are_asked_themselves(name):
    class Other:
        def answer(self, tensor):
            return "answered"

        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = answer

    x = mg.ones(2)
    assert getattr(operator, name)(x, Other()) == "answered"
    assert getattr(operator, "i" + name)(x, Other()) == "answered"
    for foreign in (None, "1", [1.0]):
        with pytest.raises(TypeError):
            getattr(operator, name)(x, foreign)


def test_functions_name_the_type_they_cannot_take():
    with pytest.raises(TypeError, match=r"Add: an operand must be .*, not str"):
        mg.add(mg.ones(2), "1")
    with pytest.raises(TypeError, match="not NoneType"):
        mg.add(mg.ones(2), None)
    with pytest.raises(TypeError, match="not list"):
        mg.mul(mg.ones(2), [1, 2])


def test_shapes_that_do_not_broadcast():
    with pytest.raises(
        RuntimeError,
        match=r"Add: shapes \[2, 3\] and \[4, 3\] .* dimension -2 has the sizes 2 and 4",
    ):
        mg.ones(2, 3) + mg.ones(4, 3)


@pytest.mark.parametrize("op", [Add, Sub, Mul, Div])
def test_by_hand(op):
    a, b, grad = away_from_zero(2, 3), away_from_zero(3, seed=1), away_from_zero(2, 3, seed=2)
    by_hand = op()
    y = by_hand.forward(a, b)
    da, db = by_hand.backward(grad)
    x = [mg.tensor(v, requires_grad=True) for v in (a, b)]
    recorded = op()(*x)
    assert_close(y, recorded.detach().numpy())
    expected = engine.grad(recorded, x, grad)
    assert_close([da, db], list(expected))


@pytest.mark.parametrize(
    ("a", "b", "name", "dtype"),
    [
        (np.int64(7), np.float32([1]), "add", mg.float32),
        (np.int64([7]), 2.5, "add", mg.float32),
        (np.int64([7]), 2, "div", mg.float32),
        (np.int64([7]), 2, "floor_divide", mg.int64),
        (np.uint8([7]), np.int8([2]), "mul", mg.int16),
        (np.uint8([7]), 2, "mul", mg.uint8),
        (np.bool_([True]), True, "add", mg.bool),
        (np.bool_([True]), 2, "add", mg.int64),
        (np.float32([7]), np.float64(2), "remainder", mg.float32),
        (np.float32([7]), np.float64([2]), "fmod", mg.float64),
    ],
)
def test_dtypes_of_results(a, b, name, dtype):
    values = [mg.tensor(v) if isinstance(v, (np.ndarray, np.generic)) else v for v in (a, b)]
    assert getattr(mg, name)(*values).dtype == dtype


def test_a_number_out_of_range_widens_instead_of_wrapping():
    x = mg.tensor([1, 2], dtype=mg.uint8)
    assert_close(x + 300, np.int64([301, 302]))
    assert_close(-1 * x, np.int64([-1, -2]))
    with pytest.raises(RuntimeError, match="add_: the result, int64, has values that uint8 cannot"):
        x += 300
    x += mg.tensor([3, -2])
    assert_close(x, np.uint8([4, 0]))


def test_gradients_keep_the_dtype_of_their_operand():
    a = mg.tensor([1.0, 2.0], requires_grad=True)
    b = mg.tensor([3.0, 4.0], dtype=mg.float64, requires_grad=True)
    (a * b).sum().backward()
    assert_close(a.grad, np.float32([3, 4]))
    assert_close(b.grad, np.float64([1, 2]))
    (first,) = engine.grad((a * b * a).sum(), a, create_graph=True)
    (second,) = engine.grad(first.sum(), a)
    assert_close(second, np.float32([6, 8]))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
def test_integers_divided_by_zero(name):
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        getattr(mg, name)(mg.tensor([1, 2]), 0)


def test_rounding_modes():
    a, b = mg.tensor([7, -7, 7, -7]), mg.tensor([2, 2, -2, -2])
    assert mg.div(a, b, rounding_mode="trunc").tolist() == [3, -3, -3, 3]
    assert mg.div(a, b, rounding_mode="floor").tolist() == [3, -4, -4, 3]
    large = mg.tensor([2**62 + 1])
    assert mg.div(large, 1, rounding_mode="trunc").tolist() == [2**62 + 1]
    x = 10 * away_from_zero(4)
    check_op(lambda x: mg.div(x, 3, rounding_mode="trunc"), x, reference=lambda x: np.trunc(x / 3))
    with pytest.raises(RuntimeError, match=r"rounding_mode .* found 'up'"):
        mg.div(a, b, rounding_mode="up")


def test_divided_by_zero_as_pytorch():
    x = mg.tensor([1.0, -1.0, 0.0])
    assert_close(x / 0, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert_close(x // 0, [np.inf, -np.inf, np.nan], equal_nan=True)
    assert_close(x % 0, [np.nan] * 3, equal_nan=True)


@pytest.mark.parametrize("name", ["add", "sub", "rsub"])
def test_alpha(name):
    sign = {"add": (1, 3), "sub": (1, -3), "rsub": (-3, 1)}[name]
    check_op(
        lambda a, b: getattr(mg, name)(a, b, alpha=3),
        away_from_zero(2, 3),
        away_from_zero(3, seed=1),
        reference=lambda a, b: sign[0] * a + sign[1] * b,
    )


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    assert getattr(mg, alias) is getattr(mg, ALIASES[alias])
    assert getattr(mg.Tensor, alias) is getattr(mg.Tensor, ALIASES[alias])


def test_neg_and_pos():
    check_op(lambda x: -x, away_from_zero(2, 3), reference=np.negative)
    x = mg.ones(2)
    assert +x is x
    with pytest.raises(RuntimeError, match="on a bool tensor is not supported"):
        -mg.tensor([True])


@pytest.mark.parametrize("other", [True, mg.tensor([False]), mg.tensor([1.0])], ids=str)
def test_nothing_is_subtracted_from_or_by_a_mask(other):
    mask = mg.tensor([True])
    for subtract in (lambda: mask - other, lambda: other - mask):
        with pytest.raises(RuntimeError, match=r"with a bool tensor is not supported.*`~`"):
            subtract()


def test_lerp_addcmul_addcdiv():
    a, b, c = (away_from_zero(2, 3, seed=i) for i in range(3))
    check_op(mg.lerp, a, b, c, reference=lambda a, b, c: a + c * (b - a))
    check_op(lambda *x: mg.addcmul(*x, value=2), a, b, c, reference=lambda a, b, c: a + 2 * b * c)
    check_op(lambda *x: mg.addcdiv(*x, value=2), a, b, c, reference=lambda a, b, c: a + 2 * b / c)


def test_the_same_tensor_on_both_sides():
    x = mg.tensor([3.0], requires_grad=True)
    (x * x + x - x / x).sum().backward()
    assert_close(x.grad, np.float32([7]))


def test_by_hand_the_gradients_of_a_sum_are_two_arrays():
    op = Add()
    op.forward(np.ones(2), np.ones(2))
    grad = np.ones(2)
    da, db = op.backward(grad)
    assert not np.shares_memory(da, db)


@pytest.mark.parametrize("op", [Add, Sub, Mul, Div])
def test_by_hand_an_operation_serves_again(op):
    op, one, row = op(), np.ones((2, 3)), np.ones(3)
    for a, b in [(one, row), (one, one), (row, one), (one, 2.0), (one, one)]:
        grad = np.ones(op.forward(a, b).shape)
        da, db = op.backward(grad)
        assert da.shape == a.shape
        assert isinstance(b, float) or db.shape == b.shape
