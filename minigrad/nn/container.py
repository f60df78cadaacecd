"""Modules that hold modules: Sequential, ModuleList, ModuleDict."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import index as as_index
from typing import Any, TypeVar

from .module import Module

T = TypeVar("T", bound="Numbered")


class Numbered(Module):
    """Child modules in an order, as a list has them; they are named "0", "1", ... unless named."""

    def _name_of(self, index: int) -> str:
        names = list(self._module_names)
        if not -len(names) <= as_index(index) < len(names):
            raise IndexError(f"index {index} is out of range: there are {len(names)} modules")
        return names[index]

    def _replace_all(self, modules: Iterable[Module]) -> None:
        self._modules.clear()
        for name, module in enumerate(modules):
            self.add_module(str(name), module)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(*self._arguments(list(self._modules.items())[index]))
        return self.__dict__[self._name_of(index)]

    def _arguments(self, items: list[tuple[str, Module]]) -> tuple[Any, ...]:
        return ([module for _, module in items],)

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_of(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = list(self)
        del modules[index]
        self._replace_all(modules)

    def __len__(self) -> int:
        return len(self._module_names)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def append(self: T, module: Module) -> T:
        """Add a module at the end; return itself."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: T, modules: Iterable[Module]) -> T:
        """Add modules at the end; return itself."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self: T, index: int, module: Module) -> T:
        """Put a module before the one at `index`; return itself."""
        modules = list(self)
        modules.insert(index, module)
        self._replace_all(modules)
        return self

    def pop(self, index: int = -1) -> Module:
        """Take away the module at `index`, and return it."""
        module = self[index]
        del self[index]
        return module

    def __iadd__(self: T, modules: Iterable[Module]) -> T:
        return self.extend(modules)


class Sequential(Numbered):
    """Apply modules one after the other: `Sequential(Linear(784, 128), ReLU(), Linear(128, 10))`.

    An OrderedDict gives them names. `net[0]` is a module, `net[:2]` a Sequential of the same ones.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self._replace_all(args)

    def _arguments(self, items: list[tuple[str, Module]]) -> tuple[Any, ...]:
        return (OrderedDict(items),)

    def forward(self, input: Any) -> Any:
        attributes = self.__dict__
        for name in self._module_names:
            input = attributes[name](input)
        return input


class ModuleList(Numbered):
    """A list of modules whose parameters are those of the module that holds it."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self._replace_all(modules)

    def _child_reprs(self) -> list[str]:
        lines, start = [], 0
        for shown, group in groupby(map(repr, self)):
            count = len(list(group))
            if count == 1:
                lines.append(f"({start}): {shown}")
            else:
                lines.append(f"({start}-{start + count - 1}): {count} x {shown}")
            start += count
        return lines


class ModuleDict(Module):
    """A dictionary of modules whose parameters are those of the module that holds it."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def __getitem__(self, key: str) -> Module:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._module_names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._module_names)

    def __contains__(self, key: str) -> bool:
        return key in self._module_names

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """Return the modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """Return names and modules."""
        return self._modules.items()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules by name, or replace them."""
        for name, module in dict(modules).items():
            self.add_module(name, module)

    def pop(self, key: str) -> Module:
        """Take away a module by its name, and return it."""
        return self._modules.pop(key)
