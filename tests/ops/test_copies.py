"""What views show, copied: the same values and gradients, other memory."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.testing import check_op

CALLS = {
    "alias": (),
    "as_strided": ((2, 2), (3, 1)),
    "diagonal": (),
    "expand": ((2, 3, 4),),
    "narrow": (1, 1, 2),
    "permute": ((1, 0),),
    "split_with_sizes": ((1, 2),),
    "squeeze": (0,),
    "t": (),
    "transpose": (0, 1),
    "unbind": (1,),
    "unfold": (1, 2, 2),
    "unsqueeze": (1,),
    "view": ((4, 3),),
}
COVERED = [*(f"{name}_copy" for name in CALLS), "constant_pad_nd", "fill"]
X = np.random.default_rng(0).normal(size=(3, 4))


@pytest.mark.parametrize("name", CALLS)
def test_copies(name):
    copied, args = getattr(mg, f"{name}_copy"), CALLS[name]
    shown = getattr(mg.Tensor, name, mg.clone)
    check_op(lambda x: copied(x.contiguous(), *args), X)
    x = mg.tensor(X)
    ours, theirs = copied(x, *args), shown(x, *args)
    for a, b in zip(ours, theirs, strict=True):
        assert mg.equal(a, b) and not np.shares_memory(a.array, x.array)
    assert copied.__name__ in (f"{name}_copy", "clone", "_unfold")
    assert x.narrow_copy(0, 1, 1).shape == (1, 4)


def test_fill():
    x, v = (mg.tensor(a, requires_grad=True) for a in (X, 2.0))
    filled = mg.fill(x, v)
    assert np.array_equal(filled.detach(), np.full_like(X, 2)) and np.array_equal(x.detach(), X)
    filled.sum().backward()
    assert not x.grad.any() and v.grad.item() == X.size
    assert mg.fill(mg.arange(3), 2.5).tolist() == [2, 2, 2]
    with pytest.raises(RuntimeError, match="0-dim"):
        mg.fill(mg.arange(3), mg.ones(2))


def test_constant_pad_nd():
    check_op(
        lambda x: mg.constant_pad_nd(x, (1, 2), 7),
        X,
        reference=lambda x: np.pad(x, ((0, 0), (1, 2)), constant_values=7),
    )
