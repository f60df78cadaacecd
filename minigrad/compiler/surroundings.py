"""Surroundings: what a function reads by name and was not given: its closure, globals, attributes, lists and dicts.

Python does not run again once a function is recorded. So what it may have read is looked at instead, at each call:
whether the names still stand for the same. Only what is changed behind more than that (in an object that an object
holds, in a long list) goes unseen.
"""

from __future__ import annotations

import dis
import functools
import sys
from collections.abc import Callable, Iterator
from operator import attrgetter, eq, getitem, is_
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..autograd.op import Variable
from ..nn.module import Module
from ..optim.optimizer import Optimizer

# Lists and dicts of more than that are looked at as a whole only.
_SHORT = 32
# Lists of dicts are looked into, no deeper.
_DEEP = 3
_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_LIBRARIES = {__name__.partition(".")[0], "numpy", "builtins", *sys.stdlib_module_names} - {
    "__main__"
}
_contents = attrgetter("cell_contents")


def distinct(value: Any) -> Any:
    """Return what is equal only for values that are the same: 1, 1.0 and True are not, nor are 0.0 and -0.0."""
    if isinstance(value, tuple):
        return type(value), *map(distinct, value)
    return type(value), str(value) if isinstance(value, float) else value


class Surroundings:
    """The values that the names in `function` stand for, and in the functions that it calls by name.

    iterator  the name of an iterator among them, of which each call takes another value; None if there is none
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.iterator: str | None = None
        self._names: list[str] = []  # of what is in the next three
        self._holders: list[Any] = []  # dicts and lists: of globals, attributes, items
        self._keys: list[Any] = []
        self._values: list[Any] = []
        self._variables: list[str] = []  # of closures
        self._cells: list[CellType] = []
        self._contents: list[Any] = []
        self._sized: list[Any] = []
        self._sizes: list[int] = []
        self._lists: list[tuple[str, Any, Any]] = []  # name, list or dict, copy
        self._seen: set[tuple[int, int]] = set()
        known = isinstance(function, (FunctionType, MethodType, functools.partial, Module))
        self._visit("", function if known else function.__call__, None, 0)
        del self._seen

    def are_same(self) -> bool:
        """Return whether all names stand for the same values as before."""
        try:
            return (
                all(map(is_, map(getitem, self._holders, self._keys), self._values))
                and all(map(is_, map(_contents, self._cells), self._contents))
                and all(map(eq, map(len, self._sized), self._sizes))
            ) or self._are_equal()
        except (KeyError, IndexError, ValueError):  # ValueError: of an empty cell
            return False

    def _are_equal(self) -> bool:
        """Whether what is not the same are equal numbers or strings, which are remembered."""
        values = list(map(getitem, self._holders, self._keys))
        contents = list(map(_contents, self._cells))
        pairs = [
            *zip(values, self._values, strict=True),
            *zip(contents, self._contents, strict=True),
        ]
        if list(map(len, self._sized)) != self._sizes or not all(
            now is then or (_is_plain(now) and _is_plain(then) and distinct(now) == distinct(then))
            for now, then in pairs
        ):
            return False
        self._values, self._contents = values, contents
        return True

    def changed(self) -> str | None:
        """Return the name of a variable, list or dict that is not what it was; None if there is none."""
        for name, holder, key, value in zip(
            self._names, self._holders, self._keys, self._values, strict=True
        ):
            if key not in (holder if hasattr(holder, "keys") else range(len(holder))):
                return name
            if holder[key] is not value:
                return name
        for name, cell, value in zip(self._variables, self._cells, self._contents, strict=True):
            if cell.cell_contents is not value:
                return name
        for name, values, copy in self._lists:
            if not _has_same(values, copy):
                return name
        return None

    def restore(self) -> None:
        """Put back what was there."""
        for holder, key, value in zip(self._holders, self._keys, self._values, strict=True):
            if isinstance(holder, dict):
                holder[key] = value
        for cell, value in zip(self._cells, self._contents, strict=True):
            cell.cell_contents = value
        for _, values, copy in self._lists:
            if not _has_same(values, copy):
                values.clear()
                (values.update if isinstance(values, dict) else values.extend)(copy)

    def holders_of(self, functions: dict[int, Any]) -> Iterator[tuple[Any, Any, Any]]:
        """Where names stand for one of these functions, by id: in which dict, list or cell, at what, and which."""
        for holder, key, value in zip(self._holders, self._keys, self._values, strict=True):
            if id(value) in functions and isinstance(holder, (dict, list)):
                yield holder, key, value
        for cell, value in zip(self._cells, self._contents, strict=True):
            if id(value) in functions:
                yield cell, "cell_contents", value

    # What is looked at

    def _add(self, name: str, holder: Any, key: Any, code: CodeType | None, depth: int) -> None:
        value = holder[key]
        if not isinstance(value, ModuleType):
            self._names.append(name)
            self._holders.append(holder)
            self._keys.append(key)
            self._values.append(value)
        self._visit(name, value, code, depth)

    def _visit(self, name: str, value: Any, code: CodeType | None, depth: int) -> None:
        """Look at what `value`, read in `code`, holds that may be read there too."""
        if isinstance(value, (*_PLAIN, Variable, np.ndarray, np.generic)):
            return
        if (id(value), id(code)) in self._seen:
            return
        self._seen.add((id(value), id(code)))
        kind = type(value)
        if kind is FunctionType:
            self._visit_function(value)
        elif kind is MethodType:
            self._visit(name, value.__func__, code, depth)
            self._visit(name, value.__self__, value.__func__.__code__, depth)
        elif kind is functools.partial:
            for part in (value.func, value.args, value.keywords):
                self._visit(name, part, code, depth)
        elif kind in (list, dict):
            self._lists.append((name, value, value.copy()))
            self._sized.append(value)
            self._sizes.append(len(value))
            if len(value) <= _SHORT and depth < _DEEP:
                for key in value if kind is dict else range(len(value)):
                    self._add(f"{name}[{key!r}]", value, key, code, depth + 1)
        elif kind is tuple:
            for part in value:
                self._visit(name, part, code, depth + 1)
        elif isinstance(value, Optimizer):
            # What a step reads of them is read at each step; what it writes would be lost.
            groups = vars(value)["param_groups"]
            self._lists += [(f"the options of {kind.__name__}", g, g.copy()) for g in groups]
        elif isinstance(value, Module):
            for module in value.modules():
                for method in _functions(type(module)):
                    self._visit_function(method)
                    for key in _mentions_in(method.__code__).attributes & vars(module).keys():
                        if type(vars(module)[key]) in (list, dict):
                            self._visit(f"{name}.{key}", vars(module)[key], None, 0)
        elif hasattr(kind, "__next__"):
            self.iterator = self.iterator or name
        elif hasattr(value, "__wrapped__"):
            self._visit(name, value.__wrapped__, code, depth)
        elif code is not None and not _is_library(value):
            self._visit_attributes(name, value, code, depth)

    def _visit_function(self, function: FunctionType) -> None:
        if _is_library(function) or (id(function), 0) in self._seen:
            return
        self._seen.add((id(function), 0))
        code = function.__code__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            try:
                value = cell.cell_contents
            except ValueError:  # not set yet
                continue
            if not any(cell is known for known in self._cells):
                self._variables.append(name)
                self._cells.append(cell)
                self._contents.append(value)
            self._visit(name, value, code, 0)
        for name in _mentions_in(code).globals:
            if name in function.__globals__:
                self._add(name, function.__globals__, name, code, 0)
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._visit(function.__name__, value, code, 0)

    def _visit_attributes(self, name: str, value: Any, code: CodeType, depth: int) -> None:
        """Look at the attributes of an object, class or module that `code` may name."""
        classes = value.__mro__ if isinstance(value, type) else type(value).__mro__
        holders = [vars(value)] if hasattr(value, "__dict__") else []
        holders += [vars(kind) for kind in classes if not _is_library(kind)]
        for key in _mentions_in(code).attributes:
            for holder in holders:
                if key in holder:
                    found = holder[key]
                    found = getattr(found, "fget", None) or getattr(found, "__func__", found)
                    if found is holder[key]:
                        self._add(f"{name}.{key}", holder, key, code, depth + 1)
                    self._visit(f"{name}.{key}", found, code, depth + 1)
                    if type(found) is FunctionType:  # a method, that reads other attributes
                        self._visit(name, value, found.__code__, depth)
                    break


class Mentions(NamedTuple):
    """What a function names, itself or in functions that it makes."""

    globals: set[str]
    attributes: set[str]


@functools.cache
def _mentions_in(code: CodeType) -> Mentions:
    names = Mentions(set(), set())
    for instruction in dis.get_instructions(code):
        if instruction.opname.endswith(("_GLOBAL", "_NAME")):
            names.globals.add(instruction.argval)
        elif instruction.opname.endswith(("_ATTR", "_METHOD")):
            names.attributes.add(instruction.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for mine, others in zip(names, _mentions_in(inner), strict=True):
                mine |= others
    return names


def _functions(kind: type) -> Iterator[FunctionType]:
    """The methods of a class that are not a library's."""
    for base in kind.__mro__:
        if not _is_library(base):
            yield from (value for value in vars(base).values() if type(value) is FunctionType)


def _is_library(value: Any) -> bool:
    """Whether a function, class, module or object comes with Python, NumPy or this package.

    Objects in which programs keep their options are not meant."""
    if type(value).__name__ in ("Namespace", "SimpleNamespace"):
        return False
    if isinstance(value, ModuleType):
        origin = value.__name__
    else:
        origin = getattr(value, "__module__", None) or getattr(type(value), "__module__", "")
    return str(origin).partition(".")[0] in _LIBRARIES


def _is_plain(value: Any) -> bool:
    return isinstance(value, _PLAIN) or (type(value) is tuple and all(map(_is_plain, value)))


def _has_same(values: Any, copy: Any) -> bool:
    """Whether a list or dict holds the same as its copy."""
    if len(values) != len(copy):
        return False
    if isinstance(values, dict):
        return all(key in values and values[key] is value for key, value in copy.items())
    return all(map(is_, values, copy))
