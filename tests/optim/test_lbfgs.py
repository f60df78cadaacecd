"""LBFGS: minima it must find, what its line search promises, and what it refuses."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.optim import LBFGS
from minigrad.optim.lbfgs import Line


def rosenbrock(a, b):
    return (1 - a) ** 2 + 100 * (b - a**2) ** 2


def closure_of(loss, opt):
    def closure():
        opt.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


def problem(**options):
    a, b = (nn.Parameter(mg.tensor(v, dtype=mg.float64)) for v in (-1.2, 1.0))
    opt = LBFGS([a, b], **options)
    return a, b, opt, closure_of(lambda: rosenbrock(a, b), opt)


def test_it_finds_the_end_of_a_curved_valley():
    a, b, opt, closure = problem(line_search_fn="strong_wolfe", max_iter=100)
    before = opt.step(closure)
    assert before.item() == pytest.approx(24.2)
    assert (a.item(), b.item()) == pytest.approx((1, 1), abs=1e-4)
    state = opt.state[a]
    assert state["n_iter"] < 50 and state["n_iter"] <= state["func_evals"] < 80


def test_least_squares_without_a_line_search():
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=(50, 3)), rng.normal(size=(50, 1))
    layer = nn.Linear(3, 1, bias=False).to(mg.float64)
    opt = LBFGS(layer.parameters(), max_iter=50)
    data = mg.tensor(x), mg.tensor(target)
    opt.step(closure_of(lambda: nn.functional.mse_loss(layer(data[0]), data[1]), opt))
    expected = np.linalg.lstsq(x, target, rcond=None)[0].T
    np.testing.assert_allclose(layer.weight.detach(), expected, atol=1e-6)


def test_the_strong_wolfe_conditions_hold():
    a, b, _, closure = problem()
    line = Line([a, b], closure)
    _, start = line.begin()
    line.along(-start.grad)
    slope = -float(start.grad @ start.grad)
    for t in (1e-6, 1e-3, 1.0):
        found = line.search(start._replace(slope=slope), t, 1e-9, 25)
        assert found.loss <= start.loss + 1e-4 * found.t * slope
        assert abs(found.slope) <= 0.9 * abs(slope)


@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_limits(line_search_fn):
    a, _, opt, closure = problem(line_search_fn=line_search_fn, max_iter=7, max_eval=5, lr=1e-3)
    opt.step(closure)
    assert opt.state[a]["func_evals"] <= 6
    a, _, opt, closure = problem(line_search_fn=line_search_fn, max_iter=1)
    opt.step(closure)
    assert opt.state[a]["n_iter"] == 1
    a, _, opt, closure = problem(tolerance_grad=math.inf)
    opt.step(closure)
    assert a.item() == -1.2 and opt.state[a]["func_evals"] == 1


def test_a_line_and_a_parameter_without_gradient():
    """A loss without a bottom ends at the limits, not in an error."""
    a, b = nn.Parameter(mg.tensor([1.0])), nn.Parameter(mg.tensor([2.0]))
    opt = LBFGS([a, b], line_search_fn="strong_wolfe", max_iter=3)
    opt.step(closure_of(lambda: (3 * a).sum(), opt))
    assert a.item() < -10 and b.item() == 2


def test_going_on_from_a_saved_state_is_bit_exact(tmp_path):
    options = {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 3}
    a, b, opt, closure = problem(**options)
    opt.step(closure)
    mg.save(opt.state_dict(), tmp_path / "state")
    c, d, other, going_on = problem(**options)
    c.data, d.data = a.data.clone(), b.data.clone()
    other.load_state_dict(mg.load(tmp_path / "state"))
    opt.step(closure)
    other.step(going_on)
    assert (a.item(), b.item()) == (c.item(), d.item())
    assert other.state[c]["n_iter"] == opt.state[a]["n_iter"] > 4
    assert len(other.state[c]["old_dirs"]) == 3


def test_what_it_refuses():
    a, b, opt, _ = problem()
    with pytest.raises(ValueError, match="doesn't support per-parameter options"):
        LBFGS([{"params": a}, {"params": b}])
    with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
        LBFGS([a], line_search_fn="armijo")
    with pytest.raises(ValueError, match="LBFGS needs parameters"):
        LBFGS(None)
    with pytest.raises(RuntimeError, match=r"use step\(closure\)"):
        opt.update({}, {})
