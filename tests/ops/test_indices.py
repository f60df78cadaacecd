"""Indices against NumPy's functions of the same names."""

import numpy as np
import pytest

import minigrad as mg

NOT_DIFFERENTIABLE = ["broadcast_shapes", "tril_indices", "triu_indices", "unravel_index"]


@pytest.mark.parametrize("name", ["tril_indices", "triu_indices"])
@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_triangles(name, offset):
    found = getattr(mg, name)(3, 4, offset, dtype=mg.int32)
    assert found.dtype == mg.int32
    assert found.tolist() == np.stack(getattr(np, name)(3, offset, 4)).tolist()
    with pytest.raises(RuntimeError, match="no device 'cuda'"):
        getattr(mg, name)(2, 2, device="cuda")
    with pytest.raises(RuntimeError, match="row must be non-negative, got -1"):
        getattr(mg, name)(-1, 2)


def test_unravel_index():
    rows, columns = mg.unravel_index(mg.tensor([4, 5]), (2, 3))
    assert (rows.tolist(), columns.tolist()) == ([1, 1], [1, 2])
    with pytest.raises(TypeError, match="float32"):
        mg.unravel_index(mg.ones(1), (2, 3))
    with pytest.raises(ValueError, match="unravel_index: index 6"):
        mg.unravel_index(mg.tensor([6]), (2, 3))


def test_broadcast_shapes():
    assert mg.broadcast_shapes((2, 1), (3,), 1) == (2, 3)
    with pytest.raises(RuntimeError, match="broadcast_shapes: "):
        mg.broadcast_shapes((2,), (3,))
