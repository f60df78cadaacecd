"""Histograms against NumPy's."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close

NOT_DIFFERENTIABLE = ["histc", "histogram", "histogramdd"]


def test_histc():
    x = mg.tensor([0.0, 1.0, 1.5, 3.9, 4.0, 7.0])
    assert mg.histc(x, 4, 0, 4).tolist() == [1, 2, 0, 2]
    assert mg.histc(x, 2).tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="bins must be > 0"):
        mg.histc(x, 0)


@pytest.mark.parametrize("options", [{}, {"range": (-1.0, 2.0)}, {"density": True}])
def test_histogram(options):
    x, weight = np.random.default_rng(0).normal(size=(2, 4, 5))
    for bins in (4, np.array([-1.0, 0, 0.5, 2])):
        if "range" in options and not isinstance(bins, int):
            continue
        found = mg.histogram(mg.tensor(x), bins, **options)
        assert_close(found, np.histogram(x, bins, **options), check_dtype=False)
        found = mg.tensor(x).histogram(bins, weight=mg.tensor(weight), **options)
        assert_close(found.hist, np.histogram(x, bins, weights=weight, **options)[0])
    with pytest.raises(NotImplementedError, match="not int64"):
        mg.histogram(mg.tensor([1]), 2)


def test_histogramdd():
    x, weight = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20.0)
    for bins in (3, [2, 4], [np.array([-1.0, 0, 2]), np.array([0.0, 0.5, 3])]):
        found = mg.histogramdd(mg.tensor(x), bins, weight=mg.tensor(weight), density=True)
        hist, edges = np.histogramdd(x, bins, weights=weight, density=True)
        assert_close(found.hist, hist)
        assert_close(found.bin_edges, tuple(edges))
    cut = mg.histogramdd(mg.tensor(x), [2, 2], range=[-1, 1, 0, 2]).hist
    assert_close(cut, np.histogramdd(x, [2, 2], [(-1, 1), (0, 2)])[0])
    with pytest.raises(RuntimeError, match="3 bins for points in 2 dimensions"):
        mg.histogramdd(mg.tensor(x), [2, 2, 2])
    with pytest.raises(NotImplementedError, match="not int64"):
        mg.histogramdd(mg.tensor([[1]]), 2)
