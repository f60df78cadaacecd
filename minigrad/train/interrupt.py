"""Ctrl-C as a request, so that a training ends between two steps and never within one."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopRequest:
    """While entered, Ctrl-C sets `made`, and is raised as KeyboardInterrupt when `check` is called,
    or at the end. A second Ctrl-C is at once.

    In a thread that is not the main one, where signals do not arrive, it does nothing.
    """

    def __init__(self) -> None:
        self.made = False

    def __enter__(self) -> StopRequest:
        self._catching = threading.current_thread() is threading.main_thread()
        if self._catching:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        if self._catching:
            signal.signal(signal.SIGINT, self._before)
        if kind is None:
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self.made:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.made:
            raise SystemExit(130)
        self.made = True
