"""Incomplete gamma functions and zeta: known values (mpmath's), gradients, and where they end."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import special
from minigrad.testing import check_op

inf, nan = math.inf, math.nan

# (a, x, P, Q); the last three are of the uniform expansion
KNOWN = [
    (0.001, 0.5, 0.9994399333435291, 0.0005600666564707501),
    (0.5, 3.0, 0.9856941215645704, 0.014305878435429641),
    (5.0, 4.0, 0.3711630648201266, 0.6288369351798734),
    (5.0, 20.0, 0.9999830552560699, 1.694474393006737e-05),
    (500.0, 450.0, 0.01071723809128973, 0.9892827619087102),
    (3e4, 30100.0, 0.7185819147885653, 0.2814180852114348),
    (3e4, 33000.0, 1.0, 1.810834173091339e-63),
    (1e6, 997000.0, 0.0013381041673136, 0.9986618958326864),
]


@pytest.mark.parametrize(("a", "x", "lower", "upper"), KNOWN)
def test_known_values(a, x, lower, upper):
    assert float(mg.igamma(np.array(a), np.array(x))) == pytest.approx(lower, rel=1e-11)
    assert float(mg.igammac(np.array(a), np.array(x))) == pytest.approx(upper, rel=1e-11)


def test_whole_numbers_give_poisson_probabilities():
    x = np.linspace(0.1, 30, 7)
    terms = [np.exp(-x) * x**k / math.factorial(k) for k in range(6)]
    np.testing.assert_allclose(special.gammaincc(np.array(6.0), x), sum(terms), rtol=1e-12)


def test_gradients():
    a = np.array([[0.4], [3.0]])
    x = np.array([0.2, 2.0, 7.0])
    for function in (mg.igamma, mg.igammac):
        check_op(lambda x, f=function: f(mg.tensor(a, dtype=x.dtype), x), x)
        with pytest.raises(NotImplementedError, match=r"derivative of igamma .* by `input`"):
            function(mg.tensor(a, requires_grad=True), mg.tensor(x)).sum().backward()
    check_op(lambda q: special.zeta(mg.tensor(a + 1, dtype=q.dtype), q), x)
    with pytest.raises(NotImplementedError, match="derivative of zeta by `input`"):
        special.zeta(mg.tensor(a + 1, requires_grad=True), mg.tensor(x)).sum().backward()


def test_ends():
    a = mg.tensor([0.0, 0, -1, inf, inf, 1, 1, 1, nan])
    x = mg.tensor([0.0, 1, 1, 1, inf, inf, 0, -1, 1])
    np.testing.assert_array_equal(mg.igamma(a, x), [nan, 1, nan, 0, nan, 1, 0, nan, nan])
    np.testing.assert_array_equal(mg.igammac(a, x), [nan, 0, nan, 1, nan, 0, 1, nan, nan])
    assert mg.equal(a[5:6].clone().igamma_(x[6:7]), mg.zeros(1))
    assert special.gammainc is mg.igamma and special.gammaincc is mg.igammac


def test_zeta():
    s = np.array([2.0, 1.5, 37.0, 2.0, 3.0, 1.0, 0.5, 2.5, 2.0, 3.0])
    q = np.array([1.0, 0.25, 12.7, -0.5, -2.5, 1.0, 1.0, -0.5, 0.0, -4.0])
    known = [
        *(math.pi**2 / 6, 10.213055360466601, 1.5374272764966606e-41),
        *(8.934802200544679, 0.0541020258208641, inf, nan, nan, inf, inf),
    ]
    np.testing.assert_allclose(special.zeta(s, q), known, rtol=1e-12)
    assert special.zeta(mg.tensor([2]), mg.tensor([1])).dtype == mg.float32
