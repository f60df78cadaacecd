"""Distance modules: that each hands its options to its function."""

import numpy as np

from minigrad import nn
from minigrad.nn import functional as F
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close


def test_modules_are_their_functions():
    a, b = map(tensor, np.random.default_rng(0).normal(size=(2, 4, 3)))
    expected = F.pairwise_distance(a, b, 1.0, 0.1, True)
    assert_close(nn.PairwiseDistance(1.0, 0.1, True)(a, b), expected)
    assert_close(nn.CosineSimilarity(0, 0.1)(a, b), F.cosine_similarity(a, b, 0, 0.1))
    assert repr(nn.PairwiseDistance()) == "PairwiseDistance()"
