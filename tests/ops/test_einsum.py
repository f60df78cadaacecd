"""einsum against NumPy and finite differences; errors that name the subscripts."""

import importlib

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.products import MatMul
from minigrad.testing import assert_close, check_op

COVERED = ["einsum"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("Ba,aB", (2, 3), (3, 2)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iii->i", (2, 2, 2)),
    ("iijj", (2, 2, 3, 3)),
    ("ij->ji", (2, 3)),
    ("ba", (2, 3)),
    ("ij->", (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("i,i", (3,), (3,)),
    ("i,i->i", (3,), (3,)),
    (",ij", (), (2, 3)),
    ("bij,bjk", (2, 2, 3), (2, 3, 2)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("...ij,...jk->...ik", (4, 2, 3), (3, 2)),
    ("i...,i...->...", (3, 1, 2), (3, 2, 1)),
    ("...i->i...", (2, 3, 4)),
    ("...,...", (2, 3), (3,)),
    ("ab,ab->a", (1, 3), (2, 3)),
    ("i,i->i", (1,), (3,)),
    ("ij,kl->", (2, 3), (2, 2)),
    ("ij,jk->ik", (2, 0), (0, 3)),
    (" i j , j k -> i k", (2, 3), (3, 4)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("bn,anm,bm->ba", (2, 3), (2, 3, 2), (2, 2)),
    ("iij,jkk->ik", (2, 2, 3), (3, 2, 2)),
    ("bi,bj,bk->bijk", (2, 2), (2, 3), (2, 2)),
]


@pytest.mark.parametrize("equation, shapes", [(e, s) for e, *s in EQUATIONS], ids=str)
def test_einsum(equation, shapes):
    check_op(
        lambda *operands: mg.einsum(equation, *operands),
        *(normal(*shape, seed=i) for i, shape in enumerate(shapes)),
        reference=lambda *operands: np.einsum(equation.replace(" ", ""), *operands),
    )


def test_einsum_sums_over_dots_that_the_result_does_not_name():
    x = normal(2, 3, 4)  # NumPy refuses this, PyTorch does not
    assert_close(mg.einsum("i...->i", x), x.sum((1, 2)))


@pytest.mark.parametrize(
    "equation, shapes, message",
    [
        ("ij,jk->iz", [(2, 3), (3, 4)], "subscript z of the result"),
        ("ij,jk->ii", [(2, 3), (3, 4)], "subscript i appears more than once in the result"),
        ("ij,jk", [(2, 3), (4, 4)], r"j has size 4 for operand 1, of shape \[4, 4\]"),
        ("ij", [(2,)], "operand 0 of 'ij' has 2 subscripts 'ij' for 1 dimensions"),
        ("i", [(2, 3)], "operand 0 of 'i' has 1 subscripts 'i' for 2 dimensions"),
        ("ij,jk", [(2, 3)], "subscripts for 2 operands, not 1"),
        ("i1", [(2, 3)], "subscripts are letters"),
        ("...i...", [(2, 3)], "at most one '...'"),
        ("ii", [(1, 3)], "repeated in one operand"),
    ],
)
def test_einsum_with_an_equation_that_does_not_fit(equation, shapes, message):
    with pytest.raises(RuntimeError, match=message):
        mg.einsum(equation, *(mg.tensor(normal(*shape)) for shape in shapes))


def test_what_a_recording_saw_is_not_kept():
    a, b = mg.ones(2, 5), mg.ones(5, 3)
    mg.compile(lambda a, b: mg.einsum("ij,jk", a, b))(a, b)
    steps, _ = importlib.import_module("minigrad.ops.einsum")._plan("ij,jk", ((2, 5), (5, 3)))
    assert steps == [([], [], MatMul)]


def test_einsum_takes_a_list():
    a, b = mg.ones(2, 3), mg.ones(3, 4)
    assert mg.einsum("ij,jk", [a, b]).tolist() == (a @ b).tolist()


def test_an_operand_that_is_no_tensor_is_named():
    with pytest.raises(TypeError, match=r"operand 1 is 3\.0"):
        mg.einsum("i,->i", mg.ones(2), 3.0)
    with pytest.raises(TypeError, match=r"operand 0 is \[0, 1\]"):
        mg.einsum(mg.ones(2, 3), [0, 1], [1, 0])
