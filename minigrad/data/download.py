"""Where the files of the image datasets are, or can be fetched from."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Folder = str | os.PathLike[str] | None

# Seconds within which a mirror must answer: the most that a missing network costs.
PATIENCE = 5.0


class DatasetNotFoundError(RuntimeError):
    """A dataset's files are nowhere here, and were not (or could not be) downloaded."""


@dataclass(frozen=True)
class Source:
    """The published files of one dataset.

    folders    where they lie below a data folder; a download goes to the first
    mirrors    where they can be fetched from, in order of preference
    checksums  SHA-256 of each file
    """

    name: str
    folders: tuple[str, ...]
    mirrors: tuple[str, ...]
    checksums: dict[str, str]


MNIST = Source(
    "MNIST",
    ("MNIST/raw", "mnist"),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    {
        "train-images-idx3-ubyte.gz": (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
)

FASHION_MNIST = Source(
    "FashionMNIST",
    ("FashionMNIST/raw", "fashion-mnist"),
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    {
        "train-images-idx3-ubyte.gz": (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
        ),
        "train-labels-idx1-ubyte.gz": (
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
        ),
    },
)


def data_folders() -> list[Path]:
    """Return the folders where data is looked for by default: MINIGRAD_DATA_DIR, the cache."""
    named = os.environ.get("MINIGRAD_DATA_DIR")
    return [Path(named).expanduser(), cache_folder()] if named else [cache_folder()]


def cache_folder() -> Path:
    """Return where downloads without a root go: minigrad/ in XDG_CACHE_HOME, or in ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "minigrad"


def find(source: Source, names: list[str], root: Folder, download: bool) -> list[Path]:
    """Return the paths of these files of `source`, each as it is named or gzipped.

    With `download` they are fetched if they are nowhere. DatasetNotFoundError says where they were
    looked for, and why they could not be fetched.
    """
    paths = _local(source, names, root)
    places = ", ".join(map(str, _candidates(source, root)))
    if paths is None and download:
        try:
            _download(source, Path(root).expanduser() if root else cache_folder())
        except DatasetNotFoundError as error:
            raise DatasetNotFoundError(f"{error}; and it is in none of {places}") from None
        paths = _local(source, names, root)
    if paths is None:
        raise DatasetNotFoundError(
            f"{source.name} not found: {' and '.join(names)} (or .gz) are in none of {places}. "
            "Use download=True to download it, or set MINIGRAD_DATA_DIR to a folder that holds "
            f"{source.folders[1]}/"
        )
    return paths


def _candidates(source: Source, root: Folder) -> Iterator[Path]:
    if root:
        yield from (Path(root).expanduser() / below for below in (*source.folders, "."))
    for folder in data_folders():
        yield from (folder / below for below in source.folders)


def _local(source: Source, names: list[str], root: Folder) -> list[Path] | None:
    for folder in _candidates(source, root):
        found = {
            name: path
            for name in names
            for path in (folder / f"{name}.gz", folder / name)
            if path.is_file()
        }
        if len(found) == len(names):
            _check_owner(found[names[-1]], source)
            return [found[name] for name in names]
    return None


def _check_owner(path: Path, source: Source) -> None:
    """The datasets' files have the same names: refuse labels that are another dataset's."""
    if path.suffix != ".gz":
        return
    import hashlib

    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    for other in (MNIST, FASHION_MNIST):
        if other is not source and checksum in other.checksums.values():
            raise ValueError(f"{path}: these are {other.name}'s labels, not {source.name}'s")


def _download(source: Source, folder: Path) -> None:
    try:
        import pooch
    except ModuleNotFoundError:
        raise DatasetNotFoundError(
            f"downloading {source.name} needs pooch, which is not installed: "
            "pip install 'minigrad[data]'"
        ) from None
    mirrors = _answering_mirrors(source)
    downloader = pooch.HTTPDownloader(timeout=PATIENCE)
    folder = folder / source.folders[0]
    folder.mkdir(parents=True, exist_ok=True)
    for name, checksum in source.checksums.items():
        failures = []
        for mirror in mirrors:
            try:
                pooch.retrieve(
                    mirror + name, f"sha256:{checksum}", name, folder, downloader=downloader
                )
                break
            except (OSError, ValueError) as error:
                failures.append(f"{mirror}: {error}")
        else:
            raise DatasetNotFoundError(
                f"{source.name}: no mirror delivered {name}: {'; '.join(failures)}"
            )


def _answering_mirrors(source: Source) -> list[str]:
    """Return the mirrors, the first one that answers in front.

    All are asked at once, in threads that may be left behind: looking up a name and connecting to
    each of its addresses can take minutes where there is no network, whatever the timeout.
    """
    import urllib.request
    from http.client import HTTPException

    name = min(source.checksums)
    answers: queue.SimpleQueue[tuple[str, Exception | None]] = queue.SimpleQueue()

    def ask(mirror: str) -> None:
        try:
            request = urllib.request.Request(mirror + name, method="HEAD")
            urllib.request.urlopen(request, timeout=PATIENCE).close()
            answers.put((mirror, None))
        except (OSError, HTTPException) as error:
            answers.put((mirror, error))

    for mirror in source.mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    deadline = time.monotonic() + PATIENCE
    reasons = dict.fromkeys(source.mirrors, f"no answer within {PATIENCE:g} seconds")
    for _ in source.mirrors:
        try:
            first, error = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if error is None:
            return [first, *(mirror for mirror in source.mirrors if mirror != first)]
        reasons[first] = str(error)
    told = (
        f"{reason} ({', '.join(mirror for mirror in reasons if reasons[mirror] == reason)})"
        for reason in dict.fromkeys(reasons.values())
    )
    raise DatasetNotFoundError(f"{source.name} cannot be downloaded: {'; '.join(told)}")
