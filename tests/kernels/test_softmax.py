"""Softmax and cross-entropy at the awkward inputs (test_kernels.py compares with the twins)."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

WIDTHS = [
    2,
    10,
    64,
    65,
    1000,
]  # on both sides of the width at which rows are no longer turned round


@pytest.mark.parametrize("cols", WIDTHS)
@pytest.mark.parametrize("offset", [0, 1e4, -1e4])
def test_probabilities_do_not_depend_on_an_offset(cols: int, offset: float) -> None:
    x = np.arange(3 * cols, dtype=np.float64).reshape(3, cols) % 7
    p = kernels.softmax(x + offset)
    np.testing.assert_allclose(p, kernels.softmax(x), rtol=1e-11)
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-13)


@pytest.mark.parametrize("cols", WIDTHS)
def test_extreme_logits(cols: int) -> None:
    x = np.zeros((6, cols), np.float32)
    x[0, 0] = 1e4  # one class has everything
    x[1, 0] = -1e4  # and nothing
    x[2, 0] = -np.inf
    x[3, 1] = np.inf
    x[4, 0] = np.nan
    x[5] = -np.inf
    mean, losses, p, count = kernels.cross_entropy(x, np.zeros(6, np.int64))
    rest = np.log(cols - 1)
    np.testing.assert_allclose(losses[:2], [0, 1e4 + rest], rtol=1e-6)
    assert losses[2] == np.inf
    assert np.isnan(losses[3:]).all() and np.isnan(p[3:]).all() and np.isnan(mean)
    np.testing.assert_allclose(p[1:3, 1:], 1 / (cols - 1), rtol=1e-6)
    np.testing.assert_array_equal(p[:3, 0], [1, 0, 0])
    assert count == 6
    log_p = kernels.log_softmax(x)
    np.testing.assert_allclose(log_p[:3, 0], -losses[:3], rtol=1e-6)


def test_loss_far_from_zero_keeps_its_digits() -> None:
    x = np.array([[30_000.0, 30_001.0]], np.float32)
    _, losses, p, _ = kernels.cross_entropy(x, np.array([1]))
    np.testing.assert_allclose(losses, np.log1p(np.exp(-1)), rtol=1e-6)
    np.testing.assert_allclose(p[0, 1], 1 / (1 + np.exp(-1)), rtol=1e-6)


def test_ignored_rows_count_for_nothing() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    labels = np.array([2, -100, 0, -100])
    mean, losses, p, count = kernels.cross_entropy(x, labels)
    assert count == 2 and (losses[[1, 3]] == 0).all()
    np.testing.assert_allclose(mean, kernels.cross_entropy(x[::2], labels[::2])[0])
    d = kernels.cross_entropy_backward(0.5, p, labels)
    assert (d[[1, 3]] == 0).all() and (d[[0, 2]] != 0).all()
    mean, *_, count = kernels.cross_entropy(x, np.full(4, -100))
    assert np.isnan(mean) and count == 0


def test_weights_of_the_classes_may_be_of_another_float_type_but_not_shape() -> None:
    x, labels = np.eye(3, dtype=np.float32), np.arange(3)
    for loss in (kernels.cross_entropy, kernels.nll):
        weight = np.array([1.0, 2.0, 0.5])
        want = loss(x, labels, weight=weight.astype(np.float32))
        np.testing.assert_array_equal(loss(x, labels, weight=weight)[1], want[1])
        assert want[-1] == 3.5 and want[-1].dtype == np.float32
        with pytest.raises(ValueError, match=r"weight has shape \(2,\), but there are 3 classes"):
            loss(x, labels, weight=weight[:2])


def test_a_gradient_each_is_one_for_each_row() -> None:
    x, labels = np.eye(3, dtype=np.float32), np.arange(3)
    for backward in (kernels.cross_entropy_backward, kernels.nll_backward):
        with pytest.raises(ValueError, match=r"grad has shape \(2,\), but the labels \(3,\)"):
            backward(np.ones(2, np.float32), x, labels)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.uint64])
def test_any_integers_are_labels(dtype: type) -> None:
    x = np.eye(3, dtype=np.float32)
    want = kernels.cross_entropy(x, np.arange(3))
    got = kernels.cross_entropy(x, np.arange(3, dtype=dtype))
    np.testing.assert_array_equal(got[1], want[1])


def test_refused_labels() -> None:
    x = np.zeros((3, 10), np.float32)
    for labels, place in (([0, 10, 1], 1), ([0, 0, -1], 2)):
        with pytest.raises(
            IndexError, match=f"label {labels[place]} at position {place} .* 10 classes"
        ):
            kernels.cross_entropy(x, np.array(labels))
    with pytest.raises(TypeError, match="integers, got float32"):
        kernels.cross_entropy(x, np.zeros(3, np.float32))
    with pytest.raises(ValueError, match=r"\(3, 10\) and \(4,\)"):
        kernels.cross_entropy(x, np.zeros(4, np.int64))
