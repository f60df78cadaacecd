from __future__ import annotations

import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import assert_close


def leaf(*values: float) -> mg.Tensor:
    return mg.tensor(values, dtype=mg.float64).requires_grad_()


# making one


def test_the_older_constructor_converts_to_the_default_dtype() -> None:
    assert mg.Tensor([1, 2]).dtype == mg.float32
    assert mg.Tensor(2, 3).shape == (2, 3)
    assert mg.Tensor().shape == (0,)
    array = np.array([1.0, 2.0], np.float32)
    assert not np.shares_memory(mg.Tensor(array).numpy(), array)


# leaves and the graph


def test_leaves() -> None:
    x = mg.tensor([1.0])
    assert x.is_leaf and not x.requires_grad and x.grad_fn is None
    x.requires_grad_()
    assert x.is_leaf and x.requires_grad and x.grad_fn is None
    y = x * 2
    assert not y.is_leaf and y.requires_grad and y.grad_fn is not None
    z = mg.tensor([1.0]) * 2
    assert z.is_leaf and not z.requires_grad


def test_requires_grad_can_be_switched_on_leaves_only() -> None:
    x = mg.tensor([1.0])
    assert x.requires_grad_() is x
    x.requires_grad = False
    assert not (x * 2).requires_grad
    x.requires_grad = True
    y = x * 2
    y.requires_grad_(True)
    with pytest.raises(RuntimeError, match=r"leaf variables.*detach\(\)"):
        y.requires_grad = False


@pytest.mark.parametrize("dtype", [mg.int64, mg.bool])
def test_only_floating_point_requires_grad(dtype) -> None:
    with pytest.raises(RuntimeError, match=f"only Tensors of floating point dtype.*not {dtype}"):
        mg.ones(2, dtype=dtype).requires_grad_()


def test_integers_computed_from_a_leaf_require_no_grad() -> None:
    x = leaf(1, 2, 3)
    for y in (x > 2, x.to(mg.int64), x.argmax(), x.sort().indices):
        assert not y.requires_grad and y.is_leaf


def test_detach_shares_memory_and_stops_the_gradient() -> None:
    x = leaf(1, 2)
    y = x.detach()
    assert not y.requires_grad and y.is_leaf and np.shares_memory(x.array, y.array)
    (x * x.detach()).sum().backward()
    assert_close(x.grad, [1, 2])


def test_detach_in_place() -> None:
    x = leaf(1, 2)
    y = x * 2
    assert y.detach_() is y and y.is_leaf and not y.requires_grad
    with pytest.raises(RuntimeError, match="Can't detach views in-place"):
        (x * 2)[:1].detach_()


def test_data_reads_and_replaces_the_values() -> None:
    x = leaf(1, 2)
    x.data.add_(1)
    assert x.tolist() == [2, 3] and not x.data.requires_grad
    x.data = mg.tensor([7.0, 8.0], dtype=mg.float64)
    (x * x).sum().backward()
    assert_close(x.grad, [14, 16])


def test_grad_can_be_assigned_and_must_fit() -> None:
    x = leaf(1, 2)
    x.grad = mg.tensor([1.0, 1.0], dtype=mg.float64)
    (x * 2).sum().backward()
    assert_close(x.grad, [3, 3])
    x.grad = None
    assert x.grad is None
    with pytest.raises(TypeError, match="must be a Tensor or None, not float"):
        x.grad = 1.0
    with pytest.raises(RuntimeError, match=r"shape \[3\] and dtype float64, the tensor has \[2\]"):
        x.grad = mg.zeros(3, dtype=mg.float64)
    with pytest.raises(RuntimeError, match=r"dtype float32, the tensor has .* float64"):
        x.grad = mg.zeros(2)


def test_the_grad_of_a_value_that_is_no_leaf_stays_none() -> None:
    x = leaf(1, 2)
    y = x * 2
    y.sum().backward()
    assert y.grad is None


# values


def test_sizes() -> None:
    x = mg.zeros(2, 3, 4)
    assert x.shape == (2, 3, 4) == x.size()
    assert (x.size(1), x.size(-1), x.dim(), x.ndim, x.ndimension()) == (3, 4, 3, 3, 3)
    assert x.numel() == x.nelement() == 24
    assert (
        x.stride() == (12, 4, 1) and x.stride(0) == 12 and x.transpose(0, 2).stride() == (1, 4, 12)
    )
    assert (x.itemsize, x.nbytes, x.dtype, str(x.device)) == (4, 96, mg.float32, "cpu")
    assert x.is_contiguous() and not x.transpose(0, 1).is_contiguous()
    assert x[1].data_ptr() == x.data_ptr() + 48


def test_conversion_to_python() -> None:
    x = mg.tensor([[2.5]], requires_grad=True)
    assert (x.item(), float(x), int(x), bool(x), complex(x)) == (2.5, 2.5, 2, True, 2.5 + 0j)
    assert mg.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert [10, 20, 30][mg.tensor(1)] == 20
    assert type(mg.tensor(3).item()) is int and type(mg.tensor(True).item()) is bool
    with pytest.raises(TypeError, match="only integer tensors of a single element"):
        [1, 2][mg.tensor(1.0)]
    with pytest.raises(RuntimeError, match="2 elements cannot be converted to Scalar"):
        mg.zeros(2).item()
    for convert in (float, int, complex):
        with pytest.raises(ValueError, match=r"one element .* not one of shape \[2\]"):
            convert(mg.zeros(2))


def test_truth() -> None:
    assert not mg.tensor([0.0]) and mg.tensor(-1)
    with pytest.raises(RuntimeError, match="more than one value is ambiguous"):
        bool(mg.zeros(2))
    with pytest.raises(RuntimeError, match="no value"):
        bool(mg.zeros(0))


def test_length_iteration_and_membership() -> None:
    x = leaf(1, 2, 3)
    assert len(x) == 3
    parts = [part * i for i, part in enumerate(x)]
    (parts[1] + parts[2]).backward()
    assert_close(x.grad, [0, 1, 2])
    _, b = mg.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert b.tolist() == [3, 4]
    assert 2.0 in x and 5.0 not in x and mg.tensor(3.0) in x
    for function in (len, iter):
        with pytest.raises(TypeError, match="0-d tensor"):
            function(mg.tensor(1.0))


def test_numpy() -> None:
    x = mg.tensor([1.0, 2.0])
    assert x.numpy() is x.array
    y = x.requires_grad_() * 2
    for t in (x, y):
        with pytest.raises(
            RuntimeError, match=r"Can.t call numpy\(\) on Tensor that requires grad"
        ):
            t.numpy()
        assert t.numpy(force=True) is t.array


def test_tensors_are_keys_by_identity() -> None:
    x, y = mg.ones(2), mg.ones(2)
    state = {x: 1, y: 2}
    assert (state[x], state[y]) == (1, 2)
    assert weakref.ref(x)() is x


def test_attributes_are_fixed() -> None:
    with pytest.raises(AttributeError):
        mg.ones(2).gradient = 1
    with pytest.raises(AttributeError):
        mg.ones(2).shape = (1, 2)


# methods


@pytest.mark.parametrize("name", ["add", "sub", "mul", "exp", "tanh", "relu", "clamp_min", "sqrt"])
def test_in_place_methods_do_what_the_functions_do(name: str) -> None:
    x = mg.tensor([0.3, 0.7], dtype=mg.float64)
    other = (mg.tensor([2.0, 3.0], dtype=mg.float64),) if name in ("add", "sub", "mul") else ()
    other = (0.5,) if name == "clamp_min" else other
    expected = getattr(mg, name)(x, *other)
    assert not np.shares_memory(expected.array, x.array)
    assert getattr(x, name + "_")(*other) is x
    assert_close(x, expected)


def test_in_place_methods_say_what_they_are() -> None:
    method = mg.Tensor.mul_
    assert method.__name__ == "mul_" and "`mul`" in method.__doc__


def test_where_it_is_and_how_it_is_laid_out() -> None:
    x = mg.ones(1, 2, 2, 2)
    assert x.is_cpu and not (x.is_cuda or x.is_sparse or x.is_quantized or x.is_meta or x.is_mps)
    for same in (
        x.to(memory_format=mg.channels_last),
        x.contiguous(memory_format=mg.channels_last),
        x.clone(memory_format=mg.preserve_format),
        mg.ones_like(x, memory_format=mg.preserve_format),
    ):
        assert (same == x).all() and same.is_contiguous(memory_format=mg.contiguous_format)
