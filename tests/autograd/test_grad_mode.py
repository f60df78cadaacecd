from __future__ import annotations

import threading

import pytest

import minigrad as mg


def x() -> mg.Tensor:
    return mg.tensor([1.0], requires_grad=True)


def test_no_grad_and_enable_grad_nest() -> None:
    with mg.no_grad():
        assert not mg.is_grad_enabled()
        assert not (x() * 2).requires_grad
        with mg.enable_grad():
            assert (x() * 2).requires_grad
        assert not mg.is_grad_enabled()
    assert mg.is_grad_enabled()


def test_one_object_can_be_entered_again() -> None:
    stop = mg.no_grad()
    with stop, mg.enable_grad(), stop:
        assert not mg.is_grad_enabled()
    assert mg.is_grad_enabled()


def test_the_mode_is_restored_after_an_exception() -> None:
    with pytest.raises(KeyError), mg.no_grad():
        raise KeyError
    assert mg.is_grad_enabled()


@pytest.mark.parametrize(
    "make", [mg.no_grad, lambda: mg.no_grad, lambda: mg.set_grad_enabled(False)]
)
def test_as_a_decorator(make) -> None:
    @make()
    def double(tensor: mg.Tensor) -> mg.Tensor:
        """Doubled."""
        return tensor * 2

    assert not double(x()).requires_grad
    assert double.__doc__ == "Doubled."
    assert mg.is_grad_enabled()


def test_a_decorated_generator_runs_in_the_mode_and_its_consumer_does_not() -> None:
    @mg.no_grad()
    def modes():
        sent = yield mg.is_grad_enabled()
        try:
            yield sent, mg.is_grad_enabled()
        except KeyError:
            yield "caught", mg.is_grad_enabled()
        return "end"

    generator = modes()
    assert next(generator) is False
    assert mg.is_grad_enabled()
    assert generator.send("hello") == ("hello", False)
    assert generator.throw(KeyError) == ("caught", False)
    assert mg.is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "end"


def test_closing_a_decorated_generator_closes_the_inner_one() -> None:
    closed = []

    @mg.no_grad()
    def numbers():
        try:
            yield 1
        finally:
            closed.append(mg.is_grad_enabled())

    generator = numbers()
    next(generator)
    generator.close()
    assert closed == [False]


def test_set_grad_enabled_acts_at_once_and_as_a_context() -> None:
    mg.set_grad_enabled(False)
    try:
        assert not mg.is_grad_enabled()
        with mg.set_grad_enabled(True):
            assert mg.is_grad_enabled()
        assert not mg.is_grad_enabled()
    finally:
        mg.set_grad_enabled(True)


def test_each_thread_has_its_own_mode() -> None:
    inside: list[bool] = []
    with mg.no_grad():
        thread = threading.Thread(target=lambda: inside.append(mg.is_grad_enabled()))
        thread.start()
        thread.join()
    assert inside == [True]


def test_inference_mode_is_no_grad_that_can_be_left_out() -> None:
    with mg.inference_mode():
        assert not (x() * 2).requires_grad
    with mg.inference_mode(False):
        assert (x() * 2).requires_grad
    for decorate in (mg.inference_mode, mg.inference_mode()):
        assert not decorate(lambda: (x() * 2).requires_grad)()
    with mg.no_grad():
        with mg.inference_mode(False):
            assert (x() * 2).requires_grad
        assert mg.inference_mode(mode=False)(lambda: (x() * 2).requires_grad)()
        assert not mg.is_grad_enabled()


def test_inference_mode_can_be_asked_for() -> None:
    assert not mg.is_inference_mode_enabled()
    with mg.inference_mode():
        assert mg.is_inference_mode_enabled()
        with mg.inference_mode(False):
            assert not mg.is_inference_mode_enabled()
        assert mg.is_inference_mode_enabled()
    with mg.no_grad():
        assert not mg.is_inference_mode_enabled()
