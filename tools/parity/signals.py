"""Programs for windows and ranges, which PyTorch's database has no samples of."""

from __future__ import annotations

from typing import Any

from .tensors import Program, x


def windows(lib: Any, name: str) -> list[Any]:
    window = getattr(lib, f"{name}_window")
    found = [window(n, periodic) for n in (0, 1, 2, 7) for periodic in (True, False)]
    return [*found, window(5, dtype=lib.float64)]


PROGRAMS: dict[str, list[Program]] = {
    **{
        f"torch.{name}_window": [
            lambda lib, name=name: windows(lib, name),
            lambda lib, name=name: getattr(lib, f"{name}_window")(-1),
            lambda lib, name=name: getattr(lib, f"{name}_window")(3, dtype=lib.int64),
        ]
        for name in ("bartlett", "blackman", "hamming", "hann", "kaiser")
    },
    "torch.range": [
        lambda lib: lib.range(0, 3, 0.7),
        lambda lib: lib.range(3, 1, -1, dtype=lib.float64),
        lambda lib: lib.range(3, 1),
        lambda lib: lib.range(1, 3, 0),
    ],
    **{
        f"special.{name}": [
            lambda lib, name=name: getattr(lib.special, name)(
                lib.tensor([0.5, 2.0, 4.0, 30.0]), lib.tensor([0.0, 1.0, 7.0, 20.0])
            ),
            lambda lib, name=name: getattr(lib.special, name)(lib.tensor(-1.0), lib.tensor(2.0)),
        ]
        for name in ("gammainc", "gammaincc")
    },
    "torch.imag": [lambda lib: lib.imag(x(lib))],
    "torch.triangular_solve": [
        lambda lib: lib.triangular_solve(x(lib), lib.tensor([[2.0, 3.0], [1.0, 4.0]])),
        lambda lib: lib.triangular_solve(
            x(lib), lib.tensor([[2.0, 3.0], [1.0, 4.0]]), False, True, True
        ),
    ],
    "torch.embedding": [
        lambda lib: lib.embedding(x(lib), lib.tensor([1, 0, 1]), 0),
        lambda lib: lib.embedding(lib.tensor([1, 0]), x(lib)),
    ],
    "Tensor.as_strided_": [lambda lib: lib.arange(6.0).as_strided_((2, 2), (2, 1))],
}
