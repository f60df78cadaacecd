"""Distances against NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = [
    *("cdist", "cosine_similarity", "dist", "normalize", "pairwise_distance", "pdist", "renorm"),
]


def vectors():
    return np.random.default_rng(0).normal(size=(2, 4, 3))


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("keepdim", [False, True])
def test_pairwise_distance(p, keepdim):
    check_op(
        lambda a, b: mg.pairwise_distance(a, b, p, keepdim=keepdim),
        *vectors(),
        reference=lambda a, b: np.linalg.norm(a - b + 1e-6, p, -1, keepdim),
    )


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cosine_similarity(dim):
    def cosine(a, b):
        lengths = np.linalg.norm(a, axis=dim) * np.linalg.norm(b, axis=dim)
        return (a * b).sum(dim) / lengths

    check_op(lambda a, b: mg.cosine_similarity(a, b, dim), *vectors(), reference=cosine)


def test_the_zero_vector_has_no_direction():
    zero = mg.zeros(2, 3, requires_grad=True)
    cosine = mg.cosine_similarity(zero, mg.ones(2, 3))
    cosine.sum().backward()
    assert cosine.tolist() == [0.0, 0.0]
    assert np.isfinite(zero.grad.array).all()


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_normalize(p):
    x = np.random.default_rng(0).normal(size=(3, 4, 2))

    def reference(x):
        return x / np.linalg.norm(x, p, axis=1, keepdims=True)

    check_op(lambda x: mg.nn.functional.normalize(x, p), x, reference=reference)
    assert not mg.nn.functional.normalize(mg.zeros(2, 3)).array.any()


def test_cosine_similarity_broadcasts():
    a, b = (mg.tensor(x) for x in vectors())
    one = b[:, :1]
    assert_close(mg.cosine_similarity(a, one, 1), mg.cosine_similarity(a, one.expand(4, 3), 1))


@pytest.mark.parametrize("p", [0.5, 1.0, 2.0, 3.0, np.inf])
def test_cdist(p):
    a, b = np.random.default_rng(1).normal(size=(2, 3, 4)), vectors()[0, :, :2].reshape(1, 2, 4)

    def distances(a, b):
        difference = a[:, :, None] - b[:, None]
        if np.isinf(p):
            return np.abs(difference).max(-1)
        return (np.abs(difference) ** p).sum(-1) ** (1 / p)

    check_op(lambda a, b: mg.cdist(a, b, p), a, b, reference=distances)


def test_cdist_of_equal_and_of_wrong_rows():
    x = mg.ones(2, 3, requires_grad=True)
    mg.cdist(x, x).sum().backward()
    assert x.grad.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert mg.cdist(mg.ones(2, 0), mg.ones(3, 0)).tolist() == [[0, 0, 0], [0, 0, 0]]
    with pytest.raises(RuntimeError, match="the same number of columns, not 3 and 2"):
        mg.cdist(x, mg.ones(2, 2))
    with pytest.raises(RuntimeError, match="non-negative p"):
        mg.cdist(x, x, p=-1)
    with pytest.raises(RuntimeError, match=r"cdist: expected rows .* shape \[3\]"):
        mg.cdist(mg.ones(3), x)


@pytest.mark.parametrize("p", [1, 2, 3.5])
def test_dist(p):
    a, b = vectors()
    check_op(
        lambda a, b: mg.dist(a, b, p),
        *(a, b[0]),
        reference=lambda a, b: (np.abs(a - b) ** p).sum() ** (1 / p),
    )


@pytest.mark.parametrize("p", [1.0, 2.0])
def test_renorm(p):
    x = np.random.default_rng(0).normal(size=(3, 4))

    def reference(x, p):
        norms = np.linalg.norm(x, p, 0, keepdims=True)
        return np.where(norms > 2, x * 2 / (norms + 1e-7), x)

    check_op(lambda x, p: mg.renorm(x, p, 1, 2.0), x, p, reference=reference)
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        mg.renorm(mg.ones(2), 2, 0, 1.0)


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0, np.inf])
def test_pdist(p):
    x = vectors()[0]
    check_op(
        lambda x: mg.pdist(x, p),
        x,
        reference=lambda x: np.array(
            [np.linalg.norm(x[i] - x[j], p) for i in range(len(x)) for j in range(i + 1, len(x))]
        ),
    )
    assert mg.pdist(mg.ones(1, 2), p).shape == (0,)
    with pytest.raises(RuntimeError, match="2D tensors, got: 1D"):
        mg.pdist(mg.ones(2))
