"""compile: the same numbers as the function, and no other way to go unseen."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from collections.abc import Callable

import numpy as np
import pytest

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import nn, tensor

rng = np.random.default_rng(0)

IMAGES = (8, 1, 12, 12)
NETS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "plain": (lambda: nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)), (8, 6)),
    "normalised": (
        lambda: nn.Sequential(
            nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.LayerNorm(8), nn.Linear(8, 3)
        ),
        (8, 6),
    ),
    "dropout": (
        lambda: nn.Sequential(
            nn.Dropout(0.2), nn.Linear(6, 8), nn.GELU(), nn.Dropout(), nn.Linear(8, 3)
        ),
        (8, 6),
    ),
    "convolutions": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 5, 3),
            nn.Sigmoid(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(20, 3),
        ),
        IMAGES,
    ),
}


def batches(shape: tuple[int, ...], count: int = 4) -> list[tuple[mg.Tensor, mg.Tensor]]:
    draw = np.random.default_rng(1)
    return [
        (tensor(draw.standard_normal(shape).astype("f")), tensor(draw.integers(0, 3, shape[0])))
        for _ in range(count)
    ]


def bits(values: object) -> list[bytes]:
    return [np.asarray(value).tobytes() for value in values]


def trained(name: str, compiled: str) -> list[object]:
    """All that some steps of training leave behind, of which `compiled` is the loss, the step or nothing."""
    make, shape = NETS[name]
    mg.manual_seed(0)
    net = make()
    optimizer = mg.optim.Adam(net.parameters(), lr=0.01)
    scheduler = mg.optim.lr_scheduler.StepLR(optimizer, 2)

    def loss_of(x, y):
        return F.cross_entropy(net(x), y)

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_of(x, y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        return loss

    if compiled == "loss":
        loss_of = mg.compile(loss_of, fullgraph=True)
    if compiled == "step":
        step = mg.compile(step, fullgraph=True)
    mg.manual_seed(3)
    losses = [step(x, y).item() for x, y in batches(shape)]
    left = [*net.state_dict().values(), *(p.grad for p in net.parameters()), mg.get_rng_state()]
    state = [value for values in optimizer.state.values() for value in values.values()]
    return [losses, bits(left), bits(state), scheduler.get_last_lr()]


@pytest.mark.parametrize("compiled", ["loss", "step"])
@pytest.mark.parametrize("name", NETS)
def test_training_is_the_same_to_the_last_bit(name, compiled):
    assert trained(name, compiled) == trained(name, "")


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


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return x * self.calls


def hooked() -> nn.Module:
    net = nn.Linear(3, 3)
    net.register_forward_hook(lambda *_: None)
    return net


OUTER = mg.ones(3, requires_grad=True) * 2
OBSTACLES: dict[str, tuple[Callable[..., object], str]] = {
    "item": (lambda x: x / x.max().item(), "values"),
    "condition": (lambda x: x if x.sum() > 0 else -x, "values"),
    "numpy": (lambda x: x * tensor(np.exp(x.detach().numpy())), "values"),
    "array": (lambda x: x * np.ones(3, "f"), "does not come from"),
    "made inside": (lambda x: x + mg.arange(3), "does not come from"),
    "operation of NumPy": (lambda x: x.sort()[0] * 1, "does not come from"),
    "in place": (lambda x: x.clone().mul_(2), "."),
    "write": (lambda x: (x * 2).add_(1), "changed in place"),
    "noise": (lambda x: x + mg.randn(3), "random|does not come from"),
    "identity": (lambda x: x, "as it is"),
    "number": (lambda x: 3, "returns int"),
    "array of NumPy": (lambda x: x * float(x.array[0]), "values"),
    "seed": (lambda x: F.dropout(x, training=bool(mg.manual_seed(0))), "seeds"),
    "clamp": (lambda x: x.detach().clamp(-5, 5), "NumPy changes"),
    "aliases": (lambda x: ((y := x * 2), y[:]), "share memory"),
    "leaf": (lambda x: (x * 2).detach().requires_grad_() * 3, "requires_grad"),
    "gradient": (lambda x: mg.autograd.grad((x * x).sum(), x)[0], r"grad\(\)"),
    "graph from outside": (lambda x: x * OUTER, "outside the function"),
    "hooks": (hooked(), "hooks"),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_cannot_be_recorded_runs_as_it_is_and_says_why(name):
    function, why = OBSTACLES[name]
    array = rng.uniform(0.5, 1, 3).astype("f")
    with pytest.raises(RuntimeError, match=why):
        mg.compile(function, fullgraph=True)(tensor(array, requires_grad=True))
    f = mg.compile(function)
    with pytest.warns(UserWarning, match=f"runs as it is: .*({why})"):
        f(tensor(array, requires_grad=True))
    assert f.code is None
    mg.manual_seed(0)
    expected = function(tensor(-array, requires_grad=True))
    mg.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bits([f(tensor(-array, requires_grad=True))]) == bits([expected])


def test_a_module_that_counts_its_calls_counts_each_one():
    f = mg.compile(Counting())
    with pytest.warns(UserWarning, match="Counting sets its attribute 'calls'"):
        assert [f(mg.ones(1)).item() for _ in range(3)] == [1, 2, 3]


def test_no_more_is_recorded_where_each_call_is_of_another_kind():
    f = mg.compile(lambda x: x * 2)
    with pytest.warns(UserWarning, match="recorded 8 times"):
        assert [f(mg.ones(n)).sum().item() for n in range(1, 20)] == list(range(2, 40, 2))
    f(mg.ones(1))
    assert f.code, "what was recorded goes on to serve"


def test_an_argument_that_is_not_hashable():
    f = mg.compile(lambda xs: xs[0] * xs[1])
    with pytest.warns(UserWarning, match="hashable"):
        assert f([mg.ones(2), mg.ones(2)]).tolist() == [1, 1]


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


def test_what_cannot_be_recorded_is_not_done_twice():
    counter, parameter, generator = mg.zeros(1), nn.Parameter(mg.ones(3)), mg.Generator()

    def argument(x):
        return x.add_(1)

    def closure(x):
        counter.add_(1)
        return x * 2

    def gradient(x):
        (x * parameter).sum().backward()
        return x * 2

    def data(x):
        parameter.data = parameter.data * 0.5
        return x * parameter

    def noise(x):
        return x + mg.rand(3, generator=generator)

    x = mg.zeros(3)
    mg.compile(gradient, fullgraph=True)(x + 1)
    for function in (argument, closure, data, noise):
        generator.manual_seed(0)
        with pytest.warns(UserWarning, match="runs as it is"):
            result = mg.compile(function)(x)
    assert x.tolist() == [1, 1, 1] and counter.item() == 1
    assert parameter.grad.tolist() == [1, 1, 1] and parameter.tolist() == [0.5, 0.5, 0.5]
    assert bits([result]) == bits([x + mg.rand(3, generator=generator.manual_seed(0))])


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


def test_nothing_is_kept_of_calls_that_are_not_recorded():
    f = mg.compile(lambda x, k: x * k)
    with pytest.warns(UserWarning, match="recorded 8 times"):
        for k in range(30):
            f(mg.ones(1), k)
    assert len(f._programs) == 8


def test_gradients_recorded_where_that_is_switched_off():
    f = mg.compile(mg.enable_grad()(lambda x: x * 2))
    with mg.no_grad(), pytest.warns(UserWarning, match="gradients recorded"):
        assert f(mg.ones(1, requires_grad=True)).requires_grad


def parameter_and_optimizer(values: object = (1.0, 2.0)) -> tuple[nn.Parameter, mg.optim.SGD]:
    w = nn.Parameter(tensor(values))
    return w, mg.optim.SGD([w], lr=0.5)


def test_a_training_step_is_one_piece_of_code():
    w, optimizer = parameter_and_optimizer()

    @mg.compile(fullgraph=True)
    def step(x):
        optimizer.zero_grad()
        (x * w).sum().backward()
        optimizer.step()

    assert step(mg.ones(2)) is None and w.tolist() == [0.5, 1.5] and w.grad.tolist() == [1, 1]
    assert step(mg.ones(2) * 2) is None and w.tolist() == [-0.5, 0.5]
    lines = step.code.splitlines()
    assert lines[1].strip() == "sgd1.zero_grad()" and lines[-2].strip() == "sgd1.step()"
    assert "add_grad1(leaf1, t4, True)  # p1" in step.code


@pytest.mark.parametrize("clear", ["optimizer", "module", "nothing"])
def test_gradients_are_added_to_those_that_are_there(clear):
    outcomes = []
    for compiled in (False, True):
        net = nn.Linear(2, 1, bias=False)
        with mg.no_grad():
            net.weight.fill_(1)
        optimizer = mg.optim.SGD(net.parameters(), lr=0.5)

        def step(x, net=net, optimizer=optimizer):
            first = net(x).sum()
            first.backward()
            if clear == "module":
                net.zero_grad(set_to_none=True)
            (net(x * 2).sum() * 3).backward()
            optimizer.step()
            if clear == "optimizer":
                optimizer.zero_grad()
            return [first]

        step = mg.compile(step, fullgraph=True) if compiled else step
        for factor in (1, 2):
            (first,) = step(mg.ones(1, 2) * factor)
            outcomes.append((first.item(), net.weight.tolist(), bits([net.weight.grad])))
    assert outcomes[:2] == outcomes[2:]


def test_a_gradient_that_arrives_twice_is_in_memory_of_its_own():
    v, w = (nn.Parameter(mg.ones(2)) for _ in range(2))
    step = mg.compile(lambda x: (x + (v + w)).sum().backward(), fullgraph=True)
    for count in (1, 2):
        step(mg.ones(2))
        assert v.grad.tolist() == w.grad.tolist() == [count, count]
    assert not np.shares_memory(v.grad, w.grad)


def step_of(change: Callable[..., object]) -> Callable[..., object]:
    """A training step with something that a Program cannot repeat."""

    def step(x):
        w, optimizer = parameters
        optimizer.zero_grad()
        loss = (x * w).sum()
        return change(x, w, optimizer, loss)

    parameters = parameter_and_optimizer((1.0, 2.0, 3.0))
    return step


def hooked_step() -> Callable[..., object]:
    w, _ = parameter_and_optimizer()
    w.register_hook(lambda grad: grad * 2)
    return lambda x: (w.sum() * x.sum()).backward()


RATES = mg.optim.lr_scheduler.StepLR(parameter_and_optimizer()[1], 2)
STEP_OBSTACLES: dict[str, tuple[Callable[..., object], str]] = {
    "graph kept": (
        step_of(lambda x, w, o, loss: loss.backward(retain_graph=True)),
        "keeps the graph",
    ),
    "some leaves": (step_of(lambda x, w, o, loss: loss.backward(inputs=[w])), "names the Tensors"),
    "gradient read": (
        step_of(lambda x, w, o, loss: loss.backward() or w.grad * 2),
        "asks for the gradient",
    ),
    "gradient set": (step_of(lambda x, w, o, loss: setattr(w, "grad", x)), "another grad"),
    "zeros": (step_of(lambda x, w, o, loss: o.zero_grad(set_to_none=False)), "given an argument"),
    "closure": (step_of(lambda x, w, o, loss: o.step(lambda: loss)), "given an argument"),
    "options read": (step_of(lambda x, w, o, loss: loss * o.param_groups[0]["lr"]), "the options"),
    "options set": (
        step_of(lambda x, w, o, loss: o.param_groups[0].update(lr=2.0) or loss.backward()),
        "the options",
    ),
    "optimizer made": (
        step_of(lambda x, w, o, loss: loss.backward() or mg.optim.Adam([w]).step()),
        "makes one",
    ),
    "rates read": (step_of(lambda x, w, o, loss: loss * RATES.get_last_lr()[0]), "the rates"),
    "after the step": (
        step_of(lambda x, w, o, loss: (loss.backward(), o.step(), x * w)[2]),
        "computes after",
    ),
    "graph left": (step_of(lambda x, w, o, loss: (loss.backward(), x * w)[1]), "detach"),
    "argument": (lambda x: (x * x).sum().backward(), "at an argument"),
    "hooks": (hooked_step(), "hooks"),
}


@pytest.mark.parametrize("name", STEP_OBSTACLES)
def test_steps_that_cannot_be_recorded(name):
    function, why = STEP_OBSTACLES[name]
    with pytest.raises(RuntimeError, match=why):
        mg.compile(function, fullgraph=True)(mg.ones(3, requires_grad=name == "argument"))


def test_hooks_that_a_parameter_is_given_later_run():
    w, _ = parameter_and_optimizer()
    step = mg.compile(lambda x: (x * w).sum().backward())
    step(mg.ones(2))
    handle = w.register_hook(lambda grad: grad * 10)
    with pytest.warns(UserWarning, match="hooks"):
        step(mg.ones(2))
    assert w.grad.tolist() == [11, 11]
    handle.remove()
    step(mg.ones(2))
    assert w.grad.tolist() == [12, 12] and step.code


def test_what_an_optimizer_is_told_between_steps_counts():
    w, optimizer = parameter_and_optimizer()
    v = nn.Parameter(mg.ones(2))
    v.grad = mg.ones(2)

    @mg.compile(fullgraph=True)
    def step(x):
        optimizer.zero_grad()
        (x * w).sum().backward()
        optimizer.step()

    step(mg.ones(2))
    optimizer.param_groups[0]["lr"] = 2.0
    optimizer.add_param_group({"params": [v]})
    step(mg.ones(2))
    assert w.tolist() == [-1.5, -0.5] and v.tolist() == [1, 1] and v.grad is None


def test_an_exception_after_a_step_leaves_the_step_done():
    w, optimizer = parameter_and_optimizer()
    bad = [True]

    @mg.compile(fullgraph=True)
    def step(x):
        optimizer.zero_grad()
        (x * w).sum().backward()
        optimizer.step()
        if bad:
            raise KeyError("after the step")

    with pytest.raises(KeyError, match="after the step"):
        step(mg.ones(2))
    assert w.tolist() == [0.5, 1.5] and w.grad.tolist() == [1, 1]
    bad.clear()
    step(mg.ones(2))
    assert w.tolist() == [0, 1] and step.code
