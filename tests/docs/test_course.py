"""The pages of the course: what they point to is there, and no experiment is left out."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
EXPERIMENTS = [
    path
    for path in sorted((REPOSITORY / "examples").glob("*/*.py"))
    if not path.stem.startswith("_")
]
GROUPS = sorted({path.parent.name for path in EXPERIMENTS})


@pytest.mark.parametrize("group", GROUPS)
def test_a_page(group: str) -> None:
    text = (DOCS / f"{group}.md").read_text()
    links = re.findall(r"\[([^\]]*)\]\(([^)]+)\)", text)
    for shown, place in links:
        path = (DOCS / place).resolve()
        assert path.is_file(), f"{group}.md points to {place}"
        name = shown.strip("`")
        if path.suffix == ".py" and path.stem != "__init__" and path not in EXPERIMENTS:
            source = path.read_text()
            assert re.search(rf"^(class|def) {name}\b", source, re.MULTILINE), f"{place}: no {name}"
    told = {DOCS.joinpath(place).resolve() for _, place in links}
    left_out = [path.stem for path in EXPERIMENTS if path.parent.name == group and path not in told]
    assert not left_out, f"{group}.md does not mention {left_out}"
    assert f"python -m examples.gallery {group}" in text


def test_figures_are_small_and_shown() -> None:
    shown = set()
    for group in GROUPS:
        shown |= set(re.findall(r"\(figures/(\w+\.png)\)", (DOCS / f"{group}.md").read_text()))
    figures = {path.name: path.stat().st_size for path in (DOCS / "figures").iterdir()}
    assert set(figures) == shown
    assert max(figures.values()) < 60_000


def test_the_gallery_has_a_page_for_each_of_its_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "examples")
    import gallery

    assert all((DOCS / f"{group}.md").exists() for group in gallery.GROUPS)
    sys.modules.pop("gallery")
