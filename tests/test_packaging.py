"""What a user gets who installs minigrad: little to load, the type information, one version."""

import subprocess
import sys
from pathlib import Path

import pytest

import minigrad as mg

# Small modules of the standard library; the second line is `inspect`, which NumPy 2.4 loads too.
ALLOWED = {"__future__", "_heapq", "copy", "cython_runtime", "gc", "heapq", "minigrad", "threading"}
ALLOWED |= {"_opcode", "dis", "importlib", "inspect", "linecache", "opcode", "token", "tokenize"}


def test_importing_minigrad_loads_little_beside_numpy() -> None:
    code = """
import sys, numpy
before = set(sys.modules)
import minigrad
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    folder = Path(mg.__file__).parents[1]
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= ALLOWED


def test_type_information_is_installed() -> None:
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no tomllib")
    package = Path(mg.__file__).parent
    settings = package.parent / "pyproject.toml"
    if not settings.exists():
        pytest.skip("an installed minigrad, without its sources")
    patterns = tomllib.loads(settings.read_text())["tool"]["setuptools"]["package-data"]["minigrad"]
    installed = {path for pattern in patterns for path in package.rglob(pattern)}
    assert {package / "py.typed", *package.rglob("*.pyi")} == installed
