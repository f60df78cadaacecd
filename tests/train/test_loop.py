from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, train
from minigrad.data import DataLoader, TensorDataset

cross_entropy = nn.functional.cross_entropy


def task(seed: int = 0) -> tuple[TensorDataset, TensorDataset]:
    """Points of the plane, by the sign of a product: training and validation."""
    x = np.random.default_rng(seed).standard_normal((260, 2)).astype("f")
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    return TensorDataset(mg.tensor(x[:200]), mg.tensor(y[:200])), TensorDataset(
        mg.tensor(x[200:]), mg.tensor(y[200:])
    )


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 2)
    )


def setting(**options: Any) -> dict[str, Any]:
    """Arguments for `fit`, all made anew from seed 0."""
    mg.manual_seed(0)
    data, held_out = task()
    model = network()
    return {
        "model": model,
        "loss": cross_entropy,
        "optimizer": mg.optim.Adam(model.parameters(), lr=0.01),
        "loader": DataLoader(data, 20, shuffle=True),
        "validation": DataLoader(held_out, 50),
        "metrics": [train.accuracy],
        "progress": False,
        **options,
    }


def weights(model: nn.Module) -> bytes:
    return b"".join(v.numpy().tobytes() for v in model.state_dict().values())


def test_it_learns_and_tells_what_each_epoch_came_to() -> None:
    arguments = setting(epochs=20)
    history = train.fit(**arguments)
    assert history.names == [
        *("train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr", "seconds")
    ]
    assert len(history) == 20
    assert history["val_accuracy"][-1] > 0.85
    assert history["train_loss"][-1] < history["train_loss"][0]
    assert history["lr"] == [0.01] * 20
    figures = train.evaluate(
        arguments["model"], cross_entropy, arguments["validation"], [train.accuracy]
    )
    assert figures == {
        "loss": history["val_loss"][-1],
        "accuracy": history["val_accuracy"][-1],
    }
    assert arguments["model"].training


def test_it_is_the_loop_one_would_write() -> None:
    arguments = setting(epochs=2, validation=None, metrics=())
    train.fit(**arguments)

    by_hand = setting()
    model, optimizer = by_hand["model"], by_hand["optimizer"]
    for _ in range(2):
        for x, y in by_hand["loader"]:
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
    assert weights(arguments["model"]) == weights(model)


def test_a_batch_may_carry_weights() -> None:
    def weighted(outputs: mg.Tensor, y: mg.Tensor, w: mg.Tensor) -> mg.Tensor:
        return (cross_entropy(outputs, y, reduction="none") * w).mean()

    x, y = task()[0].tensors
    data = TensorDataset(x, y, (y == 0).float())  # only class 0 counts
    arguments = setting(loss=weighted, loader=DataLoader(data, 20), validation=None, metrics=())
    train.fit(**arguments, epochs=20)
    predicted = train.predict(arguments["model"], [x]).argmax(1)
    assert (predicted == 0).all()


def test_a_penalty_is_part_of_the_objective_and_not_of_the_loss() -> None:
    def norm(model: nn.Module) -> float:
        return sum(float((p**2).sum().item()) for p in model.parameters())

    plain, penalised = setting(epochs=10), setting(epochs=10)
    penalised["penalty"] = lambda model: 0.1 * sum((p**2).sum() for p in model.parameters())
    train.fit(**plain)
    history = train.fit(**penalised)
    assert norm(penalised["model"]) < 0.5 * norm(plain["model"])
    assert history["train_loss"][-1] < 1


def test_gradients_are_clipped() -> None:
    norms = []

    class Watching(mg.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            grads = [p.grad.numpy() for g in self.param_groups for p in g["params"]]
            norms.append(math.sqrt(sum(float((g**2).sum()) for g in grads)))
            assert max(float(np.abs(g).max()) for g in grads) <= 0.01
            return super().step(closure)

    arguments = setting(epochs=1, clip_grad_norm=0.05, clip_grad_value=0.01)
    arguments["optimizer"] = Watching(arguments["model"].parameters(), lr=0.1)
    train.fit(**arguments)
    assert 0 < max(norms) <= 0.0501


@pytest.mark.parametrize(
    ("interval", "expected"), [("epoch", [0.01, 0.005, 0.0025]), ("batch", [0.01, 1e-5, 1e-8])]
)
def test_a_scheduler_steps_by_epoch_or_by_batch(interval: str, expected: list[float]) -> None:
    arguments = setting(epochs=3, scheduler_interval=interval)
    arguments["scheduler"] = mg.optim.lr_scheduler.ExponentialLR(arguments["optimizer"], 0.5)
    history = train.fit(**arguments)
    np.testing.assert_allclose(history["lr"], expected, rtol=0.1)


def test_a_plateau_is_seen_in_the_validation_loss() -> None:
    arguments = setting(epochs=6, optimizer=None)
    arguments["optimizer"] = mg.optim.SGD(arguments["model"].parameters(), lr=1e-4)
    arguments["scheduler"] = mg.optim.lr_scheduler.ReduceLROnPlateau(
        arguments["optimizer"], factor=0.1, patience=1, threshold=0.5
    )
    history = train.fit(**arguments)
    assert history["lr"][0] == 1e-4 > history["lr"][-1]


def test_early_stopping_ends_with_the_best_weights() -> None:
    stopping = train.EarlyStopping(patience=3)
    arguments = setting(epochs=100, early_stopping=stopping)
    arguments["optimizer"] = mg.optim.Adam(arguments["model"].parameters(), lr=0.3)
    history = train.fit(**arguments)
    assert len(history) < 100
    assert len(history) - 1 - history.best("val_loss") == 3
    loss = train.evaluate(arguments["model"], cross_entropy, arguments["validation"])["loss"]
    assert loss == min(history["val_loss"]) == stopping.best


def test_early_stopping_needs_what_it_watches() -> None:
    with pytest.raises(ValueError, match="no validation data"):
        train.fit(**setting(validation=None, early_stopping=train.EarlyStopping()))
    with pytest.raises(ValueError, match=r"watches 'val_acc'; there are .* val_accuracy"):
        train.fit(**setting(early_stopping=train.EarlyStopping(monitor="val_acc")))


def test_early_stopping_knows_nothing_of_the_training_before() -> None:
    stopping = train.EarlyStopping(patience=1)
    train.fit(**(first := setting(epochs=3, early_stopping=stopping)))
    stopping.best = 0.0  # better than anything to come
    train.fit(**(second := setting(epochs=3, early_stopping=stopping)))
    assert weights(second["model"]) == weights(first["model"])


# ---- checkpoints ---------------------------------------------------------------------------------


def everything(out: Path) -> dict[str, Any]:
    """A training with all that has a state, its random order from the loader's own generator."""
    arguments = setting(epochs=4, checkpoint=out / "checkpoint.npz", resume=True)
    arguments["loader"].generator = mg.Generator().manual_seed(5)
    arguments["loader"].sampler.generator = arguments["loader"].generator
    arguments["scheduler"] = mg.optim.lr_scheduler.StepLR(arguments["optimizer"], 2, 0.3)
    arguments["early_stopping"] = train.EarlyStopping(50, restore_best=True)
    return arguments


def shared_generator(out: Path) -> dict[str, Any]:
    """A training whose order and dropout are drawn from one generator."""
    return setting(epochs=4, checkpoint=out / "checkpoint.npz", resume=True)


def press_ctrl_c_at(steps: int, optimizer: mg.optim.Optimizer) -> None:
    done, step = 0, optimizer.step

    def counted() -> None:
        nonlocal done
        step()
        done += 1
        if done == steps:
            os.kill(os.getpid(), signal.SIGINT)

    optimizer.step = counted  # type: ignore[method-assign]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_a_history_of_ones_own_outlives_ctrl_c() -> None:
    arguments = setting(epochs=3, history=train.History())
    press_ctrl_c_at(25, arguments["optimizer"])
    with pytest.raises(KeyboardInterrupt):
        train.fit(**arguments)
    history = arguments["history"]
    done = list(history)
    assert len(done) == 2 and set(done[0]) >= {"train_loss", "val_accuracy"}
    assert train.fit(**arguments) is history
    assert len(history) == 3 and list(history)[:2] == done


def test_a_history_of_another_training_is_not_overwritten(tmp_path: Path) -> None:
    done = train.fit(**everything(tmp_path))
    other = train.History({**row, "lr": 1.0} for row in done)
    with pytest.raises(ValueError, match="the 4 epochs of the history are not those"):
        train.fit(**everything(tmp_path), history=other)
    assert other["lr"] == [1.0] * 4
    done.rows[1:] = []
    assert train.fit(**everything(tmp_path), history=done) is done and len(done) == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("make", [everything, shared_generator])
@pytest.mark.parametrize("steps", [[1], [7, 3, 11], [10], [10, 10], [39]])
def test_resuming_is_bit_exact(
    make: Callable[[Path], dict[str, Any]], steps: list[int], tmp_path: Path
) -> None:
    (tmp_path / "whole").mkdir()
    whole = make(tmp_path / "whole")
    history = train.fit(**whole)

    for count in steps:
        part = make(tmp_path)
        press_ctrl_c_at(count, part["optimizer"])
        with pytest.raises(KeyboardInterrupt):
            train.fit(**part)
    mg.manual_seed(99)  # what else the program drew meanwhile makes no difference
    last = make(tmp_path)
    resumed = train.fit(**last)

    assert weights(last["model"]) == weights(whole["model"])
    rows = [{**row, "seconds": 0} for row in history]
    assert [{**row, "seconds": 0} for row in resumed] == rows


def test_a_finished_training_is_extended(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = everything(tmp_path / "whole")
    train.fit(**whole)
    for epochs in (1, 4):
        part = everything(tmp_path)
        train.fit(**{**part, "epochs": epochs})
    assert weights(part["model"]) == weights(whole["model"])


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    arguments = setting(checkpoint=path, resume=True, epochs=1)
    mg.save(arguments["model"].state_dict(), path)
    with pytest.raises(ValueError, match=r"checkpoint\.npz is no checkpoint of fit"):
        train.fit(**arguments)

    path.unlink()
    train.fit(**arguments)
    arguments = setting(checkpoint=path, resume=True, epochs=2)
    arguments["scheduler"] = mg.optim.lr_scheduler.StepLR(arguments["optimizer"], 2)
    with pytest.raises(ValueError, match="made without scheduler, this call is with one"):
        train.fit(**arguments)


def test_a_checkpoint_of_epochs_with_and_without_validation_goes_on(tmp_path: Path) -> None:
    arguments = setting(history=train.History())
    train.fit(**arguments | {"validation": None}, epochs=1)
    arguments["early_stopping"] = train.EarlyStopping()
    for epochs in (2, 3):
        train.fit(**arguments, epochs=epochs, checkpoint=tmp_path / "run.npz", resume=True)
    assert [("val_loss" in row) for row in arguments["history"]] == [False, True, True]


# ---- what it says --------------------------------------------------------------------------------


def test_progress_is_a_line_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    train.fit(**setting(epochs=2, progress=True))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch  1", "epoch  2"]
    assert "val accuracy" in lines[0] and "%" in lines[0]
    train.fit(**setting(epochs=1))
    assert not capsys.readouterr().out


def test_no_batch_is_an_error() -> None:
    with pytest.raises(ValueError, match="yielded no batch"):
        train.fit(**setting(loader=iter(())))


def test_a_misspelt_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="'epoch' or 'batch', not 'step'"):
        train.fit(**setting(scheduler_interval="step"))


def test_what_cannot_serve_is_refused_before_the_first_epoch() -> None:
    with pytest.raises(TypeError, match=r"a minigrad.train.History, not a list"):
        train.fit(**setting(history=[]))
    for wrong in (["accuracy"], train.accuracy):
        with pytest.raises(TypeError, match=r"functions \(outputs, \*targets\).*, not .*accuracy"):
            train.fit(**setting(metrics=wrong))
    arguments = setting(scheduler_interval="batch")
    plateau = mg.optim.lr_scheduler.ReduceLROnPlateau(arguments["optimizer"])
    with pytest.raises(ValueError, match="looks at whole epochs: scheduler_interval='epoch'"):
        train.fit(**arguments, scheduler=plateau)
