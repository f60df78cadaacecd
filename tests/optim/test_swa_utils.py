"""Averages of weights: exponential and equal."""

import numpy as np
import pytest
from schedules import LR, optimizer, rates

import minigrad as mg
from minigrad import nn
from minigrad.optim import SGD
from minigrad.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1).double())


def histories(averaged, net, steps=5):
    """The values of each parameter and buffer while everything changes, as arrays (step, ...)."""
    rng = np.random.default_rng(0)
    history = []
    for _ in range(steps):
        for p in [*net.parameters(), net[1].running_mean]:
            p.array[...] = rng.normal(size=p.shape)
        net[1].num_batches_tracked += 10
        history.append([t.array.copy() for t in (*net.parameters(), *net.buffers())])
        averaged.update_parameters(net)
    return [np.array(values) for values in zip(*history, strict=True)]


def ema_of(values, decay):
    average = values[0].astype(np.float64)
    for value in values[1:]:
        average = decay * average + (1 - decay) * value
    return average


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, lambda v: v.mean(0)),
        ({"avg_fn": get_swa_avg_fn()}, lambda v: v.mean(0)),
        ({"multi_avg_fn": get_swa_multi_avg_fn()}, lambda v: v.mean(0)),
        ({"avg_fn": get_ema_avg_fn(0.9)}, lambda v: ema_of(v, 0.9)),
        ({"multi_avg_fn": get_ema_multi_avg_fn(0.9)}, lambda v: ema_of(v, 0.9)),
    ],
)
@pytest.mark.parametrize("use_buffers", [False, True])
def test_averages(options, expected, use_buffers):
    net = network()
    averaged = AveragedModel(net, use_buffers=use_buffers, **options)
    *floats, counts = histories(averaged, net)
    actual = [*averaged.module.parameters(), *averaged.module.buffers()]
    averages = len(list(net.parameters())) if not use_buffers else len(floats)
    for i, (tensor, values) in enumerate(zip(actual[:-1], floats, strict=True)):
        assert tensor.dtype == values.dtype
        want = expected(values) if i < averages else values[-1]
        np.testing.assert_allclose(tensor.array, want, rtol=1e-5, atol=1e-6)
    assert list(counts) == [10, 20, 30, 40, 50]
    tracked = averaged.module[1].num_batches_tracked.item()
    assert 10 <= tracked < 50 if use_buffers else tracked == 50
    assert averaged.n_averaged.item() == 5


def test_it_is_a_module_of_its_own():
    net = network()
    averaged = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn())
    averaged.update_parameters(net)
    names = [*averaged.state_dict()]
    assert names[:2] == ["n_averaged", "module.0.weight"] and len(names) == 1 + len(
        net.state_dict()
    )
    assert all(a is not b for a, b in zip(averaged.parameters(), net.parameters(), strict=True))
    assert all(p.is_leaf for p in averaged.parameters())
    x = mg.randn(2, 3)
    net[2].float(), averaged.module[2].float()
    np.testing.assert_array_equal(averaged(x).detach().array, net(x).detach().array)
    other = AveragedModel(network())
    other.module[2].float()
    other.load_state_dict(averaged.state_dict())
    assert other.n_averaged.item() == 1


def test_a_graph_that_an_average_made_stale_is_noticed():
    net = nn.Linear(2, 1)
    averaged = AveragedModel(net)
    averaged.update_parameters(net)
    x = mg.ones(1, 2, requires_grad=True)
    loss = averaged(x).sum()
    averaged.update_parameters(net)
    with pytest.raises(RuntimeError, match="modified by an inplace operation: update_parameters"):
        loss.backward()


def test_refused():
    with pytest.raises(AssertionError, match="Only one of avg_fn and multi_avg_fn"):
        AveragedModel(nn.Linear(1, 1), avg_fn=get_ema_avg_fn(), multi_avg_fn=get_swa_multi_avg_fn())
    for make in (get_ema_avg_fn, get_ema_multi_avg_fn):
        with pytest.raises(ValueError, match=r"Invalid decay value 1\.1"):
            make(1.1)


def test_running_statistics_of_a_pass():
    net = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5)).eval()
    batches = [mg.randn(8, 2) * k + k for k in (1, 3)]
    update_bn(((x, "label") for x in batches), net)
    layer = net[0]
    means, variances = (
        [getattr(x.array, name)(0, **options) for x in batches]
        for name, options in (("mean", {}), ("var", {"ddof": 1}))
    )
    np.testing.assert_allclose(layer.running_mean.array, np.mean(means, 0), rtol=1e-5)
    np.testing.assert_allclose(layer.running_var.array, np.mean(variances, 0), rtol=1e-5)
    assert layer.momentum == 0.1 and not net.training
    update_bn([mg.ones(1, 1)], nn.Linear(1, 1))


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("epochs", [0, 1, 5])
def test_a_rate_for_averaging(strategy, epochs):
    opt = optimizer()
    got = rates(lambda opt: SWALR(opt, [0.1, 0.01], epochs, strategy), 8, opt)
    done = np.minimum(np.arange(9) / epochs, 1) if epochs else np.ones(9)
    done = done if strategy == "linear" else (1 - np.cos(np.pi * done)) / 2
    np.testing.assert_allclose(got, LR + (0.1 - LR) * done, rtol=1e-12)
    assert [group["swa_lr"] for group in opt.param_groups] == [0.1, 0.01]
    for options, message in [
        ({"anneal_strategy": "sin"}, "instead got sin"),
        ({"anneal_epochs": -1}, "anneal_epochs must be equal or greater than 0, got -1"),
    ]:
        with pytest.raises(ValueError, match=message):
            SWALR(SGD(lr=0.1), 0.1, **options)
