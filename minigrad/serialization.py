"""Saving and loading nested dicts and lists of Tensors, arrays and plain values: state dicts.

A saved file is a zip archive in NumPy's .npz format: one .npy member for each array, named by its
key path, so that `numpy.load(path)["fc1.weight"]` finds it; and `structure.json`, which says how
the values nest:

    null, true, 1, 0.5, "text", [...]     None, bool, int, float, str, list
    {"dict": [[key, value], ...]}         dict, in its order
    {"tuple": [...]}                      tuple
    {"tensor": member}                    Tensor; "array": ndarray; "scalar": NumPy scalar

Nothing is ever pickled or unpickled, so a file from anywhere can be loaded.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from .autograd.op import wrap
from .ops.conversion import check_device
from .tensor import Tensor

if TYPE_CHECKING:
    from zipfile import ZipFile

__all__ = ["load", "save"]

_STRUCTURE = "structure.json"


def save(obj: Any, path: str | os.PathLike[str] | IO[bytes]) -> None:
    """Write `obj` to a file, perhaps an open one, that `load` reads back bit-exactly.

    `obj` is a Tensor, ndarray, number, string, None, or dicts, lists and tuples of them. Of a
    Tensor its values are saved, not its graph. A path that ends in .safetensors takes a flat dict
    of Tensors, in that format (extra `safetensors`). Whatever interrupts the writing, a file that
    was there before stays as it was. TypeError names the key of what cannot be saved.
    """
    if not isinstance(path, (str, os.PathLike)):
        _check_open("save", path, "write")
        writer = _Writer()
        _write_zip(path, writer.encode(obj, ()), writer.members)
        return
    path = os.fspath(path)
    if path.endswith(".safetensors"):
        content = _safetensors().save(_flat(obj))
        _replace(path, lambda file: file.write(content))
    else:
        writer = _Writer()
        structure = writer.encode(obj, ())
        _replace(path, lambda file: _write_zip(file, structure, writer.members))


def load(
    path: str | os.PathLike[str] | IO[bytes], map_location: Any = None, *, weights_only: bool = True
) -> Any:
    """Return what was saved to `path`, or to this open file; no Tensor in it requires a gradient.

    ValueError, naming the file and what is wrong, if it is damaged or no file of ours. Files that
    hold pickles are refused, whatever `weights_only` is. RuntimeError for a `map_location` that is
    a device other than the CPU.
    """
    if isinstance(map_location, str):
        check_device(map_location)
    if not isinstance(path, (str, os.PathLike)):
        _check_open("load", path, "read")
        return _read(path, getattr(path, "name", "the open file"))
    path = os.fspath(path)
    if path.endswith(".safetensors"):
        return _load_safetensors(path)
    with open(path, "rb") as file:
        return _read(file, path)


def _check_open(name: str, file: Any, needed: str) -> None:
    if not hasattr(file, needed):
        raise AttributeError(
            f"{name}: expected a path, or an open file with a {needed!r} method, not {file!r}"
        )


def _read(file: IO[bytes], name: str) -> Any:
    try:
        return _read_zip(file)
    except Exception as error:  # damage shows in zipfile, zlib, json and NumPy, in many ways
        reason = str(error) or type(error).__name__
        raise ValueError(f"{name}: cannot be loaded: {reason}") from error


class _Writer:
    """Turns values into JSON, and collects the arrays in them as members of the archive."""

    def __init__(self) -> None:
        self.members: dict[str, np.ndarray] = {}

    def encode(self, value: Any, keys: tuple[Any, ...]) -> Any:
        """Return `value`, found under `keys`, as JSON."""
        if isinstance(value, Tensor):
            return {"tensor": self.add(value.array, keys)}
        if isinstance(value, np.ndarray):
            return {"array": self.add(value, keys)}
        if isinstance(value, np.generic):
            return {"scalar": self.add(np.asarray(value), keys)}
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, dict):
            items = [
                (self.encode_key(k, keys), self.encode(v, (*keys, k))) for k, v in value.items()
            ]
            return {"dict": items}
        if type(value) in (list, tuple):
            values = [self.encode(v, (*keys, i)) for i, v in enumerate(value)]
            return values if type(value) is list else {"tuple": values}
        raise _unsavable(value, keys)

    def encode_key(self, key: Any, keys: tuple[Any, ...]) -> Any:
        if key is None or type(key) in (bool, int, float, str):
            return key
        raise TypeError(f"save: the key {key!r} in {_where(keys)} is neither a string nor a number")

    def add(self, array: np.ndarray, keys: tuple[Any, ...]) -> str:
        if array.dtype.hasobject:
            raise _unsavable(array, keys)
        path = "/".join(map(str, keys)) or "value"
        name = stem = re.sub(r"[^\w./ -]", "_", path)[:200]  # zip's names are not quite free
        count = 1
        while name in self.members:  # {"a/b": x, "a": {"b": y}}
            count += 1
            name = f"{stem} ({count})"
        self.members[name] = np.asarray(array, order="C")
        return name


def _where(keys: tuple[Any, ...]) -> str:
    return "".join(f"[{key!r}]" for key in keys) or "the object"


def _unsavable(value: Any, keys: tuple[Any, ...]) -> TypeError:
    kind = (
        f"dtype {value.dtype}" if isinstance(value, np.ndarray) else f"type {type(value).__name__}"
    )
    state = "; of this object its state_dict()" if hasattr(value, "state_dict") else ""
    return TypeError(
        f"save: {_where(keys)} is of {kind}; what can be saved are Tensors, arrays, numbers, "
        f"strings, None, and dicts, lists and tuples of them{state}"
    )


def _replace(path: str, write: Callable[[IO[bytes]], Any]) -> None:
    """Have `write` make a new file, and put it in the place of `path` once it is complete."""
    target = os.path.realpath(path)
    if not os.path.isdir(folder := os.path.dirname(target)):
        from errno import ENOENT  # here: the import of minigrad loads no more than it needs

        raise FileNotFoundError(ENOENT, f"save: the folder of {path} does not exist", folder)
    temporary = f"{target}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _write_zip(file: IO[bytes], structure: Any, members: dict[str, np.ndarray]) -> None:
    import json
    from zipfile import ZipFile, ZipInfo

    # ZipInfo's fixed date: the same values make the same bytes.
    with ZipFile(file, "w") as archive:
        archive.writestr(ZipInfo(_STRUCTURE), json.dumps(structure))
        for name, array in members.items():
            with archive.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def _read_zip(file: IO[bytes]) -> Any:
    import json
    from zipfile import ZipFile, is_zipfile

    at, start = file.tell(), file.read(4)
    if not is_zipfile(file):
        if start == b"PK\3\4":
            raise ValueError("it is truncated: the end of its archive is missing")
        raise ValueError(f"minigrad.save did not write it: it starts with {start!r}")
    with ZipFile(file) as archive:
        names = archive.namelist()
        if names and at < archive.infolist()[0].header_offset:
            raise ValueError(
                "it holds several archives, and only the last can be read: save one dict of all"
            )
        if any(name.endswith(".pkl") for name in names):
            raise ValueError("it holds a pickle, as torch.save writes; pickles are never loaded")
        if _STRUCTURE not in names:
            raise ValueError(f"it holds no {_STRUCTURE}, so minigrad.save did not write it")
        return _decode(json.loads(archive.read(_STRUCTURE)), archive)


def _decode(node: Any, archive: ZipFile) -> Any:
    if isinstance(node, list):
        return [_decode(value, archive) for value in node]
    if not isinstance(node, dict):
        return node
    ((kind, content),) = node.items()
    if kind == "dict":
        return {key: _decode(value, archive) for key, value in content}
    if kind == "tuple":
        return tuple(_decode(value, archive) for value in content)
    if kind not in ("tensor", "array", "scalar"):
        raise ValueError(f"its structure holds {kind!r}, which this version does not know")
    with archive.open(f"{content}.npy") as member:
        array = np.lib.format.read_array(member, allow_pickle=False)
        if member.read(1):
            raise ValueError(f"bytes follow the array {content!r}")
    if kind == "tensor":
        return wrap(array)
    return array if kind == "array" else array[()]


def _safetensors() -> Any:
    try:
        import safetensors.numpy
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "files that end in .safetensors need safetensors, which is not installed: "
            "pip install 'minigrad[safetensors]'"
        ) from None
    return safetensors.numpy


def _flat(obj: Any) -> dict[str, np.ndarray]:
    """Return a dict of Tensors as one of contiguous arrays, all that safetensors can hold."""
    if not isinstance(obj, dict):
        raise TypeError(
            f"save: .safetensors holds a flat dict of Tensors, not a {type(obj).__name__}"
        )
    arrays = {}
    for key, value in obj.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise TypeError(
                f"save: .safetensors holds a flat dict of Tensors by name; [{key!r}] is of "
                f"type {type(value).__name__}; save to another suffix, such as .npz"
            )
        arrays[key] = np.asarray(value.array, order="C")
    return arrays


def _load_safetensors(path: str) -> dict[str, Tensor]:
    with open(path, "rb") as file:
        content = file.read()
    module = _safetensors()
    try:
        return {name: wrap(array) for name, array in module.load(content).items()}
    except Exception as error:
        raise ValueError(f"{path}: cannot be loaded: {error}") from error
