"""What the experiments share: a claim, checks of it against numbers, a figure, a table, a command line.

    @experiment("Momentum overshoots the minimum.", source="where the claim is made")
    def main(run: Run) -> None:
        ...
        run.check("x after 20 steps", x, near=-3.49253, tolerance=1e-4)

    if __name__ == "__main__":
        main()

Run one as `python -m examples.descent.batch_noise`, with --help for its options; `python -m examples.gallery` runs all.
A run prints claim, expected and measured, writes <name>.png, <name>.csv and <name>.json into its group's folder under
--out, and exits with 1 if a check fails.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.data.datasets import MNIST, DatasetNotFoundError, Digits, FashionMNIST
from minigrad.train.history import STYLE, TRAINING, VALIDATION

# Loaded where it draws: it takes longer than all else, and those who only compute do not need it.
if not importlib.util.find_spec("matplotlib"):
    raise SystemExit("matplotlib is not installed: pip install minigrad[examples]")

COLOURS = [TRAINING, VALIDATION, "#edae49", "#7768ae", "#4f9d69", "#8d6e63", "#5c6b73"]
FIGURES = STYLE | {
    "axes.prop_cycle": f"cycler(color={COLOURS})",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "grid.alpha": 0.25,
    "figure.labelsize": "medium",
    "lines.markersize": 4,
    "legend.frameon": True,  # legends may lie over lines
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
}


class Images(NamedTuple):
    """Images in [0, 1], (n, 1, height, width), and their labels (n)."""

    x: mg.Tensor
    y: mg.Tensor

    def first(self, count: int) -> Images:
        return Images(self.x[:count], self.y[:count])


@dataclass
class Run:
    """One run of an experiment: its options on the way in, what it found on the way out."""

    quick: bool
    seed: int
    data_dir: str | None
    rng: np.random.Generator
    data: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)
    table: list[dict[str, Any]] = field(default_factory=list)
    figure: Any = None

    def check(
        self,
        what: str,
        measured: float,
        *,
        near: float | None = None,
        tolerance: float = 0.0,
        at_least: float = -math.inf,
        at_most: float = math.inf,
    ) -> None:
        """Hold a number against what is expected of it: near +- tolerance, or bounds. NaN fails."""
        if near is not None:
            at_least, at_most = near - tolerance, near + tolerance
            expected = f"{near:g} ± {tolerance:g}" if tolerance else f"{near:g}"
        elif at_least == -math.inf:
            expected = f"at most {at_most:g}"
        elif at_most == math.inf:
            expected = f"at least {at_least:g}"
        else:
            expected = f"{at_least:g} to {at_most:g}"
        measured = float(measured)
        ok = bool(at_least <= measured <= at_most)
        self.checks.append(
            {"what": what, "expected": expected, "measured": f"{measured:.6g}", "ok": ok}
        )

    def row(self, **values: Any) -> None:
        """Add a row to the table that becomes the CSV file."""
        self.table.append(values)

    def axes(self, rows: int = 1, columns: int = 1, width: float = 9, height: float = 3.4) -> Any:
        """Return the axes of the run's figure: one, or an array of them. Inches."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        mpl.rcParams.update(FIGURES)
        self.figure = Figure(figsize=(width, height), layout="constrained")
        axes = self.figure.subplots(rows, columns)
        for axis in self.figure.axes:  # not 2.5: steps and epochs are whole
            axis.xaxis.get_major_locator().set_params(
                steps=[1, 2, 5, 10], integer=True, min_n_ticks=4
            )
        return axes

    def images(self, name: str = "mnist", first: int | None = None) -> tuple[Images, Images]:
        """Return the (first) training and test images of "mnist" or "fashion-mnist"; where they are
        not at hand, scikit-learn's 8x8 digits, and say so."""
        dataset = {"mnist": MNIST, "fashion-mnist": FashionMNIST}[name]
        try:
            parts = [dataset(self.data_dir, train, download=True) for train in (True, False)]
        except DatasetNotFoundError as error:
            print(f"{error}\nGoing on with scikit-learn's 8x8 digits instead.", file=sys.stderr)
            name, parts = "digits", [Digits(train=train) for train in (True, False)]
        except (OSError, ValueError) as error:  # files that are damaged, or cannot be read
            raise SystemExit(str(error)) from None
        self.data = name
        train, test = (
            Images(
                part.data[:first].float().unsqueeze(1) / part.data.max().item(),
                part.targets[:first],
            )
            for part in parts
        )
        return train, test


def experiment(claim: str, source: str) -> Callable[[Callable[[Run], None]], Callable[..., None]]:
    """Make a function of a Run the program that tests a claim, with a command line of its own."""

    def decorate(body: Callable[[Run], None]) -> Callable[..., None]:
        @wraps(body)
        def main(arguments: list[str] | None = None) -> None:
            file = Path(body.__code__.co_filename)
            group, name = file.parent.name, file.stem
            parser = _parser(f"python -m examples.{group}.{name}", claim, body.__doc__)
            options = parser.parse_args(arguments)
            if options.seed < 0:
                parser.error(f"--seed: {options.seed} is not at least 0")
            folder = options.out / group
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:  # found out now, and not when there is something to lose
                parser.error(f"--out: {error}")
            run = Run(
                options.quick, options.seed, options.data_dir, np.random.default_rng(options.seed)
            )
            mg.manual_seed(options.seed)
            print(f"{group}/{name}: {claim}\nsource: {source}", flush=True)
            begun = time.perf_counter()
            body(run)
            seconds = time.perf_counter() - begun
            told = {
                "name": f"{group}/{name}",
                "claim": claim,
                "source": source,
                "about": body.__doc__ or "",
                "data": run.data,
                "seed": run.seed,
                "quick": run.quick,
                "seconds": seconds,
                "checks": run.checks,
            }
            _write(run, folder / name, told)
            _print(told, folder / name)
            if not all(check["ok"] for check in run.checks):
                raise SystemExit(1)

        return main

    return decorate


def _parser(program: str, claim: str, about: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(program, description=claim, epilog=about)
    add = parser.add_argument
    add("--quick", action="store_true", help="a smaller run, of seconds")
    add("--seed", type=int, default=0, metavar="N", help="of all that is random (0)")
    add("--out", type=Path, default=Path("out"), metavar="FOLDER", help="for the results (out)")
    add("--data-dir", metavar="FOLDER", help="holds mnist/ and fashion-mnist/ ($MINIGRAD_DATA_DIR)")
    return parser


def _write(run: Run, stem: Path, told: dict[str, Any]) -> None:
    if run.figure is not None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        _label_plainly(run.figure)
        # The same as savefig's picture, which draws twice where there is a layout.
        FigureCanvasAgg(run.figure).print_png(stem.with_suffix(".png"))
    if run.table:
        with stem.with_suffix(".csv").open("w", newline="") as file:
            rows = csv.DictWriter(file, list(dict.fromkeys(k for row in run.table for k in row)))
            rows.writeheader()
            rows.writerows(run.table)
    stem.with_suffix(".json").write_text(json.dumps(told, indent=1))


def _label_plainly(figure: Any) -> None:
    """Label logarithmic axes of less than two decades 0.1, 0.2, 0.5, and not by multiples of powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = axis.get_view_interval()
        if isinstance(axis.get_major_locator(), LogLocator) and high < 100 * low:
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())


def _print(told: dict[str, Any], stem: Path) -> None:
    if told["data"]:
        print(f"data: {told['data']}")
    width = max(len(check["what"]) for check in told["checks"])
    for check in told["checks"]:
        print(
            f"  {'ok  ' if check['ok'] else 'FAIL'}  {check['what']:<{width}}  "
            f"expected {check['expected']}, measured {check['measured']}"
        )
    print(f"{told['seconds']:.1f} s; {stem}.png, .csv, .json")
