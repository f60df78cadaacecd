"""`python -m minigrad`, in environments that differ."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

import minigrad as mg
from minigrad import _native
from minigrad.__main__ import EXTRAS

VARIABLES = ("MINIGRAD_NUM_THREADS", "OMP_NUM_THREADS", "MINIGRAD_SIMD", "MINIGRAD_KERNELS")
needs_openmp = pytest.mark.skipif(not _native.has_openmp(), reason="built without OpenMP")


def said(**environment: str) -> dict[str, str]:
    """Run it with no variable set but these, and return what it says under each title."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    kept["PYTHONPATH"] = str(Path(mg.__file__).parents[1])
    command = [sys.executable, "-m", "minigrad"]
    run = subprocess.run(command, env=kept | environment, text=True, capture_output=True)
    assert run.returncode == 0, run.stderr
    title, sections = "", dict[str, str]()
    for line in run.stdout.splitlines():
        title = line[:14].strip() or title
        sections[title] = f"{sections.get(title, '')}{line[14:]}\n"
    return sections


def test_versions_instructions_openmp_and_extras() -> None:
    sections = said()
    assert list(sections) == [
        "minigrad",
        "instructions",
        "products",
        "OpenMP",
        "threads",
        "data",
        "extras",
    ]
    assert sections["minigrad"].startswith(f"{mg.__version__}, NumPy")
    assert sections["instructions"].startswith(_native.simd_variants()[-1])
    assert sections["OpenMP"].startswith("yes" if _native.has_openmp() else "no")
    assert re.search(r"^test +found$", sections["extras"], re.MULTILINE)


def test_forced_instructions() -> None:
    assert said(MINIGRAD_SIMD="baseline")["instructions"].startswith("baseline (by MINIGRAD_SIMD")
    assert "reference" in said(MINIGRAD_KERNELS="reference")["instructions"]


def test_whose_matrix_products() -> None:
    for variant in _native.simd_variants():
        expected = "NumPy's, faster" if variant == "baseline" else "minigrad's"
        assert said(MINIGRAD_SIMD=variant)["products"].startswith(expected)
    assert said(MINIGRAD_KERNELS="reference")["products"].startswith("NumPy's")


@needs_openmp
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"OMP_NUM_THREADS": "1"}, "1 thread: OMP_NUM_THREADS=1"),
        ({"MINIGRAD_NUM_THREADS": "3", "OMP_NUM_THREADS": "1"}, "3 threads: MINIGRAD_NUM_THREADS"),
        ({"MINIGRAD_NUM_THREADS": "many"}, "MINIGRAD_NUM_THREADS=many is not a number"),
    ],
)
def test_threads_and_why(environment: dict[str, str], expected: str) -> None:
    assert expected in said(**environment)["threads"]


def test_data_folders(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    first, cache = said(MINIGRAD_DATA_DIR=str(tmp_path))["data"].splitlines()
    assert first == f"{tmp_path} (MNIST)"
    assert "minigrad" in cache
    missing = tmp_path / "nowhere"
    assert f"{missing} (not there)\n" in said(MINIGRAD_DATA_DIR=str(missing))["data"]
    empty = said(XDG_CACHE_HOME=str(tmp_path), MINIGRAD_DATA_DIR="")["data"]
    assert empty == f"{tmp_path / 'minigrad'} (not there)\n"


def test_extras_are_those_of_the_package() -> None:
    try:
        requirements = requires("minigrad") or []
    except PackageNotFoundError:
        pytest.skip("minigrad is not installed, only imported: its extras are not known")
    declared: dict[str, set[str]] = {}
    for requirement in requirements:
        match = re.match(r"([\w.-]+).*extra == [\"'](.+)[\"']", requirement)
        if match:
            declared.setdefault(match[2], set()).add(match[1].replace("scikit-learn", "sklearn"))
    assert declared == {extra: set(modules) for extra, modules in EXTRAS.items()}
