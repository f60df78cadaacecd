"""Modules that hold modules, Sequential, ModuleList, ModuleDict, or parameters, ParameterList,
ParameterDict."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from itertools import groupby
from operator import index as as_index
from typing import Any, TypeVar

from ..tensor import Tensor
from .module import Module
from .parameter import Parameter

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

    def __add__(self: T, other: Iterable[Module]) -> T:
        return type(self)().extend(self).extend(other)


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

    def __mul__(self, times: int) -> Sequential:
        return Sequential().extend(list(self) * self._positive(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        return self.extend(list(self) * (self._positive(times) - 1))

    def _positive(self, times: int) -> int:
        if not isinstance(times, int):
            raise TypeError(f"unsupported operand type(s) for *: {type(self)} and {type(times)}")
        if times <= 0:
            raise ValueError(f"Non-positive multiplication factor {times} for {type(self)}")
        return times

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

    def clear(self) -> None:
        """Take all modules away."""
        self._modules.clear()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules by name, or replace them."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"ModuleDict.update should be called with an iterable of key/value pairs, but got "
                f"{type(modules).__name__}"
            )
        for name, module in dict(modules).items():
            self.add_module(name, module)

    def pop(self, key: str) -> Module:
        """Take away a module by its name, and return it."""
        return self._modules.pop(key)


class ParameterList(Module):
    """A list of parameters, which are those of the module that holds it.

    Tensors become Parameters; what is no Tensor is kept as it is.
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(values or ())

    def _name_of(self, index: int) -> str:
        if not -self._size <= as_index(index) < self._size:
            raise IndexError(f"index {index} is out of range: there are {self._size} values")
        return str(index % self._size)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self.__dict__[self._name_of(index)]

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name_of(index), _as_parameter(value))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return (self.__dict__[str(i)] for i in range(self._size))

    def append(self, value: Any) -> ParameterList:
        """Add a value at the end; return itself."""
        self._size += 1
        self[-1] = value
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add values at the end; return itself."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(
                f"ParameterList.extend should be called with an iterable, but got "
                f"{type(values).__name__}"
            )
        for value in list(values):
            self.append(value)
        return self

    __iadd__ = extend

    def __repr__(self) -> str:
        return _values_repr(self, enumerate(self))


class ParameterDict(Module, MutableMapping[str, Any]):  # type: ignore[misc]
    """A dictionary of parameters, which are those of the module that holds it.

    Tensors become Parameters; what is no Tensor is kept as it is.
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, bool] = {}
        self.update(parameters or {})

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return self.__dict__[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(
                f"Index given to ParameterDict cannot be used as a key as it is not a string "
                f"(type is {type(key).__name__!r})."
            )
        if key not in self._keys and hasattr(self, key):
            raise KeyError(f"attribute {key!r} already exists")
        setattr(self, key, _as_parameter(value))
        self._keys[key] = True

    def __delitem__(self, key: str) -> None:
        self[key]
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def copy(self) -> ParameterDict:
        """Return another one of the same parameters."""
        return ParameterDict(self)

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """Return one with `default` under each of the keys."""
        return ParameterDict(dict.fromkeys(keys, default))

    def popitem(self) -> tuple[str, Any]:
        """Take away the last one; return its key and value."""
        if not self._keys:
            raise KeyError("popitem(): the ParameterDict is empty")
        key = next(reversed(self))
        return key, self.pop(key)

    def __or__(self, other: Mapping[str, Any]) -> ParameterDict:
        return ParameterDict({**self, **other})

    def __ror__(self, other: Mapping[str, Any]) -> ParameterDict:
        return ParameterDict({**other, **self})

    def __ior__(self, other: Mapping[str, Any]) -> ParameterDict:
        self.update(other)
        return self

    __hash__ = Module.__hash__
    __eq__ = Module.__eq__

    def __repr__(self) -> str:
        return _values_repr(self, self.items())


def _as_parameter(value: Any) -> Any:
    if isinstance(value, Tensor) and not isinstance(value, Parameter):
        return Parameter(value)
    return value


def _values_repr(module: Module, items: Iterable[tuple[Any, Any]]) -> str:
    lines = []
    for name, value in items:
        shown = f"Object of type: {type(value).__name__}"
        if isinstance(value, Parameter):
            size = "x".join(map(str, value.shape))
            shown = f"Parameter containing: [{value.dtype} of size {size}]"
        lines.append(f"    ({name}): {shown}\n")
    return f"{type(module).__name__}(" + ("\n" + "".join(lines) if lines else "") + ")"
