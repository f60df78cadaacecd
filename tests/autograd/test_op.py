from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import Op
from minigrad.autograd.op import Leaf, Output
from minigrad.testing import assert_close


class Square(Op):
    """x^2"""

    __slots__ = ()

    def forward(self, x):
        self.inputs = (x,)
        return x * x

    def backward(self, grad):
        (x,) = self.inputs
        return 2 * grad * x


class Scale(Op):
    """x * factor, with an option; its gradient needs no saved values."""

    __slots__ = ("factor",)

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        return x * self.factor

    def backward(self, grad):
        return grad * self.factor


class Divided(Op):
    """x -> (x // 2, x / 2): an integer result and a differentiable one."""

    __slots__ = ()

    def forward(self, x):
        return (x // 2).astype(np.int64), x / 2

    def backward(self, whole, half):
        return half / 2


def test_an_operation_can_be_used_by_hand() -> None:
    op = Square()
    x, dy = np.array([1.0, -3.0]), np.array([1.0, 0.5])
    assert op.forward(x).tolist() == [1, 9]
    assert op.backward(dy).tolist() == [2, -3]
    assert op.needs(1) == (True,)
    scale = Scale(3)
    assert scale.forward(x).tolist() == [3, -9]
    assert scale.backward(dy).tolist() == [3, 1.5]


def test_on_arrays_a_call_is_forward() -> None:
    y = Square()(np.array([2.0]))
    assert type(y) is np.ndarray and y.tolist() == [4]


def test_on_tensors_it_is_recorded_where_a_gradient_is_wanted() -> None:
    x = mg.tensor([2.0, 3.0], requires_grad=True)
    y = Square()(x)
    assert isinstance(y, mg.Tensor) and y.requires_grad and not y.is_leaf
    assert type(y.grad_fn) is Square
    assert type(y.grad_fn.edges[0]) is Leaf
    y.backward(np.array([1.0, 10.0]))
    assert_close(x.grad, [4, 60])
    assert Square()(mg.tensor([2.0])).grad_fn is None
    with mg.no_grad():
        assert Square()(x).grad_fn is None


def test_names_of_nodes_are_those_of_pytorch() -> None:
    x = mg.tensor([2.0], requires_grad=True)
    y = Square()(x)
    assert repr(y.grad_fn) == "<SquareBackward0>"
    assert repr(y.grad_fn.edges) == "(<AccumulateGrad>,)"
    half = Divided()(x)[1]
    assert type(half.grad_fn) is Output
    assert repr(half.grad_fn) == "<DividedBackward0>"


def test_integer_results_are_not_differentiable() -> None:
    x = mg.tensor([2.0, 5.0], requires_grad=True)
    whole, half = Divided()(x)
    assert not whole.requires_grad
    half.sum().backward()
    assert_close(x.grad, [0.5, 0.5])


def test_a_node_is_younger_than_those_it_leads_to() -> None:
    x = mg.tensor([2.0], requires_grad=True)
    y = x * x
    z = y + x
    assert x.node.order < y.grad_fn.order < z.grad_fn.order


def test_what_is_missing_is_named() -> None:
    class Empty(Op):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()(np.ones(1))
    with pytest.raises(NotImplementedError, match="Empty has no backward"):
        Empty().backward(np.ones(1))
    with pytest.raises(AttributeError, match="'Empty' object has no attribute 'factor'"):
        Empty().factor  # noqa: B018


def test_twins_for_create_graph_leave_the_recorded_operation_alone() -> None:
    x = mg.tensor([2.0], requires_grad=True)
    op = Square()(x).grad_fn
    twin = op.on_tensors()
    assert isinstance(twin.inputs[0], mg.Tensor) and twin.inputs[0].requires_grad
    assert type(op.inputs[0]) is np.ndarray


def test_a_numpy_scalar_is_a_0d_array() -> None:
    x = mg.tensor(3.0, requires_grad=True)
    y = Square()(x)
    assert type(y.array) is np.ndarray and y.array.dtype == np.float32
    assert type(Divided()(x)[1].array) is np.ndarray
    y.backward()
    assert type(x.grad.array) is np.ndarray
    assert_close(x.grad, 6.0)


def test_an_operation_is_applied_once() -> None:
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    for op in (Square(), mg.ops.arithmetic.Mul()):
        arguments = (x,) if isinstance(op, Square) else (x, x)
        y = op(*arguments)
        with mg.no_grad(), pytest.raises(RuntimeError, match=rf"{type(op).__name__} was applied"):
            op(*arguments)
        y.sum().backward()
    assert x.grad.tolist() == [4, 8]


def test_next_functions_lead_through_the_graph():
    x = mg.tensor([[2.0, 1.0], [0.0, 1.0]], requires_grad=True)
    (node, number), (none, _) = (mg.linalg.qr(x * 3).R * mg.ones(2, 2)).grad_fn.next_functions
    assert (node.name(), number, none) == ("QRBackward0", 1, None)
    ((product, _),) = node.next_functions
    assert product.name() == "MulBackward0"
    leaf = product.next_functions[0][0]
    assert leaf.name() == "AccumulateGrad" and leaf.variable is x
