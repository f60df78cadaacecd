"""Replaced parts and combined elements, against the same in NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op, gradgradcheck

COVERED = [
    *("diagonal_scatter", "index_copy", "index_fill", "index_put", "index_reduce"),
    *("masked_scatter", "put", "scatter_reduce", "select_scatter", "slice_scatter"),
]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


def replaced(x, index, values):
    x = x.copy()
    x[index] = values
    return x


def test_index_fill_and_copy():
    x, rows = normal(3, 4), np.array([2, 0])
    check_op(
        lambda x, v: mg.index_fill(x, 1, rows, v),
        *(x, np.array(2.5)),
        reference=lambda x, v: replaced(x, (slice(None), rows), v),
    )
    check_op(
        lambda x, s: mg.index_copy(x, 0, rows, s),
        *(x, normal(2, 4, seed=1)),
        reference=lambda x, s: replaced(x, rows, s),
    )
    v = mg.tensor(1.0, requires_grad=True)
    mg.zeros(3).index_fill(0, mg.tensor([1, 1, -2]), v).sum().backward()
    assert v.grad.item() == 1  # written three times, there once
    with pytest.raises(IndexError, match=r"for input \[3, 4\] and 2 indices .* \[2, 4\]"):
        mg.index_copy(mg.tensor(x), 0, rows, mg.ones(3, 4))


@pytest.mark.parametrize("accumulate", [False, True])
def test_index_put(accumulate):
    x, rows, columns = normal(3, 4), np.array([2, 0, 1]), np.array([1, 1, 3])

    def reference(x, v):
        base = x[rows, columns] if accumulate else 0
        return replaced(x, (rows, columns), base + v)

    index = (mg.tensor(rows), mg.tensor(columns))
    for v in (normal(3), np.array(2.0)):
        check_op(lambda x, v: mg.index_put(x, index, v, accumulate), x, v, reference=reference)
    y = mg.zeros(2)
    assert y.index_put_((mg.tensor([1, 1]),), mg.tensor(2.0), accumulate) is y
    assert y.tolist() == [0, 4 if accumulate else 2]
    with pytest.raises(RuntimeError, match="same dtypes but got float32 and int64"):
        y.index_put((mg.tensor([0]),), mg.tensor(1))


def test_masked_scatter():
    mask = np.array([[True, False, True], [False, True, False]])
    check_op(
        lambda x, s: mg.masked_scatter(x, mg.tensor(mask), s),
        *(normal(2, 3), normal(2, 2)),
        reference=lambda x, s: replaced(x, mask, s.reshape(-1)[:3]),
    )
    with pytest.raises(RuntimeError, match="2 < 3"):
        mg.masked_scatter(mg.ones(2, 3), mg.tensor(mask), mg.ones(2))


def test_parts_replaced():
    x = normal(3, 4)
    check_op(
        lambda x, s: mg.select_scatter(x, s, 1, -1),
        *(x, normal(3)),
        reference=lambda x, s: replaced(x, (slice(None), -1), s),
    )
    check_op(
        lambda x, s: mg.slice_scatter(x, s, 1, 1, None, 2),
        *(x, normal(3, 2)),
        reference=lambda x, s: replaced(x, (slice(None), slice(1, None, 2)), s),
    )
    with pytest.raises(RuntimeError, match=r"src size = \[2\], slice size = \[4\]"):
        mg.select_scatter(mg.ones(3, 4), mg.ones(2), 0, 0)


@pytest.mark.parametrize("offset, dims", [(0, (0, 1)), (1, (0, 1)), (-2, (0, 1)), (1, (2, 0))])
def test_diagonal_scatter(offset, dims):
    x = normal(3, 4, 2)
    part = np.diagonal(x, offset, *dims).shape

    def reference(x, s):
        x = x.copy()
        np.einsum(
            "...ii->...i",
            np.moveaxis(x, dims, (-2, -1))[..., max(-offset, 0) :, max(offset, 0) :][
                ..., : s.shape[-1], : s.shape[-1]
            ],
        )[...] = s
        return x

    check_op(
        lambda x, s: mg.diagonal_scatter(x, s, offset, *dims),
        *(x, normal(*part, seed=1)),
        reference=reference,
    )


UFUNCS = {
    "sum": np.add,
    "prod": np.multiply,
    "amax": np.maximum,
    "amin": np.minimum,
    "mean": np.add,
}


@pytest.mark.parametrize("reduce", UFUNCS)
@pytest.mark.parametrize("include_self", [False, True])
def test_scatter_reduce(reduce, include_self):
    index = np.array([[0, 1, 1], [2, 1, 0]])

    def reference(x, src):
        y, count = x.copy(), np.ones_like(x)
        for place in np.ndindex(index.shape):
            to = (index[place], place[1])
            if not include_self and (index[: place[0], place[1]] != index[place]).all():
                y[to], count[to] = src[place], 1
            else:
                y[to], count[to] = UFUNCS[reduce](y[to], src[place]), count[to] + 1
        return y / count if reduce == "mean" else y

    def function(x, src):
        return mg.scatter_reduce(x, 0, mg.tensor(index), src, reduce, include_self=include_self)

    check_op(function, normal(3, 3), normal(2, 3, seed=1), reference=reference)
    with pytest.raises(RuntimeError, match="got x"):
        mg.ones(3).scatter_reduce(0, mg.tensor([0]), mg.ones(1), "x")


def test_products_with_zeros_have_gradients():
    x = mg.tensor([2.0, 0.0, 3.0], requires_grad=True)
    src = mg.tensor([0.0, 5.0, 0.0, 0.0], requires_grad=True)
    y = x.scatter_reduce(0, mg.tensor([0, 1, 2, 2]), src, "prod")
    y.sum().backward()
    assert y.tolist() == [0, 0, 0]
    assert x.grad.tolist() == [0, 5, 0] and src.grad.tolist() == [2, 0, 0, 0]


def test_products_with_zeros_have_second_gradients():
    index = mg.tensor([[0, 1, 1], [0, 0, 1], [2, 0, 1]])
    x = np.array([[2.0, 0.0, 3.0], [0.5, 1.0, 0.0], [0.0, 2.0, 1.0]])
    src = np.array([[0.0, 5.0, 0.0], [3.0, 0.0, 2.0], [0.0, 4.0, 0.0]])

    def function(x, src):
        return x.scatter_reduce(0, index, src, "prod")

    assert gradgradcheck(function, [mg.tensor(v, requires_grad=True) for v in (x, src)])


@pytest.mark.parametrize("reduce", ["prod", "mean", "amax", "amin"])
def test_index_reduce(reduce):
    rows = np.array([1, 0, 1])

    def reference(x, source):
        y, count = x.copy(), np.ones((3, 1))
        for row, values in zip(rows, source, strict=True):
            y[row], count[row] = UFUNCS[reduce](y[row], values), count[row] + 1
        return y / count if reduce == "mean" else y

    check_op(
        lambda x, s: mg.index_reduce(x, 0, mg.tensor(rows), s, reduce),
        *(normal(3, 2), normal(3, 2, seed=1)),
        reference=reference,
    )
    integers = mg.tensor([1, 2]).index_reduce(0, mg.tensor([0, 0]), mg.tensor([3, 3]), reduce)
    assert_close(integers[1], np.int64(2))
    with pytest.raises(RuntimeError, match="got sum"):
        mg.ones(2).index_reduce(0, mg.tensor([0]), mg.ones(1), "sum")
    for shape in [(3, 4), (2, 3), (1, 4)]:
        with pytest.raises(RuntimeError, match=r"input \[3, 4\] and 2 indices .* \[2, 4\]"):
            mg.ones(3, 4).index_reduce(0, mg.tensor([0, 0]), mg.ones(shape), reduce)
    with pytest.raises(RuntimeError, match=r"index \[2, 2\] to be no larger than src \[1, 1\]"):
        index = mg.zeros(2, 2, dtype=mg.int64)
        mg.ones(3, 4).scatter_reduce(0, index, mg.ones(1, 1), reduce)


def test_put():
    x, source, rows = normal(2, 3), normal(2, seed=1), np.array([1, -1])

    def reference(x, source):
        x = x.copy()
        x.reshape(-1)[rows] = source
        return x

    check_op(lambda x, s: mg.put(x, rows, s), x, source, reference=reference)
    twice = mg.ones(2, 3).put(mg.tensor([1, 1]), mg.tensor([9.0, 8.0]), accumulate=True)
    assert twice.tolist() == [[1, 18, 1], [1, 1, 1]]
    with pytest.raises(IndexError, match="index 7 is out of bounds"):
        mg.ones(2, 3).put(mg.tensor([7]), mg.ones(1))
    with pytest.raises(IndexError, match=r"source.numel\(\) = 2, index.numel\(\) = 1"):
        mg.ones(2, 3).put(mg.tensor([1]), mg.ones(2))


def test_fill_diagonal():
    assert mg.zeros(2, 3).fill_diagonal_(5).tolist() == [[5, 0, 0], [0, 5, 0]]
    assert mg.zeros(5, 2).fill_diagonal_(1)[:, 0].tolist() == [1, 0, 0, 0, 0]
    assert mg.zeros(5, 2).fill_diagonal_(1, wrap=True)[:, 0].tolist() == [1, 0, 0, 1, 0]
    assert mg.zeros(2, 2, 2).fill_diagonal_(5).sum().item() == 10
    with pytest.raises(RuntimeError, match="larger than 1"):
        mg.zeros(3).fill_diagonal_(5)
    with pytest.raises(RuntimeError, match="equal length"):
        mg.zeros(2, 2, 3).fill_diagonal_(5)
    x = mg.ones(2, 2, requires_grad=True)
    (x * 1).fill_diagonal_(3).sum().backward()
    assert x.grad.tolist() == [[0, 1], [1, 0]]
