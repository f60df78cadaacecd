"""Random numbers: generators that are seeded, saved and restored, and the one that is used when
none is named.

Two kinds of numbers come from a Generator, both of Philox, a counter-based generator (Salmon et
al., "Parallel random numbers: as easy as 1, 2, 3", 2011): samples, drawn through NumPy, and
streams, from which a kernel such as dropout's makes the numbers itself. Both depend on nothing but
the seed and what was drawn before: not on the machine, nor on the number of threads. NumPy's global
generator is never touched.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from . import kernels
from .autograd.op import Variable, wrap

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = [
    "Generator",
    "default_generator",
    "fork_rng",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

_WORD = 1 << 64
_DEFAULT_SEED = 67280421310721  # PyTorch's
_STATE_WORDS = 15


class _State:
    """What a Generator is at: the seed, the next stream, and the NumPy generator once there is one."""

    __slots__ = ("numpy", "seed", "stream")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.stream = 0
        self.numpy: np.random.Generator | None = None


class Generator:
    """A source of random numbers with a state of its own.

    Threads may share one: no state is ever corrupted, but who draws first is then left to chance.
    For numbers that can be reproduced, give each thread its own.
    """

    def __init__(self, device: str = "cpu") -> None:
        if str(device) != "cpu":
            raise RuntimeError(
                f"minigrad computes on the CPU alone: there is no Generator for device {device!r}"
            )
        self.device = "cpu"
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start again from `seed`, an integer in [-2^63, 2^64); return itself."""
        seed = int(seed)
        if not -_WORD // 2 <= seed < _WORD:
            raise RuntimeError(
                f"Overflow when unpacking long: a seed is in [-2^63, 2^64), not {seed}"
            )
        self._state = _State(seed % _WORD)
        return self

    def seed(self) -> int:
        """Start again from a seed that the operating system draws; return it."""
        self.manual_seed(int.from_bytes(os.urandom(8), "little"))
        return self._state.seed

    def initial_seed(self) -> int:
        """Return the seed that it was last started from."""
        return self._state.seed

    @property
    def numpy(self) -> np.random.Generator:
        """The NumPy generator that samples are drawn from (made on first use: importing
        numpy.random takes its time).
        """
        state = self._state
        if state.numpy is None:
            state.numpy = np.random.Generator(np.random.Philox(key=state.seed))
        return state.numpy

    def next_philox(self) -> tuple[int, int]:
        """Return (seed, stream), from which a kernel makes as many numbers as it likes; each call
        gives another stream.
        """
        state = self._state
        stream = state.stream
        state.stream = (stream + 1) % _WORD
        return state.seed, stream

    def next_seed(self) -> int:
        """Return a seed for another Generator, which shares no numbers with this one."""
        high, low = kernels.uniform((2,), *self.next_philox())
        return int(high * 2**32) << 32 | int(low * 2**32)

    def get_state(self) -> Tensor:
        """Return the whole state as a uint8 Tensor, which `set_state` restores exactly."""
        state = self.numpy.bit_generator.state
        words = [
            self._state.seed,
            self._state.stream,
            *state["state"]["counter"],
            *state["state"]["key"],
            *state["buffer"],
            state["buffer_pos"],
            state["has_uint32"],
            state["uinteger"],
        ]
        return wrap(np.array(words, dtype="<u8").view(np.uint8))

    def set_state(self, new_state: Any) -> Generator:
        """Restore what `get_state` returned; return itself. Raises TypeError or RuntimeError for
        anything else.
        """
        array = new_state.array if isinstance(new_state, Variable) else np.asarray(new_state)
        if array.dtype != np.uint8:
            raise TypeError(
                f"expected a uint8 Tensor as the state of a Generator, but got {array.dtype}"
            )
        if array.shape != (8 * _STATE_WORDS,):
            raise RuntimeError(
                f"RNG state is wrong size: expected shape [{8 * _STATE_WORDS}] as "
                f"Generator.get_state() returns it, but got {list(array.shape)}"
            )
        words = [int(word) for word in np.ascontiguousarray(array).view("<u8")]
        self.manual_seed(words[0])
        self._state.stream = words[1]
        self.numpy.bit_generator.state = {
            "bit_generator": "Philox",
            "state": {
                "counter": np.array(words[2:6], np.uint64),
                "key": np.array(words[6:8], np.uint64),
            },
            "buffer": np.array(words[8:12], np.uint64),
            "buffer_pos": words[12],
            "has_uint32": words[13],
            "uinteger": words[14],
        }
        return self


class _InThisThread(threading.local):
    """What stands in for the default generator's state: nothing, a seed, or the state it became."""

    state: _State | int | None = None


_in_this_thread = _InThisThread()


class _DefaultGenerator(Generator):
    """One generator for all threads, but where `seeded` has put another state in its place."""

    @property
    def _state(self) -> _State:
        state = _in_this_thread.state
        if state is None:
            return self._of_all
        if isinstance(state, int):
            state = _in_this_thread.state = _State(state % _WORD)
        return state

    @_state.setter
    def _state(self, state: _State) -> None:
        if _in_this_thread.state is None:
            self._of_all = state
        else:
            _in_this_thread.state = state


default_generator: Generator = _DefaultGenerator()
default_generator.seed()


class seeded:
    """Within it, what this thread draws from the default generator starts from `seed` (any
    integer), and the default generator itself stays as it was.

    May be entered again, also with another `seed`; it costs next to nothing if nothing is drawn.
    """

    __slots__ = ("_before", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __enter__(self) -> None:
        self._before = _in_this_thread.state
        _in_this_thread.state = self.seed

    def __exit__(self, *exc: object) -> None:
        _in_this_thread.state = self._before


def manual_seed(seed: int) -> Generator:
    """Start the default generator from `seed`, and return it: from here on, the same program draws
    the same numbers.
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start the default generator from a seed that the operating system draws; return it."""
    return default_generator.seed()


def initial_seed() -> int:
    """Return the seed that the default generator was last started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """Return the state of the default generator: see `Generator.get_state`."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Restore the state of the default generator: see `Generator.set_state`."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(enabled: bool = True) -> Iterator[None]:
    """Leave the default generator, at the end of the `with`, as it was before (unless not
    `enabled`).
    """
    state = get_rng_state() if enabled else None
    try:
        yield
    finally:
        if state is not None:
            set_rng_state(state)
