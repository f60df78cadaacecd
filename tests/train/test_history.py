from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from minigrad.train import History

ROWS = [
    {"train_loss": 0.9, "val_loss": 1.0, "val_accuracy": 0.5, "lr": 0.1, "seconds": 1.0},
    {"train_loss": 0.5, "val_loss": 0.7, "val_accuracy": 0.75, "lr": 0.05, "seconds": 1.5},
    {"train_loss": 0.3, "val_loss": 0.8, "val_accuracy": 0.7, "lr": 0.05, "seconds": 1.25},
]


def test_rows_and_columns() -> None:
    history = History(ROWS)
    assert len(history) == 3
    assert history["val_loss"] == [1.0, 0.7, 0.8]
    assert history[-1] == ROWS[-1]
    assert list(history) == ROWS
    assert history.best() == 1
    assert history.best("val_accuracy", mode="max") == 1
    assert "3 epochs of train_loss, val_loss" in repr(history)
    with pytest.raises(ValueError, match="'min' or 'max', got 'largest'"):
        history.best("val_loss", "largest")
    with pytest.raises(KeyError, match="no 'loss' in this history; it has train_loss"):
        history["loss"]


def test_a_line() -> None:
    line = History(ROWS[:2]).line()
    assert line == "epoch  2: train loss 0.5, val loss 0.7, val accuracy 75.00%, 1.50 s"


def test_csv_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    History(ROWS).to_csv(path)
    assert path.read_text().splitlines()[0] == "epoch,train_loss,val_loss,val_accuracy,lr,seconds"
    assert list(History.from_csv(path)) == ROWS


def test_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="plots are drawn by it")
    figure = History(ROWS).plot(tmp_path / "history.png", "a title")
    assert (tmp_path / "history.png").stat().st_size > 10_000
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles == ["loss", "accuracy", "learning rate"]
    assert [len(axis.lines) for axis in figure.axes] == [2, 1, 1]
    constant = History([{**row, "lr": 0.1} for row in ROWS]).plot()
    assert len(constant.axes) == 2


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install minigrad\[examples\]"):
        History(ROWS).plot()


def test_nan_is_never_the_best() -> None:
    history = History({"val_loss": value} for value in (math.nan, 2.0, 1.0, math.nan))
    assert (history.best(), history.best(mode="max")) == (2, 1)


def test_figures_that_only_some_epochs_have(tmp_path: Path) -> None:
    history = History([{"train_loss": 2.0}, {"train_loss": 1.0, "val_loss": 3.0}])
    history.to_csv(tmp_path / "history.csv")
    for each in (history, History.from_csv(tmp_path / "history.csv")):
        assert each.names == ["train_loss", "val_loss"]
        np.testing.assert_array_equal(each["val_loss"], [math.nan, 3])
        assert each.best() == 1


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no epoch yet"):
        History().plot()
