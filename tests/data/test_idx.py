"""IDX files: every type is read, and every kind of damage refused with the file's path."""

import gzip
import struct

import numpy as np
import pytest

from minigrad.data.idx import read_idx


def idx(array, code=8):
    """The bytes of an IDX file of this array."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("zipped", [False, True])
def test_reads_plain_and_gzipped(tmp_path, zipped):
    path = tmp_path / ("x.gz" if zipped else "x")
    path.write_bytes(gzip.compress(idx(IMAGES)) if zipped else idx(IMAGES))
    read = read_idx(path)
    assert read.dtype == np.uint8 and read.flags.writeable
    np.testing.assert_array_equal(read, IMAGES)


@pytest.mark.parametrize(
    ("code", "dtype"), [(9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]
)
def test_reads_every_type_in_native_byte_order(tmp_path, code, dtype):
    values = np.array([-1, 0, 100], dtype)
    (tmp_path / "x").write_bytes(idx(values, code))
    read = read_idx(tmp_path / "x")
    assert read.dtype == dtype
    np.testing.assert_array_equal(read, values)


def test_reads_an_empty_array(tmp_path):
    (tmp_path / "x").write_bytes(idx(IMAGES[:0]))
    assert read_idx(tmp_path / "x").shape == (0, 3, 4)


PLAIN, ZIPPED = idx(IMAGES), gzip.compress(idx(IMAGES))
DAMAGED = {
    "empty": ("x", b"", "not an IDX file"),
    "wrong magic": ("x", b"\x89PNG" + PLAIN[4:], "not an IDX file: it starts with b'.x89PNG'"),
    "unknown type": ("x", b"\0\0\7\3" + PLAIN[4:], "not an IDX file"),
    "gzip without .gz": ("x", ZIPPED, "not an IDX file"),
    "header cut": ("x", PLAIN[:10], "truncated: it ends within its list of dimensions"),
    "values cut": ("x", PLAIN[:-1], "truncated: its header says 2 x 3 x 4 .* = 24 .* but 23"),
    "wrong size": ("x", PLAIN[:7] + b"\3" + PLAIN[8:], "truncated: its header says 3 x 3 x 4"),
    "trailing bytes": ("x", PLAIN + b"\0", "trailing bytes: .* = 24 bytes, but 25"),
    "not gzip": ("x.gz", PLAIN, "not an intact gzip file: Not a gzipped file"),
    "web page": ("x.gz", b"<!DOCTYPE html>", "not an intact gzip file"),
    "gzip cut": ("x.gz", ZIPPED[:-9], "truncated: the gzip stream ends"),
    "gzip checksum": ("x.gz", ZIPPED[:-8] + b"\1" + ZIPPED[-7:], "not an intact gzip file: CRC"),
    "gzip trailing": ("x.gz", ZIPPED + b"junk", "not an intact gzip file"),
    "gzip of something else": ("x.gz", gzip.compress(b"hello"), "not an IDX file"),
    "gzip trailing bytes inside": ("x.gz", gzip.compress(PLAIN + b"\0"), "trailing bytes"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_files_are_refused(tmp_path, damage):
    name, content, reason = DAMAGED[damage]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason) as refusal:
        read_idx(path)
    assert str(refusal.value).startswith(str(path))


def test_any_cut_is_refused(tmp_path):
    for name, content in (("x", PLAIN), ("x.gz", ZIPPED)):
        for end in range(len(content)):
            (tmp_path / name).write_bytes(content[:end])
            with pytest.raises(ValueError, match=name):
                read_idx(tmp_path / name)
