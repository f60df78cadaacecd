"""Programs for utils.data: what samplers, datasets and loaders give, where nothing is random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def squares(lib: Any) -> Any:
    class Squares(lib.utils.data.Dataset):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, i: int) -> int:
            return i * i

    return Squares()


def counting(lib: Any) -> Any:
    class Counting(lib.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(3))

    return Counting()


def backwards(lib: Any) -> Any:
    class Backwards(lib.utils.data.Sampler):
        def __init__(self, n: int) -> None:
            self.n = n

        def __iter__(self) -> Any:
            return iter(range(self.n)[::-1])

        def __len__(self) -> int:
            return self.n

    return Backwards


PROGRAMS: dict[str, list[Callable[[Any], Any]]] = {
    "utils.data.TensorDataset": [
        lambda lib: list(lib.utils.data.TensorDataset(lib.arange(4), lib.arange(4)))
    ],
    "utils.data.ConcatDataset": [
        lambda lib: list(
            lib.utils.data.ConcatDataset(
                [lib.utils.data.TensorDataset(lib.arange(n)) for n in (2, 3)]
            )
        )
    ],
    "utils.data.Subset": [lambda lib: list(lib.utils.data.Subset(lib.arange(6), [4, 1]))],
    "utils.data.SequentialSampler": [lambda lib: list(lib.utils.data.SequentialSampler(range(5)))],
    "utils.data.BatchSampler": [
        lambda lib, drop=drop: list(
            lib.utils.data.BatchSampler(
                lib.utils.data.SequentialSampler(range(7)), batch_size=3, drop_last=drop
            )
        )
        for drop in (False, True)
    ],
    "utils.data.RandomSampler": [lambda lib: sorted(lib.utils.data.RandomSampler(range(20)))],
    "utils.data.SubsetRandomSampler": [
        lambda lib: sorted(lib.utils.data.SubsetRandomSampler([3, 5, 8]))
    ],
    "utils.data.WeightedRandomSampler": [
        lambda lib: list(lib.utils.data.WeightedRandomSampler([0.0, 1.0], 5)),
        lambda lib: sorted(lib.utils.data.WeightedRandomSampler([1.0, 2.0, 3.0], 3, False)),
    ],
    "utils.data.random_split": [
        lambda lib: [
            len(part) for part in lib.utils.data.random_split(lib.arange(10), [0.75, 0.25])
        ],
        lambda lib: sorted(
            int(x) for part in lib.utils.data.random_split(lib.arange(5), [2, 3]) for x in part
        ),
    ],
    "utils.data.DataLoader": [
        lambda lib: list(
            lib.utils.data.DataLoader(
                lib.utils.data.TensorDataset(lib.arange(7), lib.arange(7)), batch_size=3
            )
        ),
        lambda lib: list(lib.utils.data.DataLoader(lib.arange(7), batch_size=3, drop_last=True)),
        lambda lib: list(lib.utils.data.DataLoader([1.5, 2.5, 3.5], batch_size=2)),
        lambda lib: list(lib.utils.data.DataLoader([(1, "a"), (2, "b")], batch_size=2)),
        lambda lib: [b["x"] for b in lib.utils.data.DataLoader([{"x": 1}, {"x": 2}], batch_size=2)],
        lambda lib: list(lib.utils.data.DataLoader(lib.arange(4), batch_size=None)),
        lambda lib: len(lib.utils.data.DataLoader(lib.arange(7), batch_size=2, drop_last=True)),
        lambda lib: list(lib.utils.data.DataLoader(lib.arange(4), collate_fn=len, batch_size=3)),
    ],
    "utils.data.default_collate": [
        lambda lib: lib.utils.data.default_collate([lib.arange(3), lib.arange(3)]),
        lambda lib: lib.utils.data.default_collate([(1, 2.0), (3, 4.0)]),
    ],
    "utils.data.ChainDataset": [lambda lib: list(lib.utils.data.ChainDataset([counting(lib)] * 2))],
    "utils.data.Dataset": [
        lambda lib: list(lib.utils.data.DataLoader(squares(lib), batch_size=2)),
        lambda lib: list(lib.utils.data.ConcatDataset([squares(lib) + squares(lib)])),
        lambda lib: lib.utils.data.Dataset()[0],
    ],
    "utils.data.IterableDataset": [
        lambda lib: list(lib.utils.data.DataLoader(counting(lib), batch_size=2)),
        lambda lib: lib.utils.data.DataLoader(counting(lib), shuffle=True),
    ],
    "utils.data.Sampler": [
        lambda lib: list(lib.utils.data.DataLoader(lib.arange(4), sampler=backwards(lib)(4)))
    ],
    "utils.data.StackDataset": [
        lambda lib: list(lib.utils.data.StackDataset(lib.arange(2), lib.arange(2))),
        lambda lib: list(lib.utils.data.StackDataset(a=lib.arange(2), b=lib.arange(2))),
        lambda lib: lib.utils.data.StackDataset(lib.arange(2), lib.arange(3)),
    ],
    "utils.data.default_convert": [
        lambda lib: lib.utils.data.default_convert([np.arange(3), {"a": np.ones(2)}, "text", 1.5])
    ],
    "utils.data.get_worker_info": [lambda lib: lib.utils.data.get_worker_info()],
}
