"""What the tests of the learning rate schedulers share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import SGD, Optimizer
from minigrad.optim.lr_scheduler import LRScheduler

LR = 0.5


def optimizer(kind: type[Optimizer] = SGD, **options: object) -> Optimizer:
    """Two groups, the second with a tenth of the first one's rate."""
    params = [nn.Parameter(tensor([1.0])) for _ in range(2)]
    for p in params:
        p.grad = tensor([1.0])
    return kind([{"params": params[0], "lr": LR}, {"params": params[1], "lr": LR / 10}], **options)


def rates(
    make: Callable[[Optimizer], LRScheduler], steps: int, opt: Optimizer | None = None
) -> np.ndarray:
    """The rate of the first group before the first step and after each; the second's is a tenth of it."""
    opt = opt or optimizer()
    scheduler = make(opt)
    history = [scheduler.get_last_lr()]
    for _ in range(steps):
        opt.step()
        scheduler.step()
        history.append(scheduler.get_last_lr())
    first, second = np.array(history).T
    np.testing.assert_allclose(second, first / 10, rtol=1e-12)
    assert [group["lr"] for group in opt.param_groups] == history[-1]
    return first
