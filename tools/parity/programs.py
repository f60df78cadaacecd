"""What has no samples in PyTorch's databases: a line or two of program for each name, run in both libraries.

A program is a function of the library; it returns what is compared.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.utils.rnn
import torch.utils.data

import minigrad as mg
import minigrad.utils.data

from . import functions, loading, networks, pruning, settings, signals, tensors
from .bridge import difference
from .ledger import Ledger
from .tensors import Program

PROGRAMS = {
    **tensors.PROGRAMS,
    **settings.PROGRAMS,
    **signals.PROGRAMS,
    **functions.PROGRAMS,
    **networks.PROGRAMS,
    **pruning.PROGRAMS,
    **loading.PROGRAMS,
}


def compare(ledger: Ledger, only: str) -> None:
    """Run every program whose name contains `only` in both libraries."""
    for label, programs in PROGRAMS.items():
        if only not in label:
            continue
        for number, program in enumerate(programs, 1):
            ledger.compare(label)
            theirs, ours = outcome(program, torch), outcome(program, mg)
            told = f"program {number}"
            if isinstance(ours, Exception) or isinstance(theirs, Exception):
                if not isinstance(ours, type(theirs)) and not isinstance(theirs, type(ours)):
                    shown = [
                        f"{type(v).__name__}: {v}" if isinstance(v, Exception) else "no error"
                        for v in (ours, theirs)
                    ]
                    ledger.find(label, "error", f"{told} gives {' instead of '.join(shown)}")
                continue
            found = difference(theirs, ours)
            if found:
                ledger.find(label, found[0], f"{told} gives {found[1]}")


def outcome(program: Program, lib: Any) -> Any:
    """Return what the program gives, or the exception that it ends with."""
    try:
        return program(lib)
    except Exception as caught:
        return caught
