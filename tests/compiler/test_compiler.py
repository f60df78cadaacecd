"""compile: the same numbers as the function, and no other way to go unseen."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable

import numpy as np
import pytest

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import nn, tensor

rng = np.random.default_rng(0)


def bits(values: object) -> list[bytes]:
    return [np.asarray(value).tobytes() for value in values]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x * 3 + x / 2 - 1).exp(),
        lambda x: (x @ x.T).softmax(1),
        lambda x: F.mse_loss(x.tanh(), x * 2),
        lambda x: (x.square() + 1).sqrt().log().mean(),
        lambda x: x.sum(0) * x.mean(1, keepdim=True),
        lambda x: F.layer_norm(x, (5,)).reshape(-1) * 2,
        lambda x: (x.sum(), x * 2, -x),
        lambda x: [x.transpose(0, 1) * 1.5],
    ],
)
def test_values_and_gradients_of_other_arguments_than_the_recorded_ones(function):
    compiled = mg.compile(function, fullgraph=True)
    compiled(tensor(rng.standard_normal((5, 5)).astype("f"), requires_grad=True))
    array = rng.standard_normal((5, 5)).astype("f")
    outcomes = []
    for way in (function, compiled):
        x = tensor(array, requires_grad=True)
        results = way(x)
        results = results if isinstance(results, (tuple, list)) else [results]
        mg.autograd.backward(list(results), [mg.ones_like(r) for r in results])
        outcomes.append(bits([*results, x.grad]))
    assert outcomes[0] == outcomes[1]


def test_the_first_call_changes_what_one_call_changes():
    net = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout())
    before = net.state_dict()["0.running_mean"].clone()
    mg.manual_seed(0)
    x = tensor(rng.standard_normal((6, 4)).astype("f"))
    once = net(x)
    mean = net.state_dict()["0.running_mean"].clone()
    net[0].reset_running_stats()
    mg.manual_seed(0)
    assert bits([mg.compile(net, fullgraph=True)(x)]) == bits([once])
    assert net[0].num_batches_tracked.item() == 1
    assert bits([net[0].running_mean]) == bits([mean]) != bits([before])


def test_code_is_what_runs():
    net = nn.Linear(3, 2)
    f = mg.compile(lambda x: net(x).relu(), fullgraph=True)
    assert f.code is None
    f(mg.ones(4, 3))
    forward, backward = f.code.split("\n\n\n")
    assert "t1 = product(x1, weight1.T, bias1)  # (4, 2)" in forward
    assert "t2 = relu(t1)  # (4, 2)" in forward
    assert "relu_backward(grad1, t2)" in backward
    assert "_, t4, t5 = linear_backward(t3, x1, None, True)" in backward, "x wants no gradient"


def calls_of_function(f: Callable[..., object]) -> tuple[Callable[..., object], list[int]]:
    calls = []
    count = calls.append  # a list by its own name would be seen to change

    def counted(*args):
        count(1)
        return f(*args)

    return counted, calls


def test_it_is_recorded_once_for_each_kind_of_arguments():
    function, calls = calls_of_function(lambda x, k: x * k)
    f = mg.compile(function, fullgraph=True)
    for _ in range(3):
        f(mg.ones(3), 2)
    assert len(calls) == 1
    for other in (
        (mg.ones(4), 2),
        (mg.ones(3), 3),
        (mg.ones(3).double(), 2),
        (mg.ones(3, requires_grad=True), 2),
    ):
        count = len(calls)
        assert bits([f(*other)]) == bits([other[0] * other[1]])
        assert len(calls) == count + 1
    with mg.no_grad():
        assert not f(mg.ones(3, requires_grad=True), 2).requires_grad


def test_it_is_recorded_anew_when_a_module_is_set_up_otherwise():
    net = nn.Sequential(nn.Linear(3, 4), nn.Dropout(), nn.BatchNorm1d(4))
    f = mg.compile(net, fullgraph=True)
    x = tensor(rng.standard_normal((5, 3)).astype("f"))

    def changed(change: Callable[[], object]) -> None:
        change()
        mg.manual_seed(1)
        expected = bits([net(x)])
        mg.manual_seed(1)
        assert bits([f(x)]) == expected

    changed(lambda: None)
    changed(net.eval)
    changed(net.train)
    changed(lambda: net[0].requires_grad_(False))
    assert net[0].weight.grad is None
    changed(lambda: setattr(net[0], "weight", nn.Parameter(mg.ones(4, 3))))
    changed(lambda: net.__setitem__(1, nn.ReLU()))
    changed(lambda: net.load_state_dict({k: v + 1 for k, v in net.state_dict().items()}))
    f(x).sum().backward()
    assert net[0].weight.grad is not None and net[0].bias.grad is None


def test_a_frozen_layer_gets_no_gradient_and_a_thawed_one_does():
    net = nn.Linear(2, 2)
    f = mg.compile(lambda x: net(x).sum(), fullgraph=True)
    net.bias.requires_grad_(False)
    f(mg.ones(1, 2)).backward()
    assert net.bias.grad is None and net.weight.grad is not None
    net.bias.requires_grad_(True)
    f(mg.ones(1, 2)).backward()
    assert net.bias.grad.tolist() == [1, 1]


def test_an_error_of_the_function_is_that_of_the_function():
    f = mg.compile(nn.Linear(3, 2))
    with pytest.raises(RuntimeError, match="features=3"):
        f(mg.ones(2, 4))
    assert f(mg.ones(2, 3)).shape == (2, 2)
    labels = mg.compile(F.cross_entropy, fullgraph=True)
    labels(mg.zeros(2, 3), tensor([0, 1]))
    with pytest.raises(IndexError, match="label"):
        labels(mg.zeros(2, 3), tensor([0, 7]))


def test_several_results_of_which_one_is_differentiated():
    w = mg.ones(3, requires_grad=True)
    f = mg.compile(lambda x: ((x * w).sum(), x * w, (x * 2).detach()), fullgraph=True)
    for _ in range(2):
        loss, product, plain = f(tensor([1.0, 2.0, 3.0]))
        assert product.requires_grad and not plain.requires_grad
        w.grad = None
        loss.backward()
        assert w.grad.tolist() == [1, 2, 3]


def test_graphs_of_several_calls_live_side_by_side():
    w = mg.ones(2, requires_grad=True)
    f = mg.compile(lambda x: (x * w * w).sum(), fullgraph=True)
    (f(tensor([1.0, 2.0])) + f(tensor([10.0, 20.0]))).backward()
    assert w.grad.tolist() == [22, 44]


def test_the_graph_is_freed_unless_retained_and_differentiated_once():
    w = mg.ones(2, requires_grad=True)
    f = mg.compile(lambda x: (x * w).exp().sum(), fullgraph=True)
    loss = f(mg.ones(2))
    loss.backward(retain_graph=True)
    loss.backward()
    assert np.allclose(w.grad, 2 * np.e)
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()
    with pytest.raises(RuntimeError, match="no second derivative"):
        mg.autograd.grad(f(mg.ones(2)), w, create_graph=True)


def test_a_parameter_changed_before_backward_is_an_error():
    w = mg.ones(2, requires_grad=True)
    x = mg.ones(2, requires_grad=True)
    loss = mg.compile(lambda x: (x * w).sum(), fullgraph=True)(x)
    with mg.no_grad():
        w += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_it_is_a_part_of_a_larger_graph():
    x = mg.ones(3, requires_grad=True)
    f = mg.compile(lambda x: x * x, fullgraph=True)
    (f(x * 3) * 2).sum().backward()
    assert x.grad.tolist() == [36, 36, 36]


def test_modules_methods_and_options():
    net = nn.Sequential(nn.Linear(2, 2))
    f = mg.compile(net)
    assert [name for name, _ in f.named_parameters()] == ["0.weight", "0.bias"]

    class Scaled(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        @mg.compile
        def forward(self, x, *, shift=0.0):
            return x * self.factor + shift

    double, triple = Scaled(2.0), Scaled(3.0)
    for _ in range(2):
        assert [double(mg.ones(1)).item(), triple(mg.ones(1), shift=1.0).item()] == [2, 4]
    double.factor = 5.0
    assert double(mg.ones(1)).item() == 5


def test_pytorchs_options():
    function = nn.Linear(2, 1)
    assert mg.compile(function, disable=True) is function

    @mg.compile(mode="max-autotune", fullgraph=True)
    def double(x):
        return 2 * x

    assert double(mg.ones(2)).tolist() == [2, 2]
    assert double.code


def test_everything_is_as_before_after_a_recording():
    before = mg.nn.Module.__call__, mg.Tensor.item, mg.kernels.add, mg.Generator.next_philox
    with pytest.raises(ZeroDivisionError):
        mg.compile(lambda x: 1 / 0)(mg.ones(1))
    assert before == (
        mg.nn.Module.__call__,
        mg.Tensor.item,
        mg.kernels.add,
        mg.Generator.next_philox,
    )
    assert type(mg.ones(1) * 2) is mg.Tensor


def test_arguments_that_share_memory_when_recorded_need_not_later():
    constant = tensor(rng.standard_normal((3, 3)).astype("f"))
    other = tensor(rng.standard_normal((3, 3)).astype("f"))

    def function(x, y):
        return x.T @ y.T + constant

    for first in ((other, other), (other, other[:]), (constant, other), (constant[:], constant)):
        f = mg.compile(function, fullgraph=True)
        for args in (first, (constant, other), (other, constant)):
            assert bits([f(*args)]) == bits([function(*args)])


def test_what_a_result_needs_for_its_gradient_is_watched_and_nothing_else():
    x, b = mg.ones(3, requires_grad=True), mg.ones(3, requires_grad=True)
    y = mg.compile(lambda x: x.exp(), fullgraph=True)(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
    argument = x * 1
    loss = mg.compile(lambda x: (x + b).sum(), fullgraph=True)(argument)
    with mg.no_grad():
        b.add_(1)
        argument.add_(1)
    loss.backward()
    assert x.grad.tolist() == b.grad.tolist() == [1, 1, 1]


def test_a_result_that_is_not_differentiated_has_no_share_in_gradients():
    v, w = (mg.ones(2, requires_grad=True) for _ in range(2))
    f = mg.compile(lambda x: ((x * v).sum(), (x * w).log()), fullgraph=True)
    for _ in range(2):
        f(mg.zeros(2))[0].backward()
        assert v.grad.tolist() == [0, 0] and w.grad is None
    assert "def backward_1(saved, grad1)" in f.code


def test_a_gradient_of_any_layout():
    x = mg.ones(4, 3, requires_grad=True)
    f = mg.compile(lambda x: (x * 2).sum(0), fullgraph=True)
    for gradient in (mg.ones(1).expand(3), mg.ones(6)[::2]):
        x.grad = None
        f(x).backward(gradient)
        assert (x.grad == 2).all()


def test_hooks_of_parameters_run_once_for_each_backward():
    w, calls = mg.ones(2, requires_grad=True), []
    w.register_hook(lambda grad: calls.append(1) or grad * 2)
    mg.compile(lambda x: (x * w).sum(), fullgraph=True)(mg.ones(2)).backward()
    assert w.grad.tolist() == [2, 2] and len(calls) == 1


def test_modules_take_part_whose_attributes_are_read():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([nn.Tanh(), nn.Tanh()])
            self.scale = nn.Linear(2, 2)

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return nn.ReLU()(x * self.scale.weight)

    net, x = Net(), tensor(rng.standard_normal((2, 2)).astype("f"))
    f, g = mg.compile(net, fullgraph=True), mg.compile(lambda x: x * net.scale.weight)
    for change in (
        lambda: None,
        lambda: net.layers.__setitem__(1, nn.ReLU()),
        lambda: setattr(net.scale, "weight", nn.Parameter(mg.ones(2, 2))),
    ):
        change()
        assert bits([f(x), g(x)]) == bits([net(x), x * net.scale.weight])


def test_a_compiled_function_in_another_is_recorded_with_it():
    inner = mg.compile(lambda x: x * 2, fullgraph=True)
    outer = mg.compile(lambda x: inner(x) + inner(x * 3), fullgraph=True)
    for _ in range(2):
        assert outer(mg.ones(1)).item() == 8 and outer.code.count("\n    t") == 4
        assert inner(mg.ones(1)).item() == 2 and inner.code.count("\n    t") == 1


def test_threads_that_compile_at_once():
    before, errors = dict(vars(mg.kernels)), []

    def work():
        for _ in range(10):
            net = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
            f = mg.compile(net, fullgraph=True)
            if bits([f(mg.ones(3)), f(mg.ones(3))]) != bits([net(mg.ones(3))] * 2):
                errors.append(f.code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and vars(mg.kernels) == before


def test_options_that_are_equal_but_not_the_same():
    f = mg.compile(lambda x, k: x * k, fullgraph=True)
    assert [np.signbit(f(mg.ones(1), k)).item() for k in (0.0, -0.0)] == [False, True]
    g = mg.compile(lambda x, k: x.sum(k[0]), fullgraph=True)
    g(mg.ones(2, 2), (0,))
    with pytest.raises(TypeError):
        g(mg.ones(2, 2), (0.0,))


def test_names_of_parameters_do_not_meet_those_of_kernels_and_others():
    class Net(nn.Module):
        def __init__(self, **values):
            super().__init__()
            for name, value in values.items():
                setattr(self, name, nn.Parameter(tensor([value])))

        def forward(self, x):
            for parameter in self.parameters():
                x = x.expm1() * parameter
            return x

    net = nn.Sequential(Net(w1=0.5, expm=0.7, exp_=0.9), *(Net(w=0.5) for _ in range(11)))
    assert bits([mg.compile(net, fullgraph=True)(mg.ones(1))]) == bits([net(mg.ones(1))])


def test_a_copy_of_a_compiled_module_is_compiled_anew():
    f = mg.compile(nn.Linear(2, 2), fullgraph=True)
    f(mg.ones(2))
    for copied in (copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
        assert bits([copied(mg.ones(2))]) == bits([f(mg.ones(2))])
        copied.requires_grad_(False).weight.mul_(2)
        assert bits([copied(mg.ones(2))]) != bits([f(mg.ones(2))])
