"""Orthogonal polynomials against their defining forms in NumPy."""

import numpy as np
import pytest
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre

import minigrad as mg
from minigrad import special
from minigrad.testing import check_op

X = np.array([[-1.4, -0.9, -0.2], [0.3, 0.8, 1.3]])
DEGREES = np.array([0, 1, 2, 3, 7])


def evaluated(module, suffix):
    return lambda x, n: getattr(module, suffix)(x, np.eye(n + 1)[n])


# U, V and W by T: the derivative of T_n+1 over n + 1, and sums of U's.
def second(x, n):
    return chebyshev.chebval(x, chebyshev.chebder(np.eye(n + 2)[n + 1])) / (n + 1)


def third(x, n):
    return second(x, n) - (second(x, n - 1) if n else 0)


def fourth(x, n):
    return second(x, n) + (second(x, n - 1) if n else 0)


KNOWN = {
    "chebyshev_polynomial_t": evaluated(chebyshev, "chebval"),
    "chebyshev_polynomial_u": second,
    "chebyshev_polynomial_v": third,
    "chebyshev_polynomial_w": fourth,
    "hermite_polynomial_h": evaluated(hermite, "hermval"),
    "hermite_polynomial_he": evaluated(hermite_e, "hermeval"),
    "laguerre_polynomial_l": evaluated(laguerre, "lagval"),
    "legendre_polynomial_p": evaluated(legendre, "legval"),
}
KNOWN |= {
    f"shifted_{name}": lambda x, n, f=function: f(2 * x - 1, n)
    for name, function in KNOWN.items()
    if name.startswith("chebyshev")
}


@pytest.mark.parametrize("name", KNOWN)
def test_values_and_gradients(name):
    function = getattr(special, name)
    for n in DEGREES:
        np.testing.assert_allclose(function(mg.tensor(X), n), KNOWN[name](X, int(n)), rtol=1e-10)
    check_op(lambda x: function(x, mg.tensor([2, 3, 5])), X)


def test_degrees_in_a_tensor_and_dtypes():
    function = special.legendre_polynomial_p
    several = function(mg.tensor(X[:, :1]), mg.tensor(DEGREES))
    for column, n in zip(several.T, DEGREES, strict=True):
        np.testing.assert_array_equal(column, function(mg.tensor(X[:, 0]), n))
    assert function(mg.tensor([1, 2]), 2).dtype == mg.float32
    assert function(mg.tensor([0.5]), mg.tensor([2.9, -1], dtype=mg.float64)).tolist() == [
        -0.125,
        0,
    ]
    assert function(0.5, mg.tensor([2])).tolist() == [-0.125]
