"""The normal distribution's functions: known values (scipy.special's), gradients, and where they end."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import special
from minigrad.testing import check_op

inf, nan = math.inf, math.nan


def test_ndtr():
    def reference(x):
        return np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2)(x)

    check_op(special.ndtr, np.array([[-3.0, -0.5, 0.2], [1, 2, 7]]), reference=reference)
    assert special.ndtr(mg.tensor([-inf, inf])).tolist() == [0, 1]
    tail = special.ndtr(mg.tensor(-30.0, dtype=mg.float64)).item()
    assert tail == pytest.approx(4.906713927148187e-198, rel=1e-12)


def test_log_ndtr():
    x = np.array([-1e10, -40.0, -2.0, -0.5, 0.0, 3.0, 9.0])
    known = [
        *(-5.000000000000001e19, -804.6084420137539, -3.7831843336820317, -1.1759117615936188),
        *(-math.log(2), -0.0013508099647481925, -1.1285884059538324e-19),
    ]
    np.testing.assert_allclose(special.log_ndtr(x), known, rtol=1e-14)
    check_op(special.log_ndtr, np.array([[-30.0, -1.1, -0.9], [0.3, 2, 5]]))
    np.testing.assert_array_equal(special.log_ndtr(mg.tensor([-inf, inf, nan])), [-inf, 0, nan])


def test_ndtri():
    p = np.array([1e-300, 1e-10, 0.1, 0.3, 0.5, 0.6, 0.975, 1 - 1e-12])
    known = [
        *(-37.0470962993612, -6.361340902404056, -1.2815515655446004, -0.5244005127080409, 0),
        *(0.2533471031357997, 1.959963984540054, 7.0344869100478356),
    ]
    np.testing.assert_allclose(special.ndtri(p), known, rtol=1e-14)
    check_op(special.ndtri, np.array([[0.1, 0.2, 0.3], [0.5, 0.7, 0.9]]))
    ends = special.ndtri(mg.tensor([0.0, 1, -0.1, 1.1, nan]))
    np.testing.assert_array_equal(ends, [-inf, inf, nan, nan, nan])


def test_erfcx():
    x = np.array([-20.0, -1.0, 0.0, 0.3, 0.7, 5.0, 1e3, 1e200])
    known = [
        *(1.0442939379528289e174, 5.008980080762283, 1, 0.7345993345676554, 0.525930337349441),
        *(0.11070463773306861, 0.0005641893014533876, 5.641895835477563e-201),
    ]
    np.testing.assert_allclose(special.erfcx(x), known, rtol=1e-14)
    check_op(special.erfcx, np.array([[-2.0, -0.6, 0.1], [0.49, 0.51, 6]]))
    np.testing.assert_array_equal(
        special.erfcx(mg.tensor([-inf, -40, inf, nan])), [inf, inf, 0, nan]
    )
