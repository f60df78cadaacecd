"""Where PyTorch's programs look for these names."""

import importlib

import pytest

import minigrad as mg


def test_utils_data_is_data():
    utils_data = importlib.import_module("minigrad.utils.data")
    for name in mg.data.__all__:
        assert getattr(utils_data, name) is getattr(mg.data, name)


def test_modules_that_are_imported_on_first_use():
    assert mg.data.datasets.MNIST and mg.data.transforms.ToTensor
    with pytest.raises(AttributeError, match=r"minigrad\.data.* has no attribute 'nonsense'"):
        _ = mg.data.nonsense
