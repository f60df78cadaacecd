from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, train
from minigrad.data import DataLoader, TensorDataset


def test_accuracy() -> None:
    logits = mg.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [0.0, 1.0]])
    assert train.accuracy(logits, mg.tensor([0, 1, 1, 1])) == 0.75
    assert train.accuracy(mg.tensor([-1.0, 2.0]), mg.tensor([0, 0])) == 0.5


def test_batches_weigh_as_much_as_they_have_samples() -> None:
    x, y = mg.randn(7, 3), mg.randn(7, 1)
    model = nn.Linear(3, 1)
    whole = nn.functional.mse_loss(model(x), y).item()
    figures = train.evaluate(model, nn.MSELoss(), DataLoader(TensorDataset(x, y), 3))
    assert figures["loss"] == pytest.approx(whole, rel=1e-5)


def test_a_model_is_evaluated_in_eval_mode_and_each_modules_mode_comes_back() -> None:
    model = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(4))
    model[1].eval()
    x = mg.ones(6, 4)
    out = train.predict(model, [x])
    np.testing.assert_allclose(out.numpy(), x.numpy(), rtol=1e-4)
    assert not out.requires_grad
    assert model.training and model[0].training and not model[1].training
    assert model[1].num_batches_tracked.item() == 0


def test_predict_takes_the_inputs_of_batches() -> None:
    x, y = mg.randn(5, 2), mg.zeros(5)
    model = nn.Linear(2, 3)
    out = train.predict(model, DataLoader(TensorDataset(x, y), 2))
    np.testing.assert_allclose(out.numpy(), model(x).detach().numpy(), rtol=1e-6)


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no batch"):
        train.evaluate(nn.Linear(1, 1), nn.MSELoss(), [])
    with pytest.raises(ValueError, match="no batch"):
        train.predict(nn.Linear(1, 1), [])


def test_a_dataset_is_not_its_batches() -> None:
    data = TensorDataset(mg.ones(3, 2), mg.zeros(3, dtype=mg.int64))
    with pytest.raises(
        ValueError, match=r"a single number: pass DataLoader\(dataset, batch_size\)"
    ):
        train.evaluate(nn.Linear(2, 2), nn.functional.cross_entropy, data)
