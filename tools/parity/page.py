"""docs/parity.md: each public name that PyTorch has too, and how it compares."""

from __future__ import annotations

import re

import torch

from . import names
from .differences import NOT_COMPARED
from .ledger import Ledger

HEAD = """# Side by side with PyTorch

Written by `make parity`, which runs minigrad and PyTorch {version} on the samples of PyTorch's own databases of
operations, modules and optimisers: values, dtypes, gradients, second gradients, error classes, reprs, state dicts
(weights travel both ways through safetensors files), 50 steps of every optimiser over a grid of its options, 50 steps
of every scheduler; and a short program in both for what has no samples.

{same} names were compared and are the same, {differs} differ on purpose, {open} differ without a reason written down,
{present} are there but were not compared, {missing} are missing.

What applies everywhere:

{general}
"""


def count(ledger: Ledger) -> dict[str, int]:
    """Return how many names are the same, differ, are not compared, are missing."""
    present = {name for both in names.in_both().values() for name in both}
    present -= {name for name in present if why(name)}
    compared, found, open_ = set(ledger.compared), set(ledger.findings), set(ledger.unexplained())
    return {
        "same": len(compared - found),
        "differs": len(found - open_),
        "open": len(open_),
        "present": len(present - compared),
        "missing": sum(len(set(missing)) for missing in ledger.missing.values()),
    }


def text(ledger: Ledger, general: list[str]) -> str:
    """Return the page."""
    lines = [
        HEAD.format(
            version=torch.__version__.partition("+")[0],
            general="\n".join(f"- {reason}" for reason in general),
            **count(ledger),
        )
    ]
    both, open_ = names.in_both(), ledger.unexplained()
    for space in dict.fromkeys((*both, *ledger.missing)):
        compared = sorted(name for name in ledger.compared if name.rpartition(".")[0] == space)
        differing = [name for name in compared if name in ledger.findings]
        lines.append(f"## {space}\n")
        lines += listed("Same", [name for name in compared if name not in ledger.findings])
        rows = [(name, r) for name in differing for r in ledger.explained(name) if r not in general]
        if rows:
            lines += ["| differs on purpose | why |", "|---|---|"]
            lines += [f"| `{last(name)}` | {reason} |" for name, reason in rows] + [""]
        general_only = [n for n in differing if n not in open_ and n not in dict(rows)]
        lines += listed("Same, but for what applies everywhere", general_only)
        for name in differing:
            lines += [f"- `{last(name)}` differs: {finding}" for finding in open_.get(name, ())[:3]]
        left = [name for name in both.get(space, ()) if name not in compared]
        lines += listed("There, not compared", [name for name in left if not why(name)])
        lines += [f"There, not compared: `{last(n)}`. {why(n)}\n" for n in left if why(n)]
        lines += listed("Missing", sorted(set(ledger.missing.get(space, ()))))
    return "\n".join(lines).rstrip() + "\n"


def why(name: str) -> str | None:
    """Return why `name` is not compared, if that is written down."""
    return next((reason for names, reason in NOT_COMPARED if re.fullmatch(names, name)), None)


def listed(title: str, labels: list[str]) -> list[str]:
    return [f"{title}: {', '.join(f'`{last(name)}`' for name in labels)}.\n"] if labels else []


def last(name: str) -> str:
    return name.rpartition(".")[2]
