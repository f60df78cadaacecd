from __future__ import annotations

import gc
import weakref

import pytest

import minigrad as mg
from minigrad.autograd import grad
from minigrad.autograd.hooks import hooks_by_node
from minigrad.testing import assert_close


def leaf(*values: float) -> mg.Tensor:
    return mg.tensor(values, dtype=mg.float64).requires_grad_()


def test_a_hook_sees_the_gradient_and_may_replace_it() -> None:
    x = leaf(1, 2)
    seen = []
    y = x * 3
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.sum().backward()
    assert seen == [[1, 1], [10, 10]]
    assert_close(x.grad, [30, 30])


def test_a_hook_on_a_leaf_changes_what_is_accumulated() -> None:
    x = leaf(1, 2)
    x.register_hook(lambda g: -g)
    (x * 3).sum().backward()
    assert_close(x.grad, [-3, -3])
    assert_close(grad((x * 3).sum(), x)[0], [-3, -3])


def test_a_hook_sees_the_whole_gradient_once() -> None:
    x = leaf(2)
    seen = []
    y = x * 1
    y.register_hook(lambda g: seen.append(g.item()))
    (y * 3 + y * 4).sum().backward()
    assert seen == [7]


def test_removal() -> None:
    x = leaf(1)
    handle = x.register_hook(lambda g: g * 5)
    handle.remove()
    handle.remove()
    with x.register_hook(lambda g: g * 7):
        pass
    (x * 1).sum().backward()
    assert_close(x.grad, [1])


def test_hooks_on_one_result_of_several() -> None:
    x = mg.tensor([[1.0, 5.0], [7.0, 2.0]], requires_grad=True)
    seen = []
    y = x.max(1).values
    y.register_hook(lambda g: seen.append(g.tolist()))
    y.sum().backward()
    assert seen == [[1, 1]]


def test_retain_grad_keeps_what_leaves_the_hooks_whatever_came_first() -> None:
    for first in (True, False):
        x = leaf(1)
        y = x * 2
        if first:
            y.retain_grad()
        y.register_hook(lambda g: g * 10)
        y.retain_grad()
        assert y.retains_grad and not x.retains_grad
        (y * 3).sum().backward()
        assert_close(y.grad, [30])


def test_retain_grad_accumulates_and_is_no_part_of_the_graph() -> None:
    x = leaf(1)
    y = x * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert_close(y.grad, [2])
    assert not y.grad.requires_grad


def test_retain_grad_follows_the_tensor_through_a_change_in_place() -> None:
    x = leaf(1)
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    (y * 3).sum().backward()
    assert_close(y.grad, [3])
    assert_close(x.grad, [30])


def test_a_hook_stays_with_the_value_that_it_was_registered_on() -> None:
    seen = []
    y = leaf(1) * 2
    y.register_hook(lambda g: seen.append(g.item()))
    y.mul_(5)
    (y * 3).sum().backward()
    assert seen == [15]


def test_with_create_graph_a_hook_is_recorded() -> None:
    x = leaf(3)
    y = x * x
    y.register_hook(lambda g: g * x)
    (first,) = grad(y.sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x)
    assert_close(first.detach(), [18])
    assert_close(second, [12])


def test_what_a_hook_returns_is_checked() -> None:
    for returned, error, message in [
        (lambda g: 3.0, TypeError, "must return a Tensor or None, not float"),
        (lambda g: g.sum(), RuntimeError, r"from \[2\] to \[\]"),
    ]:
        y = leaf(1, 2) * 2
        y.register_hook(returned)
        with pytest.raises(error, match=message):
            y.sum().backward()


def test_a_tensor_without_gradient_takes_no_hooks() -> None:
    with pytest.raises(RuntimeError, match="doesn't require grad"):
        mg.tensor([1.0]).register_hook(lambda g: g)
    with pytest.raises(RuntimeError, match="requires_grad=False"):
        mg.tensor([1.0]).retain_grad()


def test_hooks_die_with_their_node() -> None:
    gc.disable()
    try:
        before = len(hooks_by_node)
        y = leaf(1, 2) * 2
        node = weakref.ref(y.grad_fn)
        y.retain_grad()
        y.register_hook(lambda g: g)
        assert len(hooks_by_node) == before + 1
        del y
        assert node() is None
        assert len(hooks_by_node) == before
    finally:
        gc.enable()


def test_a_hook_may_change_the_gradient_in_place() -> None:
    for _ in range(2):  # no change may outlive its backward
        x = mg.tensor([1.0, 2.0], requires_grad=True)
        a, b = x * 1, x * 10
        y = (a + b).sum()
        a.register_hook(lambda grad: grad.mul_(2))  # a and b are sent the same array
        y.register_hook(lambda grad: grad.add_(2))
        y.backward()
        assert x.grad.tolist() == [36, 36]


def test_a_hook_after_accumulation_may_use_the_gradient_and_drop_it() -> None:
    x, seen = leaf(1, 2), []

    def step(tensor: mg.Tensor) -> None:
        seen.append(tensor.grad.tolist())
        tensor.grad = None

    handle = x.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        (x * 3).sum().backward()
    assert seen == [[3, 3], [3, 3]] and x.grad is None
    mg.autograd.grad((x * 3).sum(), x)  # leaves every .grad alone
    handle.remove()
    (x * 3).sum().backward()
    assert len(seen) == 2 and x.grad.tolist() == [3, 3]
    for other in (x * 2, mg.ones(1)):
        with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered"):
            other.register_post_accumulate_grad_hook(step)
