"""What is timed: every case by its name, and the arithmetic and memory traffic it cannot do without."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

FLOAT = 4  # bytes: everything is float32

# Contestants of the scaling cases: torch.compile would compile for minutes, one program a point.
SCALING = ("minigrad", "torch-fused", "jax")


@dataclass(frozen=True)
class Case:
    """One thing to time.

    name         group/case, as the tables and --only have it
    kind         the method of the contestants that builds it from `options`
    phases       (FLOPs, bytes) of its parts that must follow each other: see `Machine.limit`
    footprint    bytes that it touches altogether, which decide the cache it runs from
    rate         what to give as the achieved rate: "GFLOP/s", "GB/s" or nothing
    operations   how many operations one call makes; times are of one of them
    threads      processor threads, where not those of the whole run
    contestants  who takes part, where not all that know the kind
    """

    name: str
    kind: str
    options: dict[str, Any]
    phases: tuple[tuple[float, float], ...] = ()
    footprint: float = 0
    rate: str = ""
    operations: int = 1
    threads: int | None = None
    contestants: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]


def net(
    name: str, sizes: list[int], batch: int, optimizer: str, threads: int | None = None, **more: Any
) -> Case:
    """One training step: zero_grad, forward, cross-entropy, backward, optimiser.

    A layer (i, o) is three products of 2 b i o FLOPs, the first layer two: no gradient of the data is
    wanted. All else but the optimiser could be fused into the products, so it is not counted."""
    phases, parameters, activations = [], 0, batch * sizes[0]
    for layer, (i, o) in enumerate(itertools.pairwise(sizes)):
        product = (2.0 * batch * i * o, FLOAT * (batch * i + i * o + batch * o))
        phases += [product] * (3 if layer else 2)
        parameters += (i + 1) * o
        activations += batch * o
    reads_and_writes, arrays = {"adam": (7, 4), "sgd": (3, 2)}[optimizer]
    phases.append((0.0, FLOAT * reads_and_writes * parameters))
    return Case(
        name,
        "step",
        {"sizes": sizes, "batch": batch, "optimizer": optimizer, **more},
        tuple(phases),
        FLOAT * (arrays * parameters + 2 * activations),
        "GFLOP/s",
        threads=threads,
    )


def elementwise(
    name: str, kind: str, options: dict[str, Any], elements: int, moved: int, arrays: int
) -> Case:
    """A case whose limit is memory: each element is read or written `moved` times."""
    traffic = FLOAT * elements * moved
    return Case(name, kind, options, ((0.0, traffic),), FLOAT * elements * arrays, "GB/s")


def steps() -> list[Case]:
    return [
        net("steps/784-128-10, batch 32, Adam", [784, 128, 10], 32, "adam"),
        net(
            "steps/784-[100]x5-10, BatchNorm, batch 100, SGD",
            [784, *[100] * 5, 10],
            100,
            "sgd",
            batch_norm=True,
        ),
        net("steps/784-1000-10, Dropout, batch 32, Adam", [784, 1000, 10], 32, "adam", dropout=0.5),
        net("steps/784-256-256-10, batch 256, Adam", [784, 256, 256, 10], 256, "adam"),
        net("steps/2-16-16-2, batch 32, SGD", [2, 16, 16, 2], 32, "sgd"),
        lenet(64),
    ]


def convolution(
    batch: int, channels: int, size: int, filters: int, kernel: int
) -> tuple[float, float]:
    """FLOPs and bytes of one of the three products of a convolution that keeps the size of its images."""
    pixels = batch * size * size
    weights = filters * channels * kernel * kernel
    return 2.0 * pixels * weights, FLOAT * (pixels * (channels + filters) + weights)


def lenet(batch: int) -> Case:
    """One training step of LeNet-5 on images of 28 x 28: two convolutions of 5 x 5, the second without
    padding, each with ReLU and a pooling that halves; three layers; SGD with momentum.

    Of the first convolution no gradient of the data is wanted."""
    first, second = convolution(batch, 1, 28, 6, 5), convolution(batch, 6, 10, 16, 5)
    layers = net("", [400, 120, 84, 10], batch, "sgd")
    phases = (first, first, second, second, second, *layers.phases)
    return Case(
        f"steps/LeNet, batch {batch}, SGD",
        "lenet",
        {"batch": batch},
        phases,
        layers.footprint + 2 * FLOAT * batch * (28 * 28 * 7 + 14 * 14 * 6 + 10 * 10 * 16),
        "GFLOP/s",
    )


def convolutions() -> list[Case]:
    """Forward and backward of a convolution of 3 x 3 that keeps the size."""
    cases = []
    for batch, channels, size, filters in ((32, 16, 28, 32), (64, 32, 14, 64)):
        product = convolution(batch, channels, size, filters, 3)
        cases.append(
            Case(
                f"layers/convolution 3x3, {batch}x{channels}x{size}x{size} -> {filters}",
                "convolution",
                {"shape": (batch, channels, size, size), "filters": filters, "kernel": 3},
                (product,) * 3,
                2 * product[1],
                "GFLOP/s",
            )
        )
    return cases


def products() -> list[Case]:
    """The three products of a Linear layer, each of 2 b i o FLOPs: y = x W^T, dx = dy W, dW = dy^T x."""
    cases = []
    for b, i, o in (
        (32, 784, 128),
        (100, 784, 100),
        (100, 784, 1000),
        (128, 784, 256),
        (256, 784, 256),
        (1000, 1000, 1000),
    ):
        traffic = FLOAT * (b * i + i * o + b * o)
        for layout in ("x W^T", "dy W", "dy^T x"):
            cases.append(
                Case(
                    f"products/{layout}, batch {b}, {i} -> {o}",
                    "product",
                    {"layout": layout, "batch": b, "n_in": i, "n_out": o},
                    ((2.0 * b * i * o, traffic),),
                    traffic,
                    "GFLOP/s",
                )
            )
    return cases


def kernels() -> list[Case]:
    cases = []
    # Adam reads p, m, v, grad and writes p, m, v; the others read p, grad and one state, and write two.
    rules = (("adam", 7, 4), ("momentum", 5, 3), ("rmsprop", 5, 3), ("adagrad", 5, 3))
    for optimizer, moved, arrays in rules:
        for n in (100_000, 1_000_000, 10_000_000):
            options = {"optimizer": optimizer, "parameters": n}
            cases.append(
                elementwise(
                    f"optimisers/{optimizer}, {n:,} parameters",
                    "optimizer",
                    options,
                    n,
                    moved,
                    arrays,
                )
            )
    # Forward x -> y, backward grad, x -> dx.
    for shape in ((100, 100), (1024, 1024), (64, 64, 28, 28)):
        n = 1
        for size in shape:
            n *= size
        label = "x".join(map(str, shape))
        cases.append(
            elementwise(f"layers/batch norm, {label}", "batch_norm", {"shape": shape}, n, 5, 4)
        )
    # Forward x -> y, backward grad -> dx: the mask can be computed anew.
    for n in (100_000, 10_000_000):
        cases.append(elementwise(f"layers/dropout, {n:,}", "dropout", {"elements": n}, n, 4, 4))
    # Forward reads the logits, backward reads them again (or the probabilities) and writes dx.
    for rows, classes in ((128, 10), (1024, 1000)):
        options = {"rows": rows, "classes": classes}
        cases.append(
            elementwise(
                f"layers/cross-entropy, {rows}x{classes}",
                "cross_entropy",
                options,
                rows * classes,
                3,
                2,
            )
        )
    # Forward x -> y, backward grad, y -> dx.
    for function in ("relu", "sigmoid", "tanh", "exp", "gelu"):
        options = {"function": function, "elements": 1_000_000}
        cases.append(
            elementwise(f"functions/{function}, 1,000,000", "unary", options, 1_000_000, 5, 4)
        )
    return cases


def overheads() -> list[Case]:
    return [
        Case("overheads/a + b, recorded", "overhead", {"operation": "add"}),
        Case("overheads/a @ b, recorded", "overhead", {"operation": "matmul"}),
        Case(
            "overheads/multiply, forward + backward",
            "overhead",
            {"operation": "chain"},
            operations=100,
        ),
    ]


def loaders() -> list[Case]:
    """200 shuffled batches of 32 images of 784 pixels: read once, written once as floats."""
    pixels = 6400 * 784
    return [
        Case(
            f"loaders/{source}",
            "loader",
            {"source": source, "images": 6400, "batch": 32},
            ((0.0, pixels * (size + FLOAT)),),
            pixels * size,
            "GB/s",
        )
        for source, size in (("floats", FLOAT), ("bytes", 1))
    ]


def augmentations() -> list[Case]:
    """A batch of images changed each in its own way: read once, written once."""
    return [
        elementwise(
            f"augmentations/{what}, {'x'.join(map(str, shape))}",
            "augmentation",
            {"what": what, "shape": shape},
            math.prod(shape),
            2,
            2,
        )
        for shape in ((64, 1, 28, 28), (256, 3, 32, 32))
        for what in ("affine", "crop", "flip", "noise", "cutout")
    ]


def scaling(threads: int) -> list[Case]:
    """Steps by batch size, by width and, up to `threads`, by threads."""
    batches = [
        net(f"scaling by batch/{b}", [784, 128, 10], b, "adam") for b in (8, 32, 128, 512, 2048)
    ]
    widths = [
        net(f"scaling by width/{w}", [784, w, w, 10], 128, "adam") for w in (16, 64, 256, 1024)
    ]
    counts = sorted({*(2**i for i in range(threads.bit_length())), threads})
    by_threads = [
        net(f"scaling by threads/{count}", [784, 512, 512, 10], 256, "adam", threads=count)
        for count in counts
    ]
    cases = batches + widths + (by_threads if threads > 1 else [])
    return [Case(**{**vars(case), "contestants": SCALING}) for case in cases]


def program(folder: str) -> Case:
    """An epoch of the MNIST program: shuffled batches of 32 of the 60,000 images, 784-128-10, Adam.

    `folder` holds images.npy and labels.npy."""
    return Case("program/MNIST, one epoch", "program", {"folder": folder})


def all_cases(threads: int, mnist: str | None) -> list[Case]:
    """Return every case, the MNIST program only if there is a folder with its data."""
    whole = [program(mnist)] if mnist else []
    return [
        *steps(),
        *whole,
        *products(),
        *kernels(),
        *convolutions(),
        *overheads(),
        *loaders(),
        *augmentations(),
        *scaling(threads),
    ]
