"""`python -m minigrad`: what this installation is, what it found on this machine, and what it chose."""

from __future__ import annotations

import importlib.util
import os
import platform

import numpy as np

import minigrad
from minigrad import _native
from minigrad.data import data_folders

EXTRAS = {
    "examples": ("matplotlib", "tqdm", "sklearn"),
    "data": ("pooch",),
    "sklearn": ("sklearn",),
    "safetensors": ("safetensors",),
    "mpi": ("mpi4py",),
    "test": ("pytest", "hypothesis"),
}


def extra_line(extra: str) -> str:
    """Return "name  found", or what is missing and how to get it."""
    missing = [module for module in EXTRAS[extra] if importlib.util.find_spec(module) is None]
    if not missing:
        return f"{extra:12} found"
    return f"{extra:12} without {', '.join(missing)}: pip install minigrad[{extra}]"


def main() -> None:
    forced = os.environ.get("MINIGRAD_SIMD")
    variants = ", ".join(_native.simd_variants())
    openmp = "yes" if _native.has_openmp() else "no: this build is serial"
    rows = [
        ("minigrad", f"{minigrad.__version__}, NumPy {np.__version__}, Python {platform.python_version()}"),
        ("kernels", os.environ.get("MINIGRAD_KERNELS", "native")),
        ("instructions", f"{_native.simd()} ({'MINIGRAD_SIMD' if forced else f'of {variants}'})"),
        ("OpenMP", openmp),
        ("threads", _native.threads_reason()),
    ]
    for i, folder in enumerate(data_folders()):
        found = "" if folder.is_dir() else " (not there)"
        rows.append(("data" if i == 0 else "", f"{folder}{found}"))
    for i, extra in enumerate(EXTRAS):
        rows.append(("extras" if i == 0 else "", extra_line(extra)))
    for name, value in rows:
        print(f"{name:14}{value}")


if __name__ == "__main__":
    main()
