"""Modules on the samples of PyTorch's module database: reprs, state dicts, outputs, gradients, errors.

Weights travel both ways through a safetensors file.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch.testing._internal.common_modules import module_db

import minigrad as mg

from .bridge import NotTranslatable, Translation, array, described, difference, flat
from .ledger import Ledger
from .operators import compare_gradients

# They draw their own random numbers, or make their parameters only when called.
SKIPPED = ("Lazy", "Fractional")


def compare(ledger: Ledger, only: str) -> None:
    """Compare every module whose name contains `only`."""
    for info in module_db:
        cls = info.module_cls
        label = f"nn.{cls.__name__}"
        if only not in label or cls.__name__.startswith(SKIPPED):
            continue
        ours = getattr(mg.nn, cls.__name__, None)
        if ours is None:
            ledger.missing.setdefault("nn", []).append(label)
            continue
        for training in (True, False):
            torch.manual_seed(0)
            inputs = info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
            )
            for item in inputs:
                made = item.constructor_input
                told = f"({described(tuple(made.args))[1:-1]} {described(made.kwargs)})"
                try:
                    compare_module(ledger, label, told, cls, ours, item, training, info)
                except NotTranslatable:
                    continue
        compare_errors(ledger, label, ours, info)


def compare_module(
    ledger: Ledger,
    label: str,
    told: str,
    cls: Any,
    ours: Any,
    item: Any,
    training: bool,
    info: Any,
) -> None:
    made, translate = item.constructor_input, Translation()
    kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
    args, our_kwargs = translate(tuple(made.args)), translate(kwargs)
    theirs = cls(*made.args, **kwargs).double().train(training)
    ledger.compare(label)
    try:
        module = ours(*args, **our_kwargs).double().train(training)
    except Exception as caught:
        ledger.find(label, "value", f"{told} cannot be made: {type(caught).__name__}: {caught}")
        return
    if repr(theirs) != repr(module):
        ledger.find(label, "repr", f"{module!r} instead of {theirs!r}")
    shapes = {k: tuple(v.shape) for k, v in theirs.state_dict().items()}
    if shapes != {k: tuple(v.shape) for k, v in module.state_dict().items()}:
        ledger.find(
            label, "state", f"{told}: {list(module.state_dict())} instead of {list(shapes)}"
        )
        return
    with ledger.comparing(label, "state", f"{told}, weights through a file"):
        exchange(theirs, module)
    if item.forward_input is None:
        return
    call, forward = item.forward_input, Translation()
    inputs, options = forward(tuple(call.args)), forward(dict(call.kwargs))
    told += f" of {described(tuple(call.args))}"
    try:
        expected = theirs(*call.args, **call.kwargs)
    except Exception:
        return
    try:
        actual = module(*inputs, **options)
    except Exception as caught:
        ledger.find(label, "value", f"{told} raises {type(caught).__name__}: {caught}")
        return
    pairs = [(t, o) for t, o in zip(flat(expected), flat(actual), strict=False) if t is not None]
    found = difference([t for t, _ in pairs], [o for _, o in pairs])
    if found:
        ledger.find(label, found[0], f"{told}, training={training}, gives {found[1]}")
        return
    leaves = forward.leaves + list(zip(theirs.parameters(), module.parameters(), strict=True))
    if leaves:
        results = [t for t, _ in pairs], [o for _, o in pairs]
        compare_gradients(ledger, label, told, *results, leaves, info.supports_gradgrad)
    after = difference(list(theirs.buffers()), list(module.buffers()))
    if after:
        ledger.find(label, "state", f"{told}: a buffer became {after[1]}")


def exchange(theirs: torch.nn.Module, ours: mg.nn.Module) -> None:
    """Give PyTorch's weights to ours, and back again, through files; raise if one does not arrive."""
    if not theirs.state_dict():
        return
    with tempfile.TemporaryDirectory() as folder:
        there, back = Path(folder, "theirs.safetensors"), Path(folder, "ours.safetensors")
        weights = {k: v.clone().contiguous() for k, v in theirs.state_dict().items()}
        safetensors.torch.save_file(weights, there)
        ours.load_state_dict(mg.load(there))
        mg.save(ours.state_dict(), back)
        theirs.load_state_dict(safetensors.torch.load_file(back))
        for name, value in theirs.state_dict().items():
            for other in (weights[name], ours.state_dict()[name]):
                if difference(
                    value, other if isinstance(other, mg.Tensor) else mg.tensor(array(other))
                ):
                    raise AssertionError(f"{name} did not arrive")


def compare_errors(ledger: Ledger, label: str, ours: Any, info: Any) -> None:
    """What PyTorch's database says is an error shall be one of the same class."""
    if getattr(info, "module_error_inputs_func", None) is None:
        return
    torch.manual_seed(0)
    for wrong in info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
    ):
        item, translate = wrong.module_error_input, Translation()
        made, call = item.constructor_input, item.forward_input
        kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
        told = f"({described(tuple(made.args))[1:-1]} {described(kwargs)})"
        ledger.compare(label)
        try:
            module = ours(*translate(tuple(made.args)), **translate(kwargs)).double()
            if call is not None:
                module(*translate(tuple(call.args)), **translate(dict(call.kwargs)))
        except (wrong.error_type, NotTranslatable):
            continue
        except Exception as caught:
            raised = f"raises {type(caught).__name__}: {caught}"
        else:
            raised = "raises nothing"
        ledger.find(label, "error", f"{told} {raised}, not {wrong.error_type.__name__}")
