"""Optimisers over grids of their options for 50 steps: parameters and state at each tenth."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_optimizers import optim_db

import minigrad as mg

from .bridge import Translation, difference
from .ledger import Ledger

STEPS = 50
SHAPES = ((3, 4), (5,), ())
# How PyTorch runs the same update: minigrad has one way.
IGNORED = {"foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay"}
COMMON = {"lr": [0.01, 0.3], "weight_decay": [0.0, 0.1], "maximize": [False, True]}
BETAS = {"betas": [(0.9, 0.999), (0.5, 0.9)], "eps": [1e-8, 1e-3]}
GRIDS: dict[str, dict[str, list[Any]]] = {
    "SGD": {"momentum": [0.0, 0.9], "dampening": [0.0, 0.5], "nesterov": [False, True]},
    "Adagrad": {"lr_decay": [0.0, 0.1], "initial_accumulator_value": [0.0, 0.5]},
    "RMSprop": {"alpha": [0.99, 0.5], "centered": [False, True], "momentum": [0.0, 0.9]},
    "Adadelta": {"rho": [0.9, 0.5], "eps": [1e-6, 1e-3]},
    "Adam": {**BETAS, "amsgrad": [False, True]},
    "AdamW": {**BETAS, "amsgrad": [False, True]},
    "Adamax": BETAS,
    "NAdam": {**BETAS, "momentum_decay": [4e-3, 0.1], "decoupled_weight_decay": [False, True]},
    "RAdam": {**BETAS, "decoupled_weight_decay": [False, True]},
}


def compare(ledger: Ledger, only: str) -> None:
    """Compare every optimiser whose name contains `only`."""
    for info in optim_db:
        name = info.optim_cls.__name__
        label = f"optim.{name}"
        if only not in label:
            continue
        ours = getattr(mg.optim, name, None)
        if ours is None:
            ledger.missing.setdefault("optim", []).append(label)
            continue
        for options in configurations(info, name):
            compare_run(ledger, label, info.optim_cls, ours, options)
        compare_errors(ledger, label, ours, info)


def configurations(info: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield PyTorch's own configurations, then the grid."""
    for item in info.optim_inputs_func(device="cpu"):
        options = {
            k: v for k, v in item.kwargs.items() if k not in IGNORED - {"decoupled_weight_decay"}
        }
        if not any(isinstance(v, torch.Tensor) for v in options.values()):
            yield options
    grid = {**COMMON, **GRIDS.get(name, {})}
    for values in itertools.product(*grid.values()):
        options = dict(zip(grid, values, strict=True))
        if options.get("nesterov") and (not options["momentum"] or options["dampening"]):
            continue
        yield options


def compare_run(
    ledger: Ledger, label: str, theirs: Any, ours: Any, options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    start = [np.asarray(rng.normal(size=shape)) for shape in SHAPES]
    p = [torch.from_numpy(a.copy()).requires_grad_() for a in start]
    q = [mg.tensor(a, requires_grad=True) for a in start]
    try:
        reference = theirs(p, **options)
    except (ValueError, RuntimeError, TypeError):
        return
    told = ", ".join(f"{k}={v}" for k, v in options.items())
    ledger.compare(label)
    try:
        optimizer = ours(q, **options)
    except Exception as caught:
        ledger.find(label, "value", f"({told}) cannot be made: {type(caught).__name__}: {caught}")
        return
    for step in range(STEPS):
        give_gradients(p, q, rng)
        reference.step()
        optimizer.step()
        if step % 10 and step != STEPS - 1:
            continue
        found = difference(p, q)
        if found:
            ledger.find(label, "value", f"({told}) after {step + 1} steps: {found[1]}")
            return
    compare_state(ledger, label, told, reference, optimizer)
    with ledger.comparing(label, "state", f"({told}) taken over from PyTorch"):
        resumed = ours(q, **options)
        resumed.load_state_dict(Translation()(reference.state_dict()))
        give_gradients(p, q, rng)
        reference.step()
        resumed.step()
        found = difference(p, q)
        if found:
            ledger.find(label, "state", f"({told}) taken over from PyTorch: {found[1]}")


def give_gradients(p: list[torch.Tensor], q: list[mg.Tensor], rng: np.random.Generator) -> None:
    """Give both the gradient of an open bowl at PyTorch's parameters `p`, with noise."""
    for a, b in zip(p, q, strict=True):
        gradient = np.asarray(a.detach().numpy() + rng.normal(size=tuple(a.shape)))
        a.grad = torch.from_numpy(gradient)
        b.grad = mg.tensor(gradient)


def compare_state(ledger: Ledger, label: str, told: str, reference: Any, optimizer: Any) -> None:
    theirs, ours = reference.state_dict(), optimizer.state_dict()
    for number, state in theirs["state"].items():
        state = {k: v for k, v in state.items() if v is not None}
        mine = ours["state"].get(number, {})
        if set(state) != set(mine):
            ledger.find(label, "state", f"({told}): {sorted(mine)} instead of {sorted(state)}")
            return
        for key, value in state.items():
            value = value if isinstance(value, torch.Tensor) else torch.tensor(value)
            found = difference(value.double(), mine[key].double())
            if found:
                ledger.find(label, "state", f"({told}) {key}: {found[1]}")
                return
    lacking = set(theirs["param_groups"][0]) - set(ours["param_groups"][0])
    if lacking:
        ledger.find(label, "state", f"param_groups have no {sorted(lacking)}")


def compare_errors(ledger: Ledger, label: str, ours: Any, info: Any) -> None:
    for wrong in info.optim_error_inputs_func(device="cpu", dtype=torch.float64):
        item = wrong.optimizer_error_input
        options = dict(item.kwargs)
        if (
            wrong.error_type is UserWarning
            or not isinstance(item.params, list)
            or any(isinstance(v, torch.Tensor) for v in options.values())
        ):
            continue
        if not all(isinstance(p, torch.nn.Parameter) for p in item.params):
            continue
        params = [mg.nn.Parameter(mg.tensor(p.detach().numpy())) for p in item.params]
        ledger.compare(label)
        try:
            ours(params, **options)
        except wrong.error_type:
            continue
        except Exception as caught:
            ledger.find(label, "error", f"({options}) raises {type(caught).__name__}: {caught}")
        else:
            ledger.find(label, "error", f"({options}) does not raise {wrong.error_type.__name__}")
