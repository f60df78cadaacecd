"""Distances against NumPy."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["cosine_similarity", "normalize", "pairwise_distance"]


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
