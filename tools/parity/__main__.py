"""Compare minigrad with PyTorch name by name, and write docs/parity.md.

    make parity
    python -m tools.parity [--only TEXT] [--show N] [--write]

It exits with 1 where the two differ for a reason that `differences.py` does not give.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import initialisers, modules, names, operators, optimizers, page, programs, schedulers
from .differences import EVERYWHERE
from .ledger import Ledger

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
PARTS = (operators, modules, optimizers, schedulers, initialisers, programs)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.parity", description=__doc__)
    parser.add_argument("--only", default="", help="names that contain this, e.g. nn.Linear")
    parser.add_argument("--show", type=int, default=3, help="findings shown of each name")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    arguments = parser.parse_args()
    ledger = Ledger()
    for part in PARTS:
        part.compare(ledger, arguments.only)
    names.add_missing(ledger, arguments.only)
    if arguments.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page.text(ledger, [reason for _, _, reason in EVERYWHERE]))
    unexplained = ledger.unexplained()
    for name, findings in unexplained.items():
        print(f"{name}: {len(findings)} of {ledger.compared[name]} comparisons differ")
        for finding in findings[: arguments.show]:
            print(f"    {finding}")
    print(", ".join(f"{what} {number}" for what, number in page.count(ledger).items()))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
