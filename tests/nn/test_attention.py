"""MultiheadAttention: against NumPy, masks, layouts, parameters."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)


def sequence(*shape):
    return tensor(RNG.normal(size=shape))


def by_hand(net, query, key, value, added=0.0):
    """The result and the weights of each head, in NumPy: (length, batch, features)."""
    w, b = (net.in_proj_weight.array, net.in_proj_bias.array)
    q, k, v = (
        (x @ part.T + bias).reshape(*x.shape[:2], net.num_heads, -1).transpose(1, 2, 0, 3)
        for x, part, bias in zip((query, key, value), np.split(w, 3), np.split(b, 3), strict=True)
    )
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(net.head_dim) + added
    e = np.exp(scores - scores.max(-1, keepdims=True))
    weights = e / e.sum(-1, keepdims=True)
    y = (weights @ v).transpose(2, 0, 1, 3).reshape(query.shape)
    return y @ net.out_proj.weight.array.T + net.out_proj.bias.array, weights


def network(**options):
    net = nn.MultiheadAttention(6, 2, dtype=np.float64, **options)
    if net.in_proj_bias is not None:
        net.in_proj_bias.array[...] = RNG.normal(size=18)
    return net


@pytest.mark.parametrize("same", ["all", "key and value", "none"])
def test_against_numpy(same):
    net, q = network(), sequence(4, 3, 6)
    k = q if same == "all" else sequence(5, 3, 6)
    v = sequence(5, 3, 6) if same == "none" else k
    y, weights = net(q, k, v)
    expected, of_heads = by_hand(net, *(x.array for x in (q, k, v)))
    assert_close(y.detach(), expected)
    assert_close(weights.detach(), of_heads.mean(1))
    assert_close(net(q, k, v, average_attn_weights=False)[1].detach(), of_heads)
    assert net(q, k, v, need_weights=False)[1] is None
    y.sum().backward()
    assert all(p.grad is not None for p in net.parameters())


def test_masks():
    net, x = network(), sequence(4, 3, 6)
    hidden = np.zeros((3, 4), bool)
    hidden[1, 2:] = True
    causal = np.triu(np.ones((4, 4), bool), 1)
    added = np.where(hidden[:, None, None] | causal, -np.inf, 0)
    expected, weights = by_hand(net, *[x.array] * 3, added)
    for attention in (causal, np.where(causal, -np.inf, 0.0), np.tile(causal, (6, 1, 1))):
        y, w = net(x, x, x, key_padding_mask=tensor(hidden), attn_mask=tensor(attention))
        assert_close(y.detach(), expected)
        assert_close(w.detach(), weights.mean(1))


def test_layouts():
    net, first = network(), network(batch_first=True)
    first.load_state_dict(net.state_dict())
    x = sequence(4, 3, 6)
    y, weights = net(x, x, x)
    z, same = first(*[x.transpose(0, 1)] * 3)
    assert_close(z.transpose(0, 1), y)
    assert_close(same, weights)
    alone, of_one = net(*[x[:, 1]] * 3)
    assert_close(alone, y[:, 1])
    assert_close(of_one, weights[1])


def test_parameters():
    assert {n: p.shape for n, p in nn.MultiheadAttention(6, 2).named_parameters()} == {
        "in_proj_weight": (18, 6),
        "in_proj_bias": (18,),
        "out_proj.weight": (6, 6),
        "out_proj.bias": (6,),
    }
    other = nn.MultiheadAttention(6, 2, kdim=4, vdim=5, add_bias_kv=True, bias=False)
    assert {n: p.shape for n, p in other.named_parameters()} == {
        "q_proj_weight": (6, 6),
        "k_proj_weight": (6, 4),
        "v_proj_weight": (6, 5),
        "bias_k": (1, 1, 6),
        "bias_v": (1, 1, 6),
        "out_proj.weight": (6, 6),
    }
    net = nn.MultiheadAttention(100, 2)
    bound = np.sqrt(6 / 400)
    assert 0.99 * bound < np.abs(net.in_proj_weight.array).max() <= bound
    assert not net.in_proj_bias.array.any() and not net.out_proj.bias.array.any()


def test_more_keys():
    net = network(add_bias_kv=True, add_zero_attn=True)
    x = sequence(4, 3, 6)
    y, weights = net(x, x, x, attn_mask=tensor(np.ones((4, 4), bool)))
    assert weights.shape == (3, 4, 6) and not weights.detach().array[..., :4].any()
    y.sum().backward()
    assert net.bias_k.grad.array.any() and net.bias_v.grad.array.any()


def test_dropout_in_training_only():
    net, x = network(dropout=0.5), sequence(4, 3, 6)
    assert (net(x, x, x)[0].detach().array != net(x, x, x)[0].detach().array).any()
    net.eval()
    assert_close(net(x, x, x)[0], net(x, x, x)[0])


def test_what_does_not_fit():
    with pytest.raises(AssertionError, match="embed_dim must be divisible by num_heads"):
        nn.MultiheadAttention(6, 4)
    with pytest.raises(ValueError, match="must be greater than 0, got embed_dim=0"):
        nn.MultiheadAttention(0, 4)
    net, x = network(), sequence(4, 3, 6)
    with pytest.raises(AssertionError, match=r"unbatched 2D .* or all batched 3D"):
        net(x, x[0], x)
    with pytest.raises(AssertionError, match=r"\(6, 6, 6\) .* but got \(5, 6, 6\)"):
        net(x[..., :5], x, x)
    with pytest.raises(AssertionError, match="lengths of key and value"):
        net(x, x[:2], x)
    with pytest.raises(AssertionError, match=r"key_padding_mask of shape \(batch=3, S=4\)"):
        net(x, x, x, key_padding_mask=tensor(np.ones((3, 3), bool)))
    with pytest.raises(RuntimeError, match=r"2D attn_mask is \[3, 4\], but should be \[4, 4\]"):
        net(x, x, x, attn_mask=tensor(np.ones((3, 4), bool)))
    with pytest.raises(RuntimeError, match="is_causal says what attn_mask is"):
        net(x, x, x, is_causal=True)
    with pytest.raises(AssertionError, match="key_padding_mask are supported, not int64"):
        net(x, x, x, key_padding_mask=tensor(np.ones((3, 4), int)))
