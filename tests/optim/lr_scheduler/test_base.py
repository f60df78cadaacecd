"""What all schedulers share: when they warn, resuming, saving."""

import numpy as np
import pytest
from schedules import LR, optimizer

from minigrad import nn, optim
from minigrad.ops.creation import tensor
from minigrad.optim import lr_scheduler
from minigrad.optim.lr_scheduler import ExponentialLR, LRScheduler, StepLR
from minigrad.serialization import load, save

# One of each, and options that bring in all of their state.
EVERY = [
    lambda opt: lr_scheduler.LambdaLR(opt, lambda t: 0.9**t),
    lambda opt: lr_scheduler.MultiplicativeLR(opt, lambda t: 0.9),
    lambda opt: StepLR(opt, 3),
    lambda opt: lr_scheduler.MultiStepLR(opt, [2, 5, 5, 9]),
    lr_scheduler.ConstantLR,
    lr_scheduler.LinearLR,
    lambda opt: ExponentialLR(opt, 0.9),
    lr_scheduler.PolynomialLR,
    lambda opt: lr_scheduler.CosineAnnealingLR(opt, 4),
    lambda opt: lr_scheduler.CosineAnnealingWarmRestarts(opt, 2, 2),
    lambda opt: lr_scheduler.CyclicLR(opt, 0.01, 0.1, 3, mode="exp_range", gamma=0.9),
    lambda opt: lr_scheduler.OneCycleLR(opt, 0.3, total_steps=12),
    lambda opt: lr_scheduler.SequentialLR(
        opt, [lr_scheduler.LinearLR(opt), ExponentialLR(opt, 0.9)], [4]
    ),
    lambda opt: lr_scheduler.ChainedScheduler([lr_scheduler.LinearLR(opt), StepLR(opt, 3)]),
]


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("through_a_file", [False, True])
def test_going_on_from_state_dicts_is_exact(make, through_a_file, tmp_path):
    """At each step a fresh pair takes over from the one before it."""
    opt, lasting = optimizer(momentum=0.9), optimizer(momentum=0.9)
    scheduler, reference = make(opt), make(lasting)
    for _ in range(12):
        for o, s in ((opt, scheduler), (lasting, reference)):
            o.step()
            s.step()
        assert scheduler.get_last_lr() == reference.get_last_lr()
        options = [{k: v for k, v in g.items() if k != "params"} for g in opt.param_groups]
        assert options == [
            {k: v for k, v in g.items() if k != "params"} for g in lasting.param_groups
        ]
        states = opt.state_dict(), scheduler.state_dict()
        if through_a_file:
            save({"optimizer": states[0], "scheduler": states[1]}, tmp_path / "state")
            states = load(tmp_path / "state")
            states = states["optimizer"], states["scheduler"]
        opt = optimizer(momentum=0.9)
        scheduler = make(opt)
        opt.load_state_dict(states[0])
        scheduler.load_state_dict(states[1])
    assert not any("optimizer" in key for key in scheduler.state_dict())


def test_a_run_is_resumed_at_an_epoch():
    opt = optimizer()
    scheduler = ExponentialLR(opt, 0.5)
    opt.step()
    scheduler.step()
    resumed = optimizer()
    resumed.load_state_dict(opt.state_dict())
    scheduler = ExponentialLR(resumed, 0.5, last_epoch=1)
    assert scheduler.base_lrs == [LR, LR / 10] and scheduler.get_last_lr() == [LR / 2, LR / 20]
    with pytest.raises(KeyError, match=r"initial_lr' is not specified in param_groups\[0\]"):
        ExponentialLR(optimizer(), 0.5, last_epoch=1)


def test_steps_in_the_wrong_order_are_warned_of(recwarn):
    scheduler = StepLR(optimizer(), 2)
    with pytest.warns(UserWarning, match=r"`lr_scheduler.step\(\)` before `optimizer.step\(\)`"):
        scheduler.step()
    recwarn.clear()
    scheduler.step()
    opt = optimizer()
    scheduler = StepLR(opt, 2)
    opt.step()
    scheduler.step()
    opt = optim.SGD(lr=0.1)
    scheduler = StepLR(opt, 2)
    opt.update({"w": np.ones(1)}, {"w": np.ones(1)})
    scheduler.step()
    assert not recwarn.list


def test_an_optimizer_with_a_step_of_its_own(recwarn):
    class Own(optim.Optimizer):
        def step(self, closure=None):
            """Nothing."""

    opt = Own([nn.Parameter(tensor([1.0]))], {"lr": 1.0})
    scheduler = ExponentialLR(opt, 0.5)
    opt.step()
    scheduler.step()
    assert opt.param_groups[0]["lr"] == 0.5 and not recwarn.list


def test_a_subclass():
    class Warmup(LRScheduler):
        def get_lr(self):
            return [base * min(1, (self.last_epoch + 1) / 4) for base in self.base_lrs]

    opt = optimizer()
    scheduler = Warmup(opt)
    assert scheduler.get_last_lr() == [LR / 4, LR / 40]
    for expected in (2, 3, 4, 4):
        opt.step()
        scheduler.step()
        assert scheduler.get_last_lr()[0] == LR * expected / 4
    with pytest.raises(NotImplementedError, match="LRScheduler has no get_lr"):
        LRScheduler(opt)


def test_get_lr_is_not_for_users():
    with pytest.warns(UserWarning, match=r"use `get_last_lr\(\)`"):
        StepLR(optimizer(), 2).get_lr()


def test_only_optimizers_have_rates():
    for make in (
        lambda: StepLR(nn.Linear(1, 1), 2),
        lambda: lr_scheduler.ReduceLROnPlateau(nn.Linear(1, 1)),
        lambda: lr_scheduler.CyclicLR(nn.Linear(1, 1), 0.1, 0.2),
        lambda: lr_scheduler.OneCycleLR(nn.Linear(1, 1), 0.1, 10),
    ):
        with pytest.raises(TypeError, match="Linear is not an Optimizer"):
            make()


def test_the_older_name_of_the_base_class():
    class Halved(lr_scheduler._LRScheduler):
        def get_lr(self):
            return [group["lr"] * 0.5 for group in self.optimizer.param_groups]

    opt = optimizer()
    scheduler = Halved(opt)
    opt.step()
    scheduler.step()
    assert scheduler.get_last_lr()[0] == LR / 4  # once when it was made
