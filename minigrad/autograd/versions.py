"""Who changed which memory in place, and where: so that backward can refuse values that are no longer what forward saw.

An operation saves plain arrays, which carry no version of their own. So versions are kept here, by the memory that the
arrays view, and only for memory that was ever changed in place. What makes the check cheap is a single clock: every
recorded operation and every change takes the next tick, and a backward compares one number (`Clock.changed`) with the
tick of the operation. Only where something did change since then are the saved arrays looked up.
"""

from __future__ import annotations

import itertools
import os
import sys
import weakref
from collections.abc import Iterable
from types import CodeType, FrameType

import numpy as np

tick = itertools.count(1).__next__


class Clock:
    """The tick of the latest in-place change of any memory."""

    changed = 0


# Where a program is: its code, and the offset of the instruction that is running in it.
Place = tuple[CodeType, int] | None


class Change:
    """The in-place changes of one block of memory: how many, and the latest one's tick, operation and place."""

    __slots__ = ("_owner", "count", "latest")

    latest: tuple[int, str, Place]

    def __init__(self, owner: np.ndarray) -> None:
        self.count = 0
        key = id(owner)
        self._owner = weakref.ref(owner, lambda _: _changes.pop(key, None))


_changes: dict[int, Change] = {}


def _owner(array: np.ndarray) -> np.ndarray:
    base = array.base
    while isinstance(base, np.ndarray):
        array, base = base, base.base
    return array


def caller() -> Place:
    """Return where the code outside this package is that called what is running; `line_of` makes it readable.

    It is asked for by what users call: each frame in between costs as much as a small kernel.
    """
    frame: FrameType | None = sys._getframe(2)  # neither this nor who asks
    while frame is not None and frame.f_code.co_filename.startswith(_FOLDER):
        frame = frame.f_back
    return frame and (frame.f_code, frame.f_lasti)


_FOLDER = os.path.dirname(os.path.dirname(caller.__code__.co_filename)) + os.sep


def line_of(place: Place) -> str:
    """Return "file.py:12". That is slow, so a place is kept as it is until somebody wants to read it."""
    if place is None:
        return "an unknown place"
    code, offset = place
    lines = (line for start, end, line in code.co_lines() if start <= offset < end)
    return f"{code.co_filename}:{next(lines, None)}"


def change_of(array: np.ndarray) -> Change:
    """Return the record of the memory that `array` views; callers that change it often may keep the record."""
    owner = _owner(array)
    change = _changes.get(id(owner))
    if change is None:
        change = _changes[id(owner)] = Change(owner)
    return change


def record_changes(changes: Iterable[Change], operation: str, place: Place = None) -> None:
    """Note that `operation`, called from `place` (None: the caller of this package), changed these in place."""
    Clock.changed = now = tick()
    latest = (now, operation, place or caller())
    for change in changes:
        change.count += 1
        change.latest = latest


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
        if change is not None and change.count and change.latest[0] > since:
            _, operation, place = change.latest
            raise RuntimeError(
                f"one of the values that {name} needs for its gradient, of shape {list(array.shape)}, has been "
                f"modified by an inplace operation: {operation} at {line_of(place)} "
                f"(it is at version {change.count} now). Use the out-of-place form there, or change a clone()."
            )
