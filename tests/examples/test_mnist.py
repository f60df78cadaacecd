import csv
import dataclasses
import os
import re
import runpy
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import datasets

pytest.importorskip("matplotlib", reason="the program draws: pip install minigrad[examples]")
pytest.importorskip(
    "sklearn", reason="the digits are scikit-learn's: pip install minigrad[examples]"
)
pytest.importorskip("tqdm", reason="the program shows progress: pip install minigrad[examples]")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
STEPS = 42  # batches of digits an epoch


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """The program, run in this process with the options that it is called with."""
    monkeypatch.syspath_prepend(EXAMPLES)
    threads = mg.get_num_threads()

    def run(*options: Any) -> None:
        monkeypatch.setattr(sys, "argv", ["mnist.py", *map(str, options)])
        runpy.run_path(str(EXAMPLES / "mnist.py"), run_name="__main__")

    yield run
    mg.set_num_threads(threads)


@pytest.fixture
def undrawn(run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spares the second that drawing takes."""
    import report

    monkeypatch.setattr(mg.train.History, "plot", lambda *args: None)
    monkeypatch.setattr(report, "confusion", lambda *args: None)


@pytest.fixture
def interrupt_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has Ctrl-C pressed during the nth step of an optimizer from now on."""
    step = mg.optim.Optimizer.step

    def interrupt_at(number: int) -> None:
        steps = iter(range(1, number + 1))

        def counted(optimizer: mg.optim.Optimizer) -> None:
            if next(steps, None) == number:
                signal.raise_signal(signal.SIGINT)
            step(optimizer)

        monkeypatch.setattr(mg.optim.Optimizer, "step", counted)

    return interrupt_at


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def assert_same_result(folder: Path, other: Path) -> None:
    assert (folder / "weights.npz").read_bytes() == (other / "weights.npz").read_bytes()
    assert rows(folder) == rows(other)


def stopped(run: Callable[..., None], *options: Any) -> bool:
    with pytest.raises(SystemExit) as exit:
        run(*options)
    return exit.value.code == 130


def test_the_digits_are_learnt_and_the_results_are_written(run, tmp_path, capsys):
    run("--data", "digits", "--out", tmp_path)
    out, err = capsys.readouterr()
    accuracy = float(re.search(r"accuracy ([\d.]+)% on digits", out)[1])
    assert accuracy >= 95
    assert err == ""  # no progress bar where there is no terminal
    written = {"metrics.csv", "curves.png", "confusion.png", "weights.npz", "checkpoint.npz"}
    written.add("options.json")
    assert {path.name for path in tmp_path.iterdir()} == written
    assert [row["epoch"] for row in rows(tmp_path)] == [str(i) for i in range(1, 51)]
    assert float(rows(tmp_path)[-1]["train_loss"]) < 0.1
    assert mg.load(tmp_path / "weights.npz")["1.weight"].shape == (128, 64)
    for name in ("curves.png", "confusion.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_an_epoch_of_mnist(run, tmp_path, capsys, data_dir):
    # One thread: two that wait for each other on a busy machine would take ten times as long.
    run(
        *("--data", "mnist", "--data-dir", data_dir),
        *("--epochs", 1, "--threads", 1, "--out", tmp_path),
    )
    accuracy = float(re.search(r"accuracy ([\d.]+)% on mnist", capsys.readouterr().out)[1])
    assert accuracy >= 94


NETWORKS = {
    "adam": ["--batch-norm", "--dropout", 0.2, "--hidden", 32, 16],
    "adamw": ["--dropout", 0.5, "--batch-size", 33],
    "sgd": ["--batch-norm", "--dropout", 0.2, "--lr", 0.1, "--seed", 3],
}


@pytest.mark.parametrize("optimizer", NETWORKS)
def test_resuming_is_bit_exact(run, undrawn, interrupt_at, tmp_path, optimizer):
    options = ["--data", "digits", "--epochs", 3, "--optimizer", optimizer, *NETWORKS[optimizer]]
    run(*options, "--out", tmp_path / "whole")

    interrupt_at(STEPS // 2)
    assert stopped(run, *options, "--out", tmp_path / "parts", "--threads", 1)
    checkpoint = tmp_path / "parts" / "checkpoint.npz"
    assert mg.load(checkpoint)["epoch"]["steps"] == STEPS // 2
    interrupt_at(STEPS)  # in the middle of the second epoch
    assert stopped(run, "--resume", checkpoint, "--threads", 2)
    interrupt_at(0)
    run("--resume", checkpoint)
    assert_same_result(tmp_path / "parts", tmp_path / "whole")


@pytest.mark.parametrize("steps", [1, STEPS, 2 * STEPS])
def test_resuming_from_an_edge_of_an_epoch(run, undrawn, interrupt_at, tmp_path, steps):
    options = ["--data", "digits", "--epochs", 2, "--dropout", 0.2]
    run(*options, "--out", tmp_path / "whole")
    interrupt_at(steps)
    assert stopped(run, *options, "--out", tmp_path / "parts")
    interrupt_at(0)
    run("--resume", tmp_path / "parts" / "checkpoint.npz", "--out", tmp_path / "rest")
    assert_same_result(tmp_path / "rest", tmp_path / "whole")


def test_a_finished_run_can_be_extended(run, undrawn, tmp_path):
    run("--data", "digits", "--epochs", 3, "--out", tmp_path / "whole")
    run("--data", "digits", "--epochs", 1, "--out", tmp_path / "parts")
    run("--resume", tmp_path / "parts" / "checkpoint.npz", "--epochs", 3)
    assert_same_result(tmp_path / "parts", tmp_path / "whole")
    run("--resume", tmp_path / "parts" / "checkpoint.npz")  # nothing is left to do
    assert_same_result(tmp_path / "parts", tmp_path / "whole")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_says_how_to_go_on(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(mg.__file__).parents[1])}
    pipe = {"env": environment, "stdout": subprocess.PIPE, "text": True}
    options = ["--data", "digits", "--epochs", "30", "--out", str(tmp_path / "a folder")]
    program = [sys.executable, str(EXAMPLES / "mnist.py")]
    with subprocess.Popen([*program, *options], **pipe) as process:
        while not process.stdout.readline().startswith("epoch  1"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
    assert process.returncode == 130
    command = shlex.split(re.search("Go on with: (.*)", out)[1])
    assert command == [*program, "--resume", str(tmp_path / "a folder" / "checkpoint.npz")]
    out = subprocess.run(command, check=True, **pipe).stdout
    assert "epoch 30" in out


def test_digits_stand_in_where_there_is_no_mnist(run, undrawn, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("MINIGRAD_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    nowhere = dataclasses.replace(datasets.MNIST.source, mirrors=("http://127.0.0.1:9/",))
    monkeypatch.setattr(datasets.MNIST, "source", nowhere)
    run("--epochs", 1, "--out", tmp_path / "out")
    out, err = capsys.readouterr()
    assert "MNIST" in err and "scikit-learn's 8x8 digits instead" in err
    assert out.startswith("digits: ") and " on digits" in out
    with pytest.raises(SystemExit, match="MNIST"):
        run("--data", "mnist", "--out", tmp_path / "out")


def test_a_last_batch_of_one_image_has_no_variance_and_is_left_out(run, undrawn, tmp_path):
    run("--data", "digits", "--batch-norm", "--batch-size", 1321, "--epochs", 1, "--out", tmp_path)
    assert mg.load(tmp_path / "weights.npz")["2.num_batches_tracked"].item() == 1


def test_bad_options_are_refused_in_a_line(run, tmp_path, capsys):
    for options, message in (
        (["--epochs", 0], "--epochs: 0 is not at least 1"),
        (["--dropout", 1], "--dropout: 1 is not at least 0 and below 1"),
        (["--lr", "nan"], "--lr: nan is not at least 0"),
        (["--hidden", "x"], "--hidden: invalid int value: 'x'"),
        (["--batch-norm", "--batch-size", 1], "one image has no variance"),
    ):
        with pytest.raises(SystemExit):
            run(*options)
        assert message in capsys.readouterr().err


def test_bad_files_are_refused_in_a_line(run, undrawn, tmp_path):
    (tmp_path / "file").write_text("text")
    run("--data", "digits", "--epochs", 1, "--hidden", "--out", tmp_path / "run")
    checkpoint = tmp_path / "run" / "checkpoint.npz"
    (tmp_path / "cut.npz").write_bytes(checkpoint.read_bytes()[:-100])
    (tmp_path / "mnist").mkdir()
    for part in ("images-idx3", "labels-idx1"):
        (tmp_path / "mnist" / f"train-{part}-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x09abc")
    for options, message in (
        (["--resume", tmp_path / "none.npz"], "No such file"),
        (["--resume", tmp_path / "cut.npz"], "truncated"),
        (["--resume", tmp_path / "run" / "weights.npz"], "not a checkpoint"),
        (["--resume", checkpoint, "--hidden", 8], r"hidden \[\] and cannot go on with \[8\]"),
        (["--data", "digits", "--out", tmp_path / "file" / "out"], "cannot be written"),
        (["--data-dir", tmp_path], "train-images-idx3-ubyte: truncated"),
    ):
        with pytest.raises(SystemExit, match=message):
            run(*options)


def test_a_missing_package_is_named(tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError(name='matplotlib')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    program = [sys.executable, str(EXAMPLES / "mnist.py")]
    result = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == (
        "matplotlib is not installed: pip install minigrad[examples] (in a clone: make mnist)\n"
    )


def test_ctrl_c_while_it_imports_shows_no_traceback(tmp_path):
    (tmp_path / "matplotlib.py").write_text("raise KeyboardInterrupt")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    program = [sys.executable, str(EXAMPLES / "mnist.py")]
    result = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (130, "")


def test_confusion_of_a_model_that_makes_no_mistakes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    import report

    images = np.zeros((3, 8, 8), np.uint8)
    report.confusion(tmp_path / "x.png", images, np.arange(3), np.eye(3), ["a", "b", "c"], "all")
    assert (tmp_path / "x.png").stat().st_size > 1000
