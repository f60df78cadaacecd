"""What all optimizers share: groups, state, saving, dicts of arrays, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest

from minigrad import nn, optim
from minigrad.ops.creation import tensor
from minigrad.optim import SGD, Adam, Optimizer
from minigrad.optim.optimizer import Range
from minigrad.testing import assert_close

# Every optimizer with an update rule, and options that bring in all of their state.
EVERY = [
    kind
    for kind in vars(optim).values()
    if isinstance(kind, type) and kind not in (Optimizer, optim.LBFGS)
]
WITH_ALL_STATE = [
    lambda p=None: SGD(p, momentum=0.9, dampening=0.5),
    lambda p=None: Adam(p, amsgrad=True),
    lambda p=None: optim.RMSprop(p, momentum=0.9, centered=True),
    *(kind for kind in EVERY if kind.__name__ not in ("Adam", "RMSprop")),
]


def parameters(n=3, dtype=np.float32):
    rng = np.random.default_rng(0)
    return [nn.Parameter(tensor(rng.normal(size=(2, i + 1)).astype(dtype))) for i in range(n)]


def give_gradients(params, seed=0):
    rng = np.random.default_rng(seed)
    for p in params:
        p.grad = tensor(rng.normal(size=p.shape).astype(p.dtype))


class Sign(Optimizer):
    """p -= lr sign(g): what a subclass has to give, and no more."""

    ranges = {"lr": Range("learning rate")}  # noqa: RUF012
    counts_steps = False

    def __init__(self, params=None, lr=0.1):
        super().__init__(params, {"lr": lr})

    def rule(self, group, step, params, grads):
        for p, g in zip(params, grads, strict=True):
            p -= group["lr"] * np.sign(g)


def test_a_subclass():
    p = nn.Parameter(tensor([1.0, 2.0]))
    p.grad = tensor([5.0, -5.0])
    Sign([p]).step()
    assert_close(p.detach(), tensor([0.9, 2.1]))
    array = np.array([1.0, 2.0])
    Sign().update({"w": array}, {"w": np.array([1.0, 0.0])})
    assert array.tolist() == [0.9, 2]


def test_parameters_without_gradient_stay():
    params = parameters()
    opt, before = SGD(params, lr=1.0, momentum=0.9), [p.array.copy() for p in params]
    give_gradients(params[:2])
    opt.step()
    assert_close(params[2].detach(), before[2])
    assert params[2] not in opt.state and params[0] in opt.state
    give_gradients(params)
    params[0].grad = None
    before = [p.array.copy() for p in params]
    opt.step()
    changed = [bool((p.array != b).any()) for p, b in zip(params, before, strict=True)]
    assert changed == [False, True, True]


@pytest.mark.filterwarnings("ignore:.*no parameter has a gradient")
@pytest.mark.parametrize("make", WITH_ALL_STATE)
def test_batches_do_not_matter(make):
    """Parameters that join late, or pause, change as they do alone."""
    together, alone = parameters(), parameters()
    opt, singles = make(together), [make([p]) for p in alone]
    for k in range(12):
        for params in (together, alone):
            give_gradients(params, seed=k)
            if k < 4:
                params[1].grad = None
            if k % 3 == 2:
                params[2].grad = None
        opt.step()
        for single in singles:
            single.step()
    for a, b in zip(together, alone, strict=True):
        assert np.array_equal(a.array, b.array)
        for name, value in opt.state[a].items():
            single = next(single for single in singles if b in single.state)
            assert_close(value, single.state[b][name])


def test_mixed_dtypes_and_layouts():
    single, double = parameters(1)[0], parameters(1, np.float64)[0]
    transposed = nn.Parameter(tensor(np.arange(6.0).reshape(2, 3)).T)
    assert not transposed.array.flags.c_contiguous
    params = [single, double, transposed]
    expected = [p.array - p.dtype.type(0.5) for p in params]
    for p in params:
        p.grad = tensor(np.ones(p.shape, p.dtype))
    SGD(params, lr=0.5).step()
    for p, e in zip(params, expected, strict=True):
        assert_close(p.detach(), e)


def test_memory_that_was_replaced_is_followed():
    net = nn.Linear(2, 1)
    opt = Adam(net.parameters(), lr=0.1)
    give_gradients(net.parameters())
    opt.step()
    net.double()
    before = net.weight.array.copy()
    opt.step()
    assert (net.weight.array != before).all()
    assert opt.state[net.weight]["exp_avg"].dtype == np.float64
    net.weight.data = tensor(np.zeros((1, 2)))
    opt.step()
    assert (net.weight.array != 0).all()


def test_options_are_read_at_each_step():
    p = nn.Parameter(tensor([1.0]))
    opt = SGD([p], lr=0.5)
    for lr, expected in ((0.5, 0.5), (0.25, 0.25)):
        opt.param_groups[0]["lr"] = lr
        p.grad = tensor([1.0])
        opt.step()
        assert p.item() == expected
    opt.param_groups[0]["momentum"] = 0.9
    opt.step()
    assert p.item() == 0 and list(opt.state[p]) == ["momentum_buffer"]


def test_groups():
    params = parameters()
    opt = SGD([{"params": params[:1], "lr": 0.5}, {"params": params[1]}], lr=0.1, weight_decay=1)
    assert [group["lr"] for group in opt.param_groups] == [0.5, 0.1]
    opt.add_param_group({"params": [params[2]], "weight_decay": 0, "name": "head"})
    assert [group["weight_decay"] for group in opt.param_groups] == [1, 1, 0]
    for p in params:
        p.grad = tensor(np.zeros(p.shape, np.float32))
    before = [p.array.copy() for p in params]
    opt.step()
    for p, b, factor in zip(params, before, (0.5, 0.9, 1.0), strict=True):
        assert_close(p.detach(), (factor * b).astype(np.float32))


def test_zero_grad():
    params = parameters()
    opt = SGD(params)
    give_gradients(params[:1])
    opt.zero_grad(set_to_none=False)
    assert not params[0].grad.array.any() and params[1].grad is None
    opt.zero_grad()
    assert params[0].grad is None


def test_closure():
    p = nn.Parameter(tensor([3.0]))

    def closure():
        p.grad = None
        loss = (p * p).sum()
        loss.backward()
        return loss

    assert SGD([p], lr=0.5).step(closure).item() == 9
    assert p.item() == 0


def test_a_graph_that_a_step_made_stale_is_noticed():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    opt = SGD(net.parameters(), lr=0.1)
    loss = net(tensor(np.ones((1, 2), np.float32))).sum()
    loss.backward(retain_graph=True)
    opt.step()
    with pytest.raises(RuntimeError, match=r"SGD\.step at .*test_optimizer\.py"):
        loss.backward()


@pytest.mark.parametrize("make", WITH_ALL_STATE)
@pytest.mark.parametrize("how", ["state_dict", "deepcopy", "pickle"])
def test_going_on_from_a_copy_is_bit_exact(make, how):
    params = parameters()
    opt = make([{"params": params[:1], "lr": 0.3}, {"params": params[1:]}])
    for k in range(3):
        give_gradients(params, k)
        opt.step()
    if how == "state_dict":
        others = [nn.Parameter(tensor(p.array)) for p in params]
        other = make([{"params": others[:1]}, {"params": others[1:]}])
        other.load_state_dict(copy.deepcopy(opt.state_dict()))
    elif how == "deepcopy":
        others, other = copy.deepcopy((params, opt))
    else:
        others, other = pickle.loads(pickle.dumps((params, opt)))
    for k in range(3, 6):
        for p, o in ((params, opt), (others, other)):
            give_gradients(p, k)
            o.step()
    for a, b in zip(params, others, strict=True):
        assert a is not b and np.array_equal(a.array, b.array)
    here, there = opt.state_dict(), other.state_dict()
    assert here["param_groups"] == there["param_groups"]
    assert here["state"].keys() == there["state"].keys()
    for number, values in here["state"].items():
        assert values.keys() == there["state"][number].keys()
        for name, value in values.items():
            assert np.array_equal(value.array, there["state"][number][name].array)


def test_loading_what_does_not_fit():
    opt = Adam(parameters(2))
    with pytest.raises(ValueError, match="different number of parameter groups"):
        opt.load_state_dict({"state": {}, "param_groups": []})
    with pytest.raises(ValueError, match=r"doesn't match the size.*group 0 has 1 parameters"):
        opt.load_state_dict({"state": {}, "param_groups": [{"params": [0]}]})
    state = opt.state_dict()
    state["state"] = {1: {"exp_avg": tensor([1.0])}}
    with pytest.raises(ValueError, match=r"'exp_avg' of shape \[1\] for .* needs \[2, 2\]"):
        opt.load_state_dict(state)


def test_repr():
    assert repr(SGD(parameters(1), lr=0.1)) == (
        "SGD (\nParameter Group 0\n    dampening: 0\n    differentiable: False\n    foreach: None\n"
        "    fused: None\n    lr: 0.1\n    maximize: False\n    momentum: 0\n    nesterov: False\n"
        "    weight_decay: 0\n)"
    )


def test_what_no_optimizer_takes():
    p = parameters(1)[0]
    for wrong, error, message in [
        (p, TypeError, "should be an iterable of Tensors"),
        ({"w": p}, TypeError, r"update\(params, grads\)"),
        ([], ValueError, "empty parameter list"),
        ([1], TypeError, "one of the params is int"),
        ([p * 1], ValueError, "non-leaf"),
        ([p, p], ValueError, "the same parameter twice"),
        ([{"params": [p]}, {"params": [p]}], ValueError, "more than one parameter group"),
        ([{"params": {p}}], TypeError, "use a list"),
        ([{"params": [p], "weigth_decay": 1}], TypeError, 'did you mean "weight_decay"'),
    ]:
        with pytest.raises(error, match=message):
            SGD(wrong, lr=0.1)
    with pytest.raises(RuntimeError, match="`fused` and `foreach` cannot be `True` together"):
        SGD([p], fused=True, foreach=True)
    with pytest.raises(RuntimeError, match="differentiable=True is not supported"):
        SGD([p], differentiable=True)
    with pytest.raises(RuntimeError, match=r"SGD has no parameters to step.*update\("):
        SGD(lr=0.1).step()
    assert SGD([p], fused=True).param_groups[0]["fused"] is True


# Exact zeros


@pytest.mark.parametrize("kind", EVERY)
def test_l1_decay_is_a_soft_threshold_after_the_step(kind):
    plain, sparse = ({"w": np.linspace(-0.3, 0.3, 61)[None]} for _ in range(2))
    grads = {"w": np.full((1, 61), 0.01)}
    kind(lr=0.01).update(plain, grads)
    kind(lr=0.01, l1_decay=20).update(sparse, grads)
    expected = np.sign(plain["w"]) * np.maximum(abs(plain["w"]) - 0.2, 0)
    np.testing.assert_allclose(sparse["w"], expected, atol=1e-15)
    assert np.count_nonzero(sparse["w"]) < 40


def test_l1_decay_finds_the_minimum_of_a_penalised_loss():
    """|w - a|^2 / 2 + l1 |w| is least at a pulled towards 0 by l1; lr does not matter."""
    a = np.array([3.0, 0.5, -0.2, -2.0])
    for lr in (0.1, 0.5):
        params, opt = {"w": np.ones(4)}, SGD(lr=lr, l1_decay=1)
        for _ in range(300):
            opt.update(params, {"w": params["w"] - a})
        np.testing.assert_allclose(params["w"], [2, 0, 0, -1], atol=1e-9)
        assert params["w"][1] == params["w"][2] == 0


def test_l1_decay_belongs_to_a_group():
    params = parameters(2)
    opt = SGD([{"params": params[0], "l1_decay": 100}, {"params": params[1]}], lr=0.5)
    give_gradients(params)
    opt.step()
    assert not params[0].array.any() and params[1].array.all()
    assert "l1_decay" not in SGD(params).param_groups[0]
    with pytest.raises(ValueError, match="Invalid l1_decay value: -1"):
        SGD(params, l1_decay=-1)


# Dicts of arrays


@pytest.mark.parametrize("make", WITH_ALL_STATE)
def test_update_is_step(make):
    params = parameters()
    arrays = {str(i): p.array.copy() for i, p in enumerate(params)}
    kept = dict(arrays)
    opt, other = make(params), make()
    for k in range(4):
        give_gradients(params, k)
        opt.step()
        other.update(arrays, {str(i): p.grad.array for i, p in enumerate(params)})
    for i, p in enumerate(params):
        assert arrays[str(i)] is kept[str(i)] and np.array_equal(arrays[str(i)], p.array)
        for name, value in opt.state[p].items():
            assert_close(other.state[str(i)][name], value)


def test_update_goes_on_from_its_state_dict():
    arrays = {"W": np.ones((2, 2)), "b": np.ones(2)}
    copies = {key: array.copy() for key, array in arrays.items()}
    grads = {key: array * 0.5 for key, array in arrays.items()}
    opt, other = Adam(lr=0.1), Adam()
    opt.update(arrays, grads)
    other.update(copies, grads)
    other.load_state_dict(opt.state_dict())
    for key in copies:
        copies[key] = arrays[key].copy()
    opt.update(arrays, grads)
    other.update(copies, grads)
    assert np.array_equal(arrays["W"], copies["W"])


def test_update_of_views_and_changing_dicts():
    table = np.zeros((3, 4))
    opt = SGD(lr=1.0)
    opt.update({"column": table[:, 1]}, {"column": np.ones(3)})
    assert table[:, 1].tolist() == [-1, -1, -1] and table.sum() == -3
    opt.update({"column": table[:, 2]}, {"column": np.ones(3)})
    assert table.sum() == -6
    opt.update({"other": table}, {"other": table.copy()})
    assert not table.any()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("params", "grads", "error", "message"),
    [
        (
            {"w_1": np.ones(2)},
            {"w_2": np.ones(2)},
            KeyError,
            r'no parameter "w_2" \(did you mean "w_1"',
        ),
        ({"w1": np.ones(2), "b": np.ones(1)}, {"w1": np.ones(2)}, KeyError, 'no gradient "b"'),
        (
            {"w1": np.ones(2)},
            {"w1": np.ones((2, 1))},
            ValueError,
            r"\(2, 1\), the parameter \(2,\)",
        ),
        ({"w1": np.ones(2)}, {"w1": np.ones(2, np.float32)}, TypeError, "float32.*astype"),
        ({"w1": np.ones(2)}, {"w1": [1.0, 1.0]}, TypeError, "gradient of 'w1' is list"),
        ({"w1": [1.0]}, {"w1": np.ones(1)}, TypeError, "parameter 'w1' is list"),
        (
            {"w1": np.arange(2)},
            {"w1": np.arange(2)},
            TypeError,
            "'w1' is int64.*float32 or float64",
        ),
        (
            {"w1": np.broadcast_to(1.0, 2)},
            {"w1": np.ones(2)},
            ValueError,
            r"'w1' is read-only.*copy\(\)",
        ),
    ],
)
def test_update_refuses(first, params, grads, error, message):
    opt = Adam()
    if not first:
        opt.update({"w1": np.ones(2)}, {"w1": np.ones(2)})
    with pytest.raises(error, match=message):
        opt.update(params, grads)


def test_update_of_another_shape_under_the_same_name():
    opt = Adam()
    opt.update({"w": np.ones(2)}, {"w": np.ones(2)})
    with pytest.raises(
        ValueError, match=r"'exp_avg' of 'w' has shape \(2,\).*make a new optimizer"
    ):
        opt.update({"w": np.ones(3)}, {"w": np.ones(3)})
