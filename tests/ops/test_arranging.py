"""Arrangements against NumPy's functions of the same names."""

import itertools

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

COVERED = [
    *("atleast_1d", "atleast_2d", "atleast_3d", "column_stack", "dsplit"),
    *("dstack", "hsplit", "repeat_interleave"),
    *("tensor_split", "vsplit", "block_diag", "cartesian_prod", "combinations"),
]


def values(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("sections", [3, 7, [1, 4], [-2], [4, 2], [9]])
@pytest.mark.parametrize("dim", [0, 1])
def test_tensor_split(sections, dim):
    check_op(
        lambda x: mg.tensor_split(x, sections, dim),
        values(5, 6),
        reference=lambda x: tuple(np.array_split(x, sections, dim)),
    )


@pytest.mark.parametrize("name", ["hsplit", "vsplit", "dsplit"])
@pytest.mark.parametrize("sections", [2, [1, 3]])
def test_equal_splits(name, sections):
    check_op(
        lambda x: getattr(mg, name)(x, sections),
        values(4, 4, 4),
        reference=lambda x: tuple(getattr(np, name)(x, sections)),
    )


def test_a_vector_is_split_along_its_only_dimension():
    assert [part.tolist() for part in mg.hsplit(mg.arange(4), 2)] == [[0, 1], [2, 3]]


@pytest.mark.parametrize("name", ["atleast_1d", "atleast_2d", "atleast_3d"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 1, 3, 2)])
def test_at_least(name, shape):
    function = getattr(mg, name)  # of a copy: what has the dimensions is returned itself
    check_op(lambda x: function(x * 1.0), values(*shape), reference=getattr(np, name))
    several = getattr(mg, name)(mg.tensor(values(*shape)), mg.tensor(1.0))
    assert [x.ndim for x in several] == [max(len(shape), int(name[8])), int(name[8])]


@pytest.mark.parametrize("name", ["column_stack", "dstack"])
@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_stacks(name, shape):
    check_op(
        lambda x, y: getattr(mg, name)([x, y]),
        values(*shape),
        values(*shape),
        reference=lambda x, y: getattr(np, name)([x, y]),
    )


@pytest.mark.parametrize("repeats, dim", [(2, None), (2, 0), ([1, 0, 2], 0), ([3, 1], 1), (0, 1)])
def test_repeat_interleave(repeats, dim):
    check_op(
        lambda x: mg.repeat_interleave(x, mg.tensor(repeats), dim),
        values(3, 2),
        reference=lambda x: np.repeat(x, repeats, dim),
    )


def test_what_does_not_fit():
    with pytest.raises(
        RuntimeError, match=r"hsplit: dimension 1 of \[2, 3\] is not divisible.*2; "
    ):
        mg.hsplit(mg.ones(2, 3), 2)
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        mg.vsplit(mg.ones(4), 2)
    with pytest.raises(RuntimeError, match="same size as input along dim, 3, and there are 2"):
        mg.repeat_interleave(mg.ones(3), mg.tensor([1, 2]))


def test_block_diag():
    def blocks(a, b, c):
        result = np.zeros((2 + 1 + 1, 3 + 2 + 1))
        result[:2, :3], result[2, 3:5], result[3, 5] = a, b, c
        return result

    check_op(mg.block_diag, values(2, 3), values(2), np.array(1.5), reference=blocks)
    with pytest.raises(RuntimeError, match=r"Input 0 has shape \[1, 1, 1\]"):
        mg.block_diag(mg.ones(1, 1, 1))


def test_cartesian_prod():
    check_op(
        mg.cartesian_prod,
        *(values(2), values(3)),
        reference=lambda a, b: np.array(list(itertools.product(a, b))),
    )
    x = mg.tensor([1, 2])
    assert mg.cartesian_prod(x) is x
    with pytest.raises(RuntimeError, match="Expect a 1D vector"):
        mg.cartesian_prod(mg.ones(2, 2))


@pytest.mark.parametrize("r", [1, 2, 3])
@pytest.mark.parametrize("again", [False, True])
def test_combinations(r, again):
    choose = itertools.combinations_with_replacement if again else itertools.combinations
    check_op(
        lambda x: mg.combinations(x, r, again),
        values(4),
        reference=lambda x: np.array(list(choose(x, r))),
    )
    assert mg.combinations(mg.ones(2), 3).shape == (0, 3)
    with pytest.raises(RuntimeError, match="non-negative number"):
        mg.combinations(mg.ones(2), -1)


@pytest.mark.parametrize("dim, size, step", [(0, 2, 1), (1, 3, 2), (-1, 4, 3), (0, 0, 2)])
def test_windows(dim, size, step):
    def reference(x):
        count = (x.shape[dim] - size) // step + 1
        windows = [x.take(range(i * step, i * step + size), dim) for i in range(count)]
        return np.stack([np.moveaxis(w, dim, -1) for w in windows], dim % x.ndim)

    check_op(lambda x: x.unfold(dim, size, step), values(3, 5), reference=reference)
    with pytest.raises(
        RuntimeError, match="maximum size for tensor at dimension 0 is 3 but size is 4"
    ):
        mg.ones(3).unfold(0, 4, 1)
    with pytest.raises(RuntimeError, match="step is 0"):
        mg.ones(3).unfold(0, 2, 0)


def test_sum_to_size():
    check_op(
        lambda x: x.sum_to_size(3, 1), values(2, 3, 4), reference=lambda x: x.sum((0, 2))[:, None]
    )
    assert mg.ones(2, 3).sum_to_size((2, 3)).shape == (2, 3)
    with pytest.raises(RuntimeError, match=r"\[2\] is not expandable to size \[2, 3\]"):
        mg.ones(2, 3).sum_to_size(2)
