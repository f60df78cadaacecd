"""History: what each epoch of a training came to, as rows, columns, a CSV file, a picture."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = dict[str, float]
TRAINING, VALIDATION, INK = "#1f6f8b", "#d1495b", "#333333"
STYLE = {
    "figure.dpi": 130,
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.titlesize": 10,
    "legend.frameon": False,
}


class History:
    """Figures by epoch: history["val_loss"] is a column, history[-1] the last row, as a dict.

    A figure that only some epochs have, as val_loss where validation came later, is nan in the others.

    `fit` fills it with train_loss, train_<metric>, val_loss, val_<metric>, lr, and seconds.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows: list[Row] = [dict(row) for row in rows]

    def append(self, row: Row) -> None:
        """Add the figures of an epoch."""
        self.rows.append(dict(row))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @overload
    def __getitem__(self, key: str) -> list[float]: ...
    @overload
    def __getitem__(self, key: int) -> Row: ...
    def __getitem__(self, key: str | int) -> list[float] | Row:
        if isinstance(key, str):
            if key not in self.names:
                raise KeyError(f"no {key!r} in this history; it has {', '.join(self.names)}")
            return [row.get(key, math.nan) for row in self.rows]
        return self.rows[key]

    @property
    def names(self) -> list[str]:
        """The columns, in their order."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def best(self, name: str = "val_loss", mode: str = "min") -> int:
        """Return the index of the epoch at which the column was least; mode="max": greatest. NaN is neither."""
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        column, sign = self[name], 1 if mode == "min" else -1
        return min(range(len(column)), key=lambda i: (math.isnan(column[i]), sign * column[i]))

    def __repr__(self) -> str:
        return f"History({len(self)} epochs of {', '.join(self.names)})"

    def line(self) -> str:
        """Return the last row as a line of text."""
        figures = [
            f"{name.replace('_', ' ')} {_told(name, value)}"
            for name, value in self.rows[-1].items()
            if name not in ("lr", "seconds")
        ]
        return f"epoch {len(self):2}: {', '.join(figures)}, {self.rows[-1]['seconds']:.2f} s"

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a row an epoch, numbered from 1."""
        with open(path, "w", newline="") as file:
            rows = csv.DictWriter(file, ["epoch", *self.names], restval=math.nan)
            rows.writeheader()
            rows.writerows({"epoch": i, **row} for i, row in enumerate(self.rows, 1))

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> History:
        """Read what `to_csv` wrote."""
        with open(path, newline="") as file:
            return cls(
                {name: float(value) for name, value in row.items() if name != "epoch"}
                for row in csv.DictReader(file)
            )

    def plot(self, path: str | os.PathLike[str] | None = None, title: str = "") -> Figure:
        """Draw each quantity by epoch, of training and validation; write it to `path`, if given.

        Needs matplotlib (extra `examples`). Returns the figure, to be changed or shown.
        """
        if not self.rows:
            raise ValueError("History.plot: there is no epoch yet to be drawn")
        try:
            import matplotlib as mpl
            from matplotlib.figure import Figure
            from matplotlib.ticker import MaxNLocator, PercentFormatter
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"History.plot needs {error.name}: pip install minigrad[examples]"
            ) from None
        quantities = list(dict.fromkeys(_quantity(name) for name in self.names))
        quantities.remove("seconds") if "seconds" in quantities else None
        if "lr" in quantities and len(set(self["lr"])) < 2:
            quantities.remove("lr")
        epochs = range(1, len(self) + 1)
        with mpl.rc_context(STYLE):
            figure = Figure(figsize=(4.5 * len(quantities), 3.4), layout="constrained")
            axes = figure.subplots(1, len(quantities), squeeze=False)[0]
            for axis, quantity in zip(axes, quantities, strict=True):
                for prefix, label, colour in (
                    ("train_", "training", TRAINING),
                    ("val_", "validation", VALIDATION),
                    ("", None, TRAINING),
                ):
                    if prefix + quantity in self.names:
                        column = self[prefix + quantity]
                        axis.plot(
                            epochs, column, color=colour, marker="o", markersize=3, label=label
                        )
                axis.set_title({"lr": "learning rate"}.get(quantity, quantity), loc="left")
                axis.set_xlabel("epoch")
                axis.set_xlim(0.5, len(self) + 0.5)
                axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
                axis.grid(alpha=0.25)
                if quantity == "lr":
                    axis.set_yscale("log")
                else:
                    axis.legend(loc="best")
                if quantity == "loss" and all(
                    min(self[name]) >= 0 for name in self.names if _quantity(name) == "loss"
                ):
                    axis.set_ylim(bottom=0)
                if quantity == "accuracy":
                    axis.yaxis.set_major_formatter(PercentFormatter(1))
            figure.suptitle(title, fontsize=11)
            if path is not None:
                figure.savefig(path)
        return figure


def _quantity(name: str) -> str:
    return name.removeprefix("train_").removeprefix("val_")


def _told(name: str, value: float) -> str:
    return f"{value:.2%}" if name.endswith("accuracy") else f"{value:.4g}"
