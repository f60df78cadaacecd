"""What all tests share: how long hypothesis searches, the seed, where the genuine data may lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import minigrad as mg

# HYPOTHESIS_PROFILE: dev (a quick look), ci (the same examples every time), intense (a long look).
settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True)
settings.register_profile(
    "intense", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def _seed() -> None:
    mg.manual_seed(0)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder that holds the genuine `mnist/` and `fashion-mnist/`, no part of the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MINIGRAD_DATA_DIR", beside))
    if not (folder / "mnist").is_dir():
        pytest.skip(f"no genuine MNIST in {folder}; set MINIGRAD_DATA_DIR to where it is")
    return folder
