"""nn.init: the random ones by the moments and the range of many values, the others exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import minigrad as mg

from .bridge import array
from .ledger import Ledger

SHAPE = (400, 300)
# The extremes of many values are known for these; of the others they vary from draw to draw.
EXACT = {"uniform_", "xavier_uniform_", "kaiming_uniform_", "constant_", "ones_", "zeros_", "eye_"}
CALLS: dict[str, list[dict[str, Any]]] = {
    "uniform_": [{}, {"a": -2.0, "b": 3.0}],
    "normal_": [{}, {"mean": 1.0, "std": 0.1}],
    "trunc_normal_": [{}, {"std": 2.0, "a": -1.0, "b": 1.5}],
    "constant_": [{"val": 0.3}],
    "ones_": [{}],
    "zeros_": [{}],
    "eye_": [{}],
    "dirac_": [{}],
    "xavier_uniform_": [{}, {"gain": 2.0}],
    "xavier_normal_": [{}, {"gain": 2.0}],
    "kaiming_uniform_": [{}, {"mode": "fan_out", "nonlinearity": "relu"}, {"a": 0.5}],
    "kaiming_normal_": [{}, {"mode": "fan_out", "nonlinearity": "relu"}, {"a": 0.5}],
    "orthogonal_": [{}, {"gain": 0.5}],
    "sparse_": [{"sparsity": 0.1}],
}
NONLINEARITIES = ("linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")


def compare(ledger: Ledger, only: str) -> None:
    """Compare every initialiser whose name contains `only`."""
    for name, grid in CALLS.items():
        label = f"nn.init.{name}"
        if only not in label:
            continue
        if not hasattr(mg.nn.init, name):
            ledger.missing.setdefault("nn.init", []).append(label)
            continue
        for options in grid:
            with ledger.comparing(label, "value", str(options)):
                compare_moments(ledger, label, name, options)
    if only in "nn.init.calculate_gain":
        for kind in NONLINEARITIES:
            with ledger.comparing("nn.init.calculate_gain", "value", kind):
                assert mg.nn.init.calculate_gain(kind) == torch.nn.init.calculate_gain(kind)


def compare_moments(ledger: Ledger, label: str, name: str, options: dict[str, Any]) -> None:
    shape = (8, 4, 3) if name == "dirac_" else SHAPE
    torch.manual_seed(0)
    mg.manual_seed(0)
    t = array(getattr(torch.nn.init, name)(torch.empty(shape), **options))
    o = array(getattr(mg.nn.init, name)(mg.empty(*shape), **options))
    scale = np.abs(t).max()
    for what in (np.mean, np.std, np.min, np.max):
        slack = 0.15 if what in (np.min, np.max) and name not in EXACT else 0.02
        if abs(what(t) - what(o)) > slack * scale:
            ledger.find(label, "value", f"{options}: {what.__name__} {what(o)}, not {what(t)}")
