"""where, minimum, maximum, clamp: values, ties and bounds, and no NaN from what was not taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd import engine
from minigrad.testing import assert_close, check_op, gradcheck

COVERED = [
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "cond",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "where",
]

inf, nan = np.inf, np.nan


def spread(*shape, seed=0):
    """Multiples of 1/2 on both sides of 0, in random order."""
    size = int(np.prod(shape))
    return np.random.default_rng(seed).permutation(size).reshape(shape) / 2 - size // 4


def gradients(function, *values):
    tensors = [mg.tensor(v, dtype=mg.float64, requires_grad=True) for v in values]
    return [g.tolist() for g in engine.grad(function(*tensors).sum(), tensors)]


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (3,)), ((1,), (2,))], ids=str)
@pytest.mark.parametrize("name", ["fmax", "fmin", "maximum", "minimum"])
def test_extrema(name, shapes):
    a, b = spread(*shapes[0], seed=1), spread(*shapes[1], seed=2) + 0.25
    check_op(getattr(mg, name), a, b, reference=getattr(np, name))


def test_extrema_of_ties_and_nan():
    for function in (mg.maximum, mg.minimum):
        assert gradients(function, [2.0, 1.0], [2.0, 1.0]) == [[0.5, 0.5], [0.5, 0.5]]
        assert np.isnan(function(mg.tensor([nan, 1.0]), mg.tensor([1.0, nan])).numpy()).all()
    assert gradients(mg.maximum, [1.0, 3.0], [2.0, 2.0]) == [[0, 1], [1, 0]]
    assert mg.maximum(mg.tensor([1, 5]), 2).tolist() == [2, 5]


def test_fmax_and_fmin_of_ties_and_nan():
    a, b = [nan, 1.0, 2.0, nan], [1.0, nan, 2.0, nan]
    for function in (mg.fmax, mg.fmin):
        values = function(mg.tensor(a), mg.tensor(b))
        assert_close(values, np.float32([1, 1, 2, nan]), equal_nan=True)
        assert gradients(function, a, b) == [[0, 1, 1, 1], [1, 0, 0, 0]]


@given(data=st.data())
def test_where_broadcasts_as_in_numpy(data):
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
    condition, x, y = (
        data.draw(hnp.arrays(dtype, shape))
        for dtype, shape in zip(
            (np.bool_, np.float32, np.float32), shapes.input_shapes, strict=True
        )
    )
    result = mg.where(mg.tensor(condition), mg.tensor(x), mg.tensor(y))
    assert_close(result, np.where(condition, x, y), equal_nan=True)


def test_where():
    condition = np.array([[True, False, True], [False, False, True]])
    check_op(mg.where, condition, spread(2, 3), spread(2, 3, seed=1), reference=np.where)
    gradcheck(lambda x, y: mg.where(mg.tensor(condition), x, y), (spread(3), spread(2, 1)))
    check_op(
        lambda c, x: mg.where(c, x, 0.5), condition, spread(2, 3),
        reference=lambda c, x: np.where(c, x, 0.5),
    )  # fmt: skip
    x = mg.tensor(spread(2, 3))
    assert_close(x.where(mg.tensor(condition), 0), np.where(condition, x.numpy(), 0))


def test_where_lets_nothing_through_from_the_other_branch():
    x = mg.tensor([0.0, -1.0, 4.0], dtype=mg.float64, requires_grad=True)
    y = mg.where(x > 0, x.sqrt(), 0.0)
    assert_close(y, np.array([0.0, 0.0, 2.0]))
    # What where itself sends back is 0; sqrt at 0 turns it into 0 * inf, as in PyTorch: so guard
    # the argument.
    safe = mg.where(x > 0, mg.where(x > 0, x, 1.0).sqrt(), 0.0)
    assert_close(engine.grad(safe.sum(), x)[0], np.array([0.0, 0.0, 0.25]))
    z = mg.tensor([nan, inf, 3.0], dtype=mg.float64, requires_grad=True)
    (grad,) = engine.grad(mg.where(mg.isfinite(z), z, 0.0), z, np.array([nan, inf, 1.0]))
    assert_close(grad, np.array([0.0, 0.0, 1.0]))


def test_where_of_a_condition_alone():
    rows, columns = mg.where(mg.tensor([[0.0, 1.0], [2.0, 0.0]]))
    assert rows.tolist() == [0, 1] and columns.tolist() == [1, 0]
    assert rows.dtype == mg.int64
    assert [i.tolist() for i in mg.where(mg.tensor(True))] == [[0]]


def test_where_dtypes_and_errors():
    condition = mg.tensor([True, False])
    assert mg.where(condition, 1, 2.5).dtype == mg.float32
    assert mg.where(condition, mg.tensor([1, 2]), 0).dtype == mg.int64
    with pytest.raises(RuntimeError, match="boolean tensor, but got a tensor with dtype int64"):
        mg.where(mg.tensor([1, 0]), 1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"Where: shapes \[2\] and \[3\]"):
        mg.where(condition, mg.ones(3), 0.0)


@pytest.mark.parametrize("bounds", [(-0.6, 0.6), (None, 0.6), (-0.6, None), (0.6, -0.6)], ids=str)
def test_clamp_by_numbers(bounds):
    low, high = bounds

    def reference(x):
        x = x if low is None else np.maximum(x, low)
        return x if high is None else np.minimum(x, high)

    check_op(lambda x: mg.clamp(x, *bounds), spread(2, 4), reference=reference)
    check_op(lambda x: x.clip(min=low, max=high), spread(2, 4), reference=reference)


def test_clamp_by_tensors():
    x, low, high = spread(2, 4), spread(4, seed=1) / 4 - 0.55, spread(2, 1) / 4 + 0.6
    check_op(mg.clamp, x, low, high, reference=lambda x, a, b: np.minimum(np.maximum(x, a), b))
    check_op(mg.clamp_min, x, low, reference=np.maximum)
    check_op(mg.clamp_max, x, high, reference=np.minimum)


def test_clamp_at_the_bounds():
    x = [-2.0, -1.0, 0.0, 1.0, 2.0, nan]
    assert gradients(lambda x: x.clamp(-1, 1), x) == [[0, 1, 1, 1, 0, 0]]
    assert gradients(lambda x: x.clamp(1, -1), x) == [[0] * 6]
    assert gradients(mg.clamp_min, [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]) == [[0, 1, 1], [1, 0, 0]]


def test_clamp_dtypes_and_errors():
    x = mg.tensor([3, -4])
    assert_close(x.clamp(0, 1), np.int64([1, 0]))
    assert_close(x.clamp(0.5), np.float32([3, 0.5]))
    assert np.isnan(mg.tensor(nan).clamp(0, 1).item())
    for bounds in ((nan, 1), (0, nan), (nan, None)):
        assert np.isnan(mg.tensor([1.0, -2.0]).clamp(*bounds).numpy()).all()
    with pytest.raises(RuntimeError, match="at least one of 'min' or 'max'"):
        x.clamp()


def test_in_place():
    x = mg.tensor([-2.0, 0.5, 2.0])
    assert x.clamp_(-1, 1) is x
    assert x.tolist() == [-1, 0.5, 1]
    assert x.clip_(max=0).tolist() == [-1, 0, 0]
    y = mg.tensor([-2.0, 0.5], requires_grad=True)
    (y * 1).clamp_min_(0).sum().backward()
    assert y.grad.tolist() == [0, 1]


def test_cond_runs_one_of_two():
    x = spread(3)

    def chosen(x):
        return mg.cond(x.sum() > 0, lambda x: x.sin(), lambda x: x.cos(), (x,))

    check_op(chosen, x + 9, reference=np.sin)
    check_op(chosen, x - 9, reference=np.cos)
