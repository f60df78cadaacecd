"""Image datasets: MNIST and Fashion-MNIST from their published files, scikit-learn's digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.op import wrap
from . import download as files
from .collate import default_collate
from .dataset import Dataset, examples, gather, gather_rows
from .download import DatasetNotFoundError, Folder
from .idx import read_idx
from .transforms.base import split_per_pixel, takes_batches

__all__ = ["MNIST", "DatasetNotFoundError", "Digits", "FashionMNIST", "ImageDataset"]


class ImageDataset(Dataset):
    """Images of bytes with labels: example i is (transform(data[i]), target_transform(label i)).

    Without a transform, an image is a uint8 Tensor.

    data     uint8 Tensor (N, H, W)
    targets  int64 Tensor (N,)
    classes  the name of each label
    """

    classes: tuple[str, ...] = ()

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        self.data = wrap(images)
        self.targets = wrap(labels.astype(np.int64))
        self.transform: Any = transform
        self.target_transform = target_transform
        self._pixels_of: tuple[Any, ...] = ()
        self._pixels: tuple[tuple[np.ndarray, tuple[int, ...]] | None, Any] = None, None

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image, label = wrap(self.data.array[index].copy()), int(self.targets.array[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def __len__(self) -> int:
        return len(self.data.array)

    def get_batch(self, indices: np.ndarray) -> list[Any]:
        if self.target_transform is not None:
            return default_collate(examples(self, indices))
        labels = wrap(self.targets.array[indices])
        if self.transform is None:
            return [gather(self.data, indices), labels]
        look_up, rest = self._look_up()
        if not takes_batches(rest):
            return default_collate(examples(self, indices))
        if look_up is None:
            return [self.transform.batch(gather(self.data, indices)), labels]
        values, shape = look_up
        images = gather_rows(self.data.array, indices, values)
        return [rest.batch(wrap(images.reshape(len(indices), *shape))), labels]

    def _look_up(self) -> tuple[tuple[np.ndarray, tuple[int, ...]] | None, Any]:
        """What the transform, as far as it is per pixel, makes of each of a byte's 256 values and
        of the images' shape; and the rest of the transform.

        None instead of the former if it does not make floats of them. Remembered as long as all is
        as it was.
        """
        images = self.data.array
        made_of = (self.transform, images.shape[1:], images.dtype, dtypes.get_default_dtype())
        if self._pixels_of != made_of:
            pixels = None
            head, rest = split_per_pixel(self.transform)
            if images.ndim == 3 and images.dtype == np.uint8:
                one_pixel_images = wrap(np.arange(256, dtype=np.uint8).reshape(256, 1, 1))
                values = head.batch(one_pixel_images).array.reshape(256)
                if values.dtype.kind == "f":
                    pixels = values, head.batch(wrap(images[:0])).shape[1:]
            self._pixels = pixels, rest
            self._pixels_of = made_of
        return self._pixels

    def __repr__(self) -> str:
        lines = [f"Dataset {type(self).__name__}", f"Number of datapoints: {len(self)}"]
        if self.transform is not None:
            lines.append(f"Transform: {self.transform!r}")
        return "\n    ".join(lines)


class MNIST(ImageDataset):
    """Handwritten digits: 60,000 images of 28x28 to train on, 10,000 to test on.

    The IDX files, gzipped or not, are looked for in `root` (itself, `mnist/`, torchvision's
    `MNIST/raw/`), in the folder MINIGRAD_DATA_DIR, and in the cache. With `download` they are
    fetched, and checked by their SHA-256, into `root` or the cache if they are nowhere (extra
    `data`). DatasetNotFoundError if there are none; ValueError for a file that is damaged.

    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998.
    """

    classes = (
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    )
    source = files.MNIST

    def __init__(
        self,
        root: Folder = None,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.train = train
        part = "train" if train else "t10k"
        names = [f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"]
        paths = files.find(self.source, names, root, download)
        images, labels = map(read_idx, paths)
        if images.dtype != np.uint8 or images.ndim != 3:
            raise ValueError(
                f"{paths[0]}: expected bytes of shape (images, height, width), "
                f"got {images.dtype} {images.shape}"
            )
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"{paths[1]}: labels of shape {labels.shape} for the {len(images)} images of "
                f"{paths[0]}"
            )
        if labels.size and not 0 <= labels.min() <= labels.max() < len(self.classes):
            raise ValueError(
                f"{paths[1]}: labels from {labels.min()} to {labels.max()}, "
                f"expected 0 to {len(self.classes) - 1}"
            )
        super().__init__(images, labels, transform, target_transform)


class FashionMNIST(MNIST):
    """Photographs of clothes, in MNIST's format and sizes, and found as MNIST is.

    Its folders are `fashion-mnist/` and torchvision's `FashionMNIST/raw/`.

    Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset", arXiv:1708.07747, 2017.
    """

    classes = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    source = files.FASHION_MNIST


class Digits(ImageDataset):
    """The 1,797 handwritten digits of 8x8 pixels that come with scikit-learn (extra `examples`).

    Their 17 shades are spread over 0..255. Every fifth image of each digit is for testing: 1,442
    to train on, 355 to test on.

    Source: Alpaydin, Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998.
    """

    classes = MNIST.classes

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
    ) -> None:
        try:
            from sklearn.datasets import load_digits
        except ModuleNotFoundError:
            raise DatasetNotFoundError(
                "Digits come with scikit-learn, which is not installed: "
                "pip install 'minigrad[examples]'"
            ) from None
        self.train = train
        digits = load_digits()
        labels = digits.target
        testing = np.zeros(len(labels), bool)
        for digit in range(10):
            testing[np.flatnonzero(labels == digit)[4::5]] = True
        chosen = ~testing if train else testing
        images = np.rint(digits.images[chosen] * (255 / 16)).astype(np.uint8)
        super().__init__(images, labels[chosen], transform, target_transform)
