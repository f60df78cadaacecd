"""Update rules over many steps against the formulas as the papers give them, written separately."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import kernels

SHAPES = [(3, 5), (7,), ()]
rates = st.floats(1e-4, 0.5)
fractions = st.floats(0, 0.99)
decays = st.sampled_from([0.0, 0.01, 0.3])


def start(seed: int, count: int) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """Parameters and `count` steps of gradients."""
    rng = np.random.default_rng(seed)
    draw = lambda: [np.asarray(rng.standard_normal(s)) for s in SHAPES]  # noqa: E731
    return draw(), [draw() for _ in range(count)]


def zeros(params: list[np.ndarray]) -> list[np.ndarray]:
    return [np.zeros_like(p) for p in params]


def close(got: list[np.ndarray], want: list[np.ndarray]) -> None:
    for g, w in zip(got, want, strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-12)


@given(lr=rates, decay=decays, maximize=st.booleans(), steps=st.integers(1, 4))
def test_sgd(lr: float, decay: float, maximize: bool, steps: int) -> None:
    params, grads = start(steps, steps)
    want = [p.copy() for p in params]
    for g in grads:
        kernels.sgd(params, g, lr=lr, weight_decay=decay, maximize=maximize)
        want = [
            w - lr * ((-d if maximize else d) + decay * w) for w, d in zip(want, g, strict=True)
        ]
    close(params, want)


@given(
    lr=rates, m=fractions, dampening=fractions, decay=decays, nesterov=st.booleans(),
    steps=st.integers(1, 4),
)  # fmt: skip
def test_momentum_of_pytorch(
    lr: float, m: float, dampening: float, decay: float, nesterov: bool, steps: int
) -> None:
    params, grads = start(steps, steps)
    buffers, want, memory = zeros(params), [p.copy() for p in params], [None] * len(SHAPES)
    for t, g in enumerate(grads):
        kernels.sgd_momentum(
            params, g, buffers, momentum=m, gain=1 - dampening if t else 1.0, step=-lr,
            nesterov=nesterov, weight_decay=decay,
        )  # fmt: skip
        for k, d in enumerate(g):
            d = d + decay * want[k]
            memory[k] = d if memory[k] is None else m * memory[k] + (1 - dampening) * d
            want[k] = want[k] - lr * (d + m * memory[k] if nesterov else memory[k])
    close(params, want)
    close(buffers, memory)


@pytest.mark.parametrize(
    ("form", "last"), [("average", -2.70671), ("velocity", -3.49253), ("pytorch", -3.49253)]
)
def test_forms_of_momentum_on_a_parabola(form: str, last: float) -> None:
    # x^2 from 10 with rate 0.1 and momentum 0.9: x after 20 steps.
    lr, m = 0.1, 0.9
    gain, step = {"average": (1 - m, -lr), "velocity": (-lr, 1.0), "pytorch": (1.0, -lr)}[form]
    x, buffer = np.array([10.0]), np.zeros(1)
    for _ in range(20):
        kernels.sgd_momentum([x], [2 * x], [buffer], momentum=m, gain=gain, step=step)
    np.testing.assert_allclose(x, last, atol=1e-5)


@given(
    lr=rates, beta1=fractions, beta2=fractions, eps=st.sampled_from([1e-8, 1e-3]), decay=decays,
    decoupled=st.booleans(), amsgrad=st.booleans(), maximize=st.booleans(), steps=st.integers(1, 4),
)  # fmt: skip
def test_adam(
    lr: float, beta1: float, beta2: float, eps: float, decay: float,
    decoupled: bool, amsgrad: bool, maximize: bool, steps: int,
) -> None:  # fmt: skip
    params, grads = start(steps, steps)
    avgs, sqs, tops = zeros(params), zeros(params), zeros(params) if amsgrad else None
    want, history = [p.copy() for p in params], [[] for _ in SHAPES]
    for t, g in enumerate(grads, start=1):
        kernels.adam(
            params, g, avgs, sqs, tops, lr=lr, beta1=beta1, beta2=beta2, eps=eps, step=t,
            weight_decay=decay, decoupled=decoupled, maximize=maximize,
        )  # fmt: skip
        for k, d in enumerate(g):
            d = -d if maximize else d
            if decoupled:
                want[k] = want[k] - lr * decay * want[k]
            else:
                d = d + decay * want[k]
            history[k].append(d)
            # the moving averages as sums over all gradients so far
            weights = lambda beta, n: (1 - beta) * beta ** np.arange(n)[::-1]  # noqa: E731
            avg = np.tensordot(weights(beta1, t), np.array(history[k]), 1)
            squares = np.array(history[k]) ** 2
            sq = [np.tensordot(weights(beta2, n), squares[:n], 1) for n in range(1, t + 1)]
            top = np.max(sq, axis=0) if amsgrad else sq[-1]
            root = np.sqrt(top / (1 - beta2**t))
            want[k] = want[k] - lr * avg / (1 - beta1**t) / (root + eps)
    close(params, want)


def test_what_the_door_cannot_take_as_it_is() -> None:
    contiguous, grad = np.ones((3, 4)), np.arange(12.0).reshape(3, 4)
    kernels.sgd([contiguous], [grad], lr=0.1)
    transposed, single = np.ones((4, 3)).T, np.ones(2, np.float32)
    kernels.sgd([transposed, single], [np.asfortranarray(grad), np.ones(2)], lr=0.1)
    np.testing.assert_array_equal(transposed, contiguous)
    np.testing.assert_allclose(single, 0.9, rtol=1e-6)
    kernels.sgd([], [], lr=0.1)


def test_refused_arrays() -> None:
    p, short, fixed = np.ones(3), np.ones(2), np.ones(3)
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match=r"sgd: params\[0\] has shape \(3,\), its gradient \(2,\)"):
        kernels.sgd([p], [short], lr=0.1)
    with pytest.raises(ValueError, match=r"params\[1\] is read-only"):
        kernels.sgd([p, fixed], [p.copy(), p.copy()], lr=0.1)
    with pytest.raises(ValueError, match="1 gradients, but 2 buffers"):
        kernels.sgd_momentum([p], [p.copy()], [p.copy()] * 2, momentum=0.9, gain=1.0, step=-0.1)
