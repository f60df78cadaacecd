"""Low rank: exact where the matrix has it, near where its singular values fall fast."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close, check_op

COVERED = ["pca_lowrank", "svd_lowrank"]


def of_rank(k, m, n):
    rng = np.random.default_rng(k)
    return rng.normal(size=(m, k)) @ rng.normal(size=(k, n))


def test_a_matrix_of_that_rank_is_found_again():
    A = of_rank(2, 7, 5)
    U, S, V = mg.svd_lowrank(mg.tensor(A), 3)
    assert [tuple(t.shape) for t in (U, S, V)] == [(7, 3), (3,), (5, 3)]
    assert_close((U * S) @ V.mT, A)
    assert_close(S, np.linalg.svd(A)[1][:3], atol=1e-12)
    U, S, V = mg.svd_lowrank(mg.tensor(A + 1), 3, M=mg.ones(7, 5, dtype=mg.float64))
    assert_close((U * S) @ V.mT, A)


def test_the_gradient_is_that_of_the_singular_values():
    def values(A):
        mg.manual_seed(0)
        return mg.svd_lowrank(A, 3, niter=1)[1]

    check_op(values, of_rank(3, 4, 3))


def test_principal_axes_are_those_of_the_centred_rows():
    A = of_rank(2, 9, 4)
    U, S, V = mg.pca_lowrank(mg.tensor(A + 5), q=3)
    centred = A - A.mean(0)
    assert_close((U * S) @ V.mT, centred)
    assert mg.pca_lowrank(mg.tensor(A))[1].shape == (4,)
    plain = mg.pca_lowrank(mg.tensor(A), q=2, center=False)[1]
    assert_close(plain, np.linalg.svd(A)[1][:2])


def test_the_default_rank_is_as_large_as_the_matrix_allows():
    A = np.random.default_rng(2).standard_normal((3, 5))
    U, S, V = mg.svd_lowrank(mg.tensor(A))
    assert (U.shape, S.shape, V.shape) == ((3, 3), (3,), (5, 3))
    assert_close((U * S) @ V.mT, A)


def test_ranks_that_do_not_fit():
    with pytest.raises(ValueError, match=r"q\(=4\) must be from 0 to min\(m, n\)=3"):
        mg.pca_lowrank(mg.ones(5, 3), q=4)
    for function in (mg.svd_lowrank, mg.pca_lowrank):
        with pytest.raises(ValueError, match=r"q\(=-1\)"):
            function(mg.ones(5, 3), q=-1)
        with pytest.raises(ValueError, match="niter"):
            function(mg.ones(5, 3), q=2, niter=-1)
