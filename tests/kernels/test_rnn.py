"""Recurrent kernels: shapes that do not fit are refused before anything is written."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import kernels


def test_refused() -> None:
    a, h0 = np.ones((3, 2, 8)), np.ones((2, 2))
    with pytest.raises(ValueError, match=r"lstm: .*\(3, 2, 8\).*\(2, 3\)"):
        kernels.lstm(a, h0, np.ones((2, 3)), np.ones((8, 2)), False)
    with pytest.raises(ValueError, match="must be contiguous"):
        kernels.lstm(a[::-1], h0, h0, np.ones((8, 2)), False)
    with pytest.raises(ValueError, match="of the others' type"):
        kernels.lstm(a.astype(np.float32), h0, h0, np.ones((8, 2)), False)
    with pytest.raises(ValueError, match="gru: "):
        kernels.gru(a, h0, np.ones((8, 2)), None, False)
    assert (a == 1).all()
