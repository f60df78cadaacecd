"""Augmentation: what each transform may do to an image, and that it is reproducible."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import DataLoader, Subset, TensorDataset, default_collate
from minigrad.data.datasets import ImageDataset
from minigrad.data.transforms import (
    Compose,
    Cutout,
    GaussianNoise,
    Lambda,
    Normalize,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomRotation,
    RandomVerticalFlip,
    ToTensor,
)
from minigrad.random import seeded

RANDOM = [
    RandomAffine(20, (0.1, 0.2), (0.8, 1.2), (-10, 10, -5, 5), fill=0.5),
    RandomRotation(30),
    RandomCrop(8, padding=2),
    RandomHorizontalFlip(),
    RandomVerticalFlip(),
    RandomErasing(),
    Cutout(4),
    GaussianNoise(),
]


def images(*shape):
    return mg.tensor(np.random.default_rng(0).random(shape).astype(np.float32))


@pytest.mark.parametrize("transform", RANDOM, ids=lambda t: type(t).__name__)
def test_images_change_each_in_its_own_way(transform):
    image = images(3, 8, 8)
    same = mg.tensor(np.repeat(image.array[None], 60, axis=0))
    before = same.array.copy()
    mg.manual_seed(1)
    first = transform.batch(same).array
    assert first.shape == same.shape and first.dtype == np.float32
    assert len({one.tobytes() for one in first}) > 1
    assert (same.array == before).all()
    assert (transform.batch(same).array != first).any()
    mg.manual_seed(1)
    np.testing.assert_array_equal(transform.batch(same).array, first)
    mg.manual_seed(1)
    np.testing.assert_array_equal(transform(image).array, first[0])
    doubled = transform.batch(mg.tensor(same.array.astype(np.float64)))
    assert doubled.dtype == mg.float64


@pytest.mark.parametrize("transform", RANDOM[:-1], ids=lambda t: type(t).__name__)
def test_images_without_channels_and_of_bytes(transform):
    grey = images(5, 8, 8)
    bytes_ = mg.tensor(np.rint(grey.array * 255).astype(np.uint8))
    with seeded(3):
        expected = transform.batch(mg.tensor(bytes_.array[:, None].astype(np.float32))).array
    with seeded(3):
        actual = transform.batch(bytes_)
    assert actual.dtype == mg.uint8
    np.testing.assert_array_equal(actual.array, np.rint(expected[:, 0]))


def bright(image, at):
    """The place of the centre of an image's brightness, as (x, y) from its middle."""
    rows, cols = np.indices(image.shape)
    middle = (np.array(image.shape) - 1) / 2
    return np.array([(image * cols).sum(), (image * rows).sum()]) / image.sum() - middle[::-1]


@pytest.mark.parametrize(
    ("transform", "place"),
    [
        (RandomRotation((90, 90)), (0, -6)),  # counter-clockwise: from the right to the top
        (RandomAffine((90, 90)), (0, 6)),  # clockwise: to the bottom
        (RandomAffine(0, scale=(0.5, 0.5)), (3, 0)),
        (RandomAffine(0, shear=(0, 0, 45, 45)), (6, -6)),  # y moves by -tan(45) x
        (RandomAffine(0), (6, 0)),
    ],
)
def test_which_way_an_affine_map_goes(transform, place):
    image = np.zeros((25, 25), np.float32)
    image[11:14, 17:20] = 1  # its centre 6 to the right of the middle
    np.testing.assert_allclose(bright(transform(image).array, place), place, atol=0.1)


def test_shear_along_x():
    image = np.zeros((25, 25), np.float32)
    image[17:20, 11:14] = 1  # its centre 6 below the middle
    moved = RandomAffine(0, shear=(45, 45))(image).array
    np.testing.assert_allclose(bright(moved, 0), (-6, 6), atol=0.1)  # x moves by -tan(45) y


def test_translation_is_by_whole_pixels_within_its_bounds():
    image = np.zeros((10, 20), np.float32)
    image[5, 10] = 1
    moved = RandomAffine(0, translate=(0.1, 0.2)).batch(mg.tensor(np.stack([image] * 200))).array
    places = {tuple(np.argwhere(one == 1)[0]) for one in moved}
    assert places == {(5 + i, 10 + j) for i in range(-2, 3) for j in range(-2, 3)}


def test_crops_come_from_everywhere():
    x = mg.tensor(np.tile(np.arange(1.0, 21).reshape(1, 1, 4, 5), (300, 1, 1, 1)))
    padded = np.pad(x.array[0, 0], ((1, 1), (2, 2)))
    crops = RandomCrop((3, 4), padding=(2, 1)).batch(x).array
    assert crops.shape == (300, 1, 3, 4)
    expected = {padded[i : i + 3, j : j + 4].tobytes() for i in range(4) for j in range(6)}
    assert {crop.tobytes() for crop in crops} == expected
    one_side = RandomCrop((4, 6), padding=(1, 0, 0, 0), fill=7).batch(x).array
    assert (one_side[..., 0] == 7).all() and (one_side[..., 1:] == x.array).all()
    with pytest.raises(ValueError, match=r"crop size \(9, 9\) is larger .* \(4, 5\)"):
        RandomCrop(9).batch(x)


@pytest.mark.parametrize(("flip", "axis"), [(RandomHorizontalFlip, 3), (RandomVerticalFlip, 2)])
def test_flips(flip, axis):
    x = images(400, 2, 3, 4)
    np.testing.assert_array_equal(flip(1).batch(x).array, np.flip(x.array, axis))
    np.testing.assert_array_equal(flip(0).batch(x).array, x.array)
    flipped = (flip(0.25).batch(x).array != x.array).any((1, 2, 3)).sum()
    assert abs(flipped - 100) < 5 * (400 * 0.25 * 0.75) ** 0.5


def test_erased_rectangles():
    x = mg.tensor(np.ones((500, 2, 20, 30), np.float32))
    erased = RandomErasing(0.5, scale=(0.05, 0.2), ratio=(0.5, 2.0), value=-1).batch(x).array
    assert (erased[:, 0] == erased[:, 1]).all()
    hit = (erased == -1).any((1, 2, 3))
    assert abs(hit.sum() - 250) < 5 * 125**0.5
    for one in erased[hit, 0]:
        rows, cols = np.flatnonzero((one == -1).any(1)), np.flatnonzero((one == -1).any(0))
        high, wide = np.ptp(rows) + 1, np.ptp(cols) + 1
        assert (one == -1).sum() == high * wide and 0.03 < high * wide / 600 < 0.25
        assert 0.4 < high / wide < 2.5


def test_cutout_is_a_square_cut_off_at_the_border():
    out = Cutout(4).batch(mg.tensor(np.ones((300, 1, 9, 9), np.float32))).array == 0
    areas = out.sum((1, 2, 3))
    assert areas.max() == 16 and set(areas) == {a * b for a in (2, 3, 4) for b in (2, 3, 4)}


def test_noise_is_clamped_if_asked_to():
    x = mg.tensor(np.full((10, 1, 30, 30), 0.5, np.float32))
    y = GaussianNoise(0.1, 0.2, clip=False).batch(x).array
    assert abs(y.mean() - 0.6) < 5 * 0.2 / 9000**0.5 and y.max() > 1
    clipped = GaussianNoise(0.1, 0.2).batch(x).array
    assert clipped.max() == 1 and clipped.min() >= 0


AUGMENTED = Compose([ToTensor(), Normalize(0.5, 0.5), RandomAffine(20), RandomCrop(8, padding=1)])
BYTES = np.random.default_rng(2).integers(0, 256, (50, 8, 8), np.uint8)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_epochs_differ_and_are_the_same_for_any_number_of_workers(one_by_one):
    steps = [*AUGMENTED.transforms, Lambda(lambda x: x)] if one_by_one else AUGMENTED.transforms
    dataset = Subset(ImageDataset(BYTES, np.arange(50), Compose(steps)), range(3, 48))

    def epochs(**options):
        generator = mg.Generator().manual_seed(5)
        loader = DataLoader(dataset, 8, shuffle=True, generator=generator, **options)
        return [np.concatenate([x.array for x, _ in loader]) for _ in range(2)]

    first, second = epochs()
    assert len({image.tobytes() for image in (*first, *second)}) == 90
    for options in ({"num_workers": 1}, {"num_workers": 3}):
        for actual, expected in zip(epochs(**options), (first, second), strict=True):
            np.testing.assert_array_equal(actual, expected)


def test_bytes_are_looked_up_before_what_is_random():
    dataset = ImageDataset(BYTES, np.arange(50), AUGMENTED)
    with seeded(1):
        batch, labels = dataset.get_batch(np.array([3, 1]))
    with seeded(1):
        expected = AUGMENTED.batch(mg.tensor(BYTES[[3, 1]]))
    np.testing.assert_array_equal(batch.array, expected.array)
    assert labels.tolist() == [3, 1]
    assert default_collate([dataset[0]])[0].shape == (1, 1, 8, 8)


def test_batches_of_a_tensor_dataset_are_augmented_in_the_training_loop():
    loader = DataLoader(TensorDataset(images(10, 1, 8, 8)), batch_size=5)
    assert [RandomCrop(6).batch(x).shape for (x,) in loader] == [(5, 1, 6, 6)] * 2


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="degrees is a single number"):
        RandomRotation(-5)
    with pytest.raises(ValueError, match="degrees should be a number or a sequence of length 2"):
        RandomAffine((1, 2, 3))
    with pytest.raises(ValueError, match="between 0 and 1"):
        RandomAffine(0, translate=(0, 1.5))
    with pytest.raises(ValueError, match="scale values should be positive"):
        RandomAffine(0, scale=(0, 1))
    with pytest.raises(ValueError, match="sigma shouldn't be negative"):
        GaussianNoise(sigma=-1)
    with pytest.raises(ValueError, match=r"got \(2, 1, 8, 8\); a batch .* \.batch\(images\)"):
        RandomRotation(5)(images(2, 1, 8, 8))
    with pytest.raises(TypeError, match="expected floating-point values or bytes, got int64"):
        RandomRotation(5)(np.zeros((3, 3), np.int64))
    with pytest.raises(ValueError, match=r"got uint8; put ToTensor\(\) before it"):
        GaussianNoise()(BYTES[0])


def test_reprs():
    assert repr(RandomHorizontalFlip()) == "RandomHorizontalFlip(p=0.5)"
    assert repr(RandomCrop(32, 4)) == "RandomCrop(size=32, padding=4, fill=0.0)"
