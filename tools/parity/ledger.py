"""What was compared, and what differed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from .differences import DIFFERENCES


class Ledger:
    """Comparisons and findings by public name, such as `torch.add` or `nn.Linear`.

    A finding is a text `aspect: what differs`; the aspects are value, dtype, gradient, second
    gradient, error, state, repr, signature.
    """

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        self.findings: dict[str, list[str]] = {}
        self.missing: dict[str, list[str]] = {}

    def compare(self, name: str) -> None:
        """Count a comparison of `name`."""
        self.compared[name] += 1

    def find(self, name: str, aspect: str, what: str) -> None:
        """Note that `name` differs in `aspect`."""
        self.findings.setdefault(name, []).append(f"{aspect}: {' '.join(what.split())[:300]}")

    @contextmanager
    def comparing(self, name: str, aspect: str, what: str) -> Iterator[None]:
        """Count a comparison; an error within is a finding in which `what` says where."""
        self.compare(name)
        try:
            yield
        except Exception as error:
            self.find(name, aspect, f"{what}: {type(error).__name__}: {error}")

    def explained(self, name: str) -> list[str]:
        """Return the reasons for the findings of `name`, each once."""
        reasons = (reason_for(name, finding) for finding in self.findings.get(name, ()))
        return list(dict.fromkeys(reason for reason in reasons if reason))

    def unexplained(self) -> dict[str, list[str]]:
        """Return the findings for which no reason is written down."""
        left = {
            name: [finding for finding in found if not reason_for(name, finding)]
            for name, found in self.findings.items()
        }
        return {name: found for name, found in sorted(left.items()) if found}


def reason_for(name: str, finding: str) -> str | None:
    """Return why `name` differs so on purpose, or None."""
    for names, pattern, reason in DIFFERENCES:
        if re.fullmatch(names, name) and re.search(pattern, finding):
            return reason
    return None
