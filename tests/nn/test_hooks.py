"""Hooks of modules: before and after forward, and when backward has passed."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.autograd import grad
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close


def ones(*shape):
    return tensor(np.ones(shape, np.float32))


def test_before_and_after():
    net, seen = nn.Linear(2, 1), []
    before = net.register_forward_pre_hook(lambda module, args: seen.append(args) or args[0] * 2)
    after = net.register_forward_hook(lambda module, args, output: output * 10)
    x = ones(1, 2)
    expected = ((x * 2) @ net.weight.T + net.bias) * 10
    assert_close(net(x).detach(), expected.detach())
    assert seen[0][0] is x
    before.remove()
    with after:
        pass
    assert_close(net(x).detach(), (x @ net.weight.T + net.bias).detach())


def test_backward_sees_both_ends():
    net, seen = nn.Linear(2, 3), []
    net.register_full_backward_hook(lambda *args: seen.append(args))
    x = ones(4, 2).requires_grad_()
    net(x).sum().backward()
    ((module, grad_input, grad_output),) = seen
    assert module is net
    assert_close(grad_output[0], np.ones((4, 3), np.float32))
    assert_close(grad_input[0], x.grad)
    assert_close(net.weight.grad, np.full((3, 2), 4, np.float32))


def test_backward_without_a_differentiable_input():
    net, seen = nn.Linear(2, 3), []
    net.register_full_backward_hook(lambda *args: seen.append(args[1:]))
    net(ones(4, 2)).sum().backward()
    ((grad_input, grad_output),) = seen
    assert grad_input == (None,) and grad_output[0].shape == (4, 3)


def test_backward_replaces_and_is_removed():
    net = nn.Sequential(nn.Identity())
    handle = net[0].register_full_backward_hook(lambda module, given, got: (given[0] * 3,))
    x = ones(2).requires_grad_()
    net(x).sum().backward()
    assert x.grad.tolist() == [3, 3]
    handle.remove()
    net(x).sum().backward()
    assert x.grad.tolist() == [4, 4]


def test_several_inputs_and_outputs():
    class Both(nn.Module):
        def forward(self, a, n, b):
            return a * b, n, a + b

    net, seen = Both(), []
    net.register_full_backward_hook(lambda *args: seen.append(args[1:]))
    a, b = ones(2).requires_grad_(), ones(2).requires_grad_()
    net(a, 5, b)[2].sum().backward()
    ((grad_input, grad_output),) = seen
    assert [g is None for g in grad_input] == [False, True, False]
    assert [g is None for g in grad_output] == [True, True, False]


def test_second_order():
    net = nn.Identity()
    net.register_full_backward_hook(lambda module, given, got: (given[0] * 2,))
    x = ones(2).requires_grad_()
    (first,) = grad((net(x) ** 3).sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x)
    assert first.tolist() == [6, 6] and second.tolist() == [24, 24]


def test_wrong_number_of_gradients():
    net = nn.Identity()
    net.register_full_backward_hook(lambda module, given, got: (given[0], given[0]))
    with pytest.raises(RuntimeError, match="returned 2 gradients for 1 inputs"):
        net(ones(2).requires_grad_()).sum().backward()


def test_with_keyword_arguments_and_in_an_order():
    class Scaled(nn.Module):
        def forward(self, x, factor=1):
            return x * factor

    net, order = Scaled(), []
    net.register_forward_pre_hook(lambda module, args: order.append("second"))
    net.register_forward_pre_hook(
        lambda module, args, kwargs: (
            order.append("first") or (args, {"factor": kwargs["factor"] * 2})
        ),
        prepend=True,
        with_kwargs=True,
    )
    net.register_forward_hook(
        lambda module, args, kwargs, output: output + kwargs["factor"], with_kwargs=True
    )
    assert net(ones(1), factor=3).tolist() == [12] and order == ["first", "second"]
    net.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"tuple of .new_args, new_kwargs., but got"):
        net(ones(1), factor=3)


def test_before_backward():
    net, seen = nn.Linear(2, 3), []
    net.register_full_backward_hook(lambda module, got, given: seen.append(given[0].tolist()))
    net.register_full_backward_pre_hook(lambda module, given: (given[0] * 2,))
    net.register_full_backward_pre_hook(lambda module, given: seen.append(given[0].tolist()), True)
    net(ones(1, 2)).sum().backward()
    assert seen == [[[1, 1, 1]], [[2, 2, 2]]]
    assert net.bias.grad.tolist() == [2, 2, 2]
    net.register_full_backward_pre_hook(lambda module, given: (None, None))
    with pytest.raises(RuntimeError, match="returned 2 gradients for 1 outputs"):
        net(ones(1, 2)).sum().backward()
