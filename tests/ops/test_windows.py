"""Windows against NumPy's, which are not periodic."""

import numpy as np
import pytest

import minigrad as mg

NOT_DIFFERENTIABLE = [
    f"{name}_window" for name in ("bartlett", "blackman", "hamming", "hann", "kaiser")
]


@pytest.mark.parametrize("name", NOT_DIFFERENTIABLE)
def test_windows(name):
    window = getattr(mg, name)
    short = name.removesuffix("_window")
    args = (12.0,) if short == "kaiser" else ()
    expected = getattr(np, {"hann": "hanning"}.get(short, short))
    for n in (0, 1, 2, 7):
        whole = window(n, False, dtype=mg.float64)
        np.testing.assert_allclose(whole, expected(n, *args), atol=1e-15)
    periodic = window(6, dtype=mg.float64)
    np.testing.assert_array_equal(periodic, window(7, False, dtype=mg.float64)[:-1])
    assert window(3).dtype == mg.float32 and window(3, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError, match=f"{name} requires non-negative window_length"):
        window(-1)
    with pytest.raises(RuntimeError, match="floating point dtypes, got: int64"):
        window(3, dtype=mg.int64)


def test_their_parameters():
    assert mg.hamming_window(4, alpha=1, beta=0).tolist() == [1, 1, 1, 1]
    assert mg.kaiser_window(5, beta=0.0).tolist() == [1] * 5
