"""fit: the training loop, with all that a checkpoint must hold to go on bit for bit."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import nn, random
from ..optim import Optimizer
from ..optim.lr_scheduler import ReduceLROnPlateau
from ..serialization import load, save
from ..tensor import Tensor
from .evaluation import Means, Metric, evaluate, named
from .history import History, Row
from .interrupt import StopRequest
from .stopping import EarlyStopping


def fit(
    model: nn.Module,
    loss: Metric,
    optimizer: Optimizer,
    loader: Iterable[Any],
    validation: Iterable[Any] | None = None,
    *,
    epochs: int = 10,
    metrics: Mapping[str, Metric] | Sequence[Metric] = (),
    penalty: Callable[[nn.Module], Tensor] | None = None,
    scheduler: Any = None,
    scheduler_interval: str = "epoch",
    clip_grad_norm: float | None = None,
    clip_grad_value: float | None = None,
    early_stopping: EarlyStopping | None = None,
    history: History | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
) -> History:
    """Train the model on the batches of `loader` until `epochs` are done; return their History.

    A batch is (inputs, *targets). A step is the gradient of

        loss(model(inputs), *targets) + penalty(model)

    clipped, where that is asked for, by the norm of all and by each value, and a step of the
    optimizer. Metrics are functions (outputs, *targets) -> mean over the batch. After an epoch the
    model is evaluated on the batches of `validation`. `scheduler` makes a step after each epoch, or
    each batch: scheduler_interval="batch"; ReduceLROnPlateau gets val_loss, or train_loss where
    there is no validation.

    Ctrl-C waits for the end of the step, and is then raised. Epochs are added to `history`, to a new
    one if none is given: one's own is at hand after Ctrl-C too, and another call with it goes on
    after its last epoch. With an empty one, early_stopping begins anew.

    `checkpoint` is a file, written after each epoch, and at Ctrl-C. With `resume` the training goes
    on from that file, if there is one, bit for bit as if it had never stopped: with the same model,
    data and options, which the caller gives. `progress` shows a bar (by tqdm, if installed, on a
    terminal) and a line an epoch.
    """
    if scheduler_interval not in ("epoch", "batch"):
        raise ValueError(f"scheduler_interval is 'epoch' or 'batch', not {scheduler_interval!r}")
    if scheduler_interval == "batch" and isinstance(scheduler, ReduceLROnPlateau):
        raise ValueError("ReduceLROnPlateau looks at whole epochs: scheduler_interval='epoch'")
    if history is None:
        history = History()
    elif not isinstance(history, History):
        raise TypeError(f"history is a minigrad.train.History, not a {type(history).__name__}")
    metrics = named(metrics)
    if early_stopping:
        _check_watched(early_stopping.monitor, ["loss", *metrics], validation is not None)
        if not history:
            early_stopping.reset()
    run = _Run(
        model=model,
        loss=loss,
        optimizer=optimizer,
        loader=loader,
        validation=validation,
        metrics=metrics,
        penalty=penalty,
        scheduler=scheduler,
        scheduler_interval=scheduler_interval,
        clip_grad_norm=clip_grad_norm,
        clip_grad_value=clip_grad_value,
        early_stopping=early_stopping,
        history=history,
        progress=progress,
    )
    if resume and checkpoint is not None and os.path.exists(checkpoint):
        run.load_state_dict(_checkpoint(checkpoint))
    with StopRequest() as stop:
        try:
            while len(run.history) < epochs and not run.stopped:
                run.epoch(f"epoch {len(run.history) + 1}/{epochs}", stop)
                if checkpoint is not None:
                    save(run.state_dict(), checkpoint)
                if progress:
                    print(run.history.line(), flush=True)
        except KeyboardInterrupt:
            if checkpoint is not None:
                save(run.state_dict(), checkpoint)
            raise
    if early_stopping and early_stopping.restore_best:
        early_stopping.restore(model)
    return run.history


@dataclass
class _Run:
    """A training at some point of its course."""

    model: nn.Module
    loss: Metric
    optimizer: Optimizer
    loader: Iterable[Any]
    validation: Iterable[Any] | None
    metrics: Mapping[str, Metric]
    penalty: Callable[[nn.Module], Tensor] | None
    scheduler: Any
    scheduler_interval: str
    clip_grad_norm: float | None
    clip_grad_value: float | None
    early_stopping: EarlyStopping | None
    history: History
    progress: bool
    stopped: bool = False

    def __post_init__(self) -> None:
        # What the order of an epoch's batches follows from.
        self.generator = getattr(self.loader, "generator", None) or random.default_generator
        self.begin_epoch()

    def begin_epoch(self) -> None:
        self.order = self.generator.get_state()
        self.steps = 0
        self.seconds = 0.0
        self.means = Means()

    def epoch(self, title: str, stop: StopRequest) -> None:
        """Train to the end of the current epoch, evaluate, and add a row to the history."""
        lr = self.optimizer.param_groups[0]["lr"]
        self.model.train()
        begun = time.perf_counter() - self.seconds
        for inputs, *targets in self.batches(title):
            self.step(inputs, targets)
            self.steps += 1
            self.seconds = time.perf_counter() - begun
            stop.check()  # not before a step: the batch, and with it an order, would be drawn already
        if not self.means.samples:
            raise ValueError(
                "fit: the loader yielded no batch; an iterator is empty after one epoch"
            )

        row: Row = self.means.figures("train_")
        if self.validation is not None:
            figures = evaluate(self.model, self.loss, self.validation, self.metrics)
            row |= {f"val_{name}": value for name, value in figures.items()}
        self.history.append({**row, "lr": lr, "seconds": self.seconds})
        if self.scheduler is not None and self.scheduler_interval == "epoch":
            if isinstance(self.scheduler, ReduceLROnPlateau):
                self.scheduler.step(row.get("val_loss", row["train_loss"]))
            else:
                self.scheduler.step()
        if self.early_stopping:
            value = self.history[self.early_stopping.monitor][-1]
            self.stopped = self.early_stopping.update(value, self.model)
        self.begin_epoch()

    def batches(self, title: str) -> Iterator[Any]:
        """Return what is left of the epoch's batches; those that were done are drawn once more."""
        now = random.get_rng_state()
        if self.steps:
            self.generator.set_state(self.order)
        batches = iter(self.loader)
        if self.steps:
            for _ in range(self.steps):
                next(batches)
            random.set_rng_state(now)
        if not self.progress:
            return batches
        try:
            from tqdm import tqdm
        except ModuleNotFoundError:
            return batches
        total = len(self.loader) if hasattr(self.loader, "__len__") else None
        return iter(tqdm(batches, title, total, leave=False, disable=None, initial=self.steps))

    def step(self, inputs: Any, targets: Sequence[Any]) -> None:
        self.optimizer.zero_grad()
        outputs = self.model(inputs)
        loss = self.loss(outputs, *targets)
        objective = loss if self.penalty is None else loss + self.penalty(self.model)
        objective.backward()
        if self.clip_grad_norm is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_grad_norm)
        if self.clip_grad_value is not None:
            nn.utils.clip_grad_value_(self.model.parameters(), self.clip_grad_value)
        self.optimizer.step()
        if self.scheduler is not None and self.scheduler_interval == "batch":
            self.scheduler.step()
        self.means.add(self.metrics, loss, outputs, targets)

    def state_dict(self) -> dict[str, Any]:
        """Return all that the rest of the training depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler and self.scheduler.state_dict(),
            "early_stopping": self.early_stopping and self.early_stopping.state_dict(),
            "random": random.get_rng_state(),
            "history": self.history.rows,
            "stopped": self.stopped,
            "epoch": {
                "order": self.order,
                "steps": self.steps,
                "seconds": self.seconds,
                "means": vars(self.means),
            },
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to where `state` was taken."""
        rows, saved = self.history.rows, state["history"]
        begun = saved[: len(rows)]
        # Their figures one after another: validation may have come to a later epoch alone.
        figures = ([figure for row in part for figure in row.values()] for part in (rows, begun))
        if not np.array_equal(*figures, equal_nan=True):
            raise ValueError(
                f"the {len(rows)} epochs of the history are not those with which the checkpoint's "
                f"{len(saved)} begin: pass the history of that training, or an empty one"
            )
        for name in ("model", "optimizer", "scheduler", "early_stopping"):
            part = getattr(self, name)
            if (part is None) != (state[name] is None):
                there, here = ("without", "with") if state[name] is None else ("with", "without")
                raise ValueError(f"the checkpoint was made {there} {name}, this call is {here} one")
            if part is not None:
                part.load_state_dict(state[name])
        self.optimizer.has_stepped = True  # for the scheduler, which warns where none was before it
        rows[:], self.stopped = saved, state["stopped"]
        epoch = state["epoch"]
        self.order, self.steps, self.seconds = epoch["order"], epoch["steps"], epoch["seconds"]
        vars(self.means).update(epoch["means"])
        self.generator.set_state(self.order)
        random.set_rng_state(state["random"])


def _check_watched(monitor: str, figures: Sequence[str], validated: bool) -> None:
    known = [f"{part}_{name}" for part in ("train", "val") for name in figures]
    if monitor not in known:
        raise ValueError(f"early_stopping watches {monitor!r}; there are {', '.join(known)}")
    if monitor.startswith("val_") and not validated:
        raise ValueError(
            f"early_stopping watches {monitor!r}, but there is no validation data: "
            "pass it, or watch another figure, as in EarlyStopping(monitor='train_loss')"
        )


def _checkpoint(path: str | os.PathLike[str]) -> dict[str, Any]:
    state = load(path)
    if not isinstance(state, dict) or not {"model", "optimizer", "epoch"} <= state.keys():
        raise ValueError(f"{os.fspath(path)} is no checkpoint of fit; perhaps the weights alone")
    return state
