from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import Function
from minigrad.autograd.function import once_differentiable
from minigrad.testing import assert_close, gradcheck, gradgradcheck


def leaf(*values: float, dtype: np.dtype = mg.float64) -> mg.Tensor:
    return mg.tensor(values, dtype=dtype).requires_grad_()


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 3 * x * x * grad


class Scale(Function):
    """Written with setup_context, with an argument that is no Tensor."""

    @staticmethod
    def forward(x, factor):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, ctx.factor = inputs

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor, None


class Exp(Function):
    """Keeps its result, which leads back to itself."""

    @staticmethod
    def forward(ctx, x):
        y = mg.tensor(np.exp(x.array))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * y


class SumAndProduct(Function):
    @staticmethod
    def forward(ctx, a, b):
        product = a * b
        ctx.save_for_backward(a, b, product)
        return a + b, product, "not a tensor"

    @staticmethod
    def backward(ctx, grad_sum, grad_product, grad_text):
        assert grad_text is None
        a, b, _ = ctx.saved_tensors
        return grad_sum + grad_product * b, grad_sum + grad_product * a


def test_value_gradient_and_grad_fn() -> None:
    x = leaf(1, 2, 3)
    y = Cube.apply(x)
    assert not y.is_leaf
    assert repr(y.grad_fn) == "<CubeBackward>"
    y.backward(mg.tensor([1.0, 10.0, 100.0], dtype=mg.float64))
    assert_close(x.grad, [3, 120, 2700])


@pytest.mark.parametrize("function", [Cube, Exp])
def test_is_differentiable_to_any_order(function: type[Function]) -> None:
    assert gradcheck(function.apply, leaf(-0.5, 0.3, 1.2))
    assert gradgradcheck(function.apply, leaf(-0.5, 0.3, 1.2))
    x = leaf(0.7)
    y = function.apply(x)
    for _ in range(3):
        (y,) = mg.autograd.grad(y.sum(), x, create_graph=True)
    assert_close(y.detach(), [6.0] if function is Cube else np.exp([0.7]))


def test_setup_context_and_arguments_that_are_no_tensors() -> None:
    x = leaf(1, 2)
    Scale.apply(x, 5).sum().backward()
    assert_close(x.grad, [5, 5])


def test_several_results() -> None:
    a, b = leaf(2, 3), leaf(5, 7)
    total, product, text = SumAndProduct.apply(a, b)
    assert text == "not a tensor"
    assert (total.output_nr, product.output_nr) == (0, 1)
    product.sum().backward()
    assert_close(a.grad, [5, 7])
    assert_close(b.grad, [2, 3])
    assert gradcheck(lambda a, b: SumAndProduct.apply(a, b)[:2], (a, b))
    assert gradgradcheck(lambda a, b: SumAndProduct.apply(a, b)[:2], (a, b))


class ShareOfProduct(Function):
    """Saves one of several results and differentiates through it."""

    @staticmethod
    def forward(ctx, x):
        square, cube = x * x, x * x * x
        ctx.save_for_backward(x, square)
        return square, cube

    @staticmethod
    def backward(ctx, grad_square, grad_cube):
        x, square = ctx.saved_tensors
        again = ctx.saved_tensors[1]
        return 2 * x * grad_square + 1.5 * (square + again) * grad_cube


def test_a_saved_result_among_several_leads_back_to_its_node() -> None:
    assert gradgradcheck(ShareOfProduct.apply, leaf(0.5, -1.5))


def test_results_that_are_not_used_get_zeros_or_none() -> None:
    seen = []

    class Two(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, first, second):
            seen.append(second)
            return first * 2, None

    for materialize in (True, False):
        x = leaf(1, 2)
        Two.apply(x, materialize)[0].sum().backward()
    assert_close(seen[0], [0.0, 0.0])
    assert seen[1] is None


def test_needs_input_grad() -> None:
    seen = []

    class Product(Function):
        @staticmethod
        def forward(ctx, a, b, c):
            seen.append(ctx.needs_input_grad)
            return a * b

        @staticmethod
        def backward(ctx, grad):
            seen.append(ctx.needs_input_grad)
            return grad, None, None

    Product.apply(leaf(1), mg.tensor([1.0]), None).sum().backward()
    assert seen == [(True, False, False)] * 2


def test_forward_is_not_recorded_and_no_grad_is_respected() -> None:
    modes = []

    class Identity(Function):
        @staticmethod
        def forward(ctx, x):
            modes.append(mg.is_grad_enabled())
            return x

        @staticmethod
        def backward(ctx, grad):
            modes.append(mg.is_grad_enabled())
            return grad

    x = leaf(1)
    y = Identity.apply(x)
    assert y is not x and y.requires_grad and x.is_leaf
    y.sum().backward()
    mg.autograd.grad(Identity.apply(x).sum(), x, create_graph=True)
    assert modes == [False, False, False, True]
    with mg.no_grad():
        assert not Cube.apply(x).requires_grad
    assert not Cube.apply(mg.tensor([1.0])).requires_grad


def test_mark_non_differentiable() -> None:
    class Sorted(Function):
        @staticmethod
        def forward(ctx, x):
            order = np.argsort(x.array)
            values, rank = mg.tensor(x.array[order]), mg.tensor(order.astype(np.float64))
            ctx.mark_non_differentiable(rank)
            return values, rank, mg.tensor(order)

        @staticmethod
        def backward(ctx, grad, *others):
            return grad

    values, rank, order = Sorted.apply(leaf(3, 1, 2))
    assert values.requires_grad and not rank.requires_grad and not order.requires_grad


class Doubled(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.mul_(2)
        ctx.save_for_backward(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        assert ctx.saved_tensors[0].requires_grad
        return 2 * grad


def test_mark_dirty() -> None:
    x = leaf(1, 2)
    y = x * 1
    assert Doubled.apply(y) is y
    assert_close(y.detach(), [2, 4])
    (y * y).sum().backward()
    assert_close(x.grad, [8, 16])
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        Doubled.apply(leaf(1))


def test_mark_dirty_invalidates_what_others_saved() -> None:
    y = leaf(1, 2) * 1
    z = y * y
    Doubled.apply(y)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_saved_tensors_are_checked_and_freed() -> None:
    x = leaf(1, 2)
    middle = x * 1
    y = Cube.apply(middle)
    middle.mul_(2)
    with pytest.raises(RuntimeError, match=r"(?s)Cube needs.*mul_ at .*test_function.py"):
        y.sum().backward()
    y = Cube.apply(x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=r"(?s)second time.*test_function.py"):
        y.backward()


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (lambda grad: (grad, grad), RuntimeError, r"expected 1, .*got 2"),
        (lambda grad: (), RuntimeError, r"expected 1, .*got 0"),
        (lambda grad: grad.sum(), RuntimeError, r"Bad.backward: gradient 0 has shape \[\]"),
        (lambda grad: 1.0, TypeError, "must be a Tensor or None, not float"),
    ],
)
def test_what_backward_returns_is_checked(returned, error, message) -> None:
    class Bad(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return returned(grad)

    with pytest.raises(error, match=message):
        Bad.apply(leaf(1, 2)).sum().backward()


def test_surplus_gradients_may_be_none() -> None:
    class Spare(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, grad):
            return grad, None, None

    x = leaf(1)
    Spare.apply(x).sum().backward()
    assert_close(x.grad, [1])


def test_once_differentiable() -> None:
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, grad):
            assert not mg.is_grad_enabled()
            return grad * 2

    x = leaf(3)
    Once.apply(x).sum().backward()
    assert_close(x.grad, [2])
    (first,) = mg.autograd.grad(Once.apply(x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match=r"differentiate twice.*once_differentiable"):
        first.sum().backward()


def test_the_class_is_not_instantiated() -> None:
    with pytest.raises(RuntimeError, match=r"Cube\.apply"):
        Cube()


@pytest.mark.parametrize("function", [Cube, Exp, ShareOfProduct])
def test_the_graph_dies_without_the_garbage_collector(function: type[Function]) -> None:
    gc.disable()
    try:
        x = leaf(1, 2)
        y = function.apply(x)
        y = y[0] if isinstance(y, tuple) else y
        node = weakref.ref(y.grad_fn)
        (first,) = mg.autograd.grad(y.sum(), x, create_graph=True)
        first.sum().backward()
        del y, first
        assert node() is None
    finally:
        gc.enable()


def test_one_gradient_for_two_inputs_is_not_shared() -> None:
    class Sum(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a + b

        @staticmethod
        def backward(ctx, grad):
            return grad, grad

    a, b = leaf(1), leaf(2)
    Sum.apply(a, b).sum().backward()
    a.grad.array += 1
    assert_close(b.grad, [1])


def test_a_result_that_is_the_argument_has_memory_of_its_own() -> None:
    class Identity(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, grad):
            return 3 * grad

    x = mg.tensor([1.0, 2.0], requires_grad=True)
    a = x * 1
    y = Identity.apply(a)
    y.mul_(2)
    assert a.tolist() == [1, 2]
    (y + a).sum().backward()
    assert x.grad.tolist() == [7, 7]
