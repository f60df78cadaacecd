"""Whether operations are recorded: `no_grad`, `enable_grad`, `set_grad_enabled`, as contexts and as decorators."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar, overload

__all__ = [
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "set_grad_enabled",
]

F = TypeVar("F", bound=Callable[..., Any])
S = TypeVar("S", bound="_Scoped")


class _Mode(threading.local):
    """Per thread, so that a `no_grad` in a data-loading thread does not stop the training thread from recording."""

    enabled = True
    inference = False
    anomaly = False


mode = _Mode()


def is_grad_enabled() -> bool:
    """Return whether operations are being recorded in this thread."""
    return mode.enabled


def is_inference_mode_enabled() -> bool:
    """Return whether an `inference_mode` is on in this thread."""
    return mode.inference


class set_grad_enabled:
    """Switch recording on or off, at once; as a context manager or decorator, only within."""

    def __init__(self, mode: bool) -> None:
        self._previous = _switch(mode)
        self._wanted = mode

    def __enter__(self) -> None:
        mode.enabled = self._wanted

    def __exit__(self, *exc: object) -> None:
        mode.enabled = self._previous

    def __call__(self, function: F) -> F:
        mode.enabled = self._previous  # a decorator switches only while the function runs
        return _decorate(function, lambda: set_grad_enabled(self._wanted))


def _switch(enabled: bool) -> bool:
    previous, mode.enabled = mode.enabled, bool(enabled)
    return previous


class _Scoped:
    """A context manager that holds recording at `wanted` and restores what was before; nests and re-enters."""

    wanted: bool
    _previous: list[bool]

    @overload
    def __new__(cls: type[S], function: None = None) -> S: ...
    @overload
    def __new__(cls, function: F) -> F: ...  # type: ignore[misc]
    def __new__(cls, function: Any = None) -> Any:
        # `@no_grad` without parentheses decorates as `@no_grad()` does.
        if function is not None:
            return _decorate(function, cls)
        self = super().__new__(cls)
        self._previous = []
        return self

    def __enter__(self) -> None:
        self._previous.append(_switch(self.wanted))

    def __exit__(self, *exc: object) -> None:
        mode.enabled = self._previous.pop()

    def __call__(self, function: F) -> F:
        return _decorate(function, type(self))


class no_grad(_Scoped):
    """Stop recording: results need no gradient, whatever their inputs."""

    wanted = False


class inference_mode(_Scoped):
    """The same as `no_grad`, which leaves nothing more to save; with mode=False, as `enable_grad`."""

    _inference: list[bool]

    @overload
    def __new__(cls: type[S], mode: bool = True) -> S: ...
    @overload
    def __new__(cls, mode: F) -> F: ...  # type: ignore[misc]
    def __new__(cls, mode: Any = True) -> Any:
        if callable(mode):
            return super().__new__(cls, mode)
        self = super().__new__(cls)
        self.wanted = not mode
        self._inference = []
        return self

    def __enter__(self) -> None:
        super().__enter__()
        self._inference.append(mode.inference)
        mode.inference = not self.wanted

    def __exit__(self, *exc: object) -> None:
        mode.inference = self._inference.pop()
        super().__exit__(*exc)

    def __call__(self, function: F) -> F:
        return _decorate(function, lambda: inference_mode(not self.wanted))


class enable_grad(_Scoped):
    """Record again inside a `no_grad`."""

    wanted = True


def _decorate(function: F, context: Callable[[], Any]) -> F:
    if inspect.isgeneratorfunction(function):
        # The mode holds while the generator's own code runs, not while its consumer's does.
        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            with context():
                source = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, source)
            while True:
                try:
                    with context():
                        item = resume()
                except StopIteration as end:
                    return end.value
                try:
                    sent = yield item
                except GeneratorExit:
                    with context():
                        source.close()
                    raise
                except BaseException as error:
                    resume = functools.partial(source.throw, error)
                else:
                    resume = functools.partial(source.send, sent)

        return generator  # type: ignore[return-value]

    @functools.wraps(function)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    return decorated  # type: ignore[return-value]
