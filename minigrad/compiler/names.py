"""Names: what arrays and other values are called in the source of a Program."""

from __future__ import annotations

from types import BuiltinFunctionType, EllipsisType, FunctionType, MethodDescriptorType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from .. import kernels
from ..autograd.versions import caller, line_of
from ..random import Generator, default_generator


class Unrecordable(Exception):
    """Why a function cannot be compiled."""


class Expression(NamedTuple):
    """The source of a value, and the names in it."""

    source: str
    used: frozenset[str]


class Slot:
    """The place of an operand, by its number, among the arguments of a function."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.__name__ = f"operand{number}"


# Of what is the same in each run, and holds nothing that changes. (Functions, types and ufuncs are, too.)
_CONSTANT = (
    np.dtype,
    np.ufunc,
    type,
    EllipsisType,
    Slot,
    BuiltinFunctionType,
    MethodDescriptorType,
)


class Names:
    """The names of a Recording.

    constants  what calls refer to by name
    obstacle   the thing that cannot be repeated, None if there is none
    """

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self.obstacle: str | None = None
        self._names: dict[int, str] = {}  # by id, of what `_alive` keeps from being freed
        self._ids: dict[str, int] = {}
        self._alive: list[Any] = []
        self._taken = set(kernels.__all__)
        self._counts: dict[str, int] = {}
        self._in_memory: dict[int, list[np.ndarray]] = {}  # by the id of the array that owns it
        self._used: set[str] = set()
        self._called_at = caller()

    def refuse(self, obstacle: str) -> NoReturn:
        """End the run. The function may catch the exception, not make the first obstacle forgotten."""
        place = caller()
        if place != self._called_at:  # in the function, and not once it is over
            obstacle = f"{obstacle} (in {line_of(place)})"
        self.obstacle = self.obstacle or obstacle
        raise Unrecordable(self.obstacle)

    def add(self, value: Any, stem: str) -> str:
        """Give an array, or a number that differs from run to run, a new name."""
        number = self._counts.get(stem, 0) + 1
        while f"{stem}{number}" in self._taken:
            number += 1
        self._counts[stem] = number
        name = f"{stem}{number}"
        self._taken.add(name)
        self.name(value, name)
        return name

    def name(self, value: Any, name: str) -> None:
        """Give `value` a name that is free, or is that of the same in another object."""
        self._names[id(value)] = name
        self._ids[name] = id(value)
        self._alive.append(value)
        if isinstance(value, np.ndarray):
            self._in_memory.setdefault(_owner(value), []).append(value)

    def name_of(self, value: Any) -> str | None:
        """Return the name of a value, None if it has none."""
        return self._names.get(id(value))

    def forget(self, name: str) -> None:
        """Take a name back."""
        self._taken.discard(name)
        del self._names[self._ids.pop(name)]

    def knows(self, *values: Any) -> bool:
        """Return whether the arrays among these values, and what they hold, have an origin."""
        before = self.obstacle
        try:
            self.expression(values)
        except Unrecordable:
            self.obstacle = before
            return False
        return True

    def expression(self, value: Any) -> Expression:
        """Return the source of a value, and the names in it."""
        self._used = set()
        return Expression(self._source(value), frozenset(self._used))

    def _source(self, value: Any) -> str:
        known = self._names.get(id(value))
        if known is not None:
            self._used.add(known)
            return known
        if isinstance(value, np.ndarray):
            return self._view(value)
        if type(value) in (list, tuple):
            parts = ", ".join(map(self._source, value))
            return f"[{parts}]" if type(value) is list else f"({parts}{',' * (len(value) == 1)})"
        if type(value) is dict:
            parts = (f"{self._source(key)}: {self._source(part)}" for key, part in value.items())
            return f"{{{', '.join(parts)}}}"
        if value is None or isinstance(value, (bool, str)) or type(value) is int:
            return repr(value)
        if type(value) is float and np.isfinite(value):
            return repr(value)
        if isinstance(value, np.generic):
            self.refuse("a kernel is given a number that NumPy computed")
        return self._constant(value)

    def _constant(self, value: Any) -> str:
        """Return a name for what is the same in each run."""
        if isinstance(value, slice):
            parts = (value.start, value.stop, value.step)
            is_constant = all(part is None or type(part) is int for part in parts)
        elif isinstance(value, FunctionType):
            cells = value.__closure__ or ()
            is_constant = all(self.knows(cell.cell_contents) for cell in cells)
        else:
            is_constant = isinstance(value, (float, *_CONSTANT)) or value is default_generator
        if isinstance(value, Generator) and not is_constant:
            self.refuse("it draws from a Generator of its own")
        if not is_constant:
            self.refuse(f"an operation is given a {type(value).__name__}, which may change")
        name = getattr(value, "__name__", "constant")
        return self.add_constant(value, f"{name}_" if name.isidentifier() else "constant_")

    def add_constant(self, value: Any, stem: str) -> str:
        """Return the name of a value that is the same in each run."""
        name = self._names.get(id(value)) or self.add(value, stem)
        self.constants[name] = value
        return name

    def _view(self, array: np.ndarray) -> str:
        """Return the source of an array that has no name, but lies in the memory of one that has."""
        first, end = np.lib.array_utils.byte_bounds(array)
        for owner in self._in_memory.get(_owner(array), ()):
            name = self._names.get(id(owner))
            if name is None or owner.dtype != array.dtype or not array.size:
                continue
            start, stop = np.lib.array_utils.byte_bounds(owner)
            if not start <= first <= end <= stop:
                continue
            self._used.add(name)
            shape, strides = array.shape, array.strides
            if shape == owner.shape and strides == owner.strides and first == start:
                return name
            if shape == owner.shape[::-1] and strides == owner.strides[::-1] and first == start:
                return f"{name}.T"
            if owner.flags.c_contiguous:
                if array.flags.c_contiguous and array.size == owner.size:
                    return f"{name}.reshape({shape})"
                self.constants["ndarray"] = np.ndarray
                offset = array.ctypes.data - owner.ctypes.data
                return f"ndarray({shape}, {name}.dtype, {name}, {offset}, {strides})"
        if array.base is None and not array.flags.writeable:  # made once, and shared
            return self.add_constant(array, "constant_")
        self.refuse(
            f"an array of shape {list(array.shape)} does not come from an argument or a kernel: NumPy made it, or it "
            f"was made in the function (make constants outside of it, as Tensors)"
        )


def _owner(array: np.ndarray) -> int:
    """The id of the array whose memory this one is in."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return id(array)
