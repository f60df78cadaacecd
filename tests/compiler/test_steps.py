"""compile: whole training steps are the same to the last bit."""

from __future__ import annotations

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
    "saved before the step": (
        step_of(
            lambda x, w, o, loss: [y := w * w, loss.backward(), o.step(), y.sum().backward()][1]
        ),
        "modified by an inplace operation",
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


def outcomes_of(make: Callable[[], Callable[..., object]]) -> list[object]:
    """What some steps return and leave behind, run as they are and compiled."""
    outcomes = []
    for compiled in (False, True):
        mg.manual_seed(0)
        step, nets = make()
        step = mg.compile(step, fullgraph=True) if compiled else step
        results = [step(x, y) for x, y in batches((8, 6), 5)]
        left = [p for net in nets for p in net.parameters()]
        results += [[*left, *(p.grad for p in left if p.grad is not None), mg.get_rng_state()]]
        outcomes.append(
            [bits(mg.Tensor(r) if r.dtype == bool else r for r in rs) for rs in results]
        )
    return outcomes


def two_optimizers():
    maker, judge = nn.Linear(6, 6), nn.Linear(6, 1)
    a, b = (mg.optim.Adam(net.parameters(), lr=0.1) for net in (maker, judge))

    def step(x, _):
        made = maker(mg.randn(8, 6))
        b.zero_grad()
        first = judge(made.detach()).mean() - judge(x).mean()
        first.backward()
        b.step()
        a.zero_grad()
        second = -judge(made).mean()
        second.backward()
        a.step()
        return first, second

    return step, [maker, judge]


def clipped(clip):
    def make():
        net = nn.Linear(6, 3)
        optimizer = mg.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)

        def step(x, y):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            norm = clip(net.parameters())
            optimizer.step()
            return [loss] if norm is None else [loss, norm]

        return step, [net]

    return make


def several_steps():
    net = nn.Linear(6, 3)
    optimizer = mg.optim.Adam(net.parameters(), lr=0.1)

    def step(x, y):
        losses = []
        for _ in range(3):
            optimizer.zero_grad(set_to_none=False)
            losses.append(F.cross_entropy(net(x), y))
            losses[-1].backward()
            optimizer.step()
        return losses

    return step, [net]


def measured_after_it():
    net = nn.Linear(6, 3)
    optimizer = mg.optim.Adam(net.parameters(), lr=0.1)

    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        with mg.no_grad():
            return loss, (net(x).argmax(1) == y).float().mean()

    return step, [net]


@pytest.mark.parametrize(
    "make",
    [
        two_optimizers,
        clipped(lambda p: nn.utils.clip_grad_norm_(p, 0.1)),
        clipped(lambda p: nn.utils.clip_grad_norm_(p, max_norm=0.1, norm_type=float("inf"))),
        clipped(lambda p: nn.utils.clip_grad_value_(list(p), 0.01)),
        several_steps,
        measured_after_it,
    ],
)
def test_steps_in_which_more_happens(make):
    plain, compiled = outcomes_of(make)
    assert plain == compiled


def test_gradients_that_were_clipped_are_not_computed_with():
    w, _ = parameter_and_optimizer()

    def step(x):
        y = x * w
        y.sum().backward()
        nn.utils.clip_grad_norm_([w], 1.0)
        return x * 2

    step = mg.compile(step, fullgraph=True)
    for _ in range(2):
        w.grad = None
        assert step(mg.ones(2) * 3).tolist() == [6, 6]
        assert np.allclose(w.grad, 0.5**0.5)
