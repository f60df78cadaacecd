"""What was measured, as Markdown tables and as charts."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import numpy as np
from cases import Case
from contestants import CONTESTANTS
from machine import Limits, cpu

import minigrad as mg
from minigrad.__main__ import instructions

OURS = "minigrad"
ABOUT = {
    "steps": "Whole training steps: zero_grad, forward, cross-entropy, backward, optimiser. Microseconds.",
    "program": "The MNIST program: shuffled batches of 32 from a DataLoader, 784-128-10, Adam. Seconds an epoch.",
    "products": "The three products of a Linear layer in the layouts it meets, without gradients. Microseconds.",
    "optimisers": "One optimiser step over one array. Microseconds.",
    "layers": "Forward and backward. Microseconds.",
    "functions": "Forward and backward. Microseconds.",
    "overheads": "Operations on 4x4 matrices that need gradients: little but bookkeeping. Microseconds an operation.",
    "loaders": "6,400 images of 28x28 in shuffled batches of 32, from floats or from bytes made floats. Microseconds.",
    "augmentations": "A batch of images, each rotated, scaled, moved and sheared, or cropped, ... anew. Microseconds.",
    "scaling by batch": "A step of 784-128-10 with Adam by batch size. Microseconds.",
    "scaling by width": "A step of 784-w-w-10 with Adam, batch 128, by w. Microseconds.",
    "scaling by threads": "A step of 784-512-512-10 with Adam, batch 256, by threads. Microseconds.",
}


@dataclass
class Results:
    """samples: seconds of one operation by case name and contestant; failures: why there are none."""

    cases: list[Case]
    samples: dict[str, dict[str, list[float]]]
    failures: dict[str, str]
    limits: Limits
    threads: int
    rounds: int
    load: float
    left_out: list[str] = field(default_factory=list)

    def groups(self) -> dict[str, list[Case]]:
        groups: dict[str, list[Case]] = {}
        for case in self.cases:
            if self.samples.get(case.name):
                groups.setdefault(case.group, []).append(case)
        return groups

    def contestants(self, cases: Iterable[Case]) -> list[str]:
        """Return those with a result in any of the cases, in the order of CONTESTANTS."""
        found = {name for case in cases for name in self.samples[case.name]}
        return [name for name in CONTESTANTS if name in found]

    def median(self, case: Case, name: str) -> float:
        return float(np.median(self.samples[case.name][name]))

    def advantage(self, case: Case, ours: str = OURS) -> float | None:
        """Return the fastest peer's median time divided by that of `ours`."""
        found = self.samples[case.name]
        peers = [self.median(case, name) for name in found if CONTESTANTS[name].is_peer]
        if not peers or ours not in found:
            return None
        return min(peers) / self.median(case, ours)

    def limit(self, case: Case) -> float | None:
        """Return the least time in seconds, if it was measured with the threads of the case."""
        if case.threads not in (None, self.limits.threads):
            return None
        return self.limits.seconds(case.phases, case.footprint)

    def unit(self, group: str) -> float:
        """Return how many of the group's unit are a second."""
        return 1 if group == "program" else 1e6


def number(value: float) -> str:
    """Write three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}".rstrip(".")


# ---- Markdown ------------------------------------------------------------------------------------


def markdown(results: Results, charts: list[str]) -> str:
    """Return the whole report; `charts` are file names beside it."""
    parts = ["# Benchmarks", *setting(results)]
    parts += [f"![{Path(chart).stem}]({chart})" for chart in charts]
    for group, cases in results.groups().items():
        parts += [f"## {group.capitalize()}", ABOUT[group], table(results, cases)]
        for name in results.contestants(cases):
            ratios = [ratio for case in cases if (ratio := results.advantage(case, name))]
            if len(ratios) > 1 and not CONTESTANTS[name].is_peer:
                parts.append(
                    f"Fastest peer / {CONTESTANTS[name].label}: {min(ratios):.2f} to {max(ratios):.2f}, "
                    f"geometric mean {geometric_mean(ratios):.2f}."
                )
    return "\n\n".join(parts) + "\n"


def setting(results: Results) -> list[str]:
    """Return the paragraphs that say where, with what and how."""
    packages = dict.fromkeys(p for c in CONTESTANTS.values() for p in c.packages)
    versions = [f"Python {platform.python_version()}"]
    for package in packages:
        try:
            versions.append(
                f"{package} {version({'sklearn': 'scikit-learn'}.get(package, package))}"
            )
        except PackageNotFoundError:
            if package == OURS:  # run from its folder
                versions.append(f"minigrad {mg.__version__}")
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    limits = results.limits
    lines = [
        f"- Processor: {cpu()}, {platform.system()}; threads of every contestant: {results.threads}",
        f"- Instruction set of minigrad's kernels: {instructions()}",
        f"- Versions: {', '.join(versions)}; NumPy's BLAS: {blas['name']} {blas['version']}",
        f"- Measured {time.strftime('%Y-%m-%d')} in {results.rounds} rounds; load average "
        f"before: {results.load:.1f} (0: the machine had nothing else to do)",
    ]
    if limits.reason or not limits.triad:
        lines.append(f"- No limit: {limits.reason}")
    else:
        triad = ", ".join(
            f"{limits.bandwidth(size) / 1e9:.0f} in {size / 2**20:.3g} MB"
            for size in [*limits.triad][1::3]
        )
        lines.append(
            f"- Limit, measured in the same run with {limits.threads} threads: "
            f"{limits.flops / 1e9:.0f} GFLOP/s of multiply-adds; triad, GB/s: {triad}"
        )
    lines += [f"- Left out: {text}" for text in results.left_out]
    lines += [f"- Failed: {place}: {why}" for place, why in results.failures.items()]
    explained = (
        "Each cell is the median and, in brackets, the quartiles of all samples of all rounds; the fastest is bold. "
        "*Limit* is the least time for the FLOPs and bytes that cannot be avoided (benchmarks/README.md)."
    )
    return ["\n".join(lines), explained]


def table(results: Results, cases: list[Case]) -> str:
    """Return a group's table: times, the ratio, and where there is one the rate and the limit."""
    names = results.contestants(cases)
    unit = results.unit(cases[0].group)
    ratios = any(results.advantage(case) for case in cases)
    rate = cases[0].rate if OURS in names else ""
    limits = OURS in names and any(results.limit(case) for case in cases)
    head = ["case", *(CONTESTANTS[name].label for name in names)]
    head += ["fastest peer / minigrad"] * ratios + [f"minigrad {rate}"] * bool(rate)
    head += ["limit", "of limit"] * limits
    rows = [head, ["---", *["---:"] * (len(head) - 1)]]
    for case in cases:
        best = min(results.samples[case.name], key=lambda name: results.median(case, name))
        row = [case.name.partition("/")[2]]
        for name in names:
            found = results.samples[case.name].get(name)
            row.append(cell(np.multiply(found, unit), name == best) if found else "-")
        ours = results.median(case, OURS) if OURS in results.samples[case.name] else None
        if ratios:
            ratio = results.advantage(case)
            row.append(f"{ratio:.2f}" if ratio else "-")
        if rate:
            done = sum(flops if rate == "GFLOP/s" else moved for flops, moved in case.phases)
            row.append(number(done / ours / 1e9) if ours else "-")
        if limits:
            limit = results.limit(case)
            row.append(number(limit * unit) if limit else "-")
            row.append(f"{limit / ours:.0%}" if limit and ours else "-")
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def cell(times: np.ndarray, best: bool) -> str:
    low, median, high = (number(value) for value in np.percentile(times, (25, 50, 75)))
    return f"{f'**{median}**' if best else median} ({low}-{high})"


# ---- charts --------------------------------------------------------------------------------------

INK, PALE, GRID = "#2b2d33", "#8a8f98", "#e4e6ea"
COLOURS = {
    "minigrad": "#d1495b",
    "minigrad-compile": "#e08a76",
    "torch": "#9fb3c8",
    "torch-fused": "#6f8fae",
    "torch-compile": "#44688f",
    "jax": "#6b9a8b",
    "numpy": "#c9a66b",
    "sklearn": "#a78bb5",
}


def draw(results: Results, folder: Path) -> list[str]:
    """Draw what there is into `folder`, and return the file names."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {
            "figure.dpi": 140,
            "font.size": 9,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.edgecolor": PALE,
            "axes.titlesize": 9.5,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )
    groups = results.groups()
    whole = [case for group in ("steps", "program") for case in groups.get(group, [])]
    scaling = {group: cases for group, cases in groups.items() if group.startswith("scaling")}
    single = {
        group: cases
        for group, cases in groups.items()
        if group not in ("steps", "program", *scaling) and any(map(results.advantage, cases))
    }
    drawn = []
    for name, chart, content in (
        ("benchmarks.png", draw_whole, whole),
        ("benchmarks-kernels.png", draw_single, single),
        ("benchmarks-scaling.png", draw_scaling, scaling),
    ):
        if content:
            figure = chart(results, content)
            figure.savefig(folder / name)
            drawn.append(name)
    return drawn


def draw_whole(results: Results, cases: list[Case]) -> Any:
    """Return bars of the median times, a panel a case, with a line at the limit."""
    import matplotlib.pyplot as plt

    columns = min(3, len(cases))
    rows = -(-len(cases) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(3.9 * columns, 0.6 + 2.2 * rows),
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(cases) :]:
        axis.axis("off")
    for axis, case in zip(axes.flat, cases, strict=False):
        unit = results.unit(case.group)
        names = results.contestants([case])
        times = [results.median(case, name) * unit for name in names]
        low, high = np.transpose(
            [np.percentile(results.samples[case.name][name], (25, 75)) * unit for name in names]
        )
        spread = np.maximum([np.subtract(times, low), np.subtract(high, times)], 0)
        axis.barh(
            range(len(names)),
            times,
            0.72,
            color=[COLOURS[name] for name in names],
            xerr=spread,
            error_kw={"ecolor": INK, "elinewidth": 0.8, "alpha": 0.6},
        )
        for place, (value, end) in enumerate(zip(times, high, strict=True)):
            text = number(value) + (" s" if unit == 1 else " µs")
            weight = "bold" if names[place] == OURS else "normal"
            axis.annotate(
                text, (end, place), (4, 0), textcoords="offset points", va="center", weight=weight
            )
        limit = results.limit(case)
        if limit:
            axis.axvline(limit * unit, color=INK, linewidth=1, linestyle=(0, (3, 2)))
        axis.set_xlim(0, max(high) * 1.3)
        axis.set_yticks(range(len(names)), [CONTESTANTS[name].label for name in names])
        axis.tick_params(left=False)
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.set_xticks([])
        axis.invert_yaxis()
        axis.set_title(case.name.partition("/")[2].replace(", batch", ",\nbatch"))
    figure.suptitle(
        f"Time of a training step, and of an epoch ({cpu()}, threads: {results.threads}). Shorter is better; "
        "dashed: the limit.",
        fontsize=9.5,
        x=0.01,
        ha="left",
    )
    return figure


def draw_single(results: Results, groups: dict[str, list[Case]]) -> Any:
    """Return a bar a kernel: how many times faster than the fastest peer."""
    import matplotlib.pyplot as plt

    # Two columns, of about as many bars: the matrix products, and the rest.
    first = {g: c for g, c in groups.items() if g == "products"}
    columns = [c for c in (first, {g: c for g, c in groups.items() if g not in first}) if c]
    lengths = [sum(len(cases) + 1.2 for cases in column.values()) for column in columns]
    figure, axes = plt.subplots(
        1,
        len(columns),
        figsize=(6.2 * len(columns), 0.9 + 0.23 * max(lengths)),
        squeeze=False,
        layout="constrained",
    )
    for axis, column in zip(axes.flat, columns, strict=True):
        place, ticks, labels = 0.0, [], []
        for group, cases in column.items():
            axis.text(
                -0.02,
                place,
                group.capitalize(),
                weight="bold",
                va="center",
                ha="right",
                transform=axis.get_yaxis_transform(),
            )
            place += 1
            for case in cases:
                ratio = results.advantage(case)
                if ratio:
                    colour = COLOURS[OURS] if ratio >= 1 else PALE
                    axis.barh(place, ratio - 1, 0.72, left=1, color=colour)
                    axis.annotate(
                        f"{ratio:.1f}" if ratio >= 1.95 else f"{ratio:.2f}",
                        (ratio, place),
                        (3 if ratio >= 1 else -3, 0),
                        textcoords="offset points",
                        va="center",
                        ha="left" if ratio >= 1 else "right",
                        fontsize=8,
                    )
                    ticks.append(place)
                    labels.append(case.name.partition("/")[2])
                    place += 1
            place += 0.2
        shown = [r for cases in column.values() for case in cases if (r := results.advantage(case))]
        axis.set_xscale("log")
        axis.set_xlim(min(0.55, *shown) / 1.8, max(2.2, *shown) * 1.6)
        axis.set_ylim(place, -0.8)
        axis.set_yticks(ticks, labels, fontsize=8)
        axis.axvline(1, color=INK, linewidth=1)
        marks = [m for m in (0.1, 0.25, 0.5, 1, 2, 4, 10, 25, 100) if in_view(axis, m)]
        axis.set_xticks(marks, [f"{mark:g}x" for mark in marks])
        axis.set_xticks([], minor=True)
        axis.grid(axis="x", color=GRID, linewidth=0.8)
        axis.set_axisbelow(True)
        axis.tick_params(length=0)
        axis.spines[["left", "bottom"]].set_visible(False)
    figure.suptitle(
        f"Time of the fastest peer / time of minigrad, single kernels\n"
        f"{cpu()}, threads: {results.threads}",
        fontsize=9.5,
        x=0.01,
        ha="left",
    )
    return figure


def in_view(axis: Any, mark: float) -> bool:
    low, high = axis.get_xlim()
    return low <= mark <= high


def draw_scaling(results: Results, groups: dict[str, list[Case]]) -> Any:
    """Return a panel a quantity: time against it, a line a contestant, and the limit."""
    import matplotlib.pyplot as plt
    from matplotlib.ticker import LogLocator, NullLocator

    figure, axes = plt.subplots(
        1, len(groups), figsize=(0.4 + 3.7 * len(groups), 3.1), squeeze=False, layout="constrained"
    )
    for axis, (group, cases) in zip(axes.flat, groups.items(), strict=True):
        for name in results.contestants(cases):
            points = [
                (int(case.name.partition("/")[2]), results.median(case, name) * 1e6)
                for case in cases
                if name in results.samples[case.name]
            ]
            axis.plot(
                *zip(*points, strict=True),
                marker="o",
                markersize=4,
                color=COLOURS[name],
                linewidth=2.2 if name == OURS else 1.4,
                zorder=3 if name == OURS else 2,
                label=CONTESTANTS[name].label,
            )
        sizes = [int(case.name.partition("/")[2]) for case in cases]
        if not group.endswith("threads") and all(map(results.limit, cases)):
            limit = [results.limit(case) * 1e6 for case in cases]
            axis.plot(sizes, limit, color=INK, linewidth=1, linestyle=(0, (3, 2)), label="limit")
        axis.set_xscale("log", base=2)
        if group.endswith("threads"):
            axis.set_ylim(0, 1.05 * axis.get_ylim()[1])
        else:
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:,.0f}")
        axis.yaxis.set_minor_locator(NullLocator())
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.set_xticks([], minor=True)
        axis.grid(color=GRID, linewidth=0.8)
        axis.set_axisbelow(True)
        axis.tick_params(length=0, which="both")
        axis.set_title(ABOUT[group].removeprefix("A step of ").partition(" by ")[0].rstrip(","))
        axis.set_xlabel(group.rpartition(" ")[2])
    axes.flat[0].set_ylabel("µs a step")
    axes.flat[0].legend(frameon=False, fontsize=8)
    return figure
