"""data: what samplers, datasets and loaders give, where nothing is random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.utils.data

import minigrad as mg
import minigrad.utils.data

from .bridge import difference
from .ledger import Ledger

# By name, a program for either library: `data` is its module of datasets, `make` its `arange`.
PROGRAMS: dict[str, list[Callable[[Any, Any], Any]]] = {
    "TensorDataset": [lambda data, make: list(data.TensorDataset(make(4), make(4)))],
    "ConcatDataset": [
        lambda data, make: list(data.ConcatDataset([data.TensorDataset(make(n)) for n in (2, 3)]))
    ],
    "Subset": [lambda data, make: list(data.Subset(make(6), [4, 1]))],
    "SequentialSampler": [lambda data, make: list(data.SequentialSampler(range(5)))],
    "BatchSampler": [
        lambda data, make, drop=drop: list(
            data.BatchSampler(data.SequentialSampler(range(7)), batch_size=3, drop_last=drop)
        )
        for drop in (False, True)
    ],
    "RandomSampler": [lambda data, make: sorted(data.RandomSampler(range(20)))],
    "SubsetRandomSampler": [lambda data, make: sorted(data.SubsetRandomSampler([3, 5, 8]))],
    "WeightedRandomSampler": [
        lambda data, make: list(data.WeightedRandomSampler([0.0, 1.0], 5)),
        lambda data, make: sorted(data.WeightedRandomSampler([1.0, 2.0, 3.0], 3, False)),
    ],
    "random_split": [
        lambda data, make: [len(part) for part in data.random_split(make(10), [0.75, 0.25])],
        lambda data, make: sorted(
            int(x) for part in data.random_split(make(5), [2, 3]) for x in part
        ),
    ],
    "DataLoader": [
        lambda data, make: list(
            data.DataLoader(data.TensorDataset(make(7), make(7)), batch_size=3)
        ),
        lambda data, make: list(data.DataLoader(make(7), batch_size=3, drop_last=True)),
        lambda data, make: list(data.DataLoader([1.5, 2.5, 3.5], batch_size=2)),
        lambda data, make: list(data.DataLoader([(1, "a"), (2, "b")], batch_size=2)),
        lambda data, make: [b["x"] for b in data.DataLoader([{"x": 1}, {"x": 2}], batch_size=2)],
        lambda data, make: list(data.DataLoader(make(4), batch_size=None)),
        lambda data, make: len(data.DataLoader(make(7), batch_size=2, drop_last=True)),
        lambda data, make: list(data.DataLoader(make(4), collate_fn=len, batch_size=3)),
    ],
    "default_collate": [
        lambda data, make: data.default_collate([make(3), make(3)]),
        lambda data, make: data.default_collate([(1, 2.0), (3, 4.0)]),
    ],
}


def compare(ledger: Ledger, only: str) -> None:
    """Run every program whose name contains `only` in both libraries."""
    for name, programs in PROGRAMS.items():
        label = f"utils.data.{name}"
        if only not in label:
            continue
        if not hasattr(mg.utils.data, name):
            ledger.missing.setdefault("utils.data", []).append(label)
            continue
        for program in programs:
            with ledger.comparing(label, "value", "its program"):
                theirs = program(torch.utils.data, torch.arange)
                found = difference(theirs, program(mg.utils.data, mg.arange))
                if found:
                    ledger.find(label, found[0], found[1])
