"""Matrix products against NumPy and finite differences; errors that name the shapes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import kernels
from minigrad.ops.products import Linear, bilinear, linear
from minigrad.testing import assert_close, check_op

COVERED = [
    *("addbmm", "addmm", "addmv", "addr", "baddbmm", "bilinear", "bmm", "dot", "linear", "matmul"),
    *("ger", "mm", "mv", "outer", "vdot"),
]
NOT_DIFFERENTIABLE = []


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


SHAPES = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((5, 2, 3), (5, 3, 4)),
    ((2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((1, 2, 3), (5, 3, 4)),
    ((0, 3), (3, 4)),
    ((2, 0), (0, 4)),
    ((0,), (0,)),
    ((4, 0, 3), (3, 2)),
]


@pytest.mark.parametrize("a, b", SHAPES, ids=str)
def test_matmul(a, b):
    check_op(mg.matmul, normal(*a), normal(*b, seed=1), reference=np.matmul)


@pytest.mark.parametrize(
    "name, a, b",
    [
        ("mm", (2, 3), (3, 4)),
        ("bmm", (5, 2, 3), (5, 3, 4)),
        ("mv", (2, 3), (3,)),
        ("dot", (3,), (3,)),
        ("vdot", (3,), (3,)),
    ],
)
def test_named_products(name, a, b):
    check_op(getattr(mg, name), normal(*a), normal(*b, seed=1), reference=np.matmul)
    with pytest.raises(RuntimeError, match=rf"{name[-3:]}\(\): expected .* dimensions, got shapes"):
        getattr(mg, name)(mg.tensor(normal(*a)), mg.tensor(normal(2, 2, 2, 2)))


def test_outer():
    check_op(mg.outer, normal(3), normal(2), reference=np.outer)
    assert mg.outer(np.zeros(0), np.zeros(2)).shape == (0, 2)


@pytest.mark.parametrize("shape", [(), (4,), (2, 1), (2, 4)], ids=str)
def test_addmm(shape):
    check_op(
        lambda c, a, b: mg.addmm(c, a, b, beta=0.5, alpha=2),
        normal(*shape),
        normal(2, 3),
        normal(3, 4),
        reference=lambda c, a, b: 0.5 * c + 2 * a @ b,
    )


SUMS = {
    "addbmm": ([(2, 4), (5, 2, 3), (5, 3, 4)], "bij,bjk->ik"),
    "addmv": ([(2,), (2, 3), (3,)], "ij,j->i"),
    "addr": ([(2, 3), (2,), (3,)], "i,j->ij"),
    "baddbmm": ([(5, 2, 4), (5, 2, 3), (5, 3, 4)], "bij,bjk->bik"),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_with_products(name):
    (shape, *shapes), equation = SUMS[name]
    function = getattr(mg, name)
    a, b = (normal(*s) for s in shapes)
    for c in (normal(*shape), normal(*shape[1:]) if len(shape) > 1 else normal(1)):
        check_op(
            lambda c, a, b: function(c, a, b, beta=0.5, alpha=2),
            *(c, a, b),
            reference=lambda c, a, b: 0.5 * c + 2 * np.einsum(equation, a, b),
        )
    c, a, b = (mg.ones(*s, dtype=mg.int64) for s in (shape, *shapes))
    assert_close(function(c, a, b, beta=2.9), 2 + np.einsum(equation, a, b))
    assert_close(
        function(mg.full(shape, math.nan), a.float(), b.float(), beta=0), function(c, a, b) - 1.0
    )
    with pytest.raises(RuntimeError, match=rf"{name}\(\): .*same dtype, got float32 and int64"):
        function(c.float(), a, b, beta=0)
    for other in (mg.ones(3, *shape, dtype=mg.int64), mg.ones(7, dtype=mg.int64)):
        with pytest.raises(RuntimeError, match=rf"{name}\(\): .* does not broadcast"):
            function(other, a, b, beta=0)
    changed = c.clone()
    assert getattr(changed, name + "_")(a, b) is changed
    assert_close(changed, function(c, a, b))


@given(
    hnp.mutually_broadcastable_shapes(signature="(m?,k),(k,n?)->(m?,n?)", max_dims=2, max_side=4),
    st.sampled_from([np.float32, np.float64, np.int64]),
)
def test_matmul_of_any_shapes(shapes, dtype):
    a, b = (normal(*shape) * 4 for shape in shapes.input_shapes)
    a, b = a.astype(dtype), b.astype(dtype)
    y = mg.matmul(mg.tensor(a), mg.tensor(b))
    assert_close(y, np.asarray(np.matmul(a, b)), rtol=1e-5, atol=1e-4)


def test_operators():
    a, b = normal(2, 3), normal(3, 2)
    for y in (mg.tensor(a) @ mg.tensor(b), mg.tensor(a) @ b, mg.tensor(b).__rmatmul__(a)):
        assert_close(y, a @ b)
    with pytest.raises(TypeError):
        mg.tensor(a) @ 2
    with pytest.raises(RuntimeError, match=r"at least one dimension.*with \*"):
        mg.tensor(a) @ mg.tensor(np.float64(2))


@pytest.mark.parametrize(
    "a, b, message",
    [
        ((2, 3), (4, 2), r"rows of a \[2, 3\] have 3 elements, the columns of b \[4, 2\] have 4"),
        ((2, 3), (4, 3), r"did you mean a @ b\.mT\?"),
        ((2, 3), (2, 4), r"did you mean a\.mT @ b\?"),
        ((3,), (4,), r"rows of a \[3\] have 3 elements"),
        ((2, 2, 3), (3, 3, 4), r"batch dimensions \[2\] of a \[2, 2, 3\] and \[3\] of b"),
    ],
)
def test_shapes_that_do_not_fit(a, b, message):
    with pytest.raises(RuntimeError, match=message):
        mg.matmul(mg.tensor(normal(*a)), mg.tensor(normal(*b)))


def test_dtypes_that_differ():
    a = mg.tensor(normal(2, 2))
    with pytest.raises(RuntimeError, match=r"matmul\(\): .*float64 and float32; convert"):
        a @ a.to(mg.float32)
    with pytest.raises(RuntimeError, match=r"linear\(\): .*float64 and float32"):
        linear(a, a.to(mg.float32))


@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 5, 3), (0, 3), (2, 0, 3)], ids=str)
def test_linear(shape):
    x, weight, bias = normal(*shape), normal(4, 3, seed=1), normal(4)
    check_op(linear, x, weight, bias, reference=lambda x, w, b: x @ w.T + b)
    check_op(linear, x, weight, reference=lambda x, w: x @ w.T)


def test_linear_by_hand_on_arrays():
    x, weight, bias, dy = normal(5, 3), normal(4, 3), normal(4), normal(5, 4)
    op = Linear()
    assert_close(op.forward(x, weight, bias), x @ weight.T + bias)
    assert_close(op.backward(dy), (dy @ weight, dy.T @ x, dy.sum(0)))


@pytest.mark.parametrize("wanted", [0, 1, 2])
def test_linear_computes_no_gradient_that_is_not_wanted(wanted, monkeypatch):
    inputs = [mg.tensor(normal(*shape)) for shape in [(5, 3), (4, 3), (4,)]]
    inputs[wanted].requires_grad_()
    y = linear(*inputs)
    made = []
    kernel = kernels.linear_backward
    monkeypatch.setattr(kernels, "linear_backward", lambda *a: made.extend(kernel(*a)) or made)
    y.backward(np.ones((5, 4)))
    assert [dx is not None for dx in made] == [i == wanted for i in range(3)]
    assert [x.grad is not None for x in inputs] == [i == wanted for i in range(3)]


@pytest.mark.parametrize(
    "x, weight, bias, message",
    [
        (
            (64, 784),
            (10, 512),
            (10,),
            r"linear: the input has shape \[64, 784\] \(batch=64, features=784\), but the weight "
            r"\[10, 512\] takes features=512",
        ),
        ((5, 2, 3), (4, 6), (4,), r"flatten the input first: x\.flatten\(1\)"),
        ((5, 3), (4, 3), (3,), r"bias has shape \[3\] but weight makes 4 features"),
        ((5, 3), (3,), (3,), r"weight has shape \[3\], expected \(out features, in features\)"),
        ((5, 3), (4, 3, 2), (4,), r"weight has shape \[4, 3, 2\], expected \(out features, in"),
        ((), (4, 3), (4,), r"input is a single number"),
    ],
)
def test_linear_with_shapes_that_do_not_fit(x, weight, bias, message):
    with pytest.raises(RuntimeError, match=message):
        linear(*(mg.tensor(normal(*shape)) for shape in (x, weight, bias)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_kernel_takes_any_layout(dtype):
    a, b, bias = (normal(*s).astype(dtype) for s in [(5, 7), (7, 3), (3,)])
    expected = a.astype(np.float64) @ b + bias
    tolerance = {"rtol": 1e-5, "atol": 1e-5, "check_dtype": False}
    for left in (a, a.T.copy().T, np.repeat(a, 2, 1)[:, ::2]):
        for right in (b, b.T.copy().T, b[::-1].copy()[::-1]):
            assert_close(kernels.matmul(left, right, bias), expected, **tolerance)
    assert math.prod(kernels.matmul(a[:0], b).shape) == 0


@pytest.mark.parametrize("rows", [(), (3,), (2, 3), (0,)])
def test_bilinear(rows):
    rng = np.random.default_rng(0)
    shapes = [(*rows, 2), (*rows, 3), (4, 2, 3), (4,)]
    check_op(
        bilinear,
        *(rng.normal(size=shape) for shape in shapes),
        reference=lambda a, b, w, bias: np.einsum("...i,oij,...j->...o", a, w, b) + bias,
    )
    with pytest.raises(RuntimeError, match=r"bilinear\(\): .*\[4, 2, 3\]"):
        bilinear(mg.ones(2, 2), mg.ones(2, 4), mg.ones(4, 2, 3))


def test_addr_of_booleans_is_one():
    vectors = mg.tensor([True, False]), mg.tensor([False, True])
    sums = mg.addr(mg.tensor([True, False]), *vectors, beta=3, alpha=2)
    assert sums.tolist() == [[True, True], [True, False]]
