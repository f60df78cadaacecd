"""What torch itself has of nn.functional: the same functions under other signatures."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.nn import older

RNG = np.random.default_rng(0)
X, Y = (mg.tensor(RNG.normal(size=(3, 4))) for _ in range(2))


def test_losses_take_their_reduction_as_a_number():
    target = mg.tensor(RNG.random((3, 4)))
    for number, name in enumerate(("none", "mean", "sum")):
        found = mg.binary_cross_entropy_with_logits(X, target, None, None, number)
        assert mg.equal(found, F.binary_cross_entropy_with_logits(X, target, reduction=name))
    assert mg.kl_div(X, target).shape == (3, 4)
    assert mg.equal(
        mg.kl_div(X, target, 2, log_target=True),
        F.kl_div(X, target, reduction="sum", log_target=True),
    )
    assert mg.equal(mg.triplet_margin_loss(X, Y, X, reduction=1), F.triplet_margin_loss(X, Y, X))
    with pytest.raises(TypeError, match=r"nn\.functional\.kl_div takes its name"):
        mg.kl_div(X, target, "mean")


def test_dropout_says_whether_it_is_training():
    for name in ("dropout", "alpha_dropout", "feature_alpha_dropout"):
        assert mg.equal(getattr(mg, name)(X, 0.5, False), X)
    assert not mg.dropout(X, 1.0, True).any()
    with pytest.raises(TypeError):
        mg.dropout(X)


def test_embedding_has_the_table_first():
    labels = mg.tensor([2, 0])
    assert mg.equal(mg.embedding(X, labels), X[labels])
    table = X.clone().requires_grad_()
    mg.embedding(table, labels, 2).sum().backward()
    assert table.grad.sum(1).tolist() == [4, 0, 0]


def test_pooling():
    values, indices = mg.adaptive_max_pool1d(X, 2)
    assert mg.equal(values, F.adaptive_max_pool1d(X, 2)) and indices.shape == (3, 2)
    assert mg.equal(mg.max_pool1d(X, 2), F.max_pool1d(X, 2))
    with pytest.raises(TypeError):
        mg.max_pool1d(X, 2, return_indices=True)
    assert all(getattr(mg, name) is getattr(older, name) for name in older.__all__)
