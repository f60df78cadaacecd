"""All parameters as one vector, and back."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn.utils import parameters_to_vector, vector_to_parameters
from minigrad.ops.creation import tensor


def test_there_and_back():
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    vector = parameters_to_vector(net.parameters())
    assert vector.shape == (11,)
    np.testing.assert_array_equal(vector.array[:6].reshape(2, 3), net[0].weight.array)
    vector_to_parameters(vector.detach() * 2, net.parameters())
    np.testing.assert_array_equal(parameters_to_vector(net.parameters()).array, 2 * vector.array)
    assert all(p.is_leaf and p.requires_grad for p in net.parameters())


def test_gradients_flow():
    net = nn.Linear(3, 2)
    (parameters_to_vector(net.parameters()) ** 2).sum().backward()
    np.testing.assert_allclose(net.weight.grad.array, 2 * net.weight.array)
    np.testing.assert_allclose(net.bias.grad.array, 2 * net.bias.array)


def test_refused():
    net = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="the vector has 7 elements, the parameters 8"):
        vector_to_parameters(tensor(np.zeros(7)), net.parameters())
    with pytest.raises(TypeError, match="expected a Tensor, but got ndarray"):
        vector_to_parameters(np.zeros(8), net.parameters())
