"""Clipping of gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import nn
from minigrad.nn.utils import (
    clip_grad_norm_,
    clip_grad_value_,
    clip_grads_with_norm_,
    get_total_norm,
)
from minigrad.ops.creation import tensor


def parameters(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    params = [nn.Parameter(tensor(np.zeros(shape, dtype))) for shape in ((3, 4), (5,), (), (2,))]
    for p in params[:3]:  # the last one has none
        p.grad = tensor(np.asarray(rng.normal(size=p.shape), dtype))
    return params


def gradients(params):
    return np.concatenate([p.grad.array.ravel() for p in params if p.grad is not None])


@given(
    norm_type=st.sampled_from([2, 1, 3.5, np.inf, 0.5, "inf"]),
    max_norm=st.just(0.0) | st.floats(0.01, 20),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 100),
)
def test_norm(norm_type, max_norm, dtype, seed):
    params = parameters(seed, dtype)
    before = gradients(params).astype(np.float64)
    order = float(norm_type)
    want = abs(before).max() if order == np.inf else (abs(before) ** order).sum() ** (1 / order)
    total = clip_grad_norm_(params, max_norm, norm_type)
    np.testing.assert_allclose(total.item(), want, rtol=1e-5)
    assert total.dtype == dtype and total.shape == ()
    scaled = before * min(1, max_norm / (want + 1e-6))
    np.testing.assert_allclose(gradients(params), scaled, rtol=1e-5)
    assert gradients(params).dtype == dtype and params[3].grad is None


def test_short_gradients_stay_as_they_are():
    params = parameters()
    before = gradients(params)
    clip_grad_norm_(params, 100)
    np.testing.assert_array_equal(gradients(params), before)


def test_in_two_parts():
    params, others = parameters(), parameters()
    clip_grad_norm_(params, 0.5)
    total = get_total_norm([p.grad for p in others[:3]])
    clip_grads_with_norm_(others, 0.5, total)
    np.testing.assert_array_equal(gradients(others), gradients(params))


def test_one_tensor_a_generator_or_nothing():
    (p, *_), other = parameters(), nn.Parameter(tensor([1.0]))
    assert clip_grad_norm_(p, 1.0).item() == pytest.approx(
        np.linalg.norm(gradients(parameters()[:1]))
    )
    assert clip_grad_norm_(iter(parameters()), 1.0).item() > 1
    assert clip_grad_norm_([other], 1.0).item() == 0
    clip_grad_value_(other, 1.0)


def test_no_number():
    params = parameters()
    params[0].grad.array[0, 0] = np.inf
    with pytest.raises(RuntimeError, match=r"norm of order 2\.0 .* non-finite"):
        clip_grad_norm_(params, 1.0, error_if_nonfinite=True)
    assert np.isinf(gradients(params)).sum() == 1
    clip_grad_norm_(params, 1.0)
    assert np.isnan(gradients(params)).sum() == 1


def test_value():
    params = parameters()
    before = gradients(params)
    clip_grad_value_(params, 0.5)
    np.testing.assert_array_equal(gradients(params), np.clip(before, -0.5, 0.5))
