"""The IDX format, in which MNIST and its relatives are published.

    two zero bytes, a type code, the number of dimensions d      4 bytes
    the dimensions                                               d big-endian 32-bit integers
    the values, row-major                                        big-endian

Source: the description on the MNIST page, http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

_TYPES = {8: "u1", 9: "i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Return the array in an IDX file, which is gzipped if its name ends in .gz.

    ValueError, naming the file and what is wrong, unless it is exactly one complete IDX array.
    """
    path = Path(path)
    content = _unzipped(path) if path.suffix == ".gz" else path.read_bytes()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise ValueError(
            f"{path}: not an IDX file: it starts with {content[:4]!r}, "
            "not with two zero bytes, a type code and the number of dimensions"
        )
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError(f"{path}: truncated: it ends within its list of dimensions")
    shape = tuple(np.frombuffer(content[4:start], ">u4").tolist())
    dtype = np.dtype(_TYPES[content[2]])
    expected, found = math.prod(shape) * dtype.itemsize, len(content) - start
    if found != expected:
        raise ValueError(
            f"{path}: {'truncated' if found < expected else 'trailing bytes'}: its header says "
            f"{' x '.join(map(str, shape))} values = {expected} bytes, but {found} follow"
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def _unzipped(path: Path) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.open(path) as file:
            return file.read()
    except EOFError:
        raise ValueError(f"{path}: truncated: the gzip stream ends before its end mark") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: not an intact gzip file: {error}") from None
