"""Views and changes in place. The expected gradients are PyTorch's."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.testing import assert_close, gradcheck


def leaf(*values: float) -> mg.Tensor:
    return mg.tensor(values, dtype=mg.float64).requires_grad_()


# views


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x[0],
        lambda x: x[:, ::2],
        lambda x: x.T,
        lambda x: x.transpose(0, 1),
        lambda x: x.view(-1),
        lambda x: x.reshape(3, 2),
        lambda x: x.unsqueeze(1),
        lambda x: x.expand(4, 2, 3),
        lambda x: x.detach(),
        lambda x: x.data,
    ],
)
def test_a_view_shares_memory(view) -> None:
    x = mg.zeros(2, 3)
    y = view(x)
    x.add_(1)
    assert (y.numpy() == 1).all()


def test_writing_into_a_view_changes_the_base_and_its_graph() -> None:
    x, w = leaf(1, 2, 3), leaf(10)
    base = x * 1
    base[1:].mul_(w)
    assert_close(base.detach(), [1, 20, 30])
    (base * base).sum().backward()
    assert_close(x.grad, [2, 400, 600])
    assert_close(w.grad, [2 * 20 * 2 + 2 * 30 * 3])


def test_writing_into_the_base_changes_the_graph_of_its_views() -> None:
    x = leaf(1, 2, 3)
    base = x * 1
    view = base[1:]
    base.mul_(5)
    assert_close(view.detach(), [10, 15])
    view.sum().backward()
    assert_close(x.grad, [0, 5, 5])


def test_one_view_sees_what_is_written_into_another() -> None:
    x = leaf(1, 2, 3)
    base = x * 1
    first, second = base[:2], base.view(3, 1)[1:]
    first.mul_(10)
    second.sum().backward()
    assert_close(x.grad, [0, 10, 1])


def test_a_view_of_a_view() -> None:
    x = mg.arange(6, dtype=mg.float64).reshape(2, 3).clone().requires_grad_()
    base = x * 1
    base.T[1][:1].mul_(7)
    assert base[0, 1].item() == 7
    base.sum().backward()
    assert_close(x.grad, [[1, 7, 1], [1, 1, 1]])


def test_a_base_without_gradient_gets_one_from_what_is_written_into_it() -> None:
    w = leaf(2)
    base = mg.zeros(3, dtype=mg.float64)
    view, part = base[1:], base[:2]
    assert not view.requires_grad
    part[1] = w
    assert base.requires_grad and view.requires_grad and not view.is_leaf
    (view * 3).sum().backward()
    assert_close(w.grad, [3])


def test_assignment_records_both_the_target_and_the_value() -> None:
    x, w = leaf(1, 2, 3), leaf(5, 6)
    y = x * 2
    y[:2] = w
    (y * y).sum().backward()
    assert_close(x.grad, [0, 0, 24])
    assert_close(w.grad, [10, 12])


def test_gradients_through_views_in_place_agree_with_finite_differences() -> None:
    def function(x: mg.Tensor, w: mg.Tensor) -> mg.Tensor:
        base = x * 1
        column, row = base[:, 0], base.T[:, 1]
        column.mul_(w)
        row.tanh_()
        base[0] = w + row[1]
        return base * column.unsqueeze(0)[:, :1]

    rng = np.random.default_rng(0)
    assert gradcheck(function, (rng.normal(size=(3, 3)), rng.normal(size=3)))


def test_second_derivatives_through_a_view_in_place() -> None:
    x = leaf(2, 3)
    base = x * 1
    base[:1].mul_(x[1:])
    (first,) = mg.autograd.grad((base * base).sum(), x, create_graph=True)
    assert_close(first.detach(), [2 * 2 * 9, 2 * 3 * 4 + 2 * 3])
    (second,) = mg.autograd.grad(first.sum(), x)
    assert_close(second, [2 * 9 + 4 * 2 * 3, 4 * 2 * 3 + 2 * 4 + 2])


def test_detached_tensors_are_no_views() -> None:
    x = leaf(1, 2)
    detached = (x * 1).detach()
    detached.mul_(3)
    assert detached.is_leaf and not detached.requires_grad


# in place


def test_in_place_operations_change_values_and_graph() -> None:
    x = leaf(1, 2)
    y = x * 1
    identity = id(y)
    y += 3
    y *= x
    y.exp_()
    assert id(y) == identity
    y.sum().backward()
    values = np.array([1.0, 2.0])
    assert_close(x.grad, np.exp((values + 3) * values) * (2 * values + 3))


def test_a_tensor_without_gradient_gets_one_from_its_operand() -> None:
    w = leaf(2, 3)
    y = mg.ones(2, dtype=mg.float64)
    y.mul_(w)
    assert y.requires_grad
    y.sum().backward()
    assert_close(w.grad, [1, 1])


def test_leaves_that_require_grad_are_not_changed_in_place() -> None:
    x = leaf(1, 2)
    for change in (lambda: x.mul_(2), lambda: x.__setitem__(0, 1.0), lambda: x[:1].mul_(2)):
        with pytest.raises(RuntimeError, match=r"leaf Variable that requires grad.*no_grad"):
            change()
    assert_close(x.detach(), [1, 2])
    with mg.no_grad():
        x.mul_(2)
        x[0] = 7.0
    assert_close(x.detach(), [7, 4])
    assert x.is_leaf and x.requires_grad


def test_an_in_place_result_must_fit() -> None:
    x = mg.zeros(1, 2)
    with pytest.raises(RuntimeError, match=r"add_.*\[1, 2\].*\[3, 2\]"):
        x.add_(mg.ones(3, 2))
    with pytest.raises(RuntimeError, match=r"mul_.*can't be cast.*int64"):
        mg.tensor([1, 2]).mul_(1.5)


def test_memory_that_must_not_be_written_to() -> None:
    with pytest.raises(RuntimeError, match="single memory location"):
        mg.zeros(1).expand(3).add_(1)
    array = np.zeros(2)
    array.flags.writeable = False
    with pytest.raises(ValueError, match=r"add_.*read-only"):
        mg.from_numpy(array).add_(1)


def test_views_do_not_make_cycles() -> None:
    gc.disable()
    try:
        base = leaf(1, 2, 3) * 1
        view = base[1:]
        view.mul_(2)
        base.mul_(3)
        tensors = [weakref.ref(base), weakref.ref(view)]
        node = weakref.ref(view.grad_fn)
        del base, view
        assert [t() for t in tensors] == [None, None]
        assert node() is None
    finally:
        gc.enable()


# Steps of random programs on one of the tensors there are: views, then changes in place.
VIEWS = [
    lambda t, n: t[n % len(t)] if t.ndim else t,
    lambda t, n: t[..., n % t.shape[-1] :: 2] if t.ndim else t,
    lambda t, n: t.transpose(0, -1) if t.ndim else t,
    lambda t, n: t.unsqueeze(n % (t.ndim + 1)),
    lambda t, n: t.view(-1) if t.is_contiguous() else t,
]
CHANGES = [
    lambda t, n, w: t.mul_(w[n % 2]),
    lambda t, n, w: t.add_(w[n % 2]),
    lambda t, n, w: t.tanh_(),
    lambda t, n, w: t.__setitem__(n % len(t) if t.ndim else (), w[n % 2]),
]
LAYOUTS = [
    lambda t, n: t.t_() if t.ndim < 3 else t.transpose_(0, -1),
    lambda t, n: t.unsqueeze_(n % (t.ndim + 1)),
    lambda t, n: t.squeeze_(),
]
STEPS = len(VIEWS) + len(CHANGES) + len(LAYOUTS)


def test_a_new_shape_in_place_is_the_same_memory() -> None:
    x = mg.arange(4).reshape(1, 4)
    assert x.t_() is x and x.shape == (4, 1)
    x[0] = 9
    assert x.tolist() == [[9], [1], [2], [3]]
    assert mg.ones(1, 3, 1).squeeze_((0, 2)).shape == mg.ones(1, 3, 1).squeeze_().shape == (3,)
    assert mg.ones(2, 3).swapaxes_(0, 1).shape == mg.ones(2, 3).swapdims_(0, 1).shape == (3, 2)
    with pytest.raises(RuntimeError, match="<= 2 dimensions"):
        mg.ones(1, 2, 3).t_()
    with pytest.raises(IndexError, match="out of range"):
        mg.ones(2).unsqueeze_(5)


def test_a_leaf_keeps_its_gradient_in_a_new_shape() -> None:
    w = mg.ones(1, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="a leaf Variable"):
        w.squeeze_()
    with mg.no_grad():
        w.squeeze_()
    (w * 2).sum().backward()
    assert w.is_leaf and w.grad.tolist() == [2, 2]
    with pytest.raises(RuntimeError, match="a leaf Variable"):
        w.mul_(2)


def test_a_view_that_is_a_leaf_is_not_changed_in_place() -> None:
    v = mg.ones(2, 2)[0].requires_grad_()
    with pytest.raises(RuntimeError, match="a leaf Variable"):
        v.mul_(2)


@given(
    program=st.lists(
        st.tuples(st.integers(0, STEPS - 1), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=8,
    )
)
def test_gradients_of_any_program_of_views_and_changes_in_place(program) -> None:
    def function(x: mg.Tensor, w: mg.Tensor) -> mg.Tensor:
        tensors = [x * 1]
        for step, which, n in program:
            tensor = tensors[which % len(tensors)]
            if step < len(VIEWS):
                tensors.append(VIEWS[step](tensor, n))
            elif step < len(VIEWS) + len(CHANGES):
                CHANGES[step - len(VIEWS)](tensor, n, w)
            else:
                LAYOUTS[step - len(VIEWS) - len(CHANGES)](tensor, n)
        return sum((t * t).sum() for t in tensors)

    rng = np.random.default_rng(0)
    assert gradcheck(function, (rng.normal(size=(2, 3)), rng.normal(size=2)))
