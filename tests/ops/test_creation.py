"""New tensors: values, dtypes, shared memory, distributions."""

import math

import numpy as np
import pytest

import minigrad as mg

COVERED: list[str] = []
NOT_DIFFERENTIABLE = [
    "arange",
    "as_tensor",
    "asarray",
    "bernoulli",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "multinomial",
    "normal",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "tensor",
    "zeros",
    "zeros_like",
]


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, mg.int64),
        (1.5, mg.float32),
        (True, mg.bool),
        ([[1, 2], [3, 4]], mg.int64),
        ([1, 2.5], mg.float32),
        (np.float64(1.0), mg.float64),
        (np.arange(3, dtype=np.int16), mg.int16),
    ],
)
def test_dtype_of_data(data, dtype):
    assert mg.tensor(data).dtype == dtype
    np.testing.assert_array_equal(mg.tensor(data).array, np.asarray(data))


def test_tensor_copies_and_the_others_share():
    a = np.zeros(3, np.float32)
    assert not np.shares_memory(mg.tensor(a).array, a)
    for share in (mg.from_numpy, mg.as_tensor, mg.asarray):
        share(a)[0] += 1
    assert a[0] == 3
    t = mg.tensor(a)
    assert mg.as_tensor(t) is t
    assert mg.as_tensor(a, dtype=mg.float64).dtype == mg.float64
    assert not np.shares_memory(mg.asarray(a, copy=True).array, a)
    with pytest.raises(ValueError, match="without a copy"):
        mg.asarray([1.0], copy=False)
    with pytest.raises(TypeError, match=r"expected np\.ndarray"):
        mg.from_numpy([1.0])


def test_byte_order_is_converted_or_refused():
    big = np.array([1, 2], ">i4")
    assert mg.tensor(big).array.dtype.isnative
    assert mg.as_tensor(big).tolist() == [1, 2]
    with pytest.raises(ValueError, match="byte order"):
        mg.from_numpy(big)


@pytest.mark.parametrize("data", ["text", [1j], [None]])
def test_data_that_is_no_numbers(data):
    with pytest.raises(TypeError):
        mg.tensor(data)


def test_filled():
    assert mg.zeros(2, 3).shape == mg.ones((2, 3)).shape == mg.empty([2, 3]).shape == (2, 3)
    assert mg.zeros().shape == ()
    assert mg.ones(2, dtype=mg.int64).tolist() == [1, 1]
    assert mg.full((2,), 7).dtype == mg.int64
    assert mg.full((2,), 7.0).dtype == mg.float32
    assert mg.full((), True).item() is True
    assert mg.full((2,), 7, dtype=mg.float64).tolist() == [7.0, 7.0]
    np.testing.assert_array_equal(mg.eye(2, 3).array, np.eye(2, 3, dtype=np.float32))
    assert mg.zeros(1, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError, match="CPU alone"):
        mg.zeros(1, device="cuda")
    with pytest.raises(RuntimeError, match="floating point"):
        mg.zeros(1, dtype=mg.int64, requires_grad=True)


def test_the_default_dtype_is_used():
    mg.set_default_dtype(mg.float64)
    try:
        made = [mg.zeros(1), mg.rand(1), mg.tensor(1.0), mg.linspace(0, 1, 2), mg.arange(0.0, 1.0)]
        assert {t.dtype for t in made} == {mg.float64}
    finally:
        mg.set_default_dtype(mg.float32)


@pytest.mark.parametrize(
    ("args", "expected", "dtype"),
    [
        ((3,), [0, 1, 2], mg.int64),
        ((1, 7, 2), [1, 3, 5], mg.int64),
        ((5, 1, -2), [5, 3], mg.int64),
        ((0, 1, 0.25), [0.0, 0.25, 0.5, 0.75], mg.float32),
        ((2.5,), [0.0, 1.0, 2.0], mg.float32),
        ((1, 1), [], mg.int64),
    ],
)
def test_arange(args, expected, dtype):
    t = mg.arange(*args)
    assert t.tolist() == expected
    assert t.dtype == dtype


def test_arange_does_not_drift():
    t = mg.arange(0, 1000, 0.1)
    assert t.shape == (10000,)
    np.testing.assert_array_equal(t.array, (0.1 * np.arange(10000)).astype(np.float32))


def test_arange_refuses_a_step_away_from_the_end():
    for args in ((0, 1, -1), (0, 1, 0)):
        with pytest.raises(RuntimeError, match="step"):
            mg.arange(*args)


def test_linspace_and_logspace():
    np.testing.assert_allclose(mg.linspace(-1, 1, 5).array, [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_allclose(mg.logspace(0, 3, 4).array, [1, 10, 100, 1000])
    np.testing.assert_allclose(mg.logspace(0, 3, 4, base=2).array, [1, 2, 4, 8])
    assert mg.linspace(3, 4, 1).tolist() == [3.0]


def test_like_and_new():
    x = mg.zeros(2, 3, dtype=mg.float64)
    for like in (mg.zeros_like, mg.ones_like, mg.empty_like, mg.rand_like, mg.randn_like):
        assert (like(x).shape, like(x).dtype) == (x.shape, x.dtype)
        assert like(x, dtype=mg.float32).dtype == mg.float32
    assert mg.full_like(x, 3).tolist() == [[3.0] * 3] * 2
    assert mg.randint_like(x, 2, 3).tolist() == [[2.0] * 3] * 2
    assert x.new_zeros(2).dtype == x.new_ones((2,)).dtype == x.new_empty(1).dtype == mg.float64
    assert x.new_full((2,), 5).tolist() == [5.0, 5.0]
    assert x.new_tensor([1, 2]).dtype == mg.float64


N = 20000


def mean_and_std(t):
    return t.array.mean(), t.array.std()


@pytest.mark.parametrize("dtype", [mg.float16, mg.float32, mg.float64])
@pytest.mark.parametrize(
    ("draw", "mean", "std"),
    [
        (mg.rand, 0.5, math.sqrt(1 / 12)),
        (mg.randn, 0.0, 1.0),
        (lambda n, dtype: mg.empty(n, dtype=dtype).normal_(3, 0.5), 3.0, 0.5),
        (lambda n, dtype: mg.empty(n, dtype=dtype).uniform_(-2, 4), 1.0, math.sqrt(3)),
        (lambda n, dtype: mg.empty(n, dtype=dtype).exponential_(2), 0.5, 0.5),
        (lambda n, dtype: mg.empty(n, dtype=dtype).bernoulli_(0.3), 0.3, math.sqrt(0.21)),
        (lambda n, dtype: mg.empty(n, dtype=dtype).random_(5), 2.0, math.sqrt(2)),
    ],
)
def test_distributions(draw, mean, std, dtype):
    t = draw(N, dtype=dtype)
    assert t.dtype == dtype
    values = t.double().array
    assert abs(values.mean() - mean) < 6 * std / math.sqrt(N)
    assert abs(values.std() / std - 1) < 0.05


def test_normal_has_four_forms():
    mean, std = mg.tensor([0.0, 100.0]), mg.tensor([1.0, 0.0])
    assert mg.normal(mean, std)[1] == 100
    assert abs(mg.normal(mean, 0.1)[1] - 100) < 1
    assert mg.normal(5.0, std)[1] == 5
    assert mg.normal(5, 0, (2, 2)).tolist() == [[5.0, 5.0]] * 2
    with pytest.raises(RuntimeError, match="std >= 0"):
        mg.normal(0, -1, (2,))
    with pytest.raises(TypeError, match="size"):
        mg.normal(0, 1)


def test_randint_and_randperm():
    t = mg.randint(3, 6, (1000,))
    assert t.dtype == mg.int64
    assert sorted(set(t.tolist())) == [3, 4, 5]
    assert set(mg.randint(2, (100,)).tolist()) == {0, 1}
    assert mg.randint(high=1, size=(2,), dtype=mg.int32).dtype == mg.int32
    assert sorted(mg.randperm(10).tolist()) == list(range(10))
    with pytest.raises(RuntimeError, match="less than"):
        mg.randint(3, 3, (1,))


def test_bernoulli():
    p = mg.tensor([0.0, 1.0])
    assert p.bernoulli().tolist() == mg.bernoulli(p).tolist() == [0.0, 1.0]
    with pytest.raises(RuntimeError, match="p_in"):
        mg.bernoulli(mg.tensor([1.5]))


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial_draws_in_proportion(replacement):
    weights = mg.tensor([0.0, 1.0, 3.0]).expand(N, 3)
    first = mg.multinomial(weights, 2, replacement)[:, 0].array
    np.testing.assert_allclose(np.bincount(first, minlength=3) / N, [0, 0.25, 0.75], atol=0.02)


def test_multinomial_without_replacement_draws_each_once():
    rows = mg.multinomial(mg.tensor([[1.0, 2.0, 0.0, 3.0]]).expand(50, 4), 3)
    assert all(sorted(row) == [0, 1, 3] for row in rows.tolist())
    assert mg.multinomial(mg.tensor([1.0, 1.0]), 1).shape == (1,)


@pytest.mark.parametrize(
    ("weights", "message"),
    [([-1.0, 1.0], "< 0"), ([math.nan, 1.0], "nan"), ([0.0, 0.0], "sum"), ([1.0, 0.0], "fewer")],
)
def test_multinomial_refuses(weights, message):
    with pytest.raises(RuntimeError, match=message):
        mg.multinomial(mg.tensor(weights), 2)


def test_integers_are_not_drawn_from_a_continuous_distribution():
    with pytest.raises(RuntimeError, match="int64"):
        mg.rand(2, dtype=mg.int64)


def test_filling_a_leaf_takes_no_grad():
    w = mg.zeros(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        w.normal_()
    with mg.no_grad():
        w.uniform_(1, 2)
    assert (w.array >= 1).all()
