"""Thread counts: csrc/threads.c through the doors. Each case in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from minigrad import _native

pytestmark = pytest.mark.skipif(
    not _native.has_openmp(), reason="built without OpenMP: always one thread"
)
REPORT = "from minigrad import _native as n; print(n.get_num_threads(), n.threads_reason())"


def run(code: str, **environment: str) -> str:
    base = {k: v for k, v in os.environ.items() if not re.search("NUM_THREADS", k)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=base | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_environment() -> None:
    assert run(REPORT, OMP_NUM_THREADS="3") == "3 3 threads: OMP_NUM_THREADS=3"
    assert run(REPORT, OMP_NUM_THREADS="2,4").startswith("2 ")
    both = run(REPORT, OMP_NUM_THREADS="3", MINIGRAD_NUM_THREADS="1")
    assert both == "1 1 thread: MINIGRAD_NUM_THREADS=1"


@pytest.mark.parametrize("value", ["", "0", "-2", "many", "2x"])
def test_nonsense_in_the_environment_is_ignored(value: str) -> None:
    assert run(REPORT, MINIGRAD_NUM_THREADS=value) == run(REPORT)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity on this platform")
def test_affinity() -> None:
    first = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{first}}}); {REPORT}"
    assert run(code) == "1 1 thread: 1 CPU in the affinity mask"


def test_set_num_threads() -> None:
    before = _native.get_num_threads()
    try:
        _native.set_num_threads(3)
        assert _native.get_num_threads() == 3
        assert _native.threads_reason() == "3 threads: set_num_threads(3)"
        with pytest.raises(ValueError, match="positive number of threads, got 0"):
            _native.set_num_threads(0)
    finally:
        _native.set_num_threads(before)


def test_large_work_is_parallel_and_small_work_is_not() -> None:
    code = """
import os, numpy as np
from minigrad import _native as n
n.set_num_threads(2)
threads = lambda: len(os.listdir("/proc/self/task"))
before = threads()
x = np.ones(1000, np.float32); n.exp(x, x)
small = threads()
x = np.ones(1_000_000, np.float32); n.exp(x, x)
print(small - before, threads() - small)
"""
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("counting a process's threads needs Linux's /proc")
    assert run(code) == "0 1"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_runs_serial_instead_of_hanging() -> None:
    code = """
import os, signal, numpy as np
from minigrad import _native as n
n.set_num_threads(2)
x = np.ones(1_000_000, np.float32); y = np.empty_like(x)
n.exp(y, x)
pid = os.fork()
if pid == 0:
    signal.alarm(20)
    n.set_num_threads(2)
    z = np.empty_like(x)
    n.exp(z, x)
    ok = n.get_num_threads() == 1 and "forked" in n.threads_reason() and (y == z).all()
    os._exit(0 if ok else 1)
print(os.waitpid(pid, 0)[1])
n.exp(y, x)
"""
    assert run(code) == "0"
