"""Other dtypes and other memory."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op, gradcheck

COVERED = ["clone"]
NOT_DIFFERENTIABLE: list[str] = []

X = np.random.default_rng(0).normal(size=(3, 4))


def test_clone_is_differentiable_and_has_its_own_memory():
    check_op(mg.clone, X, reference=np.copy)
    x = mg.tensor(X)
    assert not np.shares_memory(x.clone().array, x.array)


def test_contiguous_copies_only_what_is_not():
    x = mg.tensor(X)
    assert x.contiguous() is x
    y = x.T.contiguous()
    assert y.is_contiguous()
    np.testing.assert_array_equal(y.array, X.T)
    gradcheck(lambda x: x.T.contiguous() * x.T, mg.tensor(X, requires_grad=True))


def test_gradient_of_a_cast_has_the_dtype_of_the_input():
    x = mg.tensor([1.5, -2.0], requires_grad=True)
    y = x.double() * 3
    assert y.dtype == mg.float64
    y.sum().backward()
    assert x.grad.dtype == mg.float32
    assert x.grad.tolist() == [3.0, 3.0]


def test_gradient_of_a_cast_is_differentiable():
    x = mg.tensor([2.0], requires_grad=True)
    (first,) = mg.autograd.grad((x.double() ** 3).sum(), x, create_graph=True)
    (second,) = mg.autograd.grad(first.sum(), x)
    assert second.tolist() == [12.0]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float", mg.float32),
        ("double", mg.float64),
        ("half", mg.float16),
        ("long", mg.int64),
        ("int", mg.int32),
        ("bool", mg.bool),
    ],
)
def test_named_casts(name, dtype):
    y = getattr(mg.tensor([0.0, 1.7, -1.7]), name)()
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.array, np.array([0.0, 1.7, -1.7], "f").astype(dtype))


def test_integers_have_no_gradient():
    x = mg.tensor([1.7], requires_grad=True)
    assert not x.long().requires_grad
    assert not x.to(mg.int32).requires_grad


def test_to_takes_dtypes_tensors_and_the_cpu():
    x = mg.tensor([1.0])
    assert x.to("cpu") is x
    assert x.to(mg.float32) is x
    assert x.to(mg.float32, copy=True) is not x
    assert x.to(mg.tensor([1], dtype=mg.int64)).dtype == mg.int64
    assert x.to("cpu", mg.float64).dtype == mg.float64
    assert x.to(device="cpu", dtype=mg.float64).dtype == mg.float64
    assert x.type(mg.int32).dtype == x.type_as(x.int()).dtype == mg.int32
    assert x.type(mg.LongTensor).dtype == x.type("torch.LongTensor").dtype == mg.int64
    assert x.double().type() == "torch.DoubleTensor" and x.type(mg.CharTensor).dtype == mg.int8
    with pytest.raises(ValueError, match=r"invalid type: 'torch\.NoTensor'"):
        x.type("torch.NoTensor")


@pytest.mark.parametrize("move", [lambda x: x.cuda(), lambda x: x.to("cuda:0")])
def test_other_devices_are_refused(move):
    with pytest.raises(RuntimeError, match="CPU alone"):
        move(mg.zeros(1))


def test_to_takes_the_arguments_that_say_where_and_how():
    x = mg.tensor([1.0])
    assert x.to("cpu", non_blocking=True) is x
    assert x.to("cpu", mg.float64, True).dtype == mg.float64
    assert x.to(mg.float32, False, True) is not x
