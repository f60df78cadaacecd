"""Image datasets: where their files are found, what is refused, batches that are their items."""

import functools
import gzip
import hashlib
import http.server
import struct
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from minigrad.data import DataLoader, default_collate
from minigrad.data import download as files
from minigrad.data.datasets import MNIST, DatasetNotFoundError, Digits, FashionMNIST, ImageDataset
from minigrad.data.transforms import Compose, Flatten, Normalize, ToTensor
from minigrad.testing import assert_close

rng = np.random.default_rng(0)
IMAGES = rng.integers(0, 256, (7, 28, 28), np.uint8)
LABELS = rng.integers(0, 10, 7, np.uint8)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write(folder, images=IMAGES, labels=LABELS, part="train", zipped=True):
    """Write the two files of one part of an MNIST-like dataset."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        path = folder / f"{part}-{name}-ubyte{'.gz' if zipped else ''}"
        path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))


@pytest.fixture(autouse=True)
def _no_data_but_what_the_test_writes(tmp_path, monkeypatch):
    monkeypatch.delenv("MINIGRAD_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("cls", "below"),
    [
        (MNIST, "."),
        (MNIST, "mnist"),
        (MNIST, "MNIST/raw"),
        (FashionMNIST, "."),
        (FashionMNIST, "fashion-mnist"),
        (FashionMNIST, "FashionMNIST/raw"),
    ],
)
def test_found_in_root(tmp_path, cls, below, zipped):
    write(tmp_path / below, zipped=zipped)
    dataset = cls(tmp_path)
    assert len(dataset) == 7 and dataset.train
    assert dataset.data.dtype == np.uint8 and dataset.targets.dtype == np.int64
    np.testing.assert_array_equal(dataset.data.array, IMAGES)
    np.testing.assert_array_equal(dataset.targets.array, LABELS)


def test_the_test_part_has_files_of_its_own(tmp_path):
    write(tmp_path)
    write(tmp_path, IMAGES[:2], LABELS[:2], part="t10k")
    assert len(MNIST(tmp_path, train=False)) == 2


def test_root_comes_before_the_environment_before_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MINIGRAD_DATA_DIR", str(tmp_path / "env"))
    write(tmp_path / "cache" / "minigrad" / "mnist", IMAGES[:1], LABELS[:1])
    assert len(MNIST(tmp_path)) == 1
    write(tmp_path / "env" / "mnist", IMAGES[:2], LABELS[:2])
    assert len(MNIST(tmp_path)) == len(MNIST()) == 2
    write(tmp_path, IMAGES[:3], LABELS[:3])
    assert len(MNIST(tmp_path)) == 3


def test_missing_files_name_every_place_and_the_way_out(tmp_path):
    with pytest.raises(DatasetNotFoundError) as missing:
        MNIST(tmp_path)
    for part in (str(tmp_path / "mnist"), "train-images-idx3-ubyte", "download=True", "cache"):
        assert part in str(missing.value)


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (IMAGES, LABELS[:6], r"labels of shape \(6,\) for the 7 images"),
        (IMAGES, LABELS.reshape(7, 1), r"labels of shape \(7, 1\)"),
        (IMAGES.reshape(7, 784), LABELS, "expected bytes of shape"),
        (IMAGES, LABELS + np.uint8(9), "labels from 9 to .*, expected 0 to 9"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path, images, labels, reason):
    write(tmp_path, images, labels)
    with pytest.raises(ValueError, match=reason) as refusal:
        MNIST(tmp_path)
    assert str(tmp_path) in str(refusal.value)


def test_a_damaged_file_is_refused_with_its_path(tmp_path):
    write(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz: truncated"):
        MNIST(tmp_path)


# Items and batches.

MEAN_STD = Normalize((0.1307,), (0.3081,))
TRANSFORMS = {
    "none": None,
    "ToTensor": ToTensor(),
    "normalised": Compose([ToTensor(), MEAN_STD]),
    "flat": Compose([ToTensor(), MEAN_STD, Flatten()]),
    "flat bytes": Flatten(),
    "nothing": Compose([]),
    "any function": Compose([ToTensor(), lambda x: x * 2]),
    "numbers": lambda x: int(x.array.sum()),
}


@pytest.mark.parametrize("indices", [[0], [6, 0, 0, 3], [-1, 2]])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_batch_is_its_items(name, indices):
    dataset = ImageDataset(IMAGES, LABELS, TRANSFORMS[name])
    batch = dataset.get_batch(np.array(indices))
    expected = default_collate([dataset[i] for i in indices])
    for actual, wanted in zip(batch, expected, strict=True):
        assert_close(actual, wanted, rtol=0, atol=0)


def test_an_item_is_an_image_and_a_label():
    dataset = ImageDataset(IMAGES, LABELS, target_transform=lambda label: label + 100)
    image, label = dataset[3]
    assert image.shape == (28, 28) and label == LABELS[3] + 100
    assert dataset.get_batch(np.array([3]))[1].tolist() == [LABELS[3] + 100]


def test_an_item_can_be_changed_without_changing_the_dataset():
    dataset = ImageDataset(IMAGES.copy(), LABELS)
    dataset[0][0].array[...] = 0
    np.testing.assert_array_equal(dataset.data.array, IMAGES)


def test_what_a_transform_does_is_not_remembered_too_long():
    dataset = ImageDataset(IMAGES, LABELS, ToTensor())
    first = np.array([0])
    dataset.get_batch(first)
    dataset.transform = Compose([ToTensor(), Normalize(0.5, 0.5)])
    assert dataset.get_batch(first)[0].array.min() < 0
    dataset.data = dataset.data[:, ::2, ::2]
    assert_close(dataset.get_batch(first)[0], dataset[0][0][None], rtol=0, atol=0)
    dataset.data = ToTensor().batch(dataset.data)[:, 0]
    dataset.transform = None
    assert dataset.get_batch(first)[0].dtype == np.float32


def test_the_loader_delivers_every_image_with_its_label():
    images = np.arange(50, dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)
    dataset = ImageDataset(images, np.arange(50), ToTensor())
    seen = []
    for x, y in DataLoader(dataset, batch_size=8, shuffle=True):
        assert x.shape[1:] == (1, 4, 4)
        np.testing.assert_array_equal(x.array[:, 0, 2, 3], y.array.astype(np.float32) / 255)
        seen += y.tolist()
    assert sorted(seen) == list(range(50)) != seen


# The genuine data.


@pytest.mark.parametrize(("cls", "mean"), [(MNIST, 0.1307), (FashionMNIST, 0.2860)])
def test_the_genuine_files(data_dir, cls, mean):
    train, test = cls(data_dir), cls(data_dir, train=False)
    assert train.data.shape == (60_000, 28, 28) and test.data.shape == (10_000, 28, 28)
    assert set(test.targets.tolist()) == set(range(10))
    # The mean that everybody normalises it with.
    assert train.data.array.mean() / 255 == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("source", [files.MNIST, files.FASHION_MNIST], ids=lambda s: s.name)
def test_the_checksums_are_the_genuine_files(data_dir, source):
    for name, checksum in source.checksums.items():
        content = (data_dir / source.folders[1] / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum


def test_one_dataset_is_not_taken_for_the_other(data_dir):
    with pytest.raises(ValueError, match="these are MNIST's labels, not FashionMNIST's"):
        FashionMNIST(data_dir / "mnist")


class TestDigits:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("sklearn")

    def test_the_parts_are_fixed_and_have_their_share_of_each_digit(self):
        train, test = Digits(), Digits(train=False)
        assert len(train) == 1442 and len(test) == 355
        assert train.data.shape[1:] == (8, 8) and train.data.array.max() == 255
        share = np.bincount(test.targets.array) / np.bincount(train.targets.array)
        assert abs(share - 0.25).max() < 0.01
        together = {image.tobytes() for part in (train, test) for image in part.data.array}
        assert len(together) == 1797

    def test_batches(self):
        (x, y) = next(iter(DataLoader(Digits(transform=ToTensor()), batch_size=5)))
        assert x.shape == (5, 1, 8, 8) and y.tolist() == [0, 1, 2, 3, 4]


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(DatasetNotFoundError, match=r"minigrad\[examples\]"):
        Digits()


# Downloads, from a server of our own.


@pytest.fixture
def mirror(tmp_path):
    """A folder that is served, and the address it is served at."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def use(monkeypatch):
    """A function that makes MNIST come from other mirrors, with the checksums of other files."""

    def use_mirrors(mirrors, folder=None):
        checksums = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (folder.iterdir() if folder else ())
        }
        source = replace(files.MNIST, mirrors=tuple(mirrors))
        source = replace(source, checksums=checksums or source.checksums)
        monkeypatch.setattr(MNIST, "source", source)

    return use_mirrors


NOBODY = "http://127.0.0.1:9/"  # the discard port, where nothing listens


class TestDownload:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("pooch")

    @pytest.mark.parametrize("root", [None, "data"])
    def test_into_root_or_the_cache(self, tmp_path, mirror, use, root):
        folder, address = mirror
        write(folder)
        write(folder, IMAGES[:2], LABELS[:2], part="t10k")
        use([NOBODY, address], folder)
        root = root and tmp_path / root
        assert len(MNIST(root, download=True)) == 7
        use([NOBODY])
        assert len(MNIST(root, train=False, download=True)) == 2
        place = (root or tmp_path / "cache" / "minigrad") / "MNIST" / "raw"
        assert len(list(place.iterdir())) == 4

    def test_a_mirror_with_other_files_is_passed_over(self, tmp_path, mirror, use):
        folder, address = mirror
        write(folder / "good")
        write(folder / "bad", IMAGES[:1], LABELS[:1])
        use([address + "bad/", address + "good/"], folder / "good")
        assert len(MNIST(tmp_path, download=True)) == 7

    def test_wrong_files_everywhere_are_one_error(self, tmp_path, mirror, use):
        folder, address = mirror
        write(folder)
        use([address], folder)
        write(folder, IMAGES[:1], LABELS[:1])
        with pytest.raises(DatasetNotFoundError, match=r"no mirror delivered .*hash"):
            MNIST(tmp_path, download=True)

    def test_no_network_is_one_error(self, tmp_path, use):
        use([NOBODY, "http://no-such-host.invalid/"])
        with pytest.raises(DatasetNotFoundError, match="cannot be downloaded") as failure:
            MNIST(tmp_path, download=True)
        assert NOBODY in str(failure.value)
        assert str(tmp_path / "mnist") in str(failure.value)

    def test_a_silent_network_costs_no_more_than_the_patience(self, tmp_path, use, monkeypatch):
        import socket

        monkeypatch.setattr(files, "PATIENCE", 0.2)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            use([f"http://127.0.0.1:{silent.getsockname()[1]}/"] * 3)
            start = time.monotonic()
            with pytest.raises(DatasetNotFoundError, match="MNIST cannot be downloaded"):
                MNIST(tmp_path, download=True)
            assert time.monotonic() - start < 2


def test_without_pooch_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DatasetNotFoundError, match=r"minigrad\[data\]"):
        MNIST(tmp_path, download=True)
