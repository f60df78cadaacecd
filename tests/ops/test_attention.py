"""scaled_dot_product_attention: against NumPy, with every mask, and its gradients."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops.attention import Heads
from minigrad.testing import assert_close, check_op

COVERED = ["scaled_dot_product_attention"]

RNG = np.random.default_rng(0)
Q, K, V = RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4)), RNG.normal(size=(2, 5, 2))
MASK = RNG.random((3, 5)) < 0.6
MASK[1] = False  # a query that sees nothing


def reference(q, k, v, added=0.0, scale=None):
    scores = q @ k.swapaxes(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale) + added
    dead = (scores == -np.inf).all(-1, keepdims=True)
    scores = np.where(dead, 0, scores)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return np.where(dead, 0, e / e.sum(-1, keepdims=True)) @ v


def test_without_a_mask():
    check_op(F.scaled_dot_product_attention, Q, K, V, reference=reference)
    y = F.scaled_dot_product_attention(*map(mg.tensor, (Q, K, V)), scale=0.3)
    assert_close(y, reference(Q, K, V, scale=0.3))


def test_boolean_mask():
    check_op(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, mg.tensor(MASK)),
        *(Q, K, V),
        reference=lambda q, k, v: reference(q, k, v, np.where(MASK, 0, -np.inf)),
    )


def test_added_mask_has_a_gradient():
    check_op(F.scaled_dot_product_attention, Q, K, V, RNG.normal(size=(3, 5)), reference=reference)
    dead = mg.tensor(np.where(MASK, 0.5, -np.inf), requires_grad=True)
    y = F.scaled_dot_product_attention(*map(mg.tensor, (Q, K, V)), dead)
    assert not y.detach().array[:, 1].any()
    y.sum().backward()
    assert np.isfinite(dead.grad.array).all()


def test_causal():
    added = np.where(np.tri(3, 5), 0, -np.inf)
    y = F.scaled_dot_product_attention(*map(mg.tensor, (Q, K, V)), is_causal=True)
    assert_close(y, reference(Q, K, V, added))


def test_fewer_heads_of_keys():
    q = mg.tensor(RNG.normal(size=(2, 6, 3, 4)))
    k, v = (mg.tensor(RNG.normal(size=(2, 3, 5, 4))) for _ in range(2))
    y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True).array
    for head in range(6):
        one = reference(q.array[:, head], k.array[:, head // 2], v.array[:, head // 2])
        assert_close(y[:, head], one)
    with pytest.raises(RuntimeError, match="6 heads of the query are no multiple of the 4"):
        F.scaled_dot_product_attention(q, *[mg.ones(2, 4, 5, 4).double()] * 2, enable_gqa=True)


def test_dropout():
    q, k, v = (mg.ones(1, 50, 50) for _ in range(3))
    y = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5).array
    assert y.std() > 0 and abs(y.mean() - 1) < 0.1


@pytest.mark.parametrize("parts", [1, 3])
def test_heads_are_parted_and_joined(parts):
    x = RNG.normal(size=(3, 2, parts * 4))

    def apart(x):
        return tuple(x.reshape(3, 2, parts, 2, 2).transpose(2, 1, 3, 0, 4))

    check_op(lambda x: Heads(2, parts)(x), x, reference=apart)


def test_a_part_without_use_has_no_gradient():
    x = mg.tensor(RNG.normal(size=(3, 2, 12)), requires_grad=True)
    Heads(2, 3)(x)[1].sum().backward()
    assert_close(x.grad, np.broadcast_to(np.repeat([0.0, 1.0, 0.0], 4), (3, 2, 12)))


def test_what_does_not_fit():
    q, k, v = map(mg.tensor, (Q, K, V))
    with pytest.raises(RuntimeError, match="should not be set when is_causal"):
        F.scaled_dot_product_attention(q, k, v, mg.tensor(MASK), is_causal=True)
    with pytest.raises(RuntimeError, match=r"do not have shapes \[\[2, 3, 4\], \[2, 5, 3\]"):
        F.scaled_dot_product_attention(q, k[..., :3], v)
    with pytest.raises(RuntimeError, match="at least 2 dimensions"):
        F.scaled_dot_product_attention(q[0, 0], k, v)
    with pytest.raises(RuntimeError, match="boolean or floating-point, not int64"):
        F.scaled_dot_product_attention(q, k, v, mg.ones(3, 5, dtype=mg.int64))
    with pytest.raises(RuntimeError, match="same dtype"):
        F.scaled_dot_product_attention(q, k, v.float())
