"""The programs that the pages of docs/ print run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import minigrad as mg

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
PAGES = sorted(
    page.relative_to(REPOSITORY).as_posix()
    for folder in (".", "docs", "csrc", "benchmarks")
    for page in (REPOSITORY / folder).glob("*.md")
)


def programs(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)


def test_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="the digits are its")
    names: dict[str, Any] = {}
    page = (DOCS / "by_hand.md").read_text()
    for program in programs("by_hand.md"):
        exec(program, names)
    assert names["accuracy"] > 0.93
    assert names["numerical"] == pytest.approx(names["grads"]["W1"][names["i"]], rel=1e-4)
    assert names["numerical"] != 0
    printed = capsys.readouterr().out
    assert "test accuracy 9" in printed
    assert printed.endswith(re.search(r"prints\n\n```\n(.*?)```", page, re.DOTALL)[1] + "\n")


def names_of(page: str) -> list[str]:
    """Dotted names of the library in the page's code spans."""
    spans = re.findall(r"`([^`\n]+)`", (DOCS / page).read_text())
    found = {name for span in spans for name in re.findall(r"\b(?:mg|nn)\.[\w.]*\w", span)}
    return sorted(found)


@pytest.mark.parametrize("name", names_of("spellings.md"))
def test_each_name_of_the_spellings_exists(name: str) -> None:
    eval(name, {"mg": mg, "nn": mg.nn})


@pytest.mark.parametrize("page", PAGES)
def test_each_file_that_a_page_names_is_there(page: str) -> None:
    text = re.sub(r"```.*?```", "", (REPOSITORY / page).read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\((?!http)([^)#\s]+)", text)
    missing = [place for place in links if not (REPOSITORY / page).parent.joinpath(place).exists()]
    # In a code span: the path of a file of the repository.
    spans = " ".join(re.findall(r"`([^`\n]+)`", text))
    paths = re.findall(r"\b(?:minigrad|csrc|docs|examples|tests|tools)/[\w/]+\.\w+", spans)
    missing += [path for path in paths if not (REPOSITORY / path).exists()]
    assert not missing
