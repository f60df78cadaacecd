"""Shapes: values as NumPy's, views where PyTorch has views, gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.testing import check_op, gradcheck

COVERED = [
    "flatten",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
]
NOT_DIFFERENTIABLE: list[str] = []

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3, 4))

# What it is, of x with shape (2, 3, 4); the same in NumPy.
VIEWS = {
    "reshape": (lambda x: x.reshape(4, -1), lambda x: x.reshape(4, -1)),
    "reshape_as": (lambda x: x.reshape_as(mg.zeros(24)), np.ravel),
    "flatten": (lambda x: x.flatten(1), lambda x: x.reshape(2, 12)),
    "flatten some": (lambda x: x.flatten(0, -2), lambda x: x.reshape(6, 4)),
    "ravel": (mg.ravel, np.ravel),
    "unflatten": (lambda x: mg.unflatten(x, -1, (2, -1)), lambda x: x.reshape(2, 3, 2, 2)),
    "unsqueeze": (lambda x: x.unsqueeze(-1), lambda x: x[..., None]),
    "squeeze": (lambda x: x[:, :1].squeeze(), lambda x: x[:, 0]),
    "squeeze one": (lambda x: x[:1, :1].squeeze(1), lambda x: x[:1, 0]),
    "transpose": (lambda x: x.transpose(0, -1), lambda x: x.swapaxes(0, -1)),
    "swapaxes": (lambda x: x.swapaxes(0, 1), lambda x: x.swapaxes(0, 1)),
    "permute": (lambda x: x.permute(2, 0, 1), lambda x: x.transpose(2, 0, 1)),
    "t": (lambda x: x[0].t(), lambda x: x[0].T),
    "T": (lambda x: x.T, lambda x: x.T),
    "mT": (lambda x: x.mT, lambda x: x.swapaxes(1, 2)),
    "movedim": (lambda x: mg.movedim(x, (0, 1), (2, 0)), lambda x: np.moveaxis(x, (0, 1), (2, 0))),
}
COPIES = {
    "reshape of what is not contiguous": (
        lambda x: x.mT.reshape(8, 3),
        lambda x: x.swapaxes(1, 2).reshape(8, 3),
    ),
}


@pytest.mark.parametrize(
    ("ours", "numpys"), [*VIEWS.values(), *COPIES.values()], ids=[*VIEWS, *COPIES]
)
def test_values_and_gradients(ours, numpys):
    check_op(ours, X, reference=numpys)


@pytest.mark.parametrize("ours", [ours for ours, _ in VIEWS.values()], ids=list(VIEWS))
def test_views_share_memory(ours):
    x = mg.tensor(X)
    assert np.shares_memory(ours(x).array, x.array)


def test_view_and_view_as():
    x = mg.tensor(X, requires_grad=True)
    for view in (lambda x: x.view(6, -1), lambda x: x.view_as(mg.zeros(6, 4))):
        assert np.shares_memory(view(x).array, x.array)
        np.testing.assert_array_equal(view(x).array, X.reshape(6, 4))
        gradcheck(view, x)


@pytest.mark.parametrize("ours", [ours for ours, _ in COPIES.values()], ids=list(COPIES))
def test_copies_do_not_share_memory(ours):
    x = mg.tensor(X)
    assert not np.shares_memory(ours(x).array, x.array)


@pytest.mark.parametrize("name", VIEWS)
def test_writing_into_a_view_changes_what_it_shows(name):
    ours, numpys = VIEWS[name]
    x, expected = mg.tensor(X, requires_grad=True), 2 * X
    y = x * 2
    ours(y).fill_(7.0)
    numpys_view = numpys(expected)
    expected[np.isin(expected, numpys_view)] = 7.0
    np.testing.assert_array_equal(y.array, expected)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.array, np.where(expected == 7.0, 0.0, 2.0))


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=4, max_side=4), elements=st.floats(-9, 9)),
    st.data(),
)
def test_any_order_of_dimensions_reshapes_as_in_numpy(x, data):
    order = data.draw(st.permutations(range(x.ndim)))
    length = data.draw(st.sampled_from([n for n in range(1, x.size + 1) if x.size % n == 0]))
    y = mg.tensor(x).permute(order).reshape(length, -1)
    np.testing.assert_array_equal(y.array, x.transpose(order).reshape(length, -1))


def test_t_leaves_vectors_alone():
    assert mg.t(mg.arange(3)).tolist() == [0, 1, 2]


def test_empty_and_0d():
    assert mg.zeros(0, 3).reshape(3, 0).shape == (3, 0)
    assert mg.zeros(0, 3).flatten().shape == (0,)
    assert mg.tensor(1.0).flatten().shape == (1,)
    assert mg.tensor(1.0).squeeze().shape == ()
    assert mg.zeros(1, 1).squeeze().shape == ()


def test_arrays_give_arrays():
    assert type(mg.reshape(X, (6, 4))) is np.ndarray


def test_view_refuses_what_takes_a_copy():
    with pytest.raises(RuntimeError, match=r"not compatible.*reshape"):
        mg.tensor(X).mT.view(-1)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: x.reshape(5, 5), RuntimeError, r"'\[5, 5\]' is invalid for input of size 24"),
        (lambda x: x.reshape(-1, -1), RuntimeError, "only one dimension"),
        (lambda x: x.reshape(-1, 7), RuntimeError, "invalid for input of size 24"),
        (lambda x: x[:0].reshape(-1, 0), RuntimeError, "ambiguous"),
        (lambda x: x.flatten(2, 1), RuntimeError, "start_dim"),
        (lambda x: x.transpose(0, 3), IndexError, r"range of \[-3, 2\], but got 3"),
        (lambda x: x.permute(0, 1), RuntimeError, "number of dimensions"),
        (lambda x: x.permute(0, 1, 1), RuntimeError, "multiple times"),
        (lambda x: x.t(), RuntimeError, "<= 2 dimensions"),
        (lambda x: x[0, 0].mT, RuntimeError, "1-D"),
        (lambda x: x.movedim((0, 1), 0), RuntimeError, "same number"),
    ],
)
def test_errors(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(mg.tensor(X))


def test_sizes_and_dimensions_by_name():
    x = mg.tensor(np.arange(6.0).reshape(2, 3))
    assert x.permute(dims=(1, 0)).shape == x.reshape(shape=(3, 2)).shape == (3, 2)
    assert mg.zeros(size=(2, 3)).shape == mg.rand(size=(2, 3)).shape == (2, 3)


@pytest.mark.parametrize("name, args", [("narrow", (0, 0, 1)), ("split", (1,)), ("chunk", (2,))])
def test_a_single_number_has_no_dimension_to_divide(name, args):
    with pytest.raises(RuntimeError, match=rf"{name}\(\) cannot be applied to a 0-dim tensor"):
        getattr(mg.tensor(1.0), name)(*args)
