from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 2))


def tensor(*values: float) -> mg.Tensor:
    return mg.tensor(values, dtype=mg.float64)


def linear(x: mg.Tensor) -> mg.Tensor:
    return mg.tensor(A) @ x


def cubic(x: mg.Tensor) -> mg.Tensor:
    return (x * x * x).sum()


def product(x: mg.Tensor, y: mg.Tensor) -> mg.Tensor:
    return (x * x * y).sum()


def test_jacobian() -> None:
    assert_close(jacobian(linear, tensor(1, 2)), A)
    assert_close(jacobian(cubic, tensor(1, 2)), [3, 12])
    assert_close(jacobian(lambda x: x * x, tensor(1, 2)), [[2, 0], [0, 4]])
    assert jacobian(lambda x: x.reshape(1, 2) * 2, tensor(1, 2)).shape == (1, 2, 2)
    assert jacobian(lambda x: x.reshape(2, 0), mg.zeros(0)).shape == (2, 0, 0)


def test_jacobian_of_several_inputs_and_results() -> None:
    x, y = tensor(1, 2), tensor(3, 4)
    by_x, by_y = jacobian(product, (x, y))
    assert_close(by_x, [6, 16])
    assert_close(by_y, [1, 4])
    (one,) = jacobian(lambda x: cubic(x), (x,))
    assert_close(one, [3, 12])
    (sum_x, sum_y), (double_x, double_y) = jacobian(lambda x, y: (x + y, 2 * x), (x, y))
    assert_close(
        [sum_x, sum_y, double_x, double_y], [np.eye(2), np.eye(2), 2 * np.eye(2), np.zeros((2, 2))]
    )


def test_results_are_detached_unless_create_graph() -> None:
    x = tensor(1, 2).requires_grad_()
    assert not jacobian(cubic, x).requires_grad
    assert not any(t.requires_grad for t in vjp(cubic, x))
    derivative = jacobian(cubic, x, create_graph=True)
    derivative.sum().backward()
    assert_close(x.grad, [6, 12])
    x.grad = None
    _, directional = jvp(cubic, x, tensor(1, 10), create_graph=True)
    directional.backward()
    assert_close(x.grad, [6, 120])


def test_only_what_the_function_does_counts() -> None:
    x = tensor(1, 2).requires_grad_()
    outside = x * 10
    assert_close(jacobian(lambda z: (z * outside).sum(), x), [10, 20])
    assert_close(jacobian(lambda z: (z * outside).sum(), x, create_graph=True).detach(), [10, 20])
    assert x.grad is None


def test_inside_no_grad() -> None:
    with mg.no_grad():
        assert_close(jacobian(cubic, tensor(1, 2)), [3, 12])
        assert_close(hessian(cubic, tensor(1, 2)), [[6, 0], [0, 12]])


def test_hessian() -> None:
    assert_close(hessian(cubic, tensor(1, 2)), [[6, 0], [0, 12]])
    assert_close(hessian(lambda x: cubic(x).reshape(1), tensor(1, 2)), [[6, 0], [0, 12]])
    (xx, xy), (yx, yy) = hessian(product, (tensor(1, 2), tensor(3, 4)))
    assert_close(
        [xx, xy, yx, yy],
        [np.diag([6.0, 8]), np.diag([2.0, 4]), np.diag([2.0, 4]), np.zeros((2, 2))],
    )
    assert_close(hessian(lambda x: x.sum(), tensor(1, 2)), np.zeros((2, 2)))
    with pytest.raises(RuntimeError, match=r"one element, not \[\[3\]\]"):
        hessian(linear, tensor(1, 2))


def test_vjp_and_jvp() -> None:
    v, w = tensor(1, 2, 3), tensor(5, 6)
    value, by_rows = vjp(linear, tensor(1, 2), v)
    assert_close(value, A @ [1, 2])
    assert_close(by_rows, v.numpy() @ A)
    value, by_columns = jvp(linear, tensor(1, 2), w)
    assert_close(value, A @ [1, 2])
    assert_close(by_columns, A @ w.numpy())
    assert_close(vjp(cubic, tensor(1, 2))[1], [3, 12])
    assert_close(jvp(lambda x: x * x, tensor(3))[1], [6])


def test_products_of_several_inputs_and_results() -> None:
    x, y = tensor(1, 2), tensor(3, 4)
    _, (by_x, by_y) = vjp(
        lambda x, y: (x * y, x.sum()), (x, y), (tensor(1, 1), mg.tensor(10.0, dtype=mg.float64))
    )
    assert_close([by_x, by_y], [[13, 14], [1, 2]])
    _, (first, second) = jvp(lambda x, y: (x * y, x.sum()), (x, y), (tensor(1, 0), tensor(0, 1)))
    assert_close(first, [3, 2])
    assert_close(second, 1.0)


def test_vhp_and_hvp() -> None:
    for hessian_product in (vhp, hvp):
        value, of_cubic = hessian_product(cubic, tensor(1, 2), tensor(1, 10))
        assert_close(value, 9.0)
        assert_close(of_cubic, [6, 120])
        _, (by_x, by_y) = hessian_product(
            product, (tensor(1, 2), tensor(3, 4)), (tensor(1, 0), tensor(0, 1))
        )
        assert_close([by_x, by_y], [[6, 4], [2, 0]])
        assert_close(hessian_product(lambda x: x.sum(), tensor(1, 2), tensor(1, 1))[1], [0, 0])


def test_strict_refuses_what_does_not_depend_on_the_inputs() -> None:
    for call in (
        lambda strict: jacobian(lambda x: tensor(5), tensor(1), strict=strict),
        lambda strict: jacobian(lambda x, y: x * 2, (tensor(1), tensor(1)), strict=strict)[1],
        lambda strict: hessian(lambda x: x.sum(), tensor(1), strict=strict),
        lambda strict: vjp(lambda x: tensor(5), tensor(1), strict=strict)[1],
    ):
        assert (call(False).numpy() == 0).all()
        with pytest.raises(RuntimeError, match=r"depend on|not to have been used"):
            call(True)


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(
        TypeError, match="inputs have to be a Tensor or a tuple of Tensors, not float"
    ):
        jacobian(cubic, 1.0)
    with pytest.raises(TypeError, match="jacobian: func has to return a Tensor"):
        jacobian(lambda x: 1.0, tensor(1))
    with pytest.raises(RuntimeError, match=r"vjp: v has shapes \[\[2\]\], the results \[\[3\]\]"):
        vjp(linear, tensor(1, 2), tensor(1, 2))
    with pytest.raises(RuntimeError, match="jvp: v may be left out only for a single input"):
        jvp(linear, tensor(1, 2))
