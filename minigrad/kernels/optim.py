"""Update rules, in place, on lists of arrays, one a parameter: csrc/optim.c."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .._native import updatable
from .base import Array, contiguous, doors

__all__ = [
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "lion",
    "nadam",
    "radam",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "soft_threshold",
]

Arrays = list[Array]


def _update(
    name: str,
    door: Callable[..., None],
    states: dict[str, Arrays | None],
    grads: Arrays | None,
    *scalars: float,
) -> None:
    """door(*states, grads, *scalars); arrays that the door cannot take as they are, one by one."""
    inputs = () if grads is None else (grads,)
    likes = states["params"] if grads is None else grads
    if updatable(likes, *states.values()):
        if likes:
            door(*states.values(), *inputs, *scalars)
        return
    lists = {what: arrays for what, arrays in states.items() if arrays is not None}
    for what, arrays in lists.items():
        if len(arrays) != len(likes):
            raise ValueError(f"{name}: {len(likes)} gradients, but {len(arrays)} {what}")
        for k, (array, like) in enumerate(zip(arrays, likes, strict=True)):
            if array.shape != like.shape:
                raise ValueError(
                    f"{name}: {what}[{k}] has shape {array.shape}, its gradient {like.shape}"
                )
            if not array.flags.writeable:
                raise ValueError(f"{name}: {what}[{k}] is read-only")
    for k in range(len(likes)):
        arrays = [array[k] for array in lists.values()]
        copies = contiguous(name, *arrays)
        given = dict(zip(lists, ([copy] for copy in copies), strict=True))
        inputs = () if grads is None else ([np.asarray(grads[k], copies[0].dtype, order="C")],)
        door(*(given.get(what) for what in states), *inputs, *scalars)
        for array, copy in zip(arrays, copies, strict=True):
            if copy is not array:
                array[...] = copy


def _sign(maximize: bool) -> float:
    return -1.0 if maximize else 1.0


def sgd(
    params: Arrays,
    grads: Arrays,
    *,
    lr: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """p <- p - lr g with g = grad + weight_decay p (-grad to maximise)."""
    states = {"params": params}
    _update("sgd", doors.sgd, states, grads, -lr, weight_decay, _sign(maximize))


def sgd_momentum(
    params: Arrays,
    grads: Arrays,
    buffers: Arrays,
    *,
    momentum: float,
    gain: float,
    step: float,
    nesterov: bool = False,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """buffer <- momentum buffer + gain g;  p <- p + step buffer, or with nesterov
    p <- p + step (g + momentum buffer). g as in sgd. Buffers start at 0.

    PyTorch's form: gain = 1 - dampening (1 at the first step), step = -lr. As an average:
    gain = 1 - momentum, step = -lr. As a velocity: gain = -lr, step = 1."""
    ahead, look = (1.0, momentum) if nesterov else (0.0, 1.0)
    _update(
        "sgd_momentum",
        doors.sgd_momentum,
        {"params": params, "buffers": buffers},
        grads,
        *(momentum, gain, step, ahead, look, weight_decay, _sign(maximize)),
    )


def adagrad(
    params: Arrays,
    grads: Arrays,
    sums: Arrays,
    *,
    lr: float,
    eps: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """sum <- sum + g g;  p <- p - lr g / (sqrt(sum) + eps). g as in sgd."""
    _update(
        "adagrad",
        doors.rmsprop,
        {"params": params, "sums": sums, "grad_avgs": None, "buffers": None},
        grads,
        *(1.0, 1.0, 0.0, eps, 0.0, -lr, weight_decay, _sign(maximize)),
    )


def rmsprop(
    params: Arrays,
    grads: Arrays,
    square_avgs: Arrays,
    buffers: Arrays | None = None,
    grad_avgs: Arrays | None = None,
    *,
    lr: float,
    alpha: float,
    eps: float,
    momentum: float = 0.0,
    eps_inside_root: bool = False,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """sq <- alpha sq + (1 - alpha) g g;  p <- p - lr g / (sqrt(sq) + eps). g as in sgd.

    With grad_avgs, avg <- alpha avg + (1 - alpha) g, and sq - avg avg takes sq's place below. With
    buffers, buffer <- momentum buffer + g / (sqrt(sq) + eps), and p <- p - lr buffer. The root may
    be sqrt(sq + eps) instead."""
    inside, outside = (eps, 0.0) if eps_inside_root else (0.0, eps)
    _update(
        "rmsprop",
        doors.rmsprop,
        {"params": params, "square_avgs": square_avgs, "grad_avgs": grad_avgs, "buffers": buffers},
        grads,
        *(alpha, 1 - alpha, inside, outside, momentum, -lr, weight_decay, _sign(maximize)),
    )


def adadelta(
    params: Arrays,
    grads: Arrays,
    square_avgs: Arrays,
    acc_deltas: Arrays,
    *,
    lr: float,
    rho: float,
    eps: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """sq <- rho sq + (1 - rho) g g;  move = g sqrt(acc + eps) / sqrt(sq + eps);
    acc <- rho acc + (1 - rho) move move;  p <- p - lr move. g as in sgd."""
    _update(
        "adadelta",
        doors.adadelta,
        {"params": params, "square_avgs": square_avgs, "acc_deltas": acc_deltas},
        grads,
        *(rho, eps, -lr, weight_decay, _sign(maximize)),
    )


def _decay(lr: float, weight_decay: float, decoupled: bool) -> tuple[float, float]:
    """decay and shrink of csrc/optim.c."""
    return (0.0, 1 - lr * weight_decay) if decoupled else (weight_decay, 1.0)


def adam(
    params: Arrays,
    grads: Arrays,
    exp_avgs: Arrays,
    exp_avg_sqs: Arrays,
    max_exp_avg_sqs: Arrays | None = None,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    maximize: bool = False,
) -> None:
    """avg <- beta1 avg + (1 - beta1) g;  sq <- beta2 sq + (1 - beta2) g g;
    p <- p - lr avg / (1 - beta1^step) / (sqrt(sq / (1 - beta2^step)) + eps)

    at the step-th step (from 1). g as in sgd; `decoupled` (AdamW) instead first shrinks p by
    1 - lr weight_decay. With max_exp_avg_sqs (amsgrad) the largest sq so far takes sq's place."""
    _update(
        "adam",
        doors.adam,
        {
            "params": params,
            "exp_avgs": exp_avgs,
            "exp_avg_sqs": exp_avg_sqs,
            "max_exp_avg_sqs": max_exp_avg_sqs,
        },
        grads,
        *(beta1, beta2, -lr / (1 - beta1**step), 0.0, 1 / math.sqrt(1 - beta2**step), eps),
        *_decay(lr, weight_decay, decoupled),
        _sign(maximize),
    )


def nadam(
    params: Arrays,
    grads: Arrays,
    exp_avgs: Arrays,
    exp_avg_sqs: Arrays,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
    mu: float,
    mu_next: float,
    mu_product: float,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    maximize: bool = False,
) -> None:
    """As adam, but p moves by lr / (sqrt(sq / (1 - beta2^step)) + eps) times

        mu_next avg / (1 - mu_product mu_next) + (1 - mu) g / (1 - mu_product)

    where mu and mu_next are the momenta of this step and the next, mu_product of all steps so far."""
    _update(
        "nadam",
        doors.adam,
        {"params": params, "exp_avgs": exp_avgs, "exp_avg_sqs": exp_avg_sqs, "tops": None},
        grads,
        *(beta1, beta2, -lr * mu_next / (1 - mu_product * mu_next)),
        *(-lr * (1 - mu) / (1 - mu_product), 1 / math.sqrt(1 - beta2**step), eps),
        *_decay(lr, weight_decay, decoupled),
        _sign(maximize),
    )


def radam(
    params: Arrays,
    grads: Arrays,
    exp_avgs: Arrays,
    exp_avg_sqs: Arrays,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
    weight_decay: float = 0.0,
    decoupled: bool = False,
    maximize: bool = False,
) -> None:
    """As adam, but p <- p - lr r avg / (1 - beta1^step) sqrt(1 - beta2^step) / (sqrt(sq) + eps) with

        r = sqrt((rho - 4) (rho - 2) inf / ((inf - 4) (inf - 2) rho)),
        inf = 2 / (1 - beta2) - 1,  rho = inf - 2 step beta2^step / (1 - beta2^step)

    while rho > 5, and before that p <- p - lr avg / (1 - beta1^step)."""
    longest = 2 / (1 - beta2) - 1
    unbias2 = 1 - beta2**step
    rho = longest - 2 * step * beta2**step / unbias2
    move, root, offset = -lr / (1 - beta1**step), 0.0, 1.0
    if rho > 5:
        r = (rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)
        move, root, offset = move * math.sqrt(r * unbias2), 1.0, eps
    _update(
        "radam",
        doors.adam,
        {"params": params, "exp_avgs": exp_avgs, "exp_avg_sqs": exp_avg_sqs, "tops": None},
        grads,
        *(beta1, beta2, move, 0.0, root, offset),
        *_decay(lr, weight_decay, decoupled),
        _sign(maximize),
    )


def adamax(
    params: Arrays,
    grads: Arrays,
    exp_avgs: Arrays,
    exp_infs: Arrays,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    step: int,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """avg <- beta1 avg + (1 - beta1) g;  inf <- max(beta2 inf, |g| + eps);
    p <- p - lr avg / (1 - beta1^step) / inf. g as in sgd."""
    _update(
        "adamax",
        doors.adamax,
        {"params": params, "exp_avgs": exp_avgs, "exp_infs": exp_infs},
        grads,
        *(beta1, beta2, -lr / (1 - beta1**step), eps, weight_decay, _sign(maximize)),
    )


def lion(
    params: Arrays,
    grads: Arrays,
    exp_avgs: Arrays,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """p <- (1 - lr weight_decay) p - lr sign(beta1 avg + (1 - beta1) g);
    avg <- beta2 avg + (1 - beta2) g. g = grad (-grad to maximise)."""
    _update(
        "lion",
        doors.lion,
        {"params": params, "exp_avgs": exp_avgs},
        grads,
        *(beta1, beta2, -lr, 1 - lr * weight_decay, _sign(maximize)),
    )


def soft_threshold(params: Arrays, threshold: float) -> None:
    """p <- sign(p) max(|p| - threshold, 0), for threshold >= 0."""
    _update("soft_threshold", doors.soft_threshold, {"params": params}, None, threshold)
