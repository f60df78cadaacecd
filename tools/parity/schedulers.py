"""Schedulers over grids of their options: the learning rates of 50 steps, and their state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minigrad as mg

from .bridge import difference, flat
from .ledger import Ledger

STEPS = 50
Make = Callable[[Any, Any], Any]  # (the module of schedulers, the optimizer) -> the scheduler


def simple(name: str, *grid: dict[str, Any]) -> list[Make]:
    """Return makers of the scheduler `name`, one for each set of options."""
    return [lambda s, o, options=options: getattr(s, name)(o, **options) for options in grid]


GRIDS: dict[str, list[Make]] = {
    "LambdaLR": simple("LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}),
    "MultiplicativeLR": simple("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.9 + epoch / 1000}),
    "StepLR": simple("StepLR", {"step_size": 7}, {"step_size": 1, "gamma": 0.9}),
    "MultiStepLR": simple("MultiStepLR", {"milestones": [3, 10, 10, 40], "gamma": 0.5}),
    "ConstantLR": simple("ConstantLR", {}, {"factor": 0.5, "total_iters": 10}),
    "LinearLR": simple("LinearLR", {}, {"start_factor": 0.1, "end_factor": 0.5, "total_iters": 20}),
    "ExponentialLR": simple("ExponentialLR", {"gamma": 0.9}),
    "PolynomialLR": simple("PolynomialLR", {}, {"total_iters": 30, "power": 2.0}),
    "CosineAnnealingLR": simple("CosineAnnealingLR", {"T_max": 10}, {"T_max": 30, "eta_min": 0.01}),
    "CosineAnnealingWarmRestarts": simple(
        "CosineAnnealingWarmRestarts", {"T_0": 5}, {"T_0": 3, "T_mult": 2, "eta_min": 0.01}
    ),
    "CyclicLR": simple(
        "CyclicLR",
        *(
            {
                "base_lr": 0.01,
                "max_lr": 0.1,
                "step_size_up": 7,
                "mode": mode,
                "cycle_momentum": cycle,
            }
            for mode in ("triangular", "triangular2", "exp_range")
            for cycle in (False, True)
        ),
    ),
    "OneCycleLR": simple(
        "OneCycleLR",
        *(
            {"max_lr": 0.5, "total_steps": 60, "anneal_strategy": way, "three_phase": phases}
            for way in ("cos", "linear")
            for phases in (False, True)
        ),
    ),
    "ReduceLROnPlateau": simple(
        "ReduceLROnPlateau",
        {"patience": 2},
        {"mode": "max", "factor": 0.5, "patience": 3, "cooldown": 2, "min_lr": 0.01},
        {"threshold_mode": "abs", "threshold": 0.2, "patience": 1},
    ),
    "SequentialLR": [
        lambda s, o: s.SequentialLR(
            o, [s.ConstantLR(o, 0.1, 5), s.ExponentialLR(o, 0.9)], milestones=[8]
        )
    ],
    "ChainedScheduler": [
        lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 5), s.ExponentialLR(o, 0.9)])
    ],
}


def compare(ledger: Ledger, only: str) -> None:
    """Compare every scheduler whose name contains `only`."""
    ours = getattr(mg.optim, "lr_scheduler", None)
    for name, makers in GRIDS.items():
        label = f"optim.lr_scheduler.{name}"
        if only not in label:
            continue
        if not hasattr(ours, name):
            ledger.missing.setdefault("optim.lr_scheduler", []).append(label)
            continue
        for make in makers:
            with ledger.comparing(label, "value", "50 steps"):
                compare_run(ledger, label, make)


def compare_run(ledger: Ledger, label: str, make: Make) -> None:
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2, momentum=0.9)
    ours = mg.optim.SGD([mg.zeros(1, requires_grad=True)], lr=0.2, momentum=0.9)
    schedulers = make(torch.optim.lr_scheduler, theirs), make(mg.optim.lr_scheduler, ours)
    metrics = np.random.default_rng(0).normal(size=STEPS)
    for step, metric in enumerate(metrics):
        for optimizer, scheduler in zip((theirs, ours), schedulers, strict=True):
            optimizer.param_groups[0]["params"][0].grad = (
                torch if optimizer is theirs else mg
            ).zeros(1)
            optimizer.step()
            scheduler.step(*([metric] if "Plateau" in label else []))
        for what in ("lr", "momentum"):
            rates = [o.param_groups[0][what] for o in (theirs, ours)]
            if not np.isclose(*rates, rtol=1e-9):
                ledger.find(
                    label, "value", f"{what} {rates[1]}, not {rates[0]}, at step {step + 1}"
                )
                return
        if not np.allclose(*(s.get_last_lr() for s in schedulers)):
            ledger.find(label, "value", f"get_last_lr at step {step + 1}")
            return
    states = [{k: v for k, v in s.state_dict().items() if k[0] != "_"} for s in schedulers]
    lacking, besides = set(states[0]) - set(states[1]), set(states[1]) - set(states[0])
    if lacking:
        ledger.find(label, "state", f"it has no {sorted(lacking)}")
    if besides:
        ledger.find(label, "state", f"it has {sorted(besides)} besides")
    for key in set(states[0]) & set(states[1]):
        found = difference(*(as_arrays(state[key]) for state in states))
        if found:
            ledger.find(label, "state", f"{key}: {found[1]}")


def as_arrays(state: Any) -> list[Any]:
    """Return what a state holds, numbers as arrays: they are compared with a tolerance."""
    return [np.asarray(x, float) if type(x) in (int, float) else x for x in flat(state)]
