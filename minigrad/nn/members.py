"""The attributes of a Module that are parameters, buffers or modules, as mappings."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any


class Members(MutableMapping[str, Any]):
    """The attributes of one kind, as a mapping from name to value that can be written to."""

    __slots__ = ("_attributes", "_names")

    def __init__(self, attributes: dict[str, Any], names: dict[str, bool]) -> None:
        self._attributes = attributes
        self._names = names

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._attributes[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._attributes[name] = value
        self._names.setdefault(name, True)

    def __delitem__(self, name: str) -> None:
        del self._names[name], self._attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))
