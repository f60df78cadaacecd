"""ReduceLROnPlateau."""

import math

import pytest
from schedules import LR, optimizer

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import Adam
from minigrad.optim.lr_scheduler import ReduceLROnPlateau


def losses(bad, epochs=30):
    """Falls by 0.01 an epoch, but not in those that are bad."""
    loss = 1.0
    for epoch in range(1, epochs + 1):
        loss -= 0.0 if epoch in bad or epoch > 15 else 0.01
        yield loss


def test_halved_until_the_least(capsys):
    """Validation losses that do not fall in epochs 3 5 7 11 13 14 15, and not after."""
    opt = Adam([nn.Parameter(tensor([1.0]))], lr=1e-3)
    scheduler = ReduceLROnPlateau(
        opt,
        factor=0.5,
        patience=0,
        threshold=0.001,
        verbose=True,
        min_lr=1e-5,
        threshold_mode="abs",
    )
    changes, lr = [], 1e-3
    for epoch, loss in enumerate(losses({3, 5, 7, 11, 13, 14, 15}), 1):
        scheduler.step(tensor(loss))
        if scheduler.get_last_lr() != [lr]:
            (lr,) = scheduler.get_last_lr()
            changes.append((epoch, lr))
    assert changes == [
        (3, 5e-4),
        (5, 2.5e-4),
        (7, 1.25e-4),
        (11, 6.25e-5),
        (13, 3.125e-5),
        (14, 1.5625e-5),
        (15, 1e-5),
    ]
    assert opt.param_groups[0]["lr"] == 1e-5
    assert capsys.readouterr().out == (
        "Epoch     3: reducing learning rate of group 0 to 5.0000e-04.\n"
        "Epoch     5: reducing learning rate of group 0 to 2.5000e-04.\n"
        "Epoch     7: reducing learning rate of group 0 to 1.2500e-04.\n"
        "Epoch    11: reducing learning rate of group 0 to 6.2500e-05.\n"
        "Epoch    13: reducing learning rate of group 0 to 3.1250e-05.\n"
        "Epoch    14: reducing learning rate of group 0 to 1.5625e-05.\n"
        "Epoch    15: reducing learning rate of group 0 to 1.0000e-05.\n"
    )


@pytest.mark.parametrize(
    ("mode", "threshold_mode", "enough", "short"),
    [
        ("min", "rel", 0.89, 0.91),
        ("min", "abs", 0.89, 0.91),
        ("max", "rel", 1.11, 1.09),
        ("max", "abs", 1.11, 1.09),
    ],
)
def test_what_is_better(mode, threshold_mode, enough, short):
    scale = 10 if threshold_mode == "rel" else 1
    for figure, reduced in ((enough, False), (short, True), (math.nan, True)):
        scheduler = ReduceLROnPlateau(
            optimizer(), mode, patience=0, threshold=0.1, threshold_mode=threshold_mode
        )
        scheduler.step(scale)
        scheduler.step(scale * figure)
        assert scheduler.get_last_lr()[0] == pytest.approx(LR / 10 if reduced else LR)


def test_patience_and_cooldown():
    scheduler = ReduceLROnPlateau(optimizer(), factor=0.5, patience=2, cooldown=3)
    reductions = []
    for epoch in range(1, 20):
        before = scheduler.get_last_lr()[0]
        scheduler.step(1.0)
        if scheduler.get_last_lr()[0] != before:
            reductions.append(epoch)
    # one to be the best, three bad ones; then three of cooldown and again three bad ones
    assert reductions == [4, 10, 16]


def test_least_rates_of_groups():
    opt = optimizer()
    scheduler = ReduceLROnPlateau(opt, patience=0, min_lr=[0.2, 0.01], eps=0.001)
    for _ in range(3):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.2, 0.01]
    opt.add_param_group({"params": [nn.Parameter(tensor([1.0]))]})
    with pytest.raises(RuntimeError, match=r"\(3\) differs .* \(2\): after adding a group"):
        scheduler.step(1.0)
    opt = optimizer()
    scheduler = ReduceLROnPlateau(opt, patience=0, min_lr=0.01)
    opt.add_param_group({"params": [nn.Parameter(tensor([1.0]))], "lr": 0.05})
    for _ in range(3):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.01] * 3


def test_changes_too_small_to_be_made():
    opt = optimizer()
    scheduler = ReduceLROnPlateau(opt, factor=0.99, patience=0, eps=0.001)
    for _ in range(2):
        scheduler.step(1.0)
    assert scheduler.get_last_lr() == [LR * 0.99, LR / 10]


def test_going_on_from_a_state_dict():
    opt, lasting = optimizer(), optimizer()
    options = {"mode": "max", "patience": 1, "cooldown": 1, "threshold_mode": "abs"}
    scheduler, reference = ReduceLROnPlateau(opt, **options), ReduceLROnPlateau(lasting, **options)
    for figure in (1, 2, 2, 2, 2, 3, 3, 3, 3, 3):
        scheduler.step(figure)
        reference.step(figure)
        assert scheduler.get_last_lr() == reference.get_last_lr()
        state = scheduler.state_dict()
        assert "optimizer" not in state
        scheduler = ReduceLROnPlateau(opt)
        scheduler.load_state_dict(state)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1.0}, r"Factor should be < 1\.0"),
        ({"mode": "least"}, "mode least is unknown"),
        ({"threshold_mode": "both"}, "threshold mode both is unknown"),
        ({"min_lr": [0.1]}, "expected 2 min_lrs, got 1"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ReduceLROnPlateau(optimizer(), **options)


def test_the_epoch_as_an_argument():
    scheduler = ReduceLROnPlateau(optimizer())
    with pytest.warns(UserWarning, match="epoch parameter .* is deprecated"):
        scheduler.step(1.0, 7)
    assert scheduler.last_epoch == 7
