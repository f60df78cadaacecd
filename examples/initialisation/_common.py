"""A deep network of equal layers, and what its layers pass on."""

from __future__ import annotations

from collections.abc import Callable

import minigrad as mg
from minigrad import nn


def deep(
    width: int, depth: int, activation: Callable[[], nn.Module], init: Callable[[mg.Tensor], object]
) -> nn.Sequential:
    """Return `depth` layers width x width without bias, each followed by the activation."""
    layers: list[nn.Module] = []
    for _ in range(depth):
        linear = nn.Linear(width, width, bias=False)
        init(linear.weight)
        layers += [linear, activation()]
    return nn.Sequential(*layers)


def outputs(model: nn.Sequential, x: mg.Tensor) -> list[mg.Tensor]:
    """Return what each activation of a deep network passes on."""
    passed = []
    with mg.no_grad():
        for number, layer in enumerate(model):
            x = layer(x)
            if number % 2:
                passed.append(x)
    return passed
