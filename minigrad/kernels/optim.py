"""Update rules, in place, on lists of arrays, one a parameter: csrc/optim.c."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .._native import updatable
from .base import Array, contiguous, doors

__all__ = [
    "adam",
    "sgd",
    "sgd_momentum",
]


def _update(
    door: Callable[..., None],
    names: tuple[str, ...],
    states: tuple[list[Array] | None, ...],
    grads: list[Array],
    *scalars: float,
) -> None:
    """door(*states, grads, *scalars); arrays that the door cannot take as they are, one by one."""
    if updatable(grads, *states):
        if grads:
            door(*states, grads, *scalars)
        return
    name = door.__name__
    lists = {what: arrays for what, arrays in zip(names, states, strict=True) if arrays is not None}
    for what, arrays in lists.items():
        if len(arrays) != len(grads):
            raise ValueError(f"{name}: {len(grads)} gradients, but {len(arrays)} {what}")
        for k, (array, grad) in enumerate(zip(arrays, grads, strict=True)):
            if array.shape != grad.shape:
                raise ValueError(
                    f"{name}: {what}[{k}] has shape {array.shape}, its gradient {grad.shape}"
                )
            if not array.flags.writeable:
                raise ValueError(f"{name}: {what}[{k}] is read-only")
    for k, grad in enumerate(grads):
        arrays = [array[k] for array in lists.values()]
        copies = contiguous(name, *arrays)
        given = dict(zip(lists, ([copy] for copy in copies), strict=True))
        grad = np.asarray(grad, copies[0].dtype, order="C")
        door(*(given.get(what) for what in names), [grad], *scalars)
        for array, copy in zip(arrays, copies, strict=True):
            if copy is not array:
                array[...] = copy


def sgd(
    params: list[Array],
    grads: list[Array],
    *,
    lr: float,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> None:
    """p <- p - lr g with g = grad + weight_decay p (-grad to maximise)."""
    sign = -1.0 if maximize else 1.0
    _update(doors.sgd, ("params",), (params,), grads, -lr, weight_decay, sign)


def sgd_momentum(
    params: list[Array],
    grads: list[Array],
    buffers: list[Array],
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
        doors.sgd_momentum,
        ("params", "buffers"),
        (params, buffers),
        grads,
        *(momentum, gain, step, ahead, look, weight_decay, -1.0 if maximize else 1.0),
    )


def adam(
    params: list[Array],
    grads: list[Array],
    exp_avgs: list[Array],
    exp_avg_sqs: list[Array],
    max_exp_avg_sqs: list[Array] | None = None,
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
        doors.adam,
        ("params", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs"),
        (params, exp_avgs, exp_avg_sqs, max_exp_avg_sqs),
        grads,
        *(beta1, beta2, -lr / (1 - beta1**step), 1 / math.sqrt(1 - beta2**step), eps),
        0.0 if decoupled else weight_decay,
        1 - lr * weight_decay if decoupled else 1.0,
        -1.0 if maximize else 1.0,
    )
