"""Thread counts: csrc/threads.c through the doors. Each case in a process of its own."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize("value", ["", "0", "-2", "65536", "many", "2x"])
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
        for number in (0, 1 << 16):  # of which OpenMP would die
            with pytest.raises(RuntimeError, match=f"positive number of threads, .* got {number}"):
                _native.set_num_threads(number)
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


@pytest.mark.parametrize(
    ("listing", "files", "threads", "reason"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000"}, 1, "a cgroup quota of 1.5 CPUs"),
        (
            "0::/a/b\n",
            {"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000"},
            1,
            "quota of 0.5",
        ),
        ("0::/hidden\n", {"cpu.max": "100000 100000"}, 1, "a cgroup quota of 1 CPUs"),
        ("0::/\n", {"cpu.max": "max 100000"}, None, "affinity mask"),
        ("0::/\n", {"cpu.max": "99900000 100000"}, None, "affinity mask"),
        ("0::/\n", {}, None, "affinity mask"),
        (
            "3:memory:/m\n2:cpu,cpuacct:/a\n",
            {"cpu/a/cpu.cfs_quota_us": "80000", "cpu/a/cpu.cfs_period_us": "100000"},
            1,
            "a cgroup quota of 0.8 CPUs",
        ),
        (
            "2:cpu,cpuacct:/a\n",
            {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"},
            None,
            "affinity mask",
        ),
    ],
)
def test_cgroup_quota(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    listing: str,
    files: dict[str, str],
    threads: int | None,
    reason: str,
) -> None:
    """threads.c compiled by itself, reading made-up cgroups of version 2 and 1."""
    compiler, source = shutil.which("cc"), Path(__file__).parents[1] / "csrc" / "threads.c"
    if not sys.platform.startswith("linux") or not compiler or not source.exists():
        pytest.skip("needs Linux, a C compiler and the C sources")
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("a quota below one CPU shows only where there are two")
    (tmp_path / "list").write_text(listing)
    for name, text in files.items():
        path = tmp_path / "mount" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    defines = [f'-DMG_CGROUP_LIST="{tmp_path}/list"', f'-DMG_CGROUP_MOUNT="{tmp_path}/mount"']
    library = tmp_path / "threads.so"
    command = [compiler, "-shared", "-fPIC", "-fopenmp", *defines, source, "-o", library]
    subprocess.run(command, check=True)
    for name in ("MINIGRAD_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    c = ctypes.CDLL(str(library))
    c.mg_threads_reason.restype = ctypes.c_char_p
    c.mg_threads_init()
    count = ctypes.c_int.in_dll(c, "mg_num_threads").value
    assert count == (threads or len(os.sched_getaffinity(0)))
    assert reason in c.mg_threads_reason().decode()
