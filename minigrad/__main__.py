"""`python -m minigrad`: what this installation is, what it found on this machine, and what it chose."""

from __future__ import annotations

import os
import platform
from importlib.util import find_spec

import numpy as np

import minigrad
from minigrad import _native
from minigrad.data.download import FASHION_MNIST, MNIST, data_folders
from minigrad.kernels.gemm import MATMUL_BY_NUMPY

# The modules of each extra of pyproject.toml.
EXTRAS = {
    "examples": ("matplotlib", "tqdm", "sklearn", "distributed"),
    "data": ("pooch",),
    "sklearn": ("sklearn",),
    "safetensors": ("safetensors",),
    "mpi": ("mpi4py",),
    "test": ("pytest", "hypothesis"),
    "bench": ("matplotlib",),
}


def instructions() -> str:
    """Say which kernels run, and of which choice or by whose order."""
    if os.environ.get("MINIGRAD_KERNELS") == "reference":
        return "none of ours: NumPy, by MINIGRAD_KERNELS=reference"
    forced = os.environ.get("MINIGRAD_SIMD")
    variants = ", ".join(_native.simd_variants())
    return f"{_native.simd()} ({'by MINIGRAD_SIMD, ' if forced else ''}of {variants})"


def products() -> str:
    """Say whose matrix products are used, and why."""
    if not MATMUL_BY_NUMPY:
        return "minigrad's"
    return "NumPy's" + (", faster than minigrad's baseline" if _native.simd() == "baseline" else "")


def threads() -> str:
    """Say how many threads there are, and why."""
    reason = _native.threads_reason()
    wish = os.environ.get("MINIGRAD_NUM_THREADS")
    if wish and "MINIGRAD_NUM_THREADS" not in reason and _native.has_openmp():
        reason += f" (MINIGRAD_NUM_THREADS={wish} is not a number of threads)"
    return reason


def data() -> list[str]:
    """Return each folder where data is looked for, and what is in it."""
    rows = []
    for folder in data_folders():
        found = [
            source.name
            for source in (MNIST, FASHION_MNIST)
            if any((folder / below).is_dir() for below in source.folders)
        ]
        empty = "no dataset in it" if folder.is_dir() else "not there"
        rows.append(f"{folder} ({', '.join(found) or empty})")
    return rows


def extras() -> list[str]:
    """Return each extra, and what is missing of it."""
    rows = []
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        state = f"without {', '.join(missing)}" if missing else "found"
        rows.append(f"{extra:12} {state}")
    return rows


def main() -> None:
    """Print all that is known, a title and its lines at a time."""
    versions = f"NumPy {np.__version__}, Python {platform.python_version()}"
    sections = {
        "minigrad": [f"{minigrad.__version__}, {versions}"],
        "instructions": [instructions()],
        "products": [products()],
        "OpenMP": ["yes" if _native.has_openmp() else "no: the compiler had none"],
        "threads": [threads()],
        "data": data(),
        "extras": extras(),
    }
    for title, rows in sections.items():
        for row in rows:
            print(f"{title:14}{row}")
            title = ""


if __name__ == "__main__":
    main()
