"""An optimizer's steps beside a reference: what the tests of the update rules share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.optim import Optimizer
from minigrad.testing import assert_close

# Drawn by every such test; the first three are options of all optimisers.
COMMON = {
    "lr": st.floats(0, 0.5),
    "weight_decay": st.sampled_from([0, 0.1]),
    "maximize": st.booleans(),
    "dtype": st.sampled_from([np.float32, np.float64]),
    "steps": st.integers(1, 8),
    "shape": st.sampled_from([(), (0,), (1,), (3, 5), (70,)]),
    "seed": st.integers(0, 1000),
}


def check_steps(
    kind: type[Optimizer],
    reference: Callable[..., dict[str, np.ndarray]],
    dtype: type,
    steps: int,
    shape: tuple[int, ...],
    seed: int,
    **options: Any,
) -> None:
    """kind(**options) takes `steps` steps; reference(p, grads, **options), in float64, returns the last
    {"p": p, name: state}, in the state's order."""
    rng = np.random.default_rng(seed)
    start, *grads = rng.normal(size=(steps + 1, *shape)).astype(dtype)
    p = nn.Parameter(tensor(np.array(start)))
    opt = kind([p], **options)
    for g in grads:
        p.grad = tensor(np.asarray(g))
        opt.step()
    wide = [np.asarray(v, np.float64) for v in (start, *grads)]
    expected = reference(wide[0], wide[1:], **options)
    assert p.dtype == dtype
    assert list(opt.state[p]) == list(expected)[1:]
    # In float32, what is summed up may cancel down to rounding noise while its divisor does not.
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype is np.float32 else {}
    for name, value in expected.items():
        actual = p.detach() if name == "p" else opt.state[p][name]
        assert_close(actual, np.asarray(value), check_dtype=False, **tolerance)


def with_decay(g: np.ndarray, p: np.ndarray, weight_decay: float, maximize: bool) -> np.ndarray:
    """The gradient as most rules use it."""
    return (-g if maximize else g) + weight_decay * p
