"""Elements named by index arrays and masks: values against NumPy, gradients, errors."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op, gradcheck

COVERED = [
    "gather",
    "index_add",
    "index_select",
    "masked_fill",
    "masked_select",
    "scatter",
    "scatter_add",
    "take",
    "take_along_dim",
]
NOT_DIFFERENTIABLE = ["nonzero", "nonzero_static", "one_hot"]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 4))
ROW = RNG.normal(size=4)
MASK = X > 0
SOURCE = RNG.normal(size=(2, 3, 4))

INDEX = RNG.integers(0, 3, (2, 2, 4))


def test_gather():
    check_op(
        lambda x: mg.gather(x, 1, INDEX), X, reference=lambda x: np.take_along_axis(x, INDEX, 1)
    )
    short = INDEX[:1, :, :2]
    check_op(
        lambda x: x.gather(1, mg.tensor(short)),
        X,
        reference=lambda x: np.take_along_axis(x[:1, :, :2], short, 1),
    )


def test_scatter():
    places = np.argsort(RNG.random((2, 3, 4)), axis=1)[:, :2]

    def put(x, source, add=False):
        y = x.copy()
        for i, j, k in np.ndindex(places.shape):
            y[i, places[i, j, k], k] = source[i, j, k] + add * y[i, places[i, j, k], k]
        return y

    check_op(lambda x, s: mg.scatter(x, 1, places, s), X, SOURCE, reference=put)
    check_op(
        lambda x: x.scatter(1, places, 2.5), X, reference=lambda x: put(x, np.full(x.shape, 2.5))
    )
    check_op(
        lambda x, s: mg.scatter_add(x, 1, places, s),
        X,
        SOURCE,
        reference=lambda x, s: put(x, s, True),
    )


def test_scatter_add_adds_up_what_meets():
    result = mg.zeros(3).scatter_add(0, mg.tensor([1, 1, 2, 1]), mg.tensor([1.0, 2.0, 3.0, 4.0]))
    assert result.tolist() == [0.0, 7.0, 3.0]


def test_index_select_and_take():
    check_op(lambda x: mg.index_select(x, 1, [2, 0, 2]), X, reference=lambda x: x[:, [2, 0, 2]])
    check_op(
        lambda x: x.mT.index_select(-1, np.array([1])),
        X,
        reference=lambda x: x.swapaxes(1, 2)[..., [1]],
    )
    check_op(
        lambda x: mg.take(x, [[0, 5], [-1, 5]]),
        X,
        reference=lambda x: np.take(x, [[0, 5], [-1, 5]]),
    )
    assert mg.take(mg.arange(3), mg.tensor(1)).item() == 1


def test_take_along_dim():
    order = np.argsort(X, axis=1)
    check_op(lambda x: mg.take_along_dim(x, order, 1), X, reference=lambda x: np.sort(x, 1))
    check_op(
        lambda x: x.take_along_dim(order[:1] - 3, 1),
        X,
        reference=lambda x: np.take_along_axis(x, order[:1], 1),
    )
    check_op(
        lambda x: mg.take_along_dim(x, [[3], [1]]), X, reference=lambda x: x.reshape(-1)[[3, 1]]
    )


def test_index_add():
    def add(x, s):
        y = x.copy()
        np.add.at(y, (slice(None), [1, 1, 0]), 2 * s)
        return y

    check_op(lambda x, s: mg.index_add(x, 1, [1, 1, 0], s, alpha=2), X, SOURCE, reference=add)


def test_masked_fill_and_select():
    check_op(lambda x: mg.masked_fill(x, MASK, -1), X, reference=lambda x: np.where(MASK, -1, x))
    check_op(
        lambda x, v: mg.masked_fill(x, MASK[0], v.sum()),
        X,
        ROW,
        reference=lambda x, v: np.where(MASK[0], v.sum(), x),
    )
    check_op(
        lambda x: mg.masked_fill(x[0], MASK, 0.0), X, reference=lambda x: np.where(MASK, 0.0, x[0])
    )
    check_op(lambda x: mg.masked_select(x, MASK), X, reference=lambda x: x[MASK])
    check_op(
        lambda x: x.masked_select(MASK[0, 0]), X, reference=lambda x: x[..., MASK[0, 0]].reshape(-1)
    )


def test_one_hot():
    labels = mg.tensor([[0, 2], [1, 1]], dtype=mg.int32)
    np.testing.assert_array_equal(mg.one_hot(labels).array, np.eye(3, dtype=int)[labels.array])
    assert mg.one_hot(labels, 5).shape == (2, 2, 5)
    assert mg.one_hot(labels).dtype == mg.int64
    for wrong in (mg.tensor([-1]), mg.tensor([3])):
        with pytest.raises(RuntimeError, match=r"in \[0, 3\)"):
            mg.one_hot(wrong, 3)


def test_nonzero():
    x = mg.tensor([[0, 3], [4, 0]])
    assert x.nonzero().tolist() == [[0, 1], [1, 0]]
    assert x[mg.nonzero(x, as_tuple=True)].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda y, s: y.masked_fill_(MASK, s.sum()), lambda y, s: y.masked_fill(MASK, s.sum())),
        (lambda y, s: y.scatter_(1, INDEX[:, :1], s), lambda y, s: y.scatter(1, INDEX[:, :1], s)),
        (lambda y, s: y.scatter_add_(1, INDEX, s), lambda y, s: y.scatter_add(1, INDEX, s)),
        (lambda y, s: y.index_add_(1, [1, 1, 0], s), lambda y, s: y.index_add(1, [1, 1, 0], s)),
    ],
)
def test_in_place_forms(change, same):
    def changed(x, s):
        y = x * 2
        assert change(y, s) is y
        return y * y

    x, s = mg.tensor(X, requires_grad=True), mg.tensor(SOURCE, requires_grad=True)
    y = same(x * 2, s)
    np.testing.assert_allclose(changed(x, s).array, (y * y).array)
    gradcheck(changed, (x, s))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: x.gather(1, mg.tensor([3])), RuntimeError, "same number of dimensions"),
        (lambda x: x.gather(1, [[[3]]]), RuntimeError, "index 3 is out of bounds for dimension 1"),
        (lambda x: x.gather(1, np.zeros((3, 1, 1), int)), RuntimeError, "apart from dimension 1"),
        (lambda x: x.gather(1, X), RuntimeError, "integers"),
        (lambda x: x[0, 0, 0].scatter(0, [0], 1), RuntimeError, "scatter.. cannot .* 0-dim"),
        (lambda x: x.scatter(1, INDEX), TypeError, "one of src and value"),
        (lambda x: x.long().masked_fill(x > 0, np.inf), RuntimeError, "inf cannot .* int64"),
        (lambda x: x.long().fill_(np.nan), RuntimeError, "nan cannot .* int64"),
        (lambda x: x.scatter(1, INDEX, x.float()), RuntimeError, "float64 and float32"),
        (lambda x: x.scatter_add(1, INDEX, x[:, :1]), RuntimeError, "no larger than src"),
        (lambda x: x.index_select(0, [-1]), IndexError, "index -1 is out of bounds"),
        (lambda x: x.index_select(0, [[0]]), IndexError, "vector"),
        (lambda x: x.index_add(0, [0], x), RuntimeError, r"should be \[1, 3, 4\]"),
        (lambda x: x.take([24]), IndexError, "index 24"),
        (lambda x: x.masked_fill(x, 0), RuntimeError, "boolean"),
        (lambda x: x.masked_fill(x > 0, x), RuntimeError, "0-dimensional"),
        (lambda x: x.masked_fill(x[:, :2] > 0, 0), RuntimeError, "does not broadcast"),
        (lambda x: x[0].masked_fill_(x > 0, 0), RuntimeError, "larger than the tensor"),
    ],
)
def test_errors(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(mg.tensor(X))


def test_a_single_number_is_a_row_of_one():
    x = mg.tensor(2.0, requires_grad=True)
    y = x.gather(0, mg.tensor(0))
    y.backward()
    assert (y.shape, y.item(), x.grad.item()) == ((), 2, 1)
    assert x.gather(0, mg.tensor([0])).shape == (1,)


def test_scatter_of_a_number_by_its_name():
    assert mg.zeros(3).scatter(0, mg.tensor([1]), value=2.0).tolist() == [0, 2, 0]
    assert mg.zeros(3).scatter_(0, mg.tensor([2]), value=3.0).tolist() == [0, 0, 3]


def test_a_number_is_a_row_of_one_to_select_from():
    x = mg.tensor(2.0, requires_grad=True)
    y = mg.index_select(x, 0, mg.tensor([0]))
    y.backward()
    assert y.shape == () and y.item() == 2.0 and x.grad.item() == 1.0


def test_nonzero_static():
    x = mg.tensor([[0, 1], [2, 0]])
    assert mg.nonzero_static(x, size=1).tolist() == [[0, 1]]
    assert x.nonzero_static(size=3, fill_value=9).tolist() == [[0, 1], [1, 0], [9, 9]]
    with pytest.raises(RuntimeError, match="'size' must be a non-negative number, not -1"):
        x.nonzero_static(size=-1)
