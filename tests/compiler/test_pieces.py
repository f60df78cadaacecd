"""compile: what NumPy computes is run as it is, in its place."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
import minigrad.nn.functional as F
from minigrad import nn, tensor

CRITERION = F.nll_loss


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.layer = kind(5, 4, num_layers=2, batch_first=True, dropout=0.3, bidirectional=True)

    def forward(self, x):
        return self.layer(x[None])[0][:, -1]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)
        self.table = nn.Embedding(7, 6, padding_idx=0)

    def forward(self, x):
        index = x.abs().long() % 7
        mask = nn.Transformer.generate_square_subsequent_mask(5)
        return self.layer(self.table(index), mask, src_key_padding_mask=index == 0).nan_to_num()


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(mg.ones(5))

    def forward(self, x):
        return mg.stack([x.flip(0), x * self.scale, x.roll(1, 0)]).amax(0)


MODULES = {
    "gru": lambda: Recurrent(nn.GRU),
    "lstm": lambda: Recurrent(nn.LSTM),
    "attention": Attention,
    "hardtanh": nn.Hardtanh,
    "prelu": nn.PReLU,
    "mish": nn.Mish,
    "parameter": Scaled,
    "upsampled": lambda: nn.Sequential(nn.Unflatten(0, (1, 5)), nn.Upsample(9, mode="linear")),
}
FUNCTIONS = {
    "cat": lambda x: mg.cat([x, x * 2], 1),
    "stack of slices": lambda x: mg.stack([x[1:3, ::2], x[2:4, :3]]),
    "index": lambda x: x[[0, 2, 2], mg.arange(3)],
    "rows of another": lambda x: x[x.detach().argmax(1)],
    "max": lambda x: x.max(1).values + x.min(1)[0] * x.max(1).indices,
    "sorted": lambda x: x.sort(1, descending=True)[0] * mg.arange(5.0),
    "top": lambda x: x.topk(2)[0].sum(),
    "where": lambda x: mg.where(x > 0, x, 0.1 * x),
    "largest": lambda x: mg.maximum(x, x.flip(0)).clamp(-1, 1),
    "masked": lambda x: x.masked_fill(x > 1, 0.5).tril(),
    "criterion": lambda x: CRITERION(x.log_softmax(1), mg.arange(5)),
    "smoothed": lambda x: F.cross_entropy(x, mg.arange(5), label_smoothing=0.1),
    "weighted": lambda x: F.cross_entropy(x, mg.arange(5), weight=mg.arange(1.0, 6.0)),
    "cosine": lambda x: F.cosine_similarity(x, mg.ones(5)),
    "norm": lambda x: x.norm() + x.std(0).sum() + x.prod(1).mean(),
    "sums": lambda x: x.cumsum(0) * x.shape[0],
    "einsum": lambda x: mg.einsum("ij,kj->ik", x, x.detach()),
    "noise": lambda x: x + mg.randn_like(x) * mg.rand(5) + F.dropout1d(x, 0.5),
    "several": lambda x: [*(x * 1).chunk(2, 1), (x > 0).float().mean()],
    "attention": lambda x: F.scaled_dot_product_attention(x, x * 2, x * 3, is_causal=True),
}


@pytest.mark.parametrize("name", [*FUNCTIONS, *MODULES])
def test_the_same_to_the_last_bit_for_other_values_too(name):
    make = MODULES.get(name)
    function = make() if make else FUNCTIONS[name]
    compiled = mg.compile(function, fullgraph=True)
    for seed in range(3):
        array = 2 * np.random.default_rng(seed).standard_normal((5, 5)).astype("f")
        both = []
        for way in (function, compiled):
            if make:
                function.zero_grad()
            mg.manual_seed(seed)
            x = tensor(array, requires_grad=True)
            results = way(x)
            results = results if isinstance(results, (tuple, list)) else [results]
            recorded = [r for r in results if r.requires_grad]
            mg.autograd.backward(recorded, [mg.ones_like(r) for r in recorded])
            left = [x.grad, *([p.grad for p in function.parameters()] if make else [])]
            values = [*results, *left, mg.get_rng_state()]
            both.append([None if v is None else v.detach().numpy().tobytes() for v in values])
        assert both[0] == both[1]
    assert compiled.code


def test_values_that_decide_are_looked_at_each_time():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    for function, other in (
        (lambda x: x.prod(), [0.0, 2.0, 3.0]),
        (lambda x: x.cumprod(0).sum(), [1.0, 0.0, 0.0]),
        (lambda x: mg.maximum(x, tensor([0.0, 5.0, 2.0])), [0.0, 5.0, 2.0]),
    ):
        f = mg.compile(function, fullgraph=True)
        f(x)
        grads = []
        for way in (function, f):
            y = tensor(other, requires_grad=True)
            way(y).sum().backward()
            grads.append(y.grad.tolist())
        assert grads[0] == grads[1]


def test_a_mask_of_which_a_row_is_full_only_later():
    q = tensor(np.random.default_rng(0).standard_normal((3, 4)).astype("f"))
    f = mg.compile(lambda q, m: F.scaled_dot_product_attention(q, q, q, m), fullgraph=True)
    full = mg.ones(3, 3) > 0
    assert f(q, full).isfinite().all()
    none = full.clone()
    none[1] = False
    assert f(q, none).tolist() == F.scaled_dot_product_attention(q, q, q, none).tolist()
    assert f(q, none)[1].tolist() == [0] * 4


def test_the_code_shows_the_operation():
    f = mg.compile(lambda x: (x * 2).roll(1, 0).sum(), fullgraph=True)
    f(mg.ones(3, requires_grad=True)).backward()
    assert "t2 = roll1.forward(t1)  # (3,)" in f.code and "roll1.backward(" in f.code


def test_what_is_saved_for_its_gradient_may_not_change():
    w = mg.ones(3, requires_grad=True)
    loss = mg.compile(lambda x: mg.atan2(x, w).sum(), fullgraph=True)(mg.ones(3))
    with mg.no_grad():
        w.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_gradients_of_pieces_are_in_memory_of_their_own():
    v, w = (nn.Parameter(mg.ones(2)) for _ in range(2))

    def step(x):
        (mg.cat([v, w]) * x).sum().backward()

    step = mg.compile(step, fullgraph=True)
    for count in (1, 2):
        step(mg.ones(4))
        assert v.grad.tolist() == w.grad.tolist() == [count] * 2
    assert not np.shares_memory(v.grad, w.grad)
