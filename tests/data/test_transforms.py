"""Transforms: a batch is transformed as its images are one by one."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data.transforms import (
    Compose,
    Flatten,
    Lambda,
    Normalize,
    RandomHorizontalFlip,
    ToTensor,
)
from minigrad.data.transforms.base import is_per_pixel, split_per_pixel, takes_batches
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


def test_the_given_image_is_not_changed():
    x = ToTensor()(COLOURS[0])
    before = x.array.copy()
    Normalize((0.5,) * 3, (0.5,) * 3)(x)
    exactly(x, before)


def test_what_is_a_function_of_one_pixel_says_so():
    assert all(is_per_pixel(transform) for transform in TRANSFORMS.values())
    colours = Compose([ToTensor(), Normalize((0.1, 0.2, 0.3), (1, 1, 1))])
    assert takes_batches(colours) and not is_per_pixel(colours)
    assert not takes_batches(Compose([ToTensor(), Lambda(lambda x: x)]))
    assert not takes_batches(lambda x: x)


def test_the_part_that_is_per_pixel_comes_first():
    flip = RandomHorizontalFlip()
    head, rest = split_per_pixel(Compose([ToTensor(), Normalize(0.5, 0.5), flip, Flatten()]))
    assert head == Compose([ToTensor(), Normalize(0.5, 0.5)]) and rest == Compose([flip, Flatten()])
    assert split_per_pixel(flip) == (Compose([]), Compose([flip]))
    assert split_per_pixel(ToTensor()) == (Compose([ToTensor()]), Compose([]))


def test_subclasses_are_not_mistaken_for_what_they_change():
    class Doubled(ToTensor):
        def __call__(self, image):
            return super().__call__(image) * 2

    class Mirrored(ToTensor):
        def batch(self, images):
            return mg.tensor(super().batch(images).array[..., ::-1])

    assert not takes_batches(Doubled()) and not is_per_pixel(Doubled())
    assert takes_batches(Mirrored()) and not is_per_pixel(Mirrored())
    assert not is_per_pixel(Compose([Mirrored()]))


def test_compose_calls_any_function():
    transform = Compose([ToTensor(), Lambda(lambda x: x.reshape(-1)), lambda x: x.tolist()])
    assert transform(np.full((1, 2), 255, np.uint8)) == [1, 1]


def test_transforms_cannot_change_under_a_dataset_that_remembers_them():
    with pytest.raises(AttributeError):
        Normalize(0.5, 0.5).mean = 0.1
    with pytest.raises(AttributeError):
        Compose([ToTensor()]).transforms.append(ToTensor())


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
