"""Padding modules against np.pad."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.testing import assert_close

KINDS = {
    "Constant": {"mode": "constant", "constant_values": 2.5},
    "Zero": {"mode": "constant"},
    "Reflection": {"mode": "reflect"},
    "Replication": {"mode": "edge"},
    "Circular": {"mode": "wrap"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("places", [1, 2, 3])
def test_padding(kind, places):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 3, 5)[: places + 2])
    make = getattr(nn, f"{kind}Pad{places}d")
    value = (2.5,) if kind == "Constant" else ()
    widths = tuple(range(1, 2 * places + 1)) if kind in ("Constant", "Zero") else (1, 2) * places
    pairs = [(widths[2 * i], widths[2 * i + 1]) for i in range(places)][::-1]
    for given, expected in ((widths, pairs), (1, [(1, 1)] * places)):
        module = make(given, *value)
        for batch in (x, x[0]):
            every = [(0, 0)] * (batch.ndim - places) + expected
            assert_close(module(mg.tensor(batch)), np.pad(batch, every, **KINDS[kind]))
    text = (
        f"padding={(1,) * 2 * places}, value=2.5" if kind == "Constant" else f"{(1,) * 2 * places}"
    )
    assert repr(make(1, *value)) == f"{kind}Pad{places}d({text})"


def test_padding_that_does_not_fit():
    with pytest.raises(
        ValueError, match=r"ReflectionPad2d: expected one width or 4 of them, got \(1, 2\)"
    ):
        nn.ReflectionPad2d((1, 2))
    with pytest.raises(ValueError, match=r"expected 3D or 4D input .* got shape \[3, 3\]"):
        nn.ReflectionPad2d(1)(mg.ones(3, 3))
