"""kernels.matmul: stacks, strides, accumulation. (Values by shape and layout: test_kernels.py.)"""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels

RNG = np.random.default_rng(0)


def normal(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return RNG.standard_normal(shape).astype(dtype)


def check(a: np.ndarray, b: np.ndarray, bias: np.ndarray | None = None) -> None:
    y = kernels.matmul(a, b, bias)
    want = a.astype(np.float64) @ b.astype(np.float64) + (0 if bias is None else bias)
    assert y.dtype == a.dtype and y.shape == want.shape and y.flags.c_contiguous
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 4, 5), (3, 5, 6)),
        ((3, 4, 5), (5, 6)),
        ((4, 5), (3, 5, 6)),
        ((2, 1, 4, 5), (3, 5, 6)),
        ((2, 3, 4, 5), (2, 1, 5, 6)),
        ((7, 33, 70), (7, 70, 40)),
        ((0, 4, 5), (0, 5, 6)),
        ((3, 0, 5), (3, 5, 6)),
        ((3, 4, 0), (3, 0, 6)),
    ],
)
def test_stacks(a: tuple[int, ...], b: tuple[int, ...], dtype: type) -> None:
    x, y = normal(*a, dtype=dtype), normal(*b, dtype=dtype)
    bias = normal(6, dtype=dtype) if b[-1] == 6 else None
    check(x, y, bias)
    check(x.mT.copy().mT, y, bias)
    check(x, y.mT.copy().mT)
    check(x.mT.copy().mT, y.mT.copy().mT, bias)


def test_strides() -> None:
    heads = normal(2, 9, 3, 8)  # batch, place, head, feature: attention's layout
    q, k = heads.transpose(0, 2, 1, 3), heads.transpose(0, 2, 3, 1)
    check(q, k)
    check(k, q)
    wide = normal(20, 30)
    check(wide[:, 3:13], wide[10:, 4:20])
    check(wide[::2, :10], wide[::2, ::-1])
    check(wide[:, ::3], wide[:10])
    check(np.broadcast_to(wide[:1], (5, 30)), wide[:, :30].T)
    check(np.broadcast_to(wide[:, :1], (20, 30)), wide.T)
    check(wide[::-1], wide.T)
    check(np.broadcast_to(wide, (4, 20, 30)), wide.T)
    check(normal(4, 20, 30)[:, ::20], wide.T)  # matrices of one row
    one_row_each = np.lib.stride_tricks.as_strided(wide, (20, 1, 30), (120, 4000, 4))
    assert one_row_each.flags.c_contiguous  # a stride that is not used can be any
    check(one_row_each, wide.T)
    read_only = wide.copy()
    read_only.flags.writeable = False
    check(read_only, wide.T)


def test_add_to() -> None:
    for stack in ((), (3,)):
        a, b, y = normal(*stack, 40, 50), normal(*stack, 50, 60), normal(*stack, 40, 60)
        want = y + a @ b
        assert kernels.matmul(a, b, add_to=y) is y
        np.testing.assert_allclose(y, want, rtol=1e-5, atol=1e-5)


def test_integers_are_multiplied_by_numpy() -> None:
    a, b = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(kernels.matmul(a, b), a @ b)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"matmul: \(2, 3\) and \(4, 5\) do not fit"):
        kernels.matmul(normal(2, 3), normal(4, 5))
