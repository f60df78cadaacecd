"""What goes wrong most often: each error names it, with shapes and their meaning, and the likely fix."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F


def classifier() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))


def test_a_layer_of_another_width_in_a_model() -> None:
    with pytest.raises(RuntimeError) as caught:
        classifier()(mg.zeros(64, 1, 20, 20))
    assert str(caught.value) == (
        "linear: the input has shape [64, 400] (batch=64, features=400), but the weight [512, 784] "
        "takes features=784\nin 1: Linear(in_features=784, out_features=512, bias=True)"
    )


def test_images_that_were_not_flattened() -> None:
    with pytest.raises(RuntimeError, match=r"flatten the input first: x\.flatten\(1\)"):
        nn.Linear(784, 10)(mg.zeros(64, 1, 28, 28))


def test_a_batch_of_other_channels_than_the_batch_norm() -> None:
    with pytest.raises(RuntimeError, match=r"\[8, 3\] \(batch=8, channels=3\)"):
        F.batch_norm(mg.zeros(8, 3), None, None, mg.ones(4), training=True)


def test_batch_norm_of_one_sample() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    with pytest.raises(
        ValueError, match=r"DataLoader\(drop_last=True\)\), or call eval\(\)"
    ) as caught:
        model(mg.zeros(1, 4))
    assert "in 1: BatchNorm1d(3, " in str(caught.value)


@pytest.mark.parametrize(
    "function", [F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.vanilla_dropout]
)
def test_dropout_by_hand_in_evaluation(function: Any) -> None:
    class ByHand(nn.Module):
        def forward(self, x: mg.Tensor) -> mg.Tensor:
            return function(x, 0.5)

    model, x = ByHand(), mg.ones(2, 3, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(x)
        nn.Dropout(0.5)(x)
        function(x, 0.5)
    with pytest.warns(
        UserWarning, match=r"ByHand is in evaluation.*training=self\.training"
    ) as seen:
        model.eval()(x)
    assert seen[0].filename == __file__


def test_a_loss_that_would_broadcast() -> None:
    prediction = nn.Linear(4, 1)(mg.zeros(8, 4))
    with pytest.raises(ValueError, match=r"\[8, 1\] and the target \[8\].*squeeze\(-1\)"):
        nn.MSELoss()(prediction, mg.zeros(8))


def test_softmax_fed_to_cross_entropy() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))
    with pytest.warns(UserWarning, match="leave the softmax out"):
        nn.CrossEntropyLoss()(model(mg.zeros(2, 4)), mg.tensor([0, 2]))


def test_labels_that_count_from_one() -> None:
    with pytest.raises(IndexError, match=r"label 3 at position 1 .* 3 classes, which are 0 to 2"):
        F.cross_entropy(mg.zeros(2, 3), mg.tensor([1, 3]))


def test_labels_that_are_no_integers() -> None:
    with pytest.raises(
        RuntimeError, match=r"float32, .* integer dtype .*convert them with \.long\(\)"
    ):
        F.cross_entropy(mg.zeros(2, 3), mg.tensor([0.0, 1.0]))


def test_logits_where_probabilities_are_expected() -> None:
    with pytest.raises(RuntimeError, match="use binary_cross_entropy_with_logits"):
        F.binary_cross_entropy(mg.tensor([3.0]), mg.tensor([1.0]))


def test_prediction_and_target_in_the_wrong_order() -> None:
    with pytest.raises(
        RuntimeError, match=r"int64, .*in this order: mse_loss\(prediction, target\)"
    ):
        F.mse_loss(mg.tensor([1]), mg.tensor([0.5]))


def test_float64_data_and_a_float32_model() -> None:
    with pytest.raises(RuntimeError, match=r"float64.*float32.*\.to\(mg\.float32\)"):
        nn.Linear(4, 3)(mg.tensor(np.zeros((2, 4))))


def test_backward_of_many_numbers() -> None:
    losses = nn.Linear(4, 3)(mg.zeros(2, 4))
    with pytest.raises(
        RuntimeError, match=r"shape \[2, 3\]\. Reduce it to a scalar, as in y\.sum\(\)"
    ):
        losses.backward()


def test_backward_of_what_was_not_recorded() -> None:
    with mg.no_grad():
        loss = nn.Linear(4, 1)(mg.zeros(1, 4)).sum()
    with pytest.raises(RuntimeError, match=r"outside no_grad\(\)"):
        loss.backward()


def test_a_step_without_gradients() -> None:
    model = nn.Linear(4, 3)
    optimizer = mg.optim.SGD(model.parameters(), lr=0.1)
    with pytest.warns(
        UserWarning, match=r"no parameter has a gradient.*loss\.backward\(\)"
    ) as seen:
        optimizer.step()
    assert seen[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_a_frozen_group_is_no_mistake() -> None:
    frozen, trained = nn.Linear(4, 3), nn.Linear(3, 1)
    frozen.requires_grad_(False)
    groups = [{"params": frozen.parameters()}, {"params": trained.parameters()}]
    optimizer = mg.optim.SGD(groups, lr=0.1)
    trained(frozen(mg.ones(1, 4))).sum().backward()
    optimizer.step()
