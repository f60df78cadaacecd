"""compile: what cannot be recorded runs as it is, once, and says why."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import nn, tensor

rng = np.random.default_rng(0)


def bits(values: object) -> list[bytes]:
    return [np.asarray(value).tobytes() for value in values]


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


LONG = [1.0] * 40
OWN = mg.Generator()
OUTER = mg.ones(3, requires_grad=True) * 2
OBSTACLES: dict[str, tuple[Callable[..., object], str]] = {
    "item": (lambda x: x / x.max().item(), "values"),
    "condition": (lambda x: x if x.sum() > 0 else -x, "values"),
    "numpy": (lambda x: x * tensor(np.exp(x.detach().numpy())), "values"),
    "array": (lambda x: x * np.ones(3, "f"), "does not come from"),
    "made inside": (lambda x: x + mg.from_numpy(np.ones(3, "f")), "does not come from"),
    "mask": (lambda x: x[x > 0.7], "depends on values"),
    "where": (lambda x: x * mg.where(x > 0)[0].sum(), "depends on values"),
    "number of classes": (lambda x: x * F.one_hot(x.long()), "depends on values"),
    "repeats": (lambda x: x.repeat_interleave((x > 0.7).long()), "depends on values"),
    "unique": (lambda x: x.unique().sum() * 1, "depends on values"),
    "comparison": (lambda x: x if mg.allclose(x, x) else -x, "depends on values"),
    "long list": (lambda x: x * mg.tensor(LONG)[:3], "long list"),
    "gradients in another order": (
        lambda x: (y := (x * 3)[None]) + F.scaled_dot_product_attention(y, y, y, is_causal=True),
        "another order",
    ),
    "in place": (lambda x: x.clone().mul_(2), "."),
    "write": (lambda x: (x * 2).add_(1), "changed in place"),
    "noise": (lambda x: x + mg.randn(3, generator=OWN), "Generator of its own"),
    "identity": (lambda x: x, "as it is"),
    "number": (lambda x: 3, "returns int"),
    "array of NumPy": (lambda x: x * float(x.array[0]), "values"),
    "seed": (lambda x: F.dropout(x, training=bool(mg.manual_seed(0))), "seeds"),
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
    OWN.manual_seed(0)
    expected = function(tensor(-array, requires_grad=True))
    mg.manual_seed(0)
    OWN.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert bits([f(tensor(-array, requires_grad=True))]) == bits([expected])


def test_the_line_is_named_where_it_is_one():
    def summed(x):
        loss = x.sum()
        loss += 1
        return loss

    line = summed.__code__.co_firstlineno + 2
    with pytest.warns(UserWarning, match=rf"write y = y \+ x .*test_obstacles\.py:{line}\)$"):
        mg.compile(summed)(mg.ones(3))
    with pytest.warns(UserWarning, match="returns int, not a Tensor or several$"):
        mg.compile(lambda x: 3)(mg.ones(3))


def test_printing_is_reading():
    with pytest.warns(UserWarning, match=r"values of a Tensor, by __repr__: .*test_obstacles\.py"):
        mg.compile(lambda x: x * len(str(x)))(mg.ones(3))


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


def test_where_nan_is_looked_for_it_runs_as_it_is():
    x = tensor([0.0], requires_grad=True)
    f = mg.compile(lambda x: (x.sqrt() * 0).sum(), fullgraph=True)
    f(x).backward()
    with mg.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="nan"):
        f(x).backward()
    f(x)
    assert f.code
