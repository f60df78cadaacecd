"""Rprop against NumPy over its options and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from update_rules import COMMON, check_steps

from minigrad.optim import Rprop


def reference(p, grads, lr, etas, step_sizes, maximize):
    prev, sizes = np.zeros_like(p), np.full_like(p, lr)
    for g in grads:
        g = -g if maximize else g
        sizes = np.where(g * prev > 0, sizes * etas[1], sizes)
        sizes = np.where(g * prev < 0, sizes * etas[0], sizes).clip(*step_sizes)
        g = np.where(g * prev < 0, 0, g)
        p = p - np.sign(g) * sizes
        prev = g
    return {"p": p, "step": len(grads), "prev": prev, "step_size": sizes}


@given(
    etas=st.sampled_from([(0.5, 1.2), (0.1, 3)]),
    step_sizes=st.sampled_from([(1e-6, 50), (0.1, 0.2)]),
    **{name: values for name, values in COMMON.items() if name != "weight_decay"},
)
def test_against_numpy(**options):
    check_steps(Rprop, reference, **options)


def test_only_signs_matter():
    """x from 10, gradient of x^2: steps grow by 1.2 until x passes 0; then a pause, and half of it back."""
    params, opt, path = {"x": np.array(10.0)}, Rprop(lr=4), [10.0]
    for _ in range(5):
        opt.update(params, {"x": 2e6 * params["x"]})
        path.append(params["x"].item())
    assert -np.diff(path) == pytest.approx([4, 4.8, 5.76, 0, -2.88])


@pytest.mark.parametrize("etas", [(1.0, 0.5), (0, 1.2), (0.5, 1)])
def test_options_out_of_range(etas):
    with pytest.raises(ValueError, match="Invalid eta values"):
        Rprop(etas=etas)
