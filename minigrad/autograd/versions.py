"""Who changed which memory in place, and where: so that backward can refuse values that are no longer what forward saw.

An operation saves plain arrays, which carry no version of their own. So versions are kept here, by the memory that the
arrays view, and only for memory that was ever changed in place. What makes the check cheap is a single clock: every
recorded operation and every change takes the next tick, and a backward compares one number (`Clock.changed`) with the
tick of the operation. Only where something did change since then are the saved arrays looked up.
"""

from __future__ import annotations

import itertools
import sys
import weakref
from collections.abc import Iterable
from types import FrameType

import numpy as np

tick = itertools.count(1).__next__

_PACKAGE = __name__.rpartition(".autograd")[0] + "."


class Clock:
    """The tick of the latest in-place change of any memory."""

    changed = 0


class Change:
    """The in-place changes of one block of memory: how many, and the latest one's tick, operation and place."""

    __slots__ = ("_owner", "count", "operation", "tick", "where")

    def __init__(self, owner: np.ndarray) -> None:
        self.count = 0
        key = id(owner)
        self._owner = weakref.ref(owner, lambda _: _changes.pop(key, None))


_changes: dict[int, Change] = {}


def _owner(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def caller() -> str:
    """Return "file.py:12", the line outside this package that is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown place"


def change_of(array: np.ndarray) -> Change:
    """Return the record of the memory that `array` views; callers that change it often may keep the record."""
    owner = _owner(array)
    change = _changes.get(id(owner))
    if change is None:
        change = _changes[id(owner)] = Change(owner)
    return change


def record_changes(changes: Iterable[Change], operation: str) -> None:
    """Note that `operation`, called from the line that is running outside this package, changed these in place."""
    Clock.changed = now = tick()
    where = caller()
    for change in changes:
        change.count += 1
        change.tick = now
        change.operation = operation
        change.where = where


def version_of(array: np.ndarray) -> int:
    """Return how often the memory that `array` views was changed in place."""
    change = _changes.get(id(_owner(array)))
    return 0 if change is None else change.count


def check_unchanged(arrays: Iterable[object], since: int, name: str) -> None:
    """Raise if one of the arrays that operation `name` saved at tick `since` was changed in place after that."""
    for array in arrays:
        if not isinstance(array, np.ndarray):
            continue
        change = _changes.get(id(_owner(array)))
        if change is not None and change.count and change.tick > since:
            raise RuntimeError(
                f"one of the values that {name} needs for its gradient, of shape {list(array.shape)}, has been "
                f"modified by an inplace operation: {change.operation} at {change.where} "
                f"(it is at version {change.count} now). Use the out-of-place form there, or change a clone()."
            )
