"""The figures of the pages are made from what the experiments drew."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL", reason="comes with matplotlib: pip install minigrad[examples]")
from PIL import Image

TOOL = Path(__file__).parents[1] / "tools" / "figures.py"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Pages that show two figures, and an output folder that has one of them."""
    docs, group = tmp_path / "docs", tmp_path / "out" / "descent"
    (docs / "figures").mkdir(parents=True)
    (docs / "descent.md").write_text("![Falling](figures/fall.png) ![Other](figures/other.png)")
    group.mkdir(parents=True)
    rng = np.random.default_rng(0)
    noise = rng.integers(256, size=(400, 1000, 3), dtype=np.uint8)  # the worst to compress
    noise[:, :900] = 255
    Image.fromarray(noise).save(group / "fall.png")
    return docs, tmp_path / "out"


def remake(docs: Path, out: Path, quick: bool = False, ok: bool = True) -> None:
    told = {"quick": quick, "checks": [{"ok": ok}]}
    (out / "descent" / "fall.json").write_text(json.dumps(told))
    spec = importlib.util.spec_from_file_location("figures", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main([str(out), "--docs", str(docs)])


def test_they_are_small_and_the_same_each_time(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    figure = folders[0] / "figures" / "fall.png"
    remake(*folders)
    first = figure.read_bytes()
    assert len(first) < 60_000
    with Image.open(figure) as image:
        assert image.size == (860, 344)
    remake(*folders)
    assert figure.read_bytes() == first
    assert "descent/other: not in" in capsys.readouterr().out


@pytest.mark.parametrize("told", [{"quick": True}, {"ok": False}])
def test_only_full_runs_whose_claims_hold(
    folders: tuple[Path, Path], told: dict[str, bool]
) -> None:
    with pytest.raises(SystemExit, match=r"descent/fall (was drawn with --quick|failed)"):
        remake(*folders, **told)
    assert not list((folders[0] / "figures").iterdir())
