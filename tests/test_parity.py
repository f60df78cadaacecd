"""The harness that compares with PyTorch, as far as it needs no PyTorch: what counts as explained."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def load(name: str) -> object:
    """Import a module of tools/, which is no installed package."""
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(f"tools.parity.{name}")
    finally:
        sys.path.remove(str(ROOT))


def test_a_difference_is_explained_by_a_reason_for_its_name_and_finding() -> None:
    ledger = load("ledger").Ledger()
    ledger.compare("torch.all")
    ledger.find("torch.all", "dtype", "(uint8(5)) gives bool instead of uint8")
    ledger.find("torch.sin", "value", "(float64[3]) gives 1 instead of 2")
    assert list(ledger.unexplained()) == ["torch.sin"]
    assert "boolean" in ledger.explained("torch.all")[0]


def test_an_error_while_comparing_is_a_finding() -> None:
    ledger = load("ledger").Ledger()
    with ledger.comparing("nn.Linear", "state", "weights through a file"):
        raise KeyError("bias")
    assert ledger.unexplained() == {
        "nn.Linear": ["state: weights through a file: KeyError: 'bias'"]
    }
