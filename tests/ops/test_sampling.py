"""Random tensors: distributions, dtypes, what is refused."""

import math

import numpy as np
import pytest

import minigrad as mg

COVERED: list[str] = []
NOT_DIFFERENTIABLE = [
    "bernoulli",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
]


N = 20000


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
    with pytest.raises(RuntimeError, match="only supports floating-point dtypes"):
        mg.multinomial(mg.tensor([1, 2]), 1)


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


def test_like():
    x = mg.zeros(2, 3, dtype=mg.float64)
    for like in (mg.rand_like, mg.randn_like):
        assert (like(x).shape, like(x).dtype) == (x.shape, x.dtype)
        assert like(x, dtype=mg.float32).dtype == mg.float32
    assert mg.randint_like(x, 2, 3).tolist() == [[2.0] * 3] * 2


def test_log_normal_cauchy_and_geometric():
    x = mg.empty(N, dtype=mg.float64)
    np.testing.assert_allclose(np.median(x.log_normal_(1, 0.5).array), math.e, rtol=0.02)
    quartiles = np.quantile(x.cauchy_(3, 2).array, [0.25, 0.5, 0.75])
    np.testing.assert_allclose(quartiles, [1, 3, 5], atol=0.15)
    np.testing.assert_allclose(x.geometric_(0.25).array.mean(), 4, rtol=0.03)
    assert mg.empty(3, dtype=mg.int64).geometric_(0.5).min() >= 1
    for draw in (
        lambda: x.log_normal_(0, -1),
        lambda: x.cauchy_(0, 0),
        lambda: x.geometric_(1.5),
    ):
        with pytest.raises(RuntimeError, match="expects"):
            draw()


def test_poisson():
    counts = mg.poisson(mg.full((N,), 4.0))
    assert counts.dtype == mg.float32
    np.testing.assert_allclose([counts.mean(), counts.var()], [4, 4], rtol=0.06)
    with pytest.raises(RuntimeError, match="non-negative"):
        mg.poisson(mg.tensor([-1.0]))
    with pytest.raises(NotImplementedError, match="not int64"):
        mg.poisson(mg.tensor([1]))


def test_what_is_no_generator_and_no_length():
    with pytest.raises(TypeError, match=r"expected a minigrad\.Generator, not numpy\.random"):
        mg.randn(2, generator=np.random.default_rng())
    with pytest.raises(RuntimeError, match="n must be non-negative, got -1"):
        mg.randperm(-1)
