from __future__ import annotations

import os
import signal
import threading

import pytest

from minigrad.train import StopRequest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_waits_to_be_asked_for() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), StopRequest() as stop:
        press_ctrl_c()
        done.append("the rest of the step")
        stop.check()
        done.append("another step")
    assert done == ["the rest of the step"]


def test_at_the_end_it_is_raised() -> None:
    with pytest.raises(KeyboardInterrupt), StopRequest():
        press_ctrl_c()


def test_a_second_one_is_at_once() -> None:
    with pytest.raises(SystemExit), StopRequest():
        press_ctrl_c()
        press_ctrl_c()


def test_what_handled_signals_before_does_so_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopRequest():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_it_does_nothing() -> None:
    finished = []

    def work() -> None:
        with StopRequest() as stop:
            stop.check()
        finished.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert finished
