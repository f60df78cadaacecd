"""Arguments for the kernels of the table whose arrays have more than one shape: see
test_kernels.py, which also covers the sizes at which more threads take part."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Rng = np.random.Generator
Case = dict[str, Any]

# (rows, cols): one row; rows turned round in blocks, the last one not full; wide rows, whose length
# is no multiple of the lanes; many of each.
ROWS = [(0, 3), (1, 1), (5, 10), (33, 64), (3, 65), (9, 1003), (3001, 10), (100, 700)]


def normal(rng: Rng, dtype: type, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape).astype(dtype)


def softmax_rows(rng: Rng, dtype: type, *shape: int) -> np.ndarray:
    e = np.exp(rng.standard_normal(shape))
    return (e / e.sum(-1, keepdims=True)).astype(dtype)


def forward(rng: Rng, dtype: type) -> list[Case]:
    return [{"y": np.empty(s, dtype), "x": 4 * normal(rng, dtype, *s)} for s in ROWS]


def backward(saved: Callable[..., np.ndarray]) -> Callable[[Rng, type], list[Case]]:
    def cases(rng: Rng, dtype: type) -> list[Case]:
        return [
            {"dx": np.empty(s, dtype), "grad": normal(rng, dtype, *s), "y": saved(rng, dtype, *s)}
            for s in ROWS
        ]

    return cases


def labels_of(rng: Rng, rows: int, cols: int, ignore: int) -> np.ndarray:
    return np.where(rng.random(rows) < 0.2, ignore, rng.integers(0, cols, rows))


def labelled(rng: Rng, dtype: type) -> Iterator[tuple[Case, Callable[..., np.ndarray]]]:
    """Rows with labels, with and without weights of the classes; and what makes arrays of their shape."""
    for k, ((rows, cols), ignore) in enumerate(zip(ROWS, [-100, 0] * 4, strict=True)):
        yield (
            {
                "mean": np.empty((), dtype),
                "divisor": np.empty((), dtype),
                "loss": np.empty(rows, dtype),
                "labels": labels_of(rng, rows, cols, ignore),
                "weight": rng.uniform(0.5, 2, cols).astype(dtype) if k % 4 < 2 else None,
                "smoothing": 0.1 if k % 3 else 0.0,
                "ignore": ignore,
            },
            lambda make, rows=rows, cols=cols: make(rng, dtype, rows, cols),
        )


def labelled_rows(rng: Rng, dtype: type) -> list[Case]:
    return [
        {**case, "x": 4 * of_shape(normal), "p": of_shape(normal)}
        for case, of_shape in labelled(rng, dtype)
    ]


def labelled_rows_backward(rng: Rng, dtype: type) -> list[Case]:
    """With one gradient for all rows, and a divisor, or one each."""
    return [
        {
            **case,
            "dx": of_shape(normal),
            "p": of_shape(softmax_rows),
            "grad": normal(rng, dtype, len(case["labels"]) if each else 1),
            "divisor": None if each else np.full((), 2.5, dtype),
        }
        for case, of_shape in labelled(rng, dtype)
        for each in (False, True)
    ]


# (n, channels, *space): one group of channels, several, the last not full; by slices of rows, the
# last not full; with space, shorter and longer than the lanes.
CHANNELS = [(2, 1), (7, 33), (100, 100), (127, 64), (128, 5), (700, 130), (6, 3, 7), (5, 9, 5, 70)]


def norms(rng: Rng, dtype: type, *names: str) -> Iterator[Case]:
    """x, its gradient, and arrays of one number a channel; with and without parameters."""
    for k, shape in enumerate(CHANNELS):
        per_channel = {name: rng.uniform(0.5, 2, shape[1]).astype(dtype) for name in names}
        if k % 3 == 2:
            per_channel |= dict.fromkeys({"weight", "bias"} & set(names))
        if k % 4 == 3:
            per_channel |= dict.fromkeys({"running_mean", "running_var"} & set(names))
        x = normal(rng, dtype, *shape) + dtype(0.5)
        yield {"x": x, "grad": normal(rng, dtype, *shape), "eps": 1e-5, **per_channel}


def batch_norm(rng: Rng, dtype: type) -> list[Case]:
    names = ("mean", "rstd", "running_mean", "running_var", "weight", "bias")
    cases = norms(rng, dtype, *names)
    return [case | {"y": np.empty_like(case["x"]), "momentum": 0.3} for case in cases]


def batch_norm_backward(rng: Rng, dtype: type) -> list[Case]:
    cases = list(norms(rng, dtype, "dweight", "dbias", "weight"))
    for case in cases:
        x = case["x"].astype(np.float64)
        axes = (0, *range(2, x.ndim))
        case["dx"] = np.empty_like(case["x"])
        case["mean"] = x.mean(axes).astype(dtype)
        case["rstd"] = (1 / np.sqrt(x.var(axes) + 1e-5)).astype(dtype)
    return cases


def batch_norm_eval(rng: Rng, dtype: type) -> list[Case]:
    cases = norms(rng, dtype, "mean", "var", "weight", "bias")
    return [case | {"y": np.empty_like(case["x"])} for case in cases]


def batch_norm_eval_backward(rng: Rng, dtype: type) -> list[Case]:
    cases = norms(rng, dtype, "dweight", "dbias", "mean", "var", "weight")
    return [case | {"dx": np.empty_like(case["x"])} for case in cases]


# (samples, groups, channels, space): rows; several parts, the last not full; groups, with space
# shorter and longer than the lanes; enough work for more threads.
GROUPED = [
    (1, 1, 3, 1),
    (33, 1, 70, 1),
    (3, 2, 5, 1),
    (5, 2, 3, 7),
    (2, 3, 2, 100),
    (70, 2, 4, 300),
    (100, 1, 3000, 1),
]


def layer_norms(rng: Rng, dtype: type, *names: str) -> Iterator[Case]:
    """x, its gradient, statistics, and parameters; every third time without some of them."""
    for k, shape in enumerate(GROUPED):
        case = {name: rng.uniform(0.5, 2, shape[1:3]).astype(dtype) for name in names}
        x = normal(rng, dtype, *shape) + dtype(0.5)
        wide = x.astype(np.float64)
        mean = None if k % 3 == 1 else wide.mean((2, 3))
        var = np.square(wide if mean is None else wide - mean[:, :, None, None]).mean((2, 3))
        case |= {"x": x, "grad": normal(rng, dtype, *shape), "eps": 1e-5}
        case |= {"mean": None if mean is None else mean.astype(dtype)}
        case |= {"rstd": (1 / np.sqrt(var + 1e-5)).astype(dtype)}
        if k % 3 == 2:
            case |= dict.fromkeys(names)
        yield case


def layer_norm(rng: Rng, dtype: type) -> list[Case]:
    cases = layer_norms(rng, dtype, "weight", "bias")
    return [case | {"y": np.empty_like(case["x"])} for case in cases]


def layer_norm_backward(rng: Rng, dtype: type) -> list[Case]:
    cases = []
    for case in layer_norms(rng, dtype, "weight"):
        samples, *channels = case["x"].shape[:3]
        parts = np.empty((-(-samples // 32), *channels), dtype)
        cases.append(case | {"dweight": parts, "dbias": parts.copy()})
        cases[-1]["dx"] = np.empty_like(case["x"])
    return cases


# (outer, n, inner): nothing; over all, in one stretch and in pieces; over rows, over narrow and wide
# columns, the last group not full; enough work for more threads.
SUMMED = [
    (0, 3, 2),
    (2, 0, 3),
    (2, 3, 0),
    (1, 1000, 1),
    (2, 140_001, 1),
    (700, 300, 1),
    (1, 101, 10),
    (3, 1003, 7),
    (1, 130, 16),
    (1, 2, 17),
    (2, 1000, 130),
    (40, 100, 60),
]


def sum(rng: Rng, dtype: type) -> list[Case]:
    return [
        {"y": np.empty((outer, inner), dtype), "x": normal(rng, dtype, outer, n, inner)}
        for outer, n, inner in SUMMED
    ]


# (outer, n, inner): nothing, one row, rows that fill no vector or two, between others, wide rows.
RUNNING = [(0, 3, 1), (1, 70, 1), (33, 17, 1), (300, 300, 1), (3, 5, 7), (2, 3, 5000)]


def cumsum(rng: Rng, dtype: type) -> list[Case]:
    return [
        {"y": np.empty(shape, dtype), "x": normal(rng, dtype, *shape), "reverse": reverse}
        for shape in RUNNING
        for reverse in (0, 1)
    ]


# (x, c): nothing, rows, short ones side by side, longer than those; behind, shorter and longer than
# a vector; before and behind; one number; blocks that end within a row, and within what is repeated.
REPEATED = [
    ((0, 3), (3,)),
    ((5, 10), (10,)),
    ((40_001, 3), (3,)),
    ((200, 513), (1, 513)),
    ((40, 5), (40, 1)),
    ((3, 5, 7), (5, 1)),
    ((32, 6, 28, 28), (1, 6, 1, 1)),
    ((2, 70_001), ()),
    ((3, 9000), (3, 1)),
]


def broadcast(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "y": np.empty(shape, dtype),
            "x": normal(rng, dtype, *shape),
            "c": normal(rng, dtype, *repeated),
            "operation": operation,
        }
        for shape, repeated in REPEATED
        for operation in range(6)
    ]


# (batch, rows, cols, inner): nothing, one element, tiles that are not full, whole ones, runs.
EXCHANGED = [
    *((0, 2, 3, 1), (1, 1, 1, 1), (2, 5, 37, 1), (3, 16, 16, 1), (1, 300, 257, 1)),
    *((2, 3, 5, 4), (3, 70, 9, 60)),
]


def transpose(rng: Rng, dtype: type) -> list[Case]:
    return [
        {"y": np.empty((batch, cols, rows, inner), dtype), "x": normal(rng, dtype, *shape)}
        for shape in EXCHANGED
        for batch, rows, cols, inner in [shape]
    ]


# (outer, old, new, inner): nothing; along rows, few and many, too long to be turned round; between
# others, shorter and longer than a vector.
RESAMPLED = [
    *((0, 3, 2, 1), (3, 5, 9, 1), (300, 40, 37, 1), (2, 1030, 5, 1)),
    *((3, 5, 9, 7), (20, 14, 28, 100), (1, 4, 0, 3)),
]


def resample(rng: Rng, dtype: type) -> list[Case]:
    cases = []
    for outer, old, new, inner in RESAMPLED:
        taps = rng.integers(0, 5, new)
        cases.append(
            {
                "y": np.empty((outer, new, inner), dtype),
                "x": normal(rng, dtype, outer, old, inner),
                "starts": np.concatenate([[0], taps.cumsum()]).astype(np.int64),
                "index": rng.integers(0, old, taps.sum()),
                "weights": rng.uniform(0, 1, taps.sum()).astype(dtype),
            }
        )
    return cases


def dropout(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "y": np.empty(n, dtype),
            "x": normal(rng, dtype, n),
            "scale": 1 / (1 - p),
            "bound": round((1 - p) * 2**32),
            "seed": 2**64 - 3,
            "stream": 2**40 + 5,
        }
        for n, p in [(0, 0.5), (1, 0.5), (129, 0.1), (4097, 0.0), (100_001, 0.3), (70_000, 0.5)]
    ]


SIZES = [[1], [3, 40], [70_001, 5, 3000]]


def rule(*lists: str, **scalars: float) -> Callable[[Rng, type], list[Case]]:
    """Lists of positive arrays with SIZES elements."""

    def cases(rng: Rng, dtype: type) -> list[Case]:
        return [
            scalars | {a: [rng.random(n).astype(dtype) for n in sizes] for a in lists}
            for sizes in SIZES
        ]

    return cases


def adam(rng: Rng, dtype: type) -> list[Case]:
    names = ("params", "avgs", "sqs", "tops", "grads")
    scalars = dict(beta1=0.9, beta2=0.99, step=-0.1, ahead=-0.02, unbias=3.0, eps=1e-3)
    coupled = rule(*names, **scalars, decay=0.1, shrink=1.0, sign=1.0)(rng, dtype)
    decoupled = rule(*names, **scalars, decay=0.0, shrink=0.9, sign=-1.0)(rng, dtype)
    return [*coupled, *(case | {"tops": None} for case in decoupled)]


def rmsprop(rng: Rng, dtype: type) -> list[Case]:
    """With momentum, centered, with both, with neither."""
    scalars = dict(keep=0.9, gain=0.1, inside=1e-3, outside=1e-2, momentum=0.9, step=-0.1)
    make = rule("params", "sqs", "avgs", "bufs", "grads", **scalars, decay=0.1, sign=-1.0)
    cases = []
    for absent in ((), ("avgs",), ("bufs",), ("avgs", "bufs")):
        for case in make(rng, dtype):
            case["sqs"] = [
                sq + avg * avg for sq, avg in zip(case["sqs"], case["avgs"], strict=True)
            ]
            cases.append(case | dict.fromkeys(absent))
    return cases


TABLE_ROWS = 40


def gather_rows(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "y": np.empty((rows, cols), dtype),
            "table": normal(rng, dtype, TABLE_ROWS, cols),
            "index": rng.integers(0, TABLE_ROWS, rows),
        }
        for rows, cols in ROWS
    ]


def where(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "y": np.empty(n, dtype),
            "condition": rng.integers(0, 2, n, dtype=np.uint8),
            "a": normal(rng, dtype, n) if with_a else None,
            "b": normal(rng, dtype, n) if with_b else None,
        }
        for n in (0, 1, 100, 70_001)
        for with_a, with_b in ((1, 1), (1, 0), (0, 1))
    ]


def gather_rows_u8(rng: Rng, dtype: type) -> list[Case]:
    table = {cols: rng.integers(0, 256, (TABLE_ROWS, cols), dtype=np.uint8) for _, cols in ROWS}
    return [
        case | {"table": table[case["y"].shape[1]], "values": normal(rng, dtype, 256)}
        for case in gather_rows(rng, dtype)
    ]


def scatter_add_rows(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "table": normal(rng, dtype, TABLE_ROWS, cols),
            "values": normal(rng, dtype, rows, cols),
            "index": rng.integers(0, TABLE_ROWS, rows),
        }
        for rows, cols in ROWS
    ]


def check_index(rng: Rng, dtype: type) -> list[Case]:
    index = rng.integers(0, 10, 1000)
    bad = index.copy()
    bad[[400, 700]] = 10, -1
    return [
        {"place": np.empty(1, np.int64), "index": i, "limit": 10, "ignore": ignore}
        for i in (index, bad, index[:0])
        for ignore in (-100, 10)
    ]


# (m, n, k): nothing to sum; one element; one tile; tiles and panels that are not full; few rows (dot
# products), many; several blocks of k; enough work for more threads.
PRODUCTS = [
    (3, 5, 0),
    (1, 1, 1),
    (14, 32, 16),
    (33, 45, 17),
    (100, 10, 128),
    (8, 70, 1003),
    (97, 130, 801),
    (300, 40, 1100),
]


def matmul(rng: Rng, dtype: type) -> list[Case]:
    def matrix(rows: int, cols: int, transposed: bool) -> np.ndarray:
        return normal(rng, dtype, *((cols, rows) if transposed else (rows, cols)))

    return [
        {
            "c": normal(rng, dtype, m, n) if add_to_c else np.full((m, n), 77, dtype),
            "a": matrix(m, k, transpose_a),
            "b": matrix(k, n, transpose_b),
            "bias": None if add_to_c or (m + n) % 2 else normal(rng, dtype, n),
            "transpose_a": transpose_a,
            "transpose_b": transpose_b,
            "add_to_c": add_to_c,
        }
        for m, n, k in PRODUCTS
        for transpose_a, transpose_b, add_to_c in itertools.product((0, 1), repeat=3)
    ]


def linear_backward(rng: Rng, dtype: type) -> list[Case]:
    cases = []
    # Nothing; one of each; small; large enough for the products to run beside each other; not square.
    for rows, outs, ins in (
        (0, 3, 2),
        (3, 0, 2),
        (1, 1, 1),
        (32, 10, 128),
        (100, 100, 100),
        (300, 130, 257),
    ):
        case = {
            "dx": np.empty((rows, ins), dtype),
            "dw": np.empty((outs, ins), dtype),
            "db": np.empty(outs, dtype),
            "dy": normal(rng, dtype, rows, outs),
            "x": normal(rng, dtype, rows, ins),
            "w": normal(rng, dtype, outs, ins),
        }
        cases += [
            case,
            case | {"dx": None, "w": None},
            case | {"dw": None, "x": None},
            case | {"db": None},
        ]
    return cases


# (n, channels, height, width) and (rows, cols) of the result: the smallest; wider than the pixels
# held at once; smaller, larger; enough work for more threads; nothing at all.
IMAGES = [
    ((1, 1, 2, 2), (1, 1)),
    ((2, 3, 2, 9), (4, 9)),
    ((3, 1, 28, 28), (28, 28)),
    ((2, 2, 9, 150), (11, 131)),
    ((5, 3, 16, 12), (9, 7)),
    ((20, 3, 32, 32), (36, 40)),
    ((0, 3, 4, 4), (4, 4)),
    ((2, 0, 4, 4), (4, 4)),
]


def images(rng: Rng, dtype: type) -> Iterator[tuple[Case, tuple[int, int, int, int]]]:
    for shape, size in IMAGES:
        y = np.empty((*shape[:2], *size), dtype)
        yield {"y": y, "x": normal(rng, dtype, *shape), "fill": 0.25}, shape


def warp_affine(rng: Rng, dtype: type) -> list[Case]:
    cases = []
    for case, (n, _, height, width) in images(rng, dtype):
        turns = np.eye(2) + rng.uniform(-0.8, 0.8, (n, 2, 2))
        shifts = rng.uniform(-0.5, 0.5, (n, 2, 1)) * [[height], [width]]
        matrices = np.concatenate([turns, shifts], axis=2)
        matrices[:1] = [[1, 0, 0], [0, 1, 0]]
        cases.append(case | {"matrices": matrices.astype(dtype)})
    far = np.array(
        [[[1e9, 0, 0], [0, 1, 0]], [[1, 0, np.inf], [0, 1, 0]], [[1, 0, 0], [0, np.nan, 0]]]
    )
    return [*cases, cases[2] | {"matrices": far.astype(dtype)}]


def crop(rng: Rng, dtype: type) -> list[Case]:
    return [
        case
        | {
            "corners": np.concatenate(
                [
                    rng.integers(-height, 2 * height, (n, 1)),
                    rng.integers(-width, 2 * width, (n, 1)),
                    rng.choice([-1, 1], (n, 2)),
                ],
                axis=1,
            )
        }
        for case, (n, _, height, width) in images(rng, dtype)
    ]


def erase(rng: Rng, dtype: type) -> list[Case]:
    cases = []
    for case, (n, _, *size) in images(rng, dtype):
        corners = rng.integers(0, size, (n, 2))
        boxes = np.concatenate([corners, rng.integers(0, size - corners + 1)], axis=1)
        y = np.empty_like(case["x"])
        cases.append({"y": y, "x": case["x"], "boxes": boxes, "value": 0.25})
    return cases


STREAM = {"seed": 2**64 - 3, "stream": 2**40 + 5}


def uniform(rng: Rng, dtype: type) -> list[Case]:
    return [STREAM | {"y": np.empty(n, dtype)} for n in (0, 1, 63, 65, 4097, 100_001)]


def gaussian_noise(rng: Rng, dtype: type) -> list[Case]:
    limits = {"mean": 0.1, "sigma": 0.7, "low": -1.0, "high": 1.5}
    open_ended = limits | {"low": -np.inf, "high": np.inf}
    return [
        case | {"x": normal(rng, dtype, case["y"].size)} | bounds
        for case in uniform(rng, dtype)
        for bounds in (limits, open_ended)
    ]


# (steps, batch, hidden): one of each; a row that is no multiple of the lanes; work for more threads.
SEQUENCES = [(1, 1, 1), (5, 3, 7), (2, 0, 4), (3, 40, 65), (2, 300, 33)]


def recurrent(gates: int, *names: str) -> Callable[[Rng, type], list[Case]]:
    """Arrays of random numbers in the shapes that their names stand for."""

    def cases(rng: Rng, dtype: type) -> list[Case]:
        found = []
        for steps, batch, hidden in SEQUENCES:
            of_gates = (steps, batch, gates * hidden)
            shapes = dict.fromkeys(("h0", "c0", "dstate", "dc"), (batch, hidden))
            shapes |= dict.fromkeys(("h", "c", "dh"), (steps, batch, hidden))
            shapes |= dict.fromkeys(("gates", "b", "da", "db"), of_gates)
            shapes |= {"w_hh": (gates * hidden, hidden), "b_hh": (gates * hidden,)}
            # In [-1, 1], as gates and states are: others would grow from step to step.
            case: Case = {name: rng.uniform(-1, 1, shapes[name]).astype(dtype) for name in names}
            case["w_hh"] /= np.sqrt(hidden).astype(dtype)
            backward = "dh" in names
            for transpose, relu, reverse in ((1, 0, 0), (1, 1, 1), (0, 1, 0)):
                w = case["w_hh"] if transpose else np.ascontiguousarray(case["w_hh"].T)
                options = {"transpose_w": transpose, "relu": relu, "reverse": reverse}
                found.append(case | options | ({} if backward else {"w_hh": w}))
            found.append(found[-3] | {"b_hh": None})
        return found

    return cases


# (x, weight, out, (stride, pad, dilation)): one tap; tiles that are not full, phases that no tap
# reaches; strides, padding and dilation that differ; groups; padding beyond the kernel; a result that
# needs more padding behind than before; sequences; bands of rows; work for several threads; channels
# for whole vectors: in groups, alone, in bands. Then tiles of 2x2 results of kernels of 3x3: groups
# and odd sizes; several images together, padding of 2; none, a vector not full; more of it behind.
CONVOLUTIONS = [
    ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (1, 1, 0, 0, 1, 1)),
    ((2, 3, 9, 8), (17, 3, 3, 3), (9, 8), (1, 1, 1, 1, 1, 1)),
    ((2, 5, 7, 11), (3, 5, 1, 2), (3, 4), (3, 3, 1, 0, 1, 1)),
    ((3, 6, 10, 13), (4, 3, 3, 2), (4, 5), (2, 3, 0, 2, 1, 2)),
    ((1, 4, 5, 5), (4, 1, 2, 2), (9, 10), (1, 1, 3, 3, 1, 1)),
    ((2, 2, 6, 6), (2, 2, 4, 4), (6, 6), (1, 1, 1, 1, 1, 1)),
    ((2, 3, 1, 70), (5, 3, 1, 5), (1, 32), (1, 2, 0, 0, 1, 2)),
    ((2, 0, 3, 3), (2, 0, 1, 1), (3, 3), (1, 1, 0, 0, 1, 1)),
    ((0, 2, 3, 3), (2, 2, 1, 1), (3, 3), (1, 1, 0, 0, 1, 1)),
    ((1, 9, 60, 50), (6, 9, 3, 3), (60, 50), (1, 1, 1, 1, 1, 1)),
    ((9, 8, 15, 14), (20, 8, 3, 3), (15, 14), (1, 1, 1, 1, 1, 1)),
    ((5, 70, 6, 6), (30, 35, 3, 3), (3, 3), (2, 2, 1, 1, 1, 1)),
    ((2, 48, 9, 8), (45, 16, 3, 2), (5, 9), (2, 1, 1, 2, 1, 3)),
    ((1, 15, 2, 3), (17, 15, 1, 1), (8, 9), (1, 1, 3, 3, 1, 1)),
    ((1, 40, 33, 70), (9, 40, 3, 3), (33, 70), (1, 1, 1, 1, 1, 1)),
    ((3, 32, 11, 9), (96, 16, 3, 3), (11, 9), (1, 1, 1, 1, 1, 1)),
    ((40, 16, 4, 5), (16, 16, 3, 3), (6, 7), (1, 1, 2, 2, 1, 1)),
    ((2, 31, 20, 17), (30, 31, 3, 3), (18, 15), (1, 1, 0, 0, 1, 1)),
    ((4, 16, 9, 9), (16, 16, 3, 3), (10, 9), (1, 1, 0, 1, 1, 1)),
]


def conv(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "x": normal(rng, dtype, *x),
            "weight": normal(rng, dtype, *weight),
            "bias": normal(rng, dtype, weight[0]) if i % 2 else None,
            "y": np.empty((x[0], weight[0], *out), dtype),
            "geometry": np.array(geometry),
        }
        for i, (x, weight, out, geometry) in enumerate(CONVOLUTIONS)
    ]


def conv_transpose(rng: Rng, dtype: type) -> list[Case]:
    cases = conv(rng, dtype)
    for case in cases:
        case["y"][...] = normal(rng, dtype, *case["y"].shape)
        if case["bias"] is not None:
            case["bias"] = normal(rng, dtype, case["x"].shape[1])
    return cases


def conv_weight(rng: Rng, dtype: type) -> list[Case]:
    return [
        {
            "x": case["x"],
            "dy": normal(rng, dtype, *case["y"].shape),
            "dweight": case["weight"],
            "dbias": case["bias"],
            "geometry": case["geometry"],
        }
        for case in conv(rng, dtype)
    ]


def evenly(size: int, kernel: int, stride: int, pad: int) -> np.ndarray:
    """Windows as csrc/pool.c reads them: first element, end, how many count."""
    first = np.arange(-pad, size + pad - kernel + 1, stride)
    return np.stack(
        [first.clip(0), (first + kernel).clip(max=size), np.full_like(first, kernel)], 1
    )


# (planes, height, width) and (kernel, stride, pad): pairs, of which the last row or column is left
# over; windows that overlap, that leave gaps, that reach into the padding; one window; empty.
POOLS = [
    ((3, 8, 8), (2, 2, 0)),
    ((2, 7, 75), (2, 2, 0)),
    ((2, 9, 7), (3, 2, 1)),
    ((4, 5, 6), (2, 3, 1)),
    ((1, 6, 5), (5, 1, 0)),
    ((0, 4, 4), (2, 2, 0)),
    ((96, 28, 28), (2, 2, 0)),
    ((70, 29, 28), (3, 1, 1)),
]


def pools(rng: Rng, dtype: type) -> Iterator[Case]:
    for i, ((planes, height, width), window) in enumerate(POOLS):
        rows, cols = evenly(height, *window), evenly(width, *window)
        x = normal(rng, dtype, planes, height, width)
        yield {
            "x": np.round(x) if i % 2 else x,  # several are the largest
            "dx": np.empty_like(x),
            "y": np.empty((planes, len(rows), len(cols)), dtype),
            "grad": normal(rng, dtype, planes, len(rows), len(cols)),
            "rows": rows,
            "cols": cols,
            "divisor": (0.0, 3.0)[i % 2],
            "index": np.empty((planes, len(rows), len(cols)), np.int32),
            "dilation_h": 1,
            "dilation_w": 1,
        }


def max_pool(rng: Rng, dtype: type) -> list[Case]:
    cases = list(pools(rng, dtype))
    cases[1]["x"][0, 2:6, 3:9] = np.nan
    cases[2]["x"][1] = -np.inf
    # Every second row and third column of windows of 3 x 4.
    cases[4] |= {"dilation_h": 2, "dilation_w": 3}
    return cases


def max_pool_backward(rng: Rng, dtype: type) -> list[Case]:
    cases = list(pools(rng, dtype))
    for case in cases:
        case["index"] = rng.integers(0, case["x"][:1].size or 1, case["index"].shape).astype(
            np.int32
        )
    return cases


def avg_pool(rng: Rng, dtype: type) -> list[Case]:
    return list(pools(rng, dtype))


CASES: dict[str, Callable[[Rng, type], list[Case]]] = {
    "softmax": forward,
    "softmax_backward": backward(softmax_rows),
    "log_softmax": forward,
    "log_softmax_backward": backward(lambda *a: np.log(softmax_rows(*a))),
    "cross_entropy": labelled_rows,
    "cross_entropy_backward": labelled_rows_backward,
    "nll": labelled_rows,
    "nll_backward": labelled_rows_backward,
    "batch_norm": batch_norm,
    "batch_norm_backward": batch_norm_backward,
    "batch_norm_eval": batch_norm_eval,
    "batch_norm_eval_backward": batch_norm_eval_backward,
    "layer_norm": layer_norm,
    "layer_norm_backward": layer_norm_backward,
    "sum": sum,
    "cumsum": cumsum,
    "broadcast": broadcast,
    "transpose": transpose,
    "resample": resample,
    "where": where,
    "dropout": dropout,
    "sgd": rule("params", "grads", step=-0.1, decay=0.01, sign=1.0),
    "sgd_momentum": rule(
        "params", "bufs", "grads",
        momentum=0.9, gain=0.5, step=-0.1, ahead=0.25, look=0.75, decay=0.01, sign=-1.0,
    ),
    "rmsprop": rmsprop,
    "adadelta": rule(
        "params", "sqs", "accs", "grads", rho=0.9, eps=1e-3, step=-0.5, decay=0.1, sign=1.0
    ),
    "adam": adam,
    "adamax": rule(
        *("params", "avgs", "tops", "grads"),
        **dict(beta1=0.9, beta2=0.99, step=-0.1, eps=1e-2, decay=0.1, sign=1.0),
    ),
    "lion": rule(
        "params", "avgs", "grads", beta1=0.9, beta2=0.99, step=-0.1, shrink=0.9, sign=-1.0
    ),
    "soft_threshold": rule("params", threshold=0.5),
    "conv": conv,
    "conv_transpose": conv_transpose,
    "conv_weight": conv_weight,
    "max_pool": max_pool,
    "max_pool_backward": max_pool_backward,
    "avg_pool": avg_pool,
    "avg_pool_backward": avg_pool,
    "gather_rows": gather_rows,
    "matmul": matmul,
    "linear_backward": linear_backward,
    "gather_rows_u8": gather_rows_u8,
    "scatter_add_rows": scatter_add_rows,
    "check_index": check_index,
    "warp_affine": warp_affine,
    "crop": crop,
    "erase": erase,
    "uniform": uniform,
    "gaussian_noise": gaussian_noise,
    "rnn": recurrent(1, "h", "h0", "w_hh"),
    "rnn_backward": recurrent(1, "da", "dstate", "dh", "h", "w_hh"),
    "lstm": recurrent(4, "h", "c", "gates", "h0", "c0", "w_hh"),
    "lstm_backward": recurrent(4, "da", "dstate", "dc", "dh", "gates", "c", "c0", "w_hh"),
    "gru": recurrent(3, "h", "b", "gates", "h0", "w_hh", "b_hh"),
    "gru_backward": recurrent(3, "da", "db", "dstate", "dh", "gates", "b", "h", "h0", "w_hh"),
}  # fmt: skip

# Outputs that are read as well.
IN_OUT: dict[str, set[str]] = {
    "matmul": {"c"},
    "batch_norm": {"running_mean", "running_var"},
    "sgd": {"params"},
    "sgd_momentum": {"params", "bufs"},
    "rmsprop": {"params", "sqs", "avgs", "bufs"},
    "adadelta": {"params", "sqs", "accs"},
    "adam": {"params", "avgs", "sqs", "tops"},
    "adamax": {"params", "avgs", "tops"},
    "lion": {"params", "avgs"},
    "soft_threshold": {"params"},
    "scatter_add_rows": {"table"},
    "rnn": {"h"},
    "rnn_backward": {"dstate"},
    "lstm": {"gates"},
    "lstm_backward": {"dstate", "dc"},
    "gru": {"gates"},
    "gru_backward": {"dstate"},
}
