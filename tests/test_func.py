"""Derivatives as functions, functions of slices, modules as functions of their parameters."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import func, nn
from minigrad.testing import assert_close

X = mg.tensor([1.0, -2.0, 0.5], dtype=mg.float64)
A = mg.tensor(np.random.default_rng(0).normal(size=(2, 3)))


def test_grad_of_grad_of_grad():
    cube = lambda x: (x**3).sum()  # noqa: E731
    assert_close(func.grad(cube)(X), 3 * X**2)
    second = func.grad(lambda x: func.grad(cube)(x).sum())
    assert_close(second(X), 6 * X)
    assert_close(func.grad(lambda x: second(x).sum())(X), mg.full((3,), 6.0, dtype=mg.float64))
    assert not func.grad(cube)(X).requires_grad
    with pytest.raises(RuntimeError, match=r"has to return a Tensor of shape \[\], not \[3\]"):
        func.grad(lambda x: x)(X)
    with pytest.raises(TypeError, match="differentiate by Tensors, not float"):
        func.grad(cube)(1.0)


def test_grad_by_several_nested_arguments():
    def loss(params, scale, data):
        return ((params["w"] @ data + params["b"]) * scale).sum(), params["b"]

    params, scale = {"w": A, "b": mg.zeros(2, dtype=mg.float64)}, mg.tensor(2.0, dtype=mg.float64)
    (by_params, by_scale), aux = func.grad(loss, (0, 1), has_aux=True)(params, scale, X)
    assert_close(by_params["w"], 2 * mg.outer(mg.ones(2, dtype=mg.float64), X))
    assert by_params["b"].tolist() == [2, 2] and aux.tolist() == [0, 0]
    assert_close(by_scale, (A @ X).sum())
    gradient, (value, _) = func.grad_and_value(loss, has_aux=True)(params, scale, X)
    assert value.item() == pytest.approx(2 * (A @ X).sum().item()) and gradient["b"].shape == (2,)
    zero = func.grad(lambda x, y: y.sum(), 0)(X, X)
    assert zero.tolist() == [0, 0, 0]


def test_products_with_jacobians():
    output, pull_back = func.vjp(lambda x, y: (A @ x * y, x.sum()), X, mg.ones(2, dtype=mg.float64))
    assert_close(output[0], A @ X)
    v = mg.tensor([1.0, 2.0], dtype=mg.float64)
    by_x, by_y = pull_back((v, mg.tensor(3.0, dtype=mg.float64)))
    assert_close(by_x, A.T @ v + 3)
    assert_close(by_y, A @ X * v)
    value, along = func.jvp(lambda x: A @ x**2, (X,), (mg.ones(3, dtype=mg.float64),))
    assert_close(value, A @ X**2)
    assert_close(along, A @ (2 * X))
    *_, aux = func.jvp(lambda x: (x, "kept"), (X,), (X,), has_aux=True)
    assert aux == "kept" and func.vjp(lambda x: (x, 1), X, has_aux=True)[2] == 1


def test_jacobians_and_hessians():
    assert_close(func.jacrev(lambda x: A @ x)(X), A)
    by_x, by_a = func.jacfwd(lambda x, a: a @ x, (0, 1))(X, A)
    assert_close(by_x, A)
    assert by_a.shape == (2, 2, 3) and by_a[0, 0].tolist() == X.tolist()
    H = func.hessian(lambda x: (A @ x).prod())(X)
    assert_close(H, mg.outer(A[0], A[1]) + mg.outer(A[1], A[0]))
    nested = func.jacrev(lambda x: {"square": x**2, "sum": x.sum()})(X)
    assert_close(nested["square"], mg.diag(2 * X))
    assert nested["sum"].tolist() == [1, 1, 1]


def test_results_lead_to_arguments_that_require_grad():
    x = X.clone().requires_grad_()
    func.grad(lambda x: (x**3).sum())(x).sum().backward()
    assert_close(x.grad, 6 * X)


def test_vmap():
    rows = mg.arange(6.0).reshape(2, 3)
    assert_close(func.vmap(mg.dot, (0, None))(rows, mg.ones(3)), rows.sum(1))
    assert_close(mg.vmap(lambda x: x * 2, in_dims=1, out_dims=1)(rows), rows * 2)
    several = func.vmap(lambda d: (d["a"].sum(), d["b"]))({"a": rows, "b": rows[:, 0]})
    assert several[0].tolist() == [3, 12] and several[1].tolist() == [0, 3]
    each = func.vmap(func.grad(lambda w, x: (w * x).sum() ** 2), (None, 0))(mg.ones(3), rows)
    assert_close(each, 2 * rows.sum(1, keepdim=True) * rows)
    with pytest.raises(ValueError, match=r"same size in the mapped dimension, got sizes \[2, 3\]"):
        func.vmap(mg.add)(rows, mg.ones(3))
    with pytest.raises(ValueError, match="in_dims has 1 entries for 2 arguments"):
        func.vmap(mg.add, (0,))(rows, rows)


def test_functional_call():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    before, x = {k: v.clone() for k, v in net.state_dict().items()}, mg.ones(4, 3)
    new = {"0.weight": mg.zeros(2, 3), "0.bias": mg.ones(2), "1.running_mean": mg.ones(2)}
    assert not func.functional_call(net, new, x).any()
    assert not func.functional_call(net, (new, {}), (x,), {}).any()
    assert all(mg.equal(v, before[k]) for k, v in net.state_dict().items())

    def loss(params):
        return func.functional_call(net, params, (x,)).sum()

    gradient = func.grad(loss)(dict(net.named_parameters()))
    loss({}).backward()
    for name, p in net.named_parameters():
        assert_close(gradient[name], p.grad)
    with pytest.raises(RuntimeError, match=r"unexpected \['typo'\], missing \['0.bias', "):
        func.functional_call(net, {"typo": x}, x, strict=True)


def test_tied_weights_are_replaced_together():
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    net[1].weight = net[0].weight
    out = func.functional_call(net, {"0.weight": 2 * mg.eye(2)}, mg.ones(1, 2))
    assert out.tolist() == [[4, 4]]
