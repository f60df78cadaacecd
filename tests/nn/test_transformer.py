"""Transformer layers: what they are made of, masks, norms before or after, shapes and names."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)


def sequence(*shape):
    return tensor(RNG.normal(size=shape))


def layer(kind, **options):
    return kind(6, 2, 8, dtype=np.float64, **options).eval()


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_layer(norm_first, activation):
    net = layer(nn.TransformerEncoderLayer, norm_first=norm_first, activation=activation)
    x = sequence(4, 3, 6)
    f = getattr(nn.functional, activation)

    def feed(x):
        return net.linear2(f(net.linear1(x)))

    if norm_first:
        n = net.norm1(x)
        y = x + net.self_attn(n, n, n)[0]
        expected = y + feed(net.norm2(y))
    else:
        y = net.norm1(x + net.self_attn(x, x, x)[0])
        expected = net.norm2(y + feed(y))
    assert_close(net(x), expected)


def test_decoder_layer():
    net = layer(nn.TransformerDecoderLayer)
    x, memory = sequence(4, 3, 6), sequence(5, 3, 6)
    y = net.norm1(x + net.self_attn(x, x, x)[0])
    y = net.norm2(y + net.multihead_attn(y, memory, memory)[0])
    expected = net.norm3(y + net.linear2(net.linear1(y).relu()))
    assert_close(net(x, memory), expected)


def test_what_comes_later_is_not_seen():
    encoder = nn.TransformerEncoder(
        layer(nn.TransformerEncoderLayer, batch_first=True),
        num_layers=2,
        norm=nn.LayerNorm(6, dtype=np.float64),
    ).eval()
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=np.float64)
    assert mask.tolist()[1] == [0, 0, -np.inf, -np.inf, -np.inf]
    x = sequence(3, 5, 6)
    changed = tensor(x.array.copy())
    changed.array[:, 3:] += 1
    y, z = encoder(x, mask, is_causal=True), encoder(changed, mask, is_causal=True)
    assert_close(y[:, :3], z[:, :3])
    assert (y.detach().array[:, 3:] != z.detach().array[:, 3:]).any()


def test_layers_are_copies():
    first = nn.TransformerEncoderLayer(6, 2, 8)
    encoder = nn.TransformerEncoder(first, 2)
    a, b = encoder.layers
    assert a.linear1.weight is not b.linear1.weight is not first.linear1.weight
    assert_close(a.linear1.weight.detach(), b.linear1.weight.detach())
    assert encoder.norm is None


def test_transformer():
    net = nn.Transformer(6, 2, 1, 1, 8, dropout=0.0)
    source, target = (tensor(RNG.normal(size=(n, 3, 6)).astype(np.float32)) for n in (5, 4))
    y = net(source, target, tgt_mask=net.generate_square_subsequent_mask(4))
    assert y.shape == (4, 3, 6)
    y.square().sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    names = list(net.state_dict())
    assert names[0] == "encoder.layers.0.self_attn.in_proj_weight"
    assert "decoder.layers.0.multihead_attn.out_proj.bias" in names
    assert names[-2:] == ["decoder.norm.weight", "decoder.norm.bias"]
    with pytest.raises(RuntimeError, match=r"must be equal to d_model, 6"):
        net(source[..., :5], target)


def test_no_such_activation():
    with pytest.raises(RuntimeError, match="activation should be relu/gelu, not tanh"):
        nn.TransformerEncoderLayer(6, 2, activation="tanh")
