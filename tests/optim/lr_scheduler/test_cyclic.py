"""Rates that go up and down, and the momentum that goes the other way."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedules import optimizer

from minigrad.optim import Adagrad, Adam
from minigrad.optim.lr_scheduler import CyclicLR, OneCycleLR


def run(make, steps, opt=None):
    """Rates and momenta of the first group, and the rates of the second."""
    opt = opt or optimizer(momentum=0.9)
    scheduler = make(opt)
    history = []
    for _ in range(steps + 1):
        one, two = opt.param_groups
        momentum = one["betas"][0] if "betas" in one else one.get("momentum")
        history.append((one["lr"], momentum, two["lr"]))
        opt.step()
        scheduler.step()
    return np.array(history, float).T


@given(
    up=st.integers(1, 7),
    down=st.integers(1, 7) | st.none(),
    mode=st.sampled_from(["triangular", "triangular2", "exp_range"]),
)
def test_cyclic(up, down, mode):
    """A saw of linear pieces between its corners, times the mode's factor."""
    steps = 30
    t, period = np.arange(steps + 1), up + (down or up)
    corners = np.arange(0, steps + period, period)
    x = np.stack([corners, corners + up], -1).ravel()
    h = np.interp(t, x, np.arange(len(x)) % 2)
    h = h * {"triangular": 1, "triangular2": 0.5 ** (t // period), "exp_range": 0.9**t}[mode]
    first, momentum, second = run(
        lambda opt: CyclicLR(opt, 0.1, [0.5, 0.3], up, down, mode, gamma=0.9), steps
    )
    np.testing.assert_allclose(first, 0.1 + 0.4 * h, rtol=1e-10)
    np.testing.assert_allclose(second, 0.1 + 0.2 * h, rtol=1e-10)
    np.testing.assert_allclose(momentum, 0.9 - 0.1 * h, rtol=1e-10)


class Halves:
    def __init__(self, base):
        self.base = base

    def __call__(self, x):
        return self.base**x


def test_a_scale_of_ones_own():
    for mode, where in (("iterations", 3), ("cycle", 1)):
        rates, _, _ = run(
            lambda opt, mode=mode: CyclicLR(
                opt, 0.1, 0.5, 4, scale_fn=Halves(0.5), scale_mode=mode, cycle_momentum=False
            ),
            3,
        )
        assert rates[3] == pytest.approx(0.1 + 0.4 * 0.75 * 0.5**where)
    scheduler = CyclicLR(optimizer(momentum=0.9), 0.1, 0.5, scale_fn=Halves(0.5))
    state = scheduler.state_dict()
    assert state["_scale_fn_custom"] == {"base": 0.5}
    other = CyclicLR(optimizer(momentum=0.9), 0.1, 0.5, scale_fn=Halves(0.1))
    other.load_state_dict(state)
    assert other.scale_fn(2) == 0.25


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("three_phase", [False, True])
def test_one_cycle(strategy, three_phase):
    first, momentum, second = run(
        lambda opt: OneCycleLR(
            opt,
            [1.0, 2.0],
            epochs=4,
            steps_per_epoch=10,
            pct_start=0.25,
            anneal_strategy=strategy,
            div_factor=10,
            final_div_factor=100,
            three_phase=three_phase,
        ),
        39,
    )
    # the corners: rate and momentum at the end of each phase
    corners = {0: (0.1, 0.95), 9: (1.0, 0.85), 39: (0.001, 0.95)}
    corners |= {18: (0.1, 0.95)} if three_phase else {}
    for step, (rate, m) in corners.items():
        assert (first[step], momentum[step]) == (pytest.approx(rate), pytest.approx(m))
        assert second[step] == pytest.approx(2 * rate)
    # half way up
    middle = (first[4] + first[5]) / 2
    assert middle == pytest.approx(0.55, abs=1e-9)
    ends = sorted(corners)
    for begin, end in itertools.pairwise(ends):
        change = np.diff(first[begin : end + 1])
        assert (change > 0).all() or (change < 0).all()
        if strategy == "linear":
            np.testing.assert_allclose(change, change[0], rtol=1e-9)
        else:
            assert abs(change[0]) < abs(change[len(change) // 2])


def test_the_momentum_of_adam_is_beta1():
    opt = optimizer(Adam, betas=(0.5, 0.99))
    _, momentum, _ = run(lambda opt: OneCycleLR(opt, 0.1, total_steps=10), 3, opt)
    assert momentum[0] == 0.95 and momentum[2] == pytest.approx(0.85)
    assert opt.param_groups[0]["betas"][1] == 0.99
    _, momentum, _ = run(lambda opt: CyclicLR(opt, 0.1, 0.2, 2), 2, optimizer(Adam))
    np.testing.assert_allclose(momentum, [0.9, 0.85, 0.8])


def test_one_cycle_of_few_steps():
    """The rise is over before it began, where PyTorch divides by 0."""
    rates, _, _ = run(lambda opt: OneCycleLR(opt, 1.0, total_steps=10, pct_start=0.1), 9)
    assert rates[0] == 1 and rates[-1] == pytest.approx(4e-6)


def test_one_cycle_ends():
    opt = optimizer(momentum=0.9)
    scheduler = OneCycleLR(opt, 0.1, total_steps=3)
    opt.step()
    for _ in range(3):
        scheduler.step()
    with pytest.raises(ValueError, match=r"Tried to step 4 times.* total steps is 3"):
        scheduler.step()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda opt: CyclicLR(opt, [0.1], 0.2), "base_lr must have the same length.* has 1 values"),
        (lambda opt: CyclicLR(opt, 0.1, [0.2] * 3), "max_lr must have the same length"),
        (lambda opt: CyclicLR(opt, 0.1, 0.2, mode="square"), "mode is invalid.*'square'"),
        (lambda opt: OneCycleLR(opt, 0.1), "You must define either total_steps OR"),
        (lambda opt: OneCycleLR(opt, 0.1, 0), "positive integer total_steps, but got 0"),
        (lambda opt: OneCycleLR(opt, 0.1, None, 2.5, 3), r"positive integer epochs, but got 2\.5"),
        (lambda opt: OneCycleLR(opt, 0.1, None, 2, -1), "integer steps_per_epoch, but got -1"),
        (lambda opt: OneCycleLR(opt, 0.1, 9, pct_start=1.5), r"pct_start, but got 1\.5"),
        (lambda opt: OneCycleLR(opt, 0.1, 9, anneal_strategy="sin"), "instead got sin"),
    ],
)
def test_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make(optimizer(momentum=0.9))


def test_rules_without_momentum():
    for make in (lambda opt: CyclicLR(opt, 0.1, 0.2), lambda opt: OneCycleLR(opt, 0.1, 9)):
        with pytest.raises(ValueError, match="Adagrad has neither, pass cycle_momentum=False"):
            make(optimizer(Adagrad))
    run(lambda opt: CyclicLR(opt, 0.1, 0.2, cycle_momentum=False), 2, optimizer(Adagrad))


def test_one_cycle_keeps_its_momentums_in_the_groups():
    """Its state has PyTorch's names; CyclicLR has a copy of its own, as there."""
    opt = optimizer(momentum=0.9)
    state = OneCycleLR(opt, 0.1, total_steps=9).state_dict()
    assert {name for name in state if name[0] != "_"} == {
        *("base_lrs", "cycle_momentum", "last_epoch", "total_steps", "use_beta1")
    }
    assert opt.param_groups[0]["base_momentum"] == 0.85
