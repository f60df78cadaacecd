"""Reading and writing parts: values as NumPy's (where PyTorch's do not differ), gradients, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.testing import check_op, gradcheck, gradgradcheck

COVERED = ["fill_", "narrow", "select", "zero_"]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 4))
SOURCE = RNG.normal(size=(2, 3, 4))
MASK = X > 0

BASIC = [
    0,
    -1,
    (0, 1, 2),
    (..., 0),
    (slice(None), None, 1),
    (slice(1, None), ..., slice(None, None, 2)),
    (slice(None), slice(None, None, -1)),
    None,
    ...,
    (),
    slice(0, 0),
    np.int64(1),
    (0, slice(1, 3), None, -1),
]
ADVANCED = [
    [0, 1, 1],
    (slice(None), [2, 0, 2]),
    ([0, 1, 1], [1, 2, 1]),
    ([[0], [1]], [0, 2, 0]),
    (slice(None), slice(None), [[3, -1], [0, 3]]),
    ([1, 0], slice(None), [1, 1]),
    (None, [1, 1]),
    (slice(None), [0, 2], slice(1, 3)),
    (..., np.array([1, 1], np.uint8)),
    MASK,
    MASK[:, :, 0],
    (slice(None), MASK[0]),
    (MASK[:, 0, 0], [1]),
    [True, False],
    [],
    True,
    False,
    range(2),
]


@pytest.mark.parametrize("index", BASIC, ids=str)
def test_basic_index_is_a_view(index):
    check_op(lambda x: x[index], X, reference=lambda x: x[index])
    x = mg.tensor(X)
    assert x[index].numel() == 0 or np.shares_memory(x[index].array, x.array)


@pytest.mark.parametrize("index", ADVANCED, ids=str)
def test_advanced_index_is_a_copy(index):
    numpys = tuple(index) if isinstance(index, range) else index
    numpys = ([0, 1],) if isinstance(index, range) else numpys
    numpys = np.zeros(0, int) if isinstance(index, list) and not index else numpys
    check_op(lambda x: x[index], X, reference=lambda x: x[numpys])
    x = mg.tensor(X)
    assert not np.shares_memory(x[index].array, x.array)


def test_an_integer_beside_an_array_goes_first_as_in_pytorch():
    assert mg.tensor(X)[0, :, [1, 2]].shape == (3, 2)
    assert X[0, :, [1, 2]].shape == (2, 3)
    check_op(lambda x: x[0, :, [1, 2]], X, reference=lambda x: x[0][:, [1, 2]])


def test_tensors_are_indices():
    x = mg.tensor(X)
    for dtype in (mg.uint8, mg.int8, mg.int16, mg.int32, mg.int64):
        np.testing.assert_array_equal(
            x[:, mg.tensor([1, 2, 1], dtype=dtype)].array, X[:, [1, 2, 1]]
        )
    np.testing.assert_array_equal(x[mg.tensor(MASK)].array, X[MASK])
    one = x[mg.tensor(1)]
    np.testing.assert_array_equal(one.array, X[1])
    assert np.shares_memory(one.array, x.array)


@given(st.data())
def test_any_mixture_of_indices_reads_and_writes_as_in_numpy(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
    x = np.arange(float(np.prod(shape))).reshape(shape)
    arrays = data.draw(st.booleans())
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    if arrays:
        length = data.draw(st.integers(0, 3))
        index = tuple(
            data.draw(hnp.arrays(np.int64, (length,), elements=st.integers(-n, n - 1)))
            if data.draw(st.booleans())
            else slice(None)
            for n in shape
        )
    t = mg.tensor(x, requires_grad=True)
    np.testing.assert_array_equal(t[index].array, x[index])
    t[index].sum().backward()
    counts = np.zeros(shape)
    np.add.at(counts, index, 1.0)
    np.testing.assert_array_equal(t.grad.array, counts)

    written = mg.tensor(x)
    written[index] = -1.0
    x[index] = -1.0
    np.testing.assert_array_equal(written.array, x)


@pytest.mark.parametrize(
    "index",
    [
        0,
        (slice(None), 1),
        (..., slice(1, 3)),
        [1],
        (slice(None), [2, 0]),
        MASK,
        (0, MASK[0]),
        (1, [0, 2], slice(1, 3)),
    ],
    ids=str,
)
def test_written_values_and_what_remains_have_gradients(index):
    value = RNG.normal(size=X[index].shape)

    def write(x, value):
        y = x * 2
        y[index] = value * value
        return y * y

    expected = 2 * X
    expected[index] = value * value
    np.testing.assert_allclose(write(mg.tensor(X), mg.tensor(value)).array, expected**2)
    inputs = mg.tensor(X, requires_grad=True), mg.tensor(value, requires_grad=True)
    gradcheck(write, inputs)
    gradgradcheck(write, inputs)


@pytest.mark.parametrize(
    "index", [0, (slice(None), 1), ..., MASK[:, :, 0], (slice(None), [2, 0])], ids=str
)
def test_written_values_broadcast(index):
    def write(x, row, number):
        y = x * 2
        y[index] = row
        y[0, 0] = row[None, :]
        y[MASK] = number
        return y * y

    gradcheck(write, (X, X[0, 0], np.array(1.5)))


def test_rows_of_no_columns_have_a_gradient():
    x = mg.zeros(3, 0, requires_grad=True)
    x[mg.tensor([0, 2])].sum().backward()
    assert x.grad.shape == (3, 0)


def test_writing_does_not_copy():
    x = mg.tensor(X)
    before = x.data_ptr()
    view = x.array
    x[0, 1] = 5
    x[MASK] = 0
    x[[0], 1] = mg.tensor(X[0, 0])
    x.zero_()
    assert x.data_ptr() == before
    assert not view.any()


def test_writing_casts_as_in_pytorch():
    x = mg.arange(3)
    x[0] = 2.7
    x[1:] = mg.tensor([1.5, -1.5])
    assert x.tolist() == [2, 1, -1]


def test_the_gradient_of_a_wrong_version_is_refused():
    x = mg.tensor(X, requires_grad=True)
    y = x.exp()
    y[0, 0, 0] = 1.0
    with pytest.raises(
        RuntimeError, match=r"modified by an inplace operation: __setitem__ at .*test_indexing"
    ):
        y.sum().backward()


def test_an_index_that_has_changed_is_refused():
    x, index = mg.tensor(X, requires_grad=True), mg.tensor([0, 1])
    y = x[index]
    index[0] = 1
    with pytest.raises(RuntimeError, match=r"Pick needs .* modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize(
    "write", [lambda x: x.__setitem__(0, 1), lambda x: x[0].fill_(1), lambda x: x.zero_()]
)
def test_leaves_are_not_overwritten(write):
    with pytest.raises(RuntimeError, match="leaf"):
        write(mg.tensor(X, requires_grad=True))
    x = mg.tensor(X, requires_grad=True)
    with mg.no_grad():
        write(x)
    assert x.is_leaf
    assert x.requires_grad


def test_a_view_made_without_recording_is_not_changed_with_it():
    y = mg.tensor(X, requires_grad=True) * 2
    with mg.no_grad():
        view = y[0]
    with pytest.raises(RuntimeError, match="no_grad mode"):
        view.mul_(2)


def test_select_and_narrow():
    check_op(lambda x: mg.select(x, 1, -1), X, reference=lambda x: x[:, -1])
    check_op(lambda x: mg.narrow(x, 2, -3, 2), X, reference=lambda x: x[..., 1:3])


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda y, s: y.copy_(s), lambda y, s: s * 1),
        (lambda y, s: y.copy_(s[0, 0]), lambda y, s: s[0, 0].expand(y.shape)),
        (lambda y, s: y.fill_(s.sum()), lambda y, s: s.sum().expand(y.shape)),
        (lambda y, s: y.zero_(), lambda y, s: y * 0),
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
        (lambda x: x[2], IndexError, "index 2 is out of bounds for dimension 0 with size 2"),
        (
            lambda x: x[:, 1, -5],
            IndexError,
            "index -5 is out of bounds for dimension 2 with size 4",
        ),
        (
            lambda x: x[0, :, [1, 4]],
            IndexError,
            "index 4 is out of bounds for dimension 2 with size 4",
        ),
        (lambda x: x[[0, 9]], IndexError, "index 9 is out of bounds for dimension 0 with size 2"),
        (lambda x: x.__setitem__([5], 0), IndexError, "index 5 is out of bounds for dimension 0"),
        (lambda x: x[0, 0, 0, 0], IndexError, "too many indices for tensor of dimension 3"),
        (lambda x: x[0, 0, 0][0], IndexError, "too many indices for tensor of dimension 0"),
        (lambda x: x[..., ...], IndexError, "single ellipsis"),
        (lambda x: x[1.0], IndexError, "got float"),
        (lambda x: x[mg.tensor([1.0])], IndexError, "float32"),
        (lambda x: x[[True, False, True]], IndexError, r"mask \[3\] at index 0"),
        (lambda x: x[[0, 1], [0, 1, 2]], IndexError, "could not be broadcast"),
        (
            lambda x: x.__setitem__(0, mg.zeros(2)),
            RuntimeError,
            r"\[2\] cannot be broadcast .* \[3, 4\]",
        ),
        (
            lambda x: x.__setitem__(MASK, mg.zeros(99)),
            RuntimeError,
            r"value tensor of shape \[99\]",
        ),
        (lambda x: x.narrow(0, 1, 2), RuntimeError, "exceeds dimension size"),
        (lambda x: x.narrow(0, mg.tensor([1]), 1), RuntimeError, "0-dim integral"),
        (lambda x: x.narrow(0, mg.tensor(True), 1), RuntimeError, "0-dim integral"),
        (lambda x: x.narrow(0, 1.5, 1), RuntimeError, "0-dim integral"),
    ],
)
def test_errors(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(mg.tensor(X))


def test_apply():
    x = mg.tensor([[1.0, 2.0]])
    assert x.apply_(lambda value: value + 1) is x and x.tolist() == [[2, 3]]
    with pytest.raises(RuntimeError, match="requires grad"):
        mg.ones(2, requires_grad=True).apply_(abs)
