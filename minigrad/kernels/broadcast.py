"""Arithmetic with an array that is repeated: csrc/broadcast.c."""

from __future__ import annotations

from typing import Any

from .._native import empty_like, repeats
from .base import Array, doors

__all__ = ["broadcast"]

ADD, SUB, SUB_FROM, MUL, DIV, DIV_INTO = range(6)


def broadcast(a: Any, b: Any, straight: int, reflected: int) -> Array | None:
    """One of the operations above, `straight` as x o c, `reflected` as c o x, for arrays a and b of
    one float type of which one, c, is repeated before and behind its own dimensions to make up the
    shape of the other, x. None for what else NumPy broadcasts."""
    if repeats(a, b):
        y = empty_like(a)
        doors.broadcast(y, a, b, straight)
    elif repeats(b, a):
        y = empty_like(b)
        doors.broadcast(y, b, a, reflected)
    else:
        return None
    return y
