"""Standardize: fitted on training data, applied to any."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import Dataset, TensorDataset, random_split
from minigrad.data.datasets import ImageDataset
from minigrad.data.transforms import Compose, Standardize, ToTensor

X = np.random.default_rng(0).normal([5, -1e4, 0], [0.1, 3, 40], (3000, 3))


def test_mean_0_and_variance_1_of_what_it_was_fitted_to():
    standardize = Standardize.fit(mg.tensor(X))
    y = standardize.batch(mg.tensor(X)).array
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-10)
    np.testing.assert_allclose(standardize.mean, X.mean(0), rtol=1e-12)
    np.testing.assert_allclose(standardize.inverse(mg.tensor(y)).array, X, rtol=1e-12)
    np.testing.assert_array_equal(standardize(X[7]).array, y[7])


def test_test_data_do_not_take_part():
    dataset = TensorDataset(mg.tensor(X), mg.tensor(np.arange(3000)))
    train, test = random_split(dataset, [2500, 500])
    standardize = Standardize.fit(train)
    np.testing.assert_allclose(standardize.mean, X[train.indices].mean(0), rtol=1e-10)
    np.testing.assert_allclose(standardize.std, X[train.indices].std(0), rtol=1e-10)
    assert abs(standardize.batch(test[:][0]).array.mean(0)).max() > 1e-6


def test_constant_features_become_0_and_stay_finite():
    x = X.astype(np.float32)
    x[:, 1] = 0.1
    y = Standardize.fit(x).batch(mg.tensor(x))
    assert y.dtype == mg.float32 and (y.array[:, 1] == 0).all()
    other = Standardize.fit(x)(np.array([5, 0.6, 0], np.float32)).array
    np.testing.assert_allclose(other[1], 0.5, rtol=1e-6)


def test_images_by_channel():
    images = np.random.default_rng(1).random((50, 3, 4, 5)) * [[[1]], [[2]], [[3]]]
    standardize = Standardize.fit(images, dim=(0, 2, 3))
    assert standardize.mean.shape == (3, 1, 1)
    y = standardize.batch(mg.tensor(images)).array
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1)
    with pytest.raises(ValueError, match=r"fitted to examples of shape \(3, 1, 1\) .* \(1, 4, 5\)"):
        standardize(images[0, :1])


def test_in_a_chain_of_transforms():
    pixels = np.random.default_rng(2).integers(0, 256, (40, 6, 6), np.uint8)
    plain = ImageDataset(pixels, np.zeros(40, int), ToTensor())
    fitted = Standardize.fit(plain, dim=(0, 2, 3))
    dataset = ImageDataset(pixels, np.zeros(40, int), Compose([ToTensor(), fitted]))
    images, _ = dataset.get_batch(np.arange(40))
    assert abs(images.array.mean()) < 1e-5 and abs(images.array.std() - 1) < 1e-5
    np.testing.assert_array_equal(dataset[3][0].array, images.array[3])


def test_examples_of_a_dataset_without_labels():
    class Rows(Dataset):
        def __len__(self):
            return len(X)

        def __getitem__(self, index):
            return X[index]

    np.testing.assert_allclose(Standardize.fit(Rows()).mean, X.mean(0))


def test_it_is_never_unfitted():
    with pytest.raises(TypeError, match="mean"):
        Standardize()
    with pytest.raises(ValueError, match="no examples"):
        Standardize.fit(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="must include 0"):
        Standardize.fit(X, dim=1)
    with pytest.raises(ValueError, match="NaN or infinities"):
        Standardize.fit(np.array([[1.0], [np.nan]]))
