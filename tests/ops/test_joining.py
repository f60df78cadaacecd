"""Joining, splitting and padding."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

COVERED = [
    "cat",
    "chunk",
    "concat",
    "concatenate",
    "hstack",
    "meshgrid",
    "pad",
    "split",
    "stack",
    "unbind",
    "vstack",
    "row_stack",
    "split_with_sizes",
    *("unsafe_chunk", "unsafe_split"),
]
NOT_DIFFERENTIABLE: list[str] = []

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 1, 4))


def test_cat():
    check_op(lambda x, y: mg.cat([x, y], 1), X, Y, reference=lambda x, y: np.concatenate([x, y], 1))
    check_op(lambda x: mg.cat((x, x), axis=-1), X, reference=lambda x: np.concatenate([x, x], -1))


def test_cat_leaves_out_empty_vectors():
    assert mg.cat([mg.zeros(0), mg.ones(2, 2)], 1).shape == (2, 2)


def test_cat_promotes_and_gives_each_gradient_its_dtype():
    a = mg.ones(2, requires_grad=True)
    b = mg.ones(2, dtype=mg.float64, requires_grad=True)
    c = mg.cat([a, b, mg.arange(2)])
    assert c.dtype == mg.float64
    c.sum().backward()
    assert (a.grad.dtype, b.grad.dtype) == (mg.float32, mg.float64)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_stack(dim):
    check_op(
        lambda x, y: mg.stack([x, y, x], dim),
        X[0],
        X[1],
        reference=lambda x, y: np.stack([x, y, x], dim),
    )


def test_stack_of_numbers():
    check_op(
        lambda x: mg.stack([x.sum(), x[0, 0, 0]]),
        X,
        reference=lambda x: np.array([x.sum(), x[0, 0, 0]]),
    )


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_hstack_and_vstack(ndim):
    x = X[(0,) * (3 - ndim)]
    check_op(lambda x: mg.hstack([x, x]), x, reference=lambda x: np.hstack([x, x]))
    check_op(lambda x: mg.vstack([x, x]), x, reference=lambda x: np.vstack([x, x]))


@pytest.mark.parametrize(
    ("ours", "ends", "dim"),
    [
        (lambda x: x.split(3, 2), [3], 2),
        (lambda x: mg.split(x, [1, 0, 2], dim=1), [1, 1], 1),
        (lambda x: x.chunk(3, -1), [2], 2),
        (lambda x: mg.chunk(x, 2), [1], 0),
    ],
)
def test_split_and_chunk(ours, ends, dim):
    check_op(ours, X, reference=lambda x: np.split(x, ends, dim))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_unbind(dim):
    check_op(lambda x: mg.unbind(x, dim), X, reference=lambda x: list(np.moveaxis(x, dim, 0)))


def test_gradient_of_some_pieces_only():
    x = mg.tensor(X, requires_grad=True)
    x.split([1, 2, 1], -1)[1].sum().backward()
    np.testing.assert_array_equal(x.grad.array, np.broadcast_to([0.0, 1.0, 1.0, 0.0], X.shape))


def test_pieces_are_views_that_may_be_written_to():
    x = mg.tensor(X, requires_grad=True)
    y = x * 1
    first, second = y.split(2, -1)
    second.mul_(3)
    np.testing.assert_array_equal(y.array[..., 2:], 3 * X[..., 2:])
    (y.sum() + first.sum()).backward()
    np.testing.assert_array_equal(x.grad.array, np.broadcast_to([2.0, 2.0, 3.0, 3.0], X.shape))


def test_a_piece_sees_a_later_change_of_its_base():
    x = mg.ones(2, requires_grad=True)
    y = x * 1
    a, _ = y.unbind()
    y.mul_(5)
    a.backward()
    assert x.grad.tolist() == [5.0, 0.0]


def test_meshgrid():
    for indexing in ("ij", "xy"):
        check_op(
            lambda a, b, i=indexing: mg.meshgrid(a, b, indexing=i),
            X[0, 0],
            X[0, 1],
            reference=lambda a, b, i=indexing: list(np.meshgrid(a, b, indexing=i)),
        )


@pytest.mark.parametrize(
    ("widths", "numpys"),
    [
        ((1, 2), [(0, 0), (0, 0), (1, 2)]),
        ((0, 1, 2, 0), [(0, 0), (2, 0), (0, 1)]),
        ((1, 0, 0, 0, 0, 2), [(0, 2), (0, 0), (1, 0)]),
    ],
)
def test_pad_with_a_constant(widths, numpys):
    check_op(
        lambda x: mg.pad(x, widths, value=2.5),
        X,
        reference=lambda x: np.pad(x, numpys, constant_values=2.5),
    )


def test_negative_widths_cut_off():
    check_op(
        lambda x: mg.pad(x, (-1, 1, 0, -2)),
        X,
        reference=lambda x: np.pad(x[:, :1, 1:], [(0, 0), (0, 0), (0, 1)]),
    )
    check_op(
        lambda x: mg.pad(x, (-1, 2), "reflect"), X, reference=lambda x: x[..., [1, 2, 3, 2, 1]]
    )


@pytest.mark.parametrize(
    ("mode", "numpys"), [("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")]
)
def test_pad_with_what_is_there(mode, numpys):
    check_op(
        lambda x: mg.pad(x, (3, 1, 2, 0), mode),
        X,
        reference=lambda x: np.pad(x, [(0, 0), (2, 0), (3, 1)], mode=numpys),
    )


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: mg.cat([]), ValueError, "non-empty"),
        (lambda x: mg.cat([x, x[0]]), RuntimeError, r"\[2, 3, 4\] and \[3, 4\]"),
        (lambda x: mg.cat([x, x[:, :2]]), RuntimeError, "except in dimension 0"),
        (lambda x: mg.cat([x.sum(), x.sum()]), RuntimeError, "use stack"),
        (lambda x: mg.stack([]), RuntimeError, "non-empty"),
        (lambda x: mg.stack([x, x[0]]), RuntimeError, r"\[3, 4\] at entry 1"),
        (lambda x: x.split([1, 2], 2), RuntimeError, "exactly to 4"),
        (lambda x: x.split(0), RuntimeError, "positive"),
        (lambda x: x.split([2, -1, 3], 2), RuntimeError, "non-negative entries.*-1"),
        (lambda x: x.chunk(0), RuntimeError, "greater than 0"),
        (lambda x: x.sum().unbind(), IndexError, "no dimensions"),
        (lambda x: mg.pad(x, (1,)), RuntimeError, "even number"),
        (lambda x: mg.pad(x, (4, 0), "reflect"), RuntimeError, "do not fit dimension 2 of size 4"),
        (lambda x: mg.pad(x, (1, 0), "mirror"), NotImplementedError, "mirror"),
        (lambda x: mg.pad(x, (1, 0), "reflect", value=1), ValueError, "value"),
        (lambda x: mg.meshgrid(x[0, 0], indexing="ji"), RuntimeError, "ji"),
    ],
)
def test_errors(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong(mg.tensor(X))


def test_the_edge_goes_on_beyond_what_is_cut_off():
    x = mg.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert mg.pad(x, (-4, 2), "replicate").tolist() == [[4, 4]]
    assert mg.pad(x, (3, -5), "replicate").tolist() == [[1, 1]]


def test_circular_padding_continues_what_was_not_cut_off():
    x = mg.tensor([[0.0, 1.0, 2.0, 3.0]])
    assert mg.pad(x, (-1, 1), mode="circular").tolist() == [[1, 2, 3, 1]]


def test_what_cannot_be_joined():
    for join in (mg.cat, mg.stack, mg.hstack, mg.vstack, mg.column_stack, mg.dstack):
        with pytest.raises(ValueError if join is mg.cat else RuntimeError, match="non-empty"):
            join([])
        with pytest.raises(TypeError, match="expected Tensor as element 1, but got NoneType"):
            join((mg.ones(2), None))


def test_split_with_sizes_and_row_stack():
    check_op(
        lambda x: mg.split_with_sizes(x, (1, 2), 1),
        X,
        reference=lambda x: tuple(np.split(x, [1], 1)),
    )
    with pytest.raises(RuntimeError, match="sum exactly to 3"):
        mg.ones(3).split_with_sizes((1, 1))
    assert mg.row_stack is mg.vstack


def test_other_names():
    assert mg.unsafe_chunk is mg.chunk and mg.unsafe_split is mg.split
