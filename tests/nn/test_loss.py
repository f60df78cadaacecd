"""Loss modules: that each hands its options to its function."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close

RNG = np.random.default_rng(0)
X, P = tensor(RNG.normal(size=(4, 3))), tensor(RNG.random((4, 3)))
S = tensor([[1, -1, 1], [1, 1, -1], [-1, 1, 1], [1, 1, 1]])
V = tensor(RNG.random((4, 3)) + 0.1)
Y, W = tensor([0, 2, 1, 1]), tensor(RNG.random(3))


@pytest.mark.filterwarnings("ignore:kl_div")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_modules_are_their_functions(reduction):
    same = {"reduction": reduction}
    classes = {"ignore_index": 1, **same}
    apart = {"margin": 0.4, "swap": True, **same}
    pairs = [
        (nn.MSELoss(**same)(X, P), F.mse_loss(X, P, **same)),
        (nn.L1Loss(**same)(X, P), F.l1_loss(X, P, **same)),
        (nn.SmoothL1Loss(beta=0.3, **same)(X, P), F.smooth_l1_loss(X, P, beta=0.3, **same)),
        (nn.HuberLoss(delta=0.3, **same)(X, P), F.huber_loss(X, P, delta=0.3, **same)),
        (nn.NLLLoss(W, **classes)(X, Y), F.nll_loss(X, Y, W, **classes)),
        (nn.NLLLoss2d(W, **classes)(X, Y), F.nll_loss(X, Y, W, **classes)),
        (
            nn.CrossEntropyLoss(W, label_smoothing=0.1, **classes)(X, Y),
            F.cross_entropy(X, Y, W, label_smoothing=0.1, **classes),
        ),
        (nn.BCELoss(W, **same)(P, P), F.binary_cross_entropy(P, P, W, **same)),
        (
            nn.BCEWithLogitsLoss(W, pos_weight=W, **same)(X, P),
            F.binary_cross_entropy_with_logits(X, P, W, pos_weight=W, **same),
        ),
        (
            nn.MultiLabelSoftMarginLoss(W, **same)(X, P),
            F.multilabel_soft_margin_loss(X, P, W, **same),
        ),
        (nn.SoftMarginLoss(**same)(X, S), F.soft_margin_loss(X, S, **same)),
        (nn.KLDivLoss(log_target=True, **same)(X, P), F.kl_div(X, P, log_target=True, **same)),
        (
            nn.PoissonNLLLoss(False, True, eps=0.1, **same)(P, V),
            F.poisson_nll_loss(P, V, False, True, eps=0.1, **same),
        ),
        (
            nn.GaussianNLLLoss(full=True, eps=0.5, **same)(X, P, V),
            F.gaussian_nll_loss(X, P, V, True, 0.5, **same),
        ),
        (nn.HingeEmbeddingLoss(0.4, **same)(X, S), F.hinge_embedding_loss(X, S, 0.4, **same)),
        (nn.MarginRankingLoss(0.4, **same)(X, P, S), F.margin_ranking_loss(X, P, S, 0.4, **same)),
        (
            nn.CosineEmbeddingLoss(0.4, **same)(X, P, S[:, 0]),
            F.cosine_embedding_loss(X, P, S[:, 0], 0.4, **same),
        ),
        (
            nn.MultiMarginLoss(2, 0.4, W, **same)(X, Y),
            F.multi_margin_loss(X, Y, 2, 0.4, W, **same),
        ),
        (nn.MultiLabelMarginLoss(**same)(X, S), F.multilabel_margin_loss(X, S, **same)),
        (
            nn.TripletMarginLoss(p=1.0, **apart)(X, P, V),
            F.triplet_margin_loss(X, P, V, p=1, **apart),
        ),
        (
            nn.TripletMarginWithDistanceLoss(distance_function=F.cosine_similarity, **apart)(
                X, P, V
            ),
            F.triplet_margin_with_distance_loss(
                X, P, V, distance_function=F.cosine_similarity, **apart
            ),
        ),
    ]
    for actual, expected in pairs:
        assert_close(actual, expected)


def test_batchmean():
    assert_close(nn.KLDivLoss(reduction="batchmean")(X, P), F.kl_div(X, P, reduction="batchmean"))


def test_weight_is_a_buffer():
    assert list(nn.CrossEntropyLoss(W).state_dict()) == ["weight"]
    assert not nn.CrossEntropyLoss().state_dict()
    assert repr(nn.CrossEntropyLoss(W)) == "CrossEntropyLoss()"
    assert repr(nn.TripletMarginWithDistanceLoss()) == (
        "TripletMarginWithDistanceLoss(\n  (distance_function): PairwiseDistance()\n)"
    )


def test_options_are_checked_at_once():
    with pytest.raises(ValueError, match="avg is not a valid value"):
        nn.MSELoss("avg")
    with pytest.raises(ValueError, match="TripletMarginLoss: expected margin to be greater than 0"):
        nn.TripletMarginLoss(margin=-1.0)
    with pytest.raises(ValueError, match="only p == 1 and p == 2"):
        nn.MultiMarginLoss(p=3)
