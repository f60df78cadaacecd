"""Solutions of linear equations against NumPy and finite differences."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import linalg
from minigrad.testing import assert_close, check_op

COVERED = ["cholesky_solve", "solve", "solve_triangular", "tensorsolve"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed + len(shape)).normal(size=shape)


@pytest.mark.parametrize(
    "a, b",
    [
        ((3, 3), (3, 2)),
        ((3, 3), (3,)),
        ((2, 3, 3), (3, 2)),
        ((3, 3), (2, 3, 1)),
        ((2, 3, 3), (2, 3)),
    ],
)
def test_solve(a, b):
    def reference(A, B):
        vectors = B.ndim == 1 or B.shape == A.shape[:-1]
        return np.linalg.solve(A, B[..., None])[..., 0] if vectors else np.linalg.solve(A, B)

    check_op(linalg.solve, normal(*a) + 3 * np.eye(3), normal(*b, seed=1), reference=reference)


def test_solve_from_the_right():
    A, B = normal(2, 3, 3) + 3 * np.eye(3), normal(4, 3)
    check_op(
        lambda A, B: linalg.solve(A, B, left=False),
        *(A, B),
        reference=lambda A, B: B @ np.linalg.inv(A),
    )


def test_equations_without_a_solution():
    A = mg.zeros(2, 2)
    with pytest.raises(linalg.LinAlgError, match=r"linalg\.solve: the input matrix is singular"):
        linalg.solve(A, mg.ones(2))
    with pytest.raises(RuntimeError, match=r"AX = B: \[2, 2\] and \[3\]"):
        linalg.solve(A, mg.ones(3))
    with pytest.raises(RuntimeError, match=r"A of type float32 and B of type float64"):
        linalg.solve(A, mg.ones(2, dtype=mg.float64))
    with pytest.raises(RuntimeError, match="must be batches of square matrices"):
        linalg.solve(mg.ones(2, 3), mg.ones(2))
    with pytest.raises(RuntimeError, match="expected a float32 or float64 tensor"):
        linalg.solve(mg.ones(2, 2, dtype=mg.int64), mg.ones(2))
    assert issubclass(linalg.LinAlgError, RuntimeError)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_solve_triangular(upper, unit, left):
    def reference(A, B):
        T = (np.triu if upper else np.tril)(A)
        if unit:
            T[range(3), range(3)] = 1
        return np.linalg.solve(T, B) if left else B @ np.linalg.inv(T)

    check_op(
        lambda A, B: linalg.solve_triangular(A, B, upper=upper, left=left, unitriangular=unit),
        *(normal(3, 3) + 3 * np.eye(3), normal(*((3, 2) if left else (2, 3)))),
        reference=reference,
    )


@pytest.mark.parametrize("upper", [False, True])
def test_large_triangles_are_solved_in_halves(upper):
    A = (np.triu if upper else np.tril)(normal(2, 75, 75) / 9, 0) + 3 * np.eye(75)
    B = normal(2, 75, 2)
    X = linalg.solve_triangular(mg.tensor(A), mg.tensor(B), upper=upper)
    assert_close(X, np.linalg.solve(A, B))
    assert_close(linalg.lu_solve(*linalg.lu_factor(mg.tensor(A)), mg.tensor(B)), X.numpy())
    with pytest.raises(RuntimeError, match=r"solve_triangular: incompatible .* XA = B"):
        linalg.solve_triangular(mg.tensor(A), mg.tensor(B), upper=upper, left=False)


@pytest.mark.parametrize("n", [2, 40])
def test_a_zero_in_the_diagonal_of_a_triangle_is_divided_by(n):
    A, B = mg.eye(n), mg.ones(n, 1)
    A[0, 1], A[1, 1] = 2, 0
    assert linalg.solve_triangular(A, B, upper=True)[:2].tolist() == [[-np.inf], [np.inf]]
    B[1] = 0
    assert linalg.solve_triangular(A, B, upper=True)[:2].isnan().all()
    B[0] = -1
    left = linalg.solve_triangular(A.mT, B.mT, upper=False, left=False)
    assert left.shape == (1, n) and left[0, :2].isnan().all() and (left[0, 2:] == 1).all()
    assert mg.cholesky_solve(mg.ones(2, 1), mg.tensor([[1.0, 0.0], [1.0, 0.0]])).isnan().all()


def test_rows_of_a_triangle_are_not_exchanged():
    # Elimination with pivots would find 1e-30 / 1e30 and lose the second equation.
    A = mg.tensor([[1e-30, 0.0], [1e30, 1.0]])
    X = linalg.solve_triangular(A, mg.tensor([[1e-30], [0.0]]), upper=False)
    assert_close(X, np.float32([[1], [-1e30]]))


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_solve_and_inverse(upper):
    def square(L):
        L = np.triu(L).T if upper else np.tril(L)
        return L @ L.T

    L = normal(3, 3) + 3 * np.eye(3)
    check_op(
        lambda B, L: mg.cholesky_solve(B, L, upper),
        *(normal(3, 2), L),
        reference=lambda B, L: np.linalg.solve(square(L), B),
    )
    check_op(
        lambda L: mg.cholesky_inverse(L, upper), L, reference=lambda L: np.linalg.inv(square(L))
    )


def test_tensorsolve():
    A, B = normal(2, 3, 6), normal(2, 3)
    check_op(linalg.tensorsolve, A, B, reference=np.linalg.tensorsolve)
    moved = A.transpose(0, 2, 1)
    solution = linalg.tensorsolve(mg.tensor(moved), mg.tensor(B), dims=(1,))
    assert_close(solution, np.linalg.tensorsolve(A, B))
    with pytest.raises(RuntimeError, match="which has 2; they must be as many"):
        linalg.tensorsolve(mg.ones(2, 3), mg.ones(2))


def test_triangular_equations_take_stacks_of_matrices_of_one():
    A, B = normal(3, 3, 3) + 3 * np.eye(3), normal(3, 3)
    L = np.tril(A)
    lower = linalg.solve_triangular(mg.tensor(A), mg.tensor(B), upper=False)
    assert_close(lower, np.linalg.solve(L, np.broadcast_to(B, A.shape)))
    right = linalg.solve_triangular(mg.tensor(A), mg.tensor(B), upper=False, left=False)
    assert_close(right, B @ np.linalg.inv(L))
    both = mg.cholesky_solve(mg.tensor(B), mg.tensor(L))
    assert_close(both, np.linalg.inv(L @ L.transpose(0, 2, 1)) @ B)
    with pytest.raises(RuntimeError, match=r"\[2, 3, 3\] and \[3, 3, 1\] do not broadcast"):
        linalg.solve(mg.ones(2, 3, 3), mg.ones(3, 3, 1))
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        linalg.solve_triangular(mg.ones(2, 2), mg.ones(2), upper=True)
