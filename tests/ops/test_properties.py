"""Questions about tensors."""

import numpy as np
import pytest

import minigrad as mg

COVERED: list[str] = []
NOT_DIFFERENTIABLE = [
    *("get_device", "is_complex", "is_floating_point", "is_nonzero", "is_same_size", "is_signed"),
    *("is_tensor", "numel", "typename"),
]


def test_questions():
    x = mg.ones(2, 3)
    assert mg.is_tensor(x) and mg.is_tensor(mg.nn.Parameter(x)) and not mg.is_tensor(np.ones(2))
    assert mg.numel(x) == 6 and mg.numel(mg.tensor(1)) == 1
    assert mg.is_floating_point(x) and not mg.is_floating_point(x > 0)
    assert not mg.is_complex(x) and not x.is_complex()
    assert x.is_signed() and not mg.is_signed(x > 0) and x.get_device() == -1
    assert mg.is_same_size(x, mg.zeros(2, 3)) and not x.is_same_size(mg.zeros(3, 2))
    assert mg.is_nonzero(mg.tensor([[2.0]])) and not mg.tensor(0).is_nonzero()
    with pytest.raises(RuntimeError, match=r"shape \[2, 3\] is ambiguous"):
        mg.is_nonzero(x)


def test_names_of_types():
    assert mg.typename(mg.ones(1)) == mg.ones(1).type() == "torch.FloatTensor"
    assert mg.typename(3) == "int" and mg.typename(np.ones(1)) == "numpy.ndarray"
    assert mg.typename(mg.nn.Linear(1, 1)) == "minigrad.nn.linear.Linear"
    assert mg.typename(mg.nn.Linear.forward) == "minigrad.nn.linear.Linear.forward"
