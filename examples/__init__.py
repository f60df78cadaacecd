"""Programs that use minigrad: experiments in groups, as a course, and what runs and shows them."""

import sys
from types import TracebackType


def _tell(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Say that Ctrl-C ended the program, be it within an import, and not where it was."""
    if issubclass(kind, KeyboardInterrupt):
        print("\ninterrupted", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


# What python -m has there while it looks for the program: who imports this package keeps his own hook.
if sys.argv[:1] == ["-m"]:
    sys.excepthook = _tell
