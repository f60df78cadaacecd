"""Arithmetic against NumPy and finite differences; dtypes, operators and errors as PyTorch has them."""

import numpy as np
import pytest
from two_operands import away_from_zero, check_binary, check_by_hand, check_operator

import minigrad as mg
from minigrad.autograd import engine
from minigrad.ops.arithmetic import Add, Mul, Sub
from minigrad.testing import assert_close, check_op

ALIASES = {"multiply": "mul", "negative": "neg", "subtract": "sub"}
COVERED = [*ALIASES, "add", "addcmul", "lerp", "mul", "neg", "positive", "rsub", "sub"]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("add", np.add),
        ("sub", np.subtract),
        ("rsub", lambda a, b: b - a),
        ("mul", np.multiply),
    ],
)
def test_binary(name, reference):
    check_binary(name, reference)


@pytest.mark.parametrize(
    ("name", "reference"), [("add", np.add), ("sub", np.subtract), ("mul", np.multiply)]
)
def test_operators(name, reference):
    check_operator(name, reference)


@pytest.mark.parametrize("op", [Add, Sub, Mul])
def test_by_hand(op):
    check_by_hand(op, away_from_zero(2, 3), away_from_zero(3, seed=1), away_from_zero(2, 3, seed=2))


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


@pytest.mark.parametrize(
    ("a", "b", "name", "dtype"),
    [
        (np.int64(7), np.float32([1]), "add", mg.float32),
        (np.int64([7]), 2.5, "add", mg.float32),
        (np.uint8([7]), np.int8([2]), "mul", mg.int16),
        (np.uint8([7]), 2, "mul", mg.uint8),
        (np.bool_([True]), True, "add", mg.bool),
        (np.bool_([True]), 2, "add", mg.int64),
        (np.float32([7]), np.float64(2), "sub", mg.float32),
        (np.float32([7]), np.float64([2]), "sub", mg.float64),
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


def test_lerp_and_addcmul():
    a, b, c = (away_from_zero(2, 3, seed=i) for i in range(3))
    check_op(mg.lerp, a, b, c, reference=lambda a, b, c: a + c * (b - a))
    check_op(lambda *x: mg.addcmul(*x, value=2), a, b, c, reference=lambda a, b, c: a + 2 * b * c)


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
