"""The programs that the pages of docs/ print run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import minigrad as mg

DOCS = Path(__file__).resolve().parents[2] / "docs"


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
