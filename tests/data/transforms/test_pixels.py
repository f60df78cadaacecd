"""Transforms of single pixels: a batch is transformed as its images are one by one."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data.transforms import Compose, Flatten, Normalize, ToTensor
from minigrad.data.transforms.base import is_per_pixel
from minigrad.testing import assert_close

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 256, (5, 4, 6, 3), np.uint8)


def exactly(actual, expected):
    assert_close(actual, expected, rtol=0, atol=0)


def test_to_tensor():
    x = ToTensor()(IMAGES[0])
    assert x.dtype == mg.float32 and x.shape == (1, 4, 3)
    exactly(x, IMAGES[:1] / np.float32(255))
    exactly(ToTensor()(COLOURS[0]), COLOURS[0].transpose(2, 0, 1) / np.float32(255))
    exactly(ToTensor()(mg.tensor(IMAGES[0])), x)
    exactly(ToTensor()(IMAGES[0].astype(np.float64)), IMAGES[:1].astype(np.float64))


def test_to_tensor_follows_the_default_dtype():
    mg.set_default_dtype(mg.float64)
    try:
        assert ToTensor()(IMAGES[0]).dtype == mg.float64
    finally:
        mg.set_default_dtype(mg.float32)


def test_normalize():
    x = ToTensor()(COLOURS[0])
    exactly(Normalize(0.5, 0.25)(x), (x.array - np.float32(0.5)) / np.float32(0.25))
    exactly(Normalize((0.5,), [0.25])(x), Normalize(0.5, 0.25)(x))
    mean, std = [0.1, 0.2, 0.3], [0.5, 0.6, 0.7]
    columns = (np.reshape(np.float32(v), (3, 1, 1)) for v in (mean, std))
    exactly(Normalize(mean, std)(x), (x.array - next(columns)) / next(columns))


TRANSFORMS = {
    "ToTensor": ToTensor(),
    "Compose": Compose([ToTensor(), Normalize((0.1307,), (0.3081,))]),
    "Flatten": Compose([ToTensor(), Flatten(), Normalize(0.5, 0.5)]),
    "nothing": Compose([]),
    "nested": Compose([Compose([ToTensor()]), Flatten()]),
}


@pytest.mark.parametrize("name", TRANSFORMS)
@pytest.mark.parametrize("images", [IMAGES, COLOURS], ids=["grey", "colours"])
def test_a_batch_is_its_images(name, images):
    transform = TRANSFORMS[name]
    batch = transform.batch(mg.tensor(images))
    assert batch.shape[0] == len(images)
    for image, expected in zip(images, batch.array, strict=True):
        exactly(transform(mg.tensor(image)), expected)


def test_they_say_that_they_are_per_pixel():
    assert all(is_per_pixel(transform) for transform in TRANSFORMS.values())


def test_the_given_image_is_not_changed():
    x = ToTensor()(COLOURS[0])
    before = x.array.copy()
    Normalize((0.5,) * 3, (0.5,) * 3)(x)
    exactly(x, before)


def test_reprs():
    assert repr(ToTensor()) == "ToTensor()"
    assert repr(Normalize((0.5,), [0.5])) == "Normalize(mean=(0.5,), std=(0.5,))"


def test_errors_say_what_was_expected():
    with pytest.raises(TypeError, match=r"got uint8; put ToTensor\(\) before it"):
        Normalize(0.5, 0.5)(IMAGES[0])
    with pytest.raises(ValueError, match="dividing by zero"):
        Normalize((0.5, 0.5), (1, 0))
    with pytest.raises(ValueError, match=r"got \(4,\)"):
        ToTensor()(IMAGES[0, :, 0])
