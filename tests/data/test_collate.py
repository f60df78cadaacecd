"""From examples to a batch, as PyTorch collates them."""

from typing import NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import default_collate, default_convert


class Point(NamedTuple):
    x: float
    y: int


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], mg.int64),
        ([1.5, 2.0], mg.float64),
        ([True, False], mg.bool),
        ([np.float32(1), np.float32(2)], mg.float32),
    ],
)
def test_numbers(values, dtype):
    batch = default_collate(values)
    assert isinstance(batch, mg.Tensor) and batch.dtype == dtype
    assert batch.tolist() == values


def test_tensors_and_arrays_are_stacked():
    for convert in (mg.tensor, np.asarray):
        batch = default_collate([convert([[1.0, 2.0]]), convert([[3.0, 4.0]])])
        assert isinstance(batch, mg.Tensor)
        assert batch.shape == (2, 1, 2) and batch.tolist() == [[[1, 2]], [[3, 4]]]


def test_gradients_flow_through():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    default_collate([x, x]).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_containers():
    batch = default_collate(
        [{"x": (1, "a"), "p": Point(0.5, 1)}, {"x": (2, "b"), "p": Point(1.5, 2)}]
    )
    assert batch["x"][0].tolist() == [1, 2] and batch["x"][1] == ("a", "b")
    assert isinstance(batch["x"], list)
    assert isinstance(batch["p"], Point) and batch["p"].y.tolist() == [1, 2]


def test_what_cannot_be_collated_is_named():
    with pytest.raises(TypeError, match="found NoneType"):
        default_collate([None, None])
    with pytest.raises(RuntimeError, match=r"equal size, found sizes \[1, 2\]"):
        default_collate([(1,), (1, 2)])
    with pytest.raises(RuntimeError, match="stack"):
        default_collate([np.zeros(2), np.zeros(3)])


def test_convert_leaves_what_is_no_array():
    converted = default_convert({"x": np.ones(2), "n": 1, "s": "a", "t": (np.float32(2), None)})
    assert isinstance(converted["x"], mg.Tensor) and converted["n"] == 1
    assert converted["s"] == "a" and converted["t"][0].dtype == mg.float32
