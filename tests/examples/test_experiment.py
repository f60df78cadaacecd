"""The harness of the experiments and their gallery; the experiments test themselves: make experiments."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad as mg

pytest.importorskip("matplotlib", reason="experiments draw: pip install minigrad[examples]")

REPOSITORY = Path(__file__).resolve().parents[2]

PROGRAM = """
from examples.experiment import Run, experiment

@experiment("A claim.", source="A source.")
def main(run: Run) -> None:
    "What was done."
    run.check("near", {near}, near=1, tolerance=0.1)
    run.check("bounded", 2.0, at_least=1, at_most=3)
    run.row(step=0, x=1.5)
    run.row(step=1, y=run.seed)
    run.axes().plot([1, 2])

if __name__ == "__main__":
    main()
"""


def run_in(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(mg.__file__).parents[1])}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with an examples/ of its own: the harness, the gallery, three experiments."""
    examples = tmp_path / "examples"
    (examples / "descent").mkdir(parents=True)
    for name in ("__init__.py", "experiment.py", "gallery.py"):
        (examples / name).write_text((REPOSITORY / "examples" / name).read_text())
    for name, near in (("good", 1.05), ("wrong", 1.2), ("undefined", math.nan)):
        source = PROGRAM.format(near="float('nan')" if math.isnan(near) else near)
        (examples / "descent" / f"{name}.py").write_text(source)
    (examples / "descent" / "_shared.py").write_text("")
    return tmp_path


def test_what_a_run_leaves(course: Path) -> None:
    done = run_in(course, "examples.descent.good", "--out", "results", "--seed", "7", "--quick")
    assert done.returncode == 0, done.stderr
    assert "descent/good: A claim." in done.stdout
    assert "ok    near     expected 1 ± 0.1, measured 1.05" in done.stdout
    stem = course / "results" / "descent" / "good"
    assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    with stem.with_suffix(".csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"step": "0", "x": "1.5", "y": ""}, {"step": "1", "x": "", "y": "7"}]
    told = json.loads(stem.with_suffix(".json").read_text())
    assert (told["seed"], told["quick"], told["about"]) == (7, True, "What was done.")
    assert [check["ok"] for check in told["checks"]] == [True, True]


def test_an_experiment_run_as_a_file_knows_its_name(course: Path) -> None:
    command = [sys.executable, str(course / "examples" / "descent" / "good.py")]
    path = os.pathsep.join([str(course), str(Path(mg.__file__).parents[1])])
    subprocess.run(command, cwd=course, env={**os.environ, "PYTHONPATH": path}, check=True)
    assert json.loads((course / "out/descent/good.json").read_text())["name"] == "descent/good"


@pytest.mark.parametrize("name", ["wrong", "undefined"])
def test_a_claim_that_fails_is_an_exit_status(course: Path, name: str) -> None:
    done = run_in(course, f"examples.descent.{name}")
    assert done.returncode == 1
    assert "FAIL  near" in done.stdout
    assert (course / "out" / "descent" / f"{name}.png").exists()


def test_the_gallery_runs_all_and_tells_which_failed(course: Path) -> None:
    done = run_in(course, "examples.gallery")
    assert done.returncode == 1
    assert "failed: descent/undefined, descent/wrong" in done.stderr
    page = (course / "out" / "index.html").read_text()
    assert "3 experiments, 6 checks, 2 failed" in page
    assert page.count("<img src=") == 3 and 'src="descent/good.png"' in page


def test_the_gallery_runs_what_is_chosen(course: Path) -> None:
    done = run_in(course, "examples.gallery", "descent/good")
    assert done.returncode == 0, done.stderr
    assert "1 experiments, 2 checks, 0 failed" in (course / "out" / "index.html").read_text()
    done = run_in(course, "examples.gallery", "descend")
    assert done.returncode == 1
    assert "no experiment descend; there are descent/good" in done.stderr


def interrupt(folder: Path, begun: str, *arguments: str) -> tuple[int, str, str]:
    """Run a module until it says `begun`, press Ctrl-C; return its exit status and all it said."""
    environment = {**os.environ, "PYTHONPATH": str(Path(mg.__file__).parents[1])}
    program = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, start_new_session=True,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdout is not None
    said = ""
    while begun not in said:
        said += program.stdout.read(1)
    os.killpg(program.pid, signal.SIGINT)
    rest, errors = program.communicate()
    return program.returncode, said + rest, errors


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process group")
def test_an_interrupted_gallery_shows_what_is_done(course: Path) -> None:
    (course / "examples" / "descent" / "waits.py").write_text(
        PROGRAM.format(near=1).replace("    run.axes", "    __import__('time').sleep(60); run.axes")
    )
    chosen = "descent/good", "descent/waits"
    status, said, errors = interrupt(course, "descent/waits: A claim", "examples.gallery", *chosen)
    assert (status, errors) == (130, "\ninterrupted\n")
    assert "interrupted: 1 of 2 are done" in said
    assert "1 experiments, 2 checks, 0 failed" in (course / "out" / "index.html").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to a process group")
def test_ctrl_c_while_it_imports_shows_no_traceback(course: Path) -> None:
    (course / "examples" / "descent" / "slow.py").write_text(
        "import time\nprint('importing', flush=True)\ntime.sleep(60)"
    )
    status, _, errors = interrupt(course, "importing", "examples.descent.slow")
    assert (status, errors) == (-signal.SIGINT, "\ninterrupted\n")


def test_importing_the_package_leaves_the_hooks_alone(course: Path) -> None:
    (course / "other.py").write_text(
        "import sys, examples.gallery; assert sys.excepthook is sys.__excepthook__"
    )
    done = run_in(course, "other")
    assert done.returncode == 0, done.stderr


def test_results_that_cannot_be_written_are_found_out_first(course: Path) -> None:
    (course / "file").write_text("")
    for module in ("examples.gallery", "examples.descent.good"):
        done = run_in(course, module, "--out", "file")
        assert done.returncode == 2
        assert "error: --out:" in done.stderr and "file" in done.stderr


def test_a_seed_that_is_none_is_refused(course: Path) -> None:
    for module in ("examples.gallery", "examples.descent.good"):
        done = run_in(course, module, "--seed", "-1")
        assert done.returncode == 2
        assert done.stderr.endswith("error: --seed: -1 is not at least 0\n")


def test_an_experiment_of_the_course(tmp_path: Path) -> None:
    done = run_in(
        REPOSITORY, "examples.descent.learning_rate", "--quick", "--out", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stdout + done.stderr
