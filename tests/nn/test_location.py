"""Errors in a model name the layer: by its path, and no other errors change."""

from __future__ import annotations

import re

import pytest

import minigrad as mg
from minigrad import nn


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4), nn.Linear(3, 4)])

    def forward(self, x: mg.Tensor) -> mg.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


def test_the_path_leads_to_the_layer() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), Block()))
    with pytest.raises(RuntimeError) as caught:
        model(mg.ones(2, 4))
    layer = "Linear(in_features=3, out_features=4, bias=True)"
    assert str(caught.value).endswith(f"takes features=3\nin 1.1.layers.1: {layer}")


def test_a_layer_by_itself_adds_nothing() -> None:
    with pytest.raises(RuntimeError, match=r"takes features=3$"):
        nn.Linear(3, 4)(mg.ones(2, 4))


def test_hooks_are_on_the_way() -> None:
    model = nn.Sequential(nn.Linear(3, 4))
    model[0].register_forward_hook(lambda module, args, output: None)
    with pytest.raises(RuntimeError, match=r"in 0: Linear"):
        model(mg.ones(2, 4))


def test_the_innermost_module_that_has_a_name_is_named() -> None:
    class Hidden(nn.Module):
        def forward(self, x: mg.Tensor) -> mg.Tensor:
            return nn.Linear(3, 4)(x)  # made here: it has no name in the model

    with pytest.raises(RuntimeError, match=re.escape("takes features=3")) as caught:
        nn.Sequential(Hidden())(mg.ones(2, 4))
    assert "in 0: Hidden()" in str(caught.value)


class Stop(RuntimeError):
    pass


@pytest.mark.parametrize("error", [Stop("enough"), KeyError("name"), OSError(2, "x"), ValueError()])
def test_errors_that_mean_something_else_stay_as_they_are(error: Exception) -> None:
    class Raising(nn.Module):
        def forward(self, x: mg.Tensor) -> mg.Tensor:
            raise error

    before = str(error)
    with pytest.raises(type(error)) as caught:
        nn.Sequential(Raising())(mg.ones(1))
    assert caught.value is error and str(error) == before
