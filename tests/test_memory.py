"""Recycled memory: csrc/memory.c through the doors."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import numpy as np
import pytest

from minigrad import _native
from minigrad.kernels.base import doors

MIB = 1 << 20


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    _native.empty_cache()


@pytest.mark.parametrize("shape", [(), (0,), (3,), (5, 7), (64, 64), (1000, 1000)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool, np.uint8])
def test_empty_makes_ordinary_arrays(shape: tuple[int, ...], dtype: type) -> None:
    x = _native.empty(shape, dtype)
    assert type(x) is np.ndarray and x.shape == shape and x.dtype == dtype
    assert x.flags.c_contiguous and x.flags.writeable and x.flags.aligned
    if x.nbytes >= MIB:
        assert x.ctypes.data % 64 == 0
    x[...] = 1
    assert x.sum() == x.size
    like = _native.empty_like(x)
    assert like.shape == shape and like.dtype == dtype and not np.shares_memory(like, x)


def test_the_last_block_given_back_is_the_next_given_out() -> None:
    x = _native.empty(MIB, np.uint8)
    address = x.ctypes.data
    del x
    assert _native.empty(MIB, np.uint8).ctypes.data == address


def test_a_view_keeps_the_memory() -> None:
    x = _native.empty((1024, 1024), np.float32)
    x[...] = 3
    view = x[5:9, ::2].T
    del x
    gc.collect()
    _native.empty((1024, 1024), np.float32)[...] = 4
    assert (view == 3).all()


def test_statistics_and_emptying() -> None:
    before = _native.memory_stats()["in_use"]
    x = _native.empty(MIB, np.uint8)
    assert MIB <= _native.memory_stats()["in_use"] - before <= MIB * 9 / 8
    del x
    stats = _native.memory_stats()
    assert stats["in_use"] == before and MIB <= stats["idle"] <= stats["limit"]
    _native.empty_cache()
    assert _native.memory_stats()["idle"] == 0


@pytest.mark.parametrize("n", [16384, 20000, 65536, 65537, 100_000, MIB + 1, 10 * MIB - 1])
def test_little_is_wasted(n: int) -> None:
    before = _native.memory_stats()["in_use"]
    x = _native.empty(n, np.uint8)
    assert n <= _native.memory_stats()["in_use"] - before <= n * 1.125 + 64
    del x


@pytest.mark.parametrize("shape", [-1, (2, -3), (1 << 62, 4), (1 << 40, 1 << 40)])
def test_impossible_shapes(shape: object) -> None:
    with pytest.raises((ValueError, MemoryError)):
        _native.empty(shape, np.float32)


def test_objects_are_left_to_numpy() -> None:
    assert _native.empty(10_000, object)[0] is None


def test_like() -> None:
    x = np.ones((4, 6), np.float32)
    assert _native.like(x).shape == (4, 6) and _native.like(x, x).dtype == np.float32
    for other in (
        x.astype(np.float64),
        x[:2],
        x.T,
        x.T.copy(),
        1.0,
        x[0, 0],
        x.astype(int),
        x.astype(">f4"),
    ):
        assert _native.like(x, other) is None and not _native.alike(x, other)
    for other in (
        x[:, ::2],
        x.astype(int),
        x.astype(np.float16),
        x.astype(">f4"),
        1.0,
        x[0, 0],
        np.ma.array(x),
    ):
        assert _native.like(other) is None
    assert _native.alike(x, x.copy())


def test_steady_state_takes_no_page_faults_and_stays_within_the_limit() -> None:
    code = """
import resource, numpy as np
from minigrad import _native
from minigrad.kernels.base import doors
assert _native.memory_stats()["limit"] == 8 << 20
def step():
    arrays = [_native.empty(n, np.uint8) for n in (20_000, 300_000, 1_000_000, 300_000)]
    for x in arrays: x[:] = 1
for _ in range(5): step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(200): step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
many = [_native.empty(1 << 20, np.uint8) for _ in range(20)]
del many
assert _native.memory_stats()["idle"] <= 8 << 20
"""
    environment = os.environ | {"MINIGRAD_CACHE_MB": "8"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20  # a fault or two are the interpreter's own


@pytest.mark.skipif(
    doors is not _native, reason="their NumPy twins take memory as they need it: this is of kernels"
)
def test_training_steps_take_no_page_faults_and_leave_nothing_behind() -> None:
    code = """
import gc, resource, sys
import numpy as np
import minigrad as mg
from minigrad import nn

def trainer(sizes, batch, optimizer, between):
    layers = [nn.Linear(sizes[0], sizes[1])]
    for i, o in zip(sizes[1:], sizes[2:]):
        layers += [*(layer(i) for layer in between), nn.ReLU(), nn.Linear(i, o)]
    net = nn.Sequential(*layers)
    opt = optimizer(net.parameters(), lr=1e-3)
    x, y = mg.randn(batch, sizes[0]), mg.randint(0, sizes[-1], (batch,))
    def step():
        opt.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        opt.step()
    return step

def faults(step, count):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count): step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

for sizes, batch, optimizer, between in (
    ([784, 128, 10], 32, mg.optim.Adam, []),
    ([784, 100, 100, 10], 100, mg.optim.SGD, [nn.BatchNorm1d]),
    ([784, 1000, 10], 32, mg.optim.Adam, [lambda _: nn.Dropout(0.5)]),
    ([2, 16, 16, 2], 32, mg.optim.SGD, []),
):
    step = trainer(sizes, batch, optimizer, between)
    faults(step, 20)
    print(sizes, faults(step, 100))

gc.collect()
gc.disable()
objects, blocks = len(gc.get_objects()), sys.getallocatedblocks()
faults(step, 2000)
print("objects", len(gc.get_objects()) - objects)
print("blocks", sys.getallocatedblocks() - blocks)
"""
    environment = os.environ | {"MINIGRAD_NUM_THREADS": "1"}  # and so as fast on a busy machine
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    grown = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert len(grown) == 6
    # The interpreter's own faults and objects are a few; one a step would be 100 and 2000.
    assert all(int(count) < 20 for count in grown.values()), grown
