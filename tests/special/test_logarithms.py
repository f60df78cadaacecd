"""Terms of the entropy, and the names that other families have under `torch.special`."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import special
from minigrad.testing import check_op

inf, nan = math.inf, math.nan


def positive(*shape):
    return np.random.default_rng(len(shape)).uniform(0.1, 3, size=shape)


def test_names_of_others():
    assert special.expit is mg.sigmoid and special.psi is mg.digamma
    assert special.gammaln is mg.lgamma and special.multigammaln is mg.mvlgamma
    assert all(callable(getattr(special, name)) for name in special.__all__)


def test_entr():
    check_op(special.entr, positive(2, 3), reference=lambda x: -x * np.log(x))
    ends = special.entr(mg.tensor([-1.0, 0.0, 1.0, nan, inf]))
    np.testing.assert_array_equal(ends, [-inf, 0, 0, nan, -inf])
    assert special.entr(mg.tensor([1, 0])).tolist() == [0, 0]
    x = mg.tensor([0.0], requires_grad=True)
    special.entr(x).backward()
    assert x.grad.item() == inf


def test_xlog1py():
    x, y = positive(2, 3), positive(3) - 0.9
    check_op(special.xlog1py, x, y, reference=lambda x, y: x * np.log1p(y))
    zeros = special.xlog1py(mg.tensor([0.0, 0.0, 0.0]), mg.tensor([-1.0, -2.0, nan]))
    np.testing.assert_array_equal(zeros, [0, 0, nan])
    tiny = special.xlog1py(1.0, mg.tensor([1e-12], dtype=mg.float64)).item()
    assert tiny == pytest.approx(1e-12, rel=1e-11)
    a = mg.tensor([0.0], requires_grad=True)
    special.xlog1py(a, mg.tensor([-1.0])).backward()
    assert a.grad.item() == 0
