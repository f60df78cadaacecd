"""Optimisers over grids of their options for 50 steps: parameters and state at each tenth."""

from __future__ import annotations

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch.testing._internal.common_optimizers import optim_db

import minigrad as mg

from .bridge import Translation, array, difference, flat
from .ledger import Ledger

STEPS = 50
SHAPES = ((3, 4), (5,), ())
MATRICES = ((3, 4), (5, 2))
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
    "Rprop": {"etas": [(0.5, 1.2), (0.7, 1.5)], "step_sizes": [(1e-6, 50), (0.02, 0.5)]},
    "ASGD": {"lambd": [1e-4, 0.1], "alpha": [0.75, 0.5], "t0": [1e6, 20]},
    "Adafactor": {"beta2_decay": [-0.8, -0.3], "eps": [(None, 1e-3), (0.1, 0.1)], "d": [1.0, 2.0]},
    "Muon": {
        "momentum": [0.95, 0.5],
        "nesterov": [False, True],
        "adjust_lr_fn": [None, "match_rms_adamw"],
    },
    "LBFGS": {
        "max_iter": [3, 20],
        "history_size": [2, 100],
        "line_search_fn": [None, "strong_wolfe"],
    },
}
# What PyTorch keeps in the state, but only for the length of a step.
SCRATCH = {"al"}


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
        for i, options in enumerate(configurations(info, name)):
            # PyTorch's Muon in bfloat16 once, and then in the dtype of the parameters.
            exact = mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone)
            with exact if name == "Muon" and i else contextlib.nullcontext():
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
    taken = inspect.signature(info.optim_cls).parameters
    grid = {k: v for k, v in {**COMMON, **GRIDS.get(name, {})}.items() if k in taken}
    for values in itertools.product(*grid.values()):
        options = dict(zip(grid, values, strict=True))
        if options.get("nesterov") and (not options["momentum"] or options.get("dampening")):
            continue
        yield options


def compare_run(
    ledger: Ledger, label: str, theirs: Any, ours: Any, options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    shapes = MATRICES if theirs is torch.optim.Muon else SHAPES
    start = [np.asarray(rng.normal(size=shape)) for shape in shapes]
    run, steps = (minimise, 2) if theirs is torch.optim.LBFGS else (follow, STEPS)
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
    for step in range(steps):
        run(reference, optimizer, p, q, rng)
        if step % 10 and step != steps - 1:
            continue
        found = difference(p, q)
        if found:
            ledger.find(label, "value", f"({told}) after {step + 1} steps: {found[1]}")
            return
    compare_state(ledger, label, told, reference, optimizer)
    with ledger.comparing(label, "state", f"({told}) taken over from PyTorch"):
        resumed = ours(q, **options)
        resumed.load_state_dict(Translation()(reference.state_dict()))
        run(reference, resumed, p, q, rng)
        found = difference(p, q)
        if found:
            ledger.find(label, "state", f"({told}) taken over from PyTorch: {found[1]}")


Tensors = list[torch.Tensor] | list[mg.Tensor]


def follow(
    reference: Any, optimizer: Any, p: Tensors, q: Tensors, rng: np.random.Generator
) -> None:
    """Let both make a step by the gradient of an open bowl at PyTorch's parameters `p`, with noise."""
    for a, b in zip(p, q, strict=True):
        gradient = np.asarray(a.detach().numpy() + rng.normal(size=tuple(a.shape)))
        a.grad = torch.from_numpy(gradient)
        b.grad = mg.tensor(gradient)
    reference.step()
    optimizer.step()


def minimise(
    reference: Any, optimizer: Any, p: Tensors, q: Tensors, rng: np.random.Generator
) -> None:
    """Let both make a step with a closure: of a convex loss, steep in some directions."""

    def closure(lib: Any, params: Tensors, of: Any) -> Callable[[], Any]:
        def evaluate() -> Any:
            of.zero_grad()
            flat = lib.cat([t.reshape(-1) for t in params])
            steepness = lib.linspace(0.5, 1.5, flat.shape[0], dtype=lib.float64)
            loss = (1 + (flat * steepness - 1) ** 2).sqrt().sum() + 0.05 * flat.sum() ** 2
            loss.backward()
            return loss

        return evaluate

    reference.step(closure(torch, p, reference))
    optimizer.step(closure(mg, q, optimizer))


def compare_state(ledger: Ledger, label: str, told: str, reference: Any, optimizer: Any) -> None:
    theirs, ours = reference.state_dict(), optimizer.state_dict()
    for number, state in theirs["state"].items():
        state = {k: v for k, v in state.items() if v is not None and k not in SCRATCH}
        mine = ours["state"].get(number, {})
        if set(state) != set(mine):
            ledger.find(label, "state", f"({told}): {sorted(mine)} instead of {sorted(state)}")
            return
        for key, value in state.items():
            found = difference(
                *(
                    [np.asarray(array(v), np.float64) for v in flat(side)]
                    for side in (value, mine[key])
                )
            )
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
