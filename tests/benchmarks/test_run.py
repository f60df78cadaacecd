"""That the program runs and reports; how fast anything is, no test asks."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "run.py"), *options],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # where minigrad is not installed
    )


def test_a_quick_run_prints_a_table() -> None:
    options = ["--contestants", "minigrad", "numpy", "--only", "adam, 100,000"]
    done = run("--quick", "--rounds", "1", "--seconds", "0.001", *options)
    assert done.returncode == 0, done.stderr
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("| adam, 100,000")]
    assert row.count("**") == 2  # the faster of the two
    assert "Failed" not in done.stdout


def test_a_name_that_no_case_has() -> None:
    done = run("--only", "no such case")
    assert done.returncode != 0
    assert "no such case" in done.stderr and "--list" in done.stderr
