"""What all transforms have in common, and chains of them."""

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


def test_what_is_a_function_of_one_pixel_says_so():
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
