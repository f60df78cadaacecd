"""Statistics against NumPy: values, gradients, nan, and what is refused."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = [
    *("corrcoef", "cov", "kthvalue", "median", "nanmean", "nanmedian", "nanquantile"),
    *("mode", "nansum", "quantile"),
]
NOT_DIFFERENTIABLE = ["bincount"]

nan = float("nan")


def values(*shape):
    return np.random.default_rng(0).permutation(int(np.prod(shape))).reshape(shape) / 3.0


def with_nan():
    x = values(4, 5)
    x[0, 1] = x[2, 2] = x[2, 3] = nan
    return x


def lower_median(x, axis):
    ordered = np.sort(x, axis)
    return np.take(ordered, (x.shape[axis] - 1) // 2, axis)


@pytest.mark.parametrize("dim", [0, 1])
def test_median(dim):
    check_op(
        lambda x: mg.median(x, dim).values, values(4, 5), reference=lambda x: lower_median(x, dim)
    )
    assert mg.median(mg.tensor([4.0, 1.0, 3.0, 2.0])).item() == 2
    assert mg.median(mg.tensor([4, 1, 3]), 0).indices.item() == 2
    assert mg.median(mg.tensor([4.0, 1.0]), 0, True).values.shape == (1,)


def test_medians_and_nan():
    x = mg.tensor(with_nan())
    expected = [lower_median(row[~np.isnan(row)], 0) for row in x.array]
    assert_close(mg.nanmedian(x, 1).values, np.array(expected))
    assert np.isnan(mg.median(x, 1).values.array).tolist() == [True, False, True, False]
    check_op(lambda x: mg.nanmedian(x, 1).values, values(4, 5))
    assert np.isnan(mg.median(mg.tensor([])).item())


@pytest.mark.parametrize("k", [1, 3, 5])
def test_kthvalue(k):
    check_op(
        lambda x: mg.kthvalue(x, k, 1).values,
        values(4, 5),
        reference=lambda x: np.sort(x, 1)[:, k - 1],
    )
    with pytest.raises(RuntimeError, match="k out of range for dimension 0: 3 of 2"):
        mg.kthvalue(mg.tensor([1.0, 2.0]), 3)


@pytest.mark.parametrize("way", ["linear", "lower", "higher", "midpoint"])
@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("keepdim", [False, True])
def test_quantile(way, dim, keepdim):
    for q in (0.3, [0.0, 0.6, 1.0]):
        check_op(
            lambda x, q=q: mg.quantile(
                x, mg.tensor(q).to(x.dtype), dim, keepdim, interpolation=way
            ),
            values(4, 5),
            reference=lambda x, q=q: np.quantile(x, q, dim, method=way, keepdims=keepdim),
        )


def test_quantiles_and_nan():
    x = mg.tensor(with_nan())
    assert_close(mg.nanquantile(x, 0.4, 1), np.nanquantile(x.array, 0.4, 1))
    assert_close(mg.quantile(x, 0.4, 1), np.quantile(x.array, 0.4, 1), equal_nan=True)
    check_op(lambda x: mg.nanquantile(x, 0.4, 1), values(4, 5))
    with pytest.raises(RuntimeError, match=r"range \[0, 1\]"):
        mg.quantile(x, 1.5)


@pytest.mark.parametrize("dim", [0, 1, None])
def test_sums_without_nan(dim):
    x = mg.tensor(with_nan(), requires_grad=True)
    assert_close(mg.nansum(x, dim).detach(), np.asarray(np.nansum(x.array, dim)))
    assert_close(mg.nanmean(x, dim).detach(), np.asarray(np.nanmean(x.array, dim)))
    mg.nansum(x).backward()
    assert_close(x.grad, (~np.isnan(x.array)).astype(float))
    check_op(lambda x: mg.nanmean(x, dim), values(3, 4), reference=lambda x: x.mean(dim))
    check_op(lambda x: mg.nansum(x, dim), values(3, 4), reference=lambda x: x.sum(dim))


def test_bincount():
    x = mg.tensor([1, 0, 3, 1])
    assert mg.bincount(x).tolist() == [1, 2, 0, 1]
    assert mg.bincount(x, minlength=6).tolist() == [1, 2, 0, 1, 0, 0]
    assert mg.bincount(x, mg.tensor([0.5, 1.0, 2.0, 3.0])).tolist() == [1, 3.5, 0, 2]
    with pytest.raises(RuntimeError, match="1-d non-negative integral"):
        mg.bincount(mg.tensor([-1]))


def test_cov():
    x = np.random.default_rng(0).normal(size=(3, 5))
    f, a = np.array([1, 2, 0, 3, 1]), np.random.default_rng(1).random(5)
    check_op(mg.cov, x, reference=np.cov)
    check_op(mg.corrcoef, x, reference=np.corrcoef)
    weighted = mg.cov(mg.tensor(x), correction=0, fweights=mg.tensor(f), aweights=mg.tensor(a))
    assert_close(weighted, np.cov(x, ddof=0, fweights=f, aweights=a))
    assert_close(mg.cov(mg.tensor(x[0])), np.cov(x[0]))
    assert mg.cov(mg.tensor([1, 2, 3])).item() == 1.0
    check_op(
        lambda x, a: mg.cov(x, fweights=f, aweights=a),
        x,
        a,
        reference=lambda x, a: np.cov(x, fweights=f, aweights=a),
    )


@pytest.mark.parametrize("keepdim", [False, True])
def test_mode(keepdim):
    x = np.array([[2.0, 1, 2, 3], [5, 4, 4, 5], [1, 2, 3, 4]])
    expected = np.array([2.0, 4, 1]).reshape((3, 1) if keepdim else 3)
    values, indices = mg.mode(mg.tensor(x), -1, keepdim)
    assert_close(values, expected)
    assert indices.reshape(-1).tolist() == [2, 2, 0]
    check_op(lambda x: mg.mode(x, 0).values, np.random.default_rng(0).normal(size=(3, 4)))
    values, indices = mg.mode(mg.tensor([[nan, 1, nan], [nan, 2, 2]]))
    assert np.isnan(values.tolist()[0]) and values[1] == 2 and indices.tolist() == [2, 2]
    assert [x.shape for x in mg.mode(mg.ones(0, 3), 1, keepdim)] == [
        (0, 1) if keepdim else (0,)
    ] * 2
    with pytest.raises(IndexError, match="non-zero size"):
        mg.mode(mg.ones(2, 0))
