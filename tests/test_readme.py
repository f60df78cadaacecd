"""The programs that README.md prints run as they are printed."""

import re
import struct
from pathlib import Path

import numpy as np

import minigrad

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
TRAINING, USING, COMPILED = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_training_program(tmp_path, monkeypatch, capsys):
    labels = np.resize(np.arange(10, dtype=np.uint8), 640)
    images = np.zeros((640, 28, 28), np.uint8)
    images[np.arange(640), labels] = 255  # which row is bright tells the label
    folder = tmp_path / "mnist"
    folder.mkdir()
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"train-{name}-ubyte").write_bytes(header + array.tobytes())
    monkeypatch.setenv("MINIGRAD_DATA_DIR", str(tmp_path))
    exec(TRAINING, {})
    losses = [float(line.split()[1]) for line in capsys.readouterr().out.splitlines()]
    assert len(losses) == 10
    assert losses[-1] < 0.1 < losses[0]


def test_using_it():
    names = {}
    exec(USING, names)
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(names["x"].grad, (1 + x) * np.exp(x), rtol=1e-5)
    np.testing.assert_array_equal(names["params"]["W"], np.full((2, 2), 0.95))


def test_compiling(capsys):
    exec(COMPILED, {"mg": minigrad})
    assert "relu_backward(" in capsys.readouterr().out
