from __future__ import annotations

import math
from typing import Any

import pytest

from minigrad import nn
from minigrad.train import EarlyStopping


def stops_at(figures: list[float], **options: Any) -> int | None:
    stopping, model = EarlyStopping(**options), nn.Linear(1, 1)
    return next((i for i, x in enumerate(figures) if stopping.update(x, model)), None)


def test_it_waits_for_an_improvement() -> None:
    figures = [1.0, 0.9, 0.95, 0.92, 0.91, 0.8, 0.85, 0.84, 0.83]
    assert stops_at(figures, patience=3) == 4
    assert stops_at(figures, patience=4) is None
    assert stops_at(figures, patience=1) == 2


def test_what_is_less_than_min_delta_is_no_improvement() -> None:
    figures = [1.0, 0.95, 0.91, 0.85]
    assert stops_at(figures, patience=2, min_delta=0.1) == 2
    assert stops_at(figures, patience=3, min_delta=0.1) is None


def test_the_larger_the_better() -> None:
    assert stops_at([0.5, 0.6, 0.55, 0.58], patience=2, mode="max") == 3


def test_nan_is_no_improvement() -> None:
    assert stops_at([math.nan, math.nan], patience=2) == 1


def test_the_best_weights_come_back() -> None:
    stopping, model = EarlyStopping(patience=2), nn.Linear(1, 1)
    for figure in (3.0, 1.0, 2.0):
        nn.init.constant_(model.weight, figure)
        stopping.update(figure, model)
    twin = EarlyStopping(patience=2)
    twin.load_state_dict(stopping.state_dict())
    twin.restore(model)
    assert model.weight.item() == 1
    assert twin.update(2.0, model)


def test_reset_forgets() -> None:
    stopping, model = EarlyStopping(patience=1), nn.Linear(1, 1)
    stopping.update(1.0, model)
    stopping.reset()
    assert not stopping.update(2.0, model)
    assert stopping.best == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patience": 0}, "patience must be at least 1"),
        ({"min_delta": -1}, "min_delta must not be negative"),
        ({"mode": "least"}, "'min' or 'max', got 'least'"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**options)
