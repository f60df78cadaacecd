"""Train a fully connected network on MNIST and draw how it went.

    python examples/mnist.py                                     784-128-10, Adam, 10 epochs: about 98 % on the test images
    python examples/mnist.py --hidden 256 256 --dropout 0.2 --batch-norm
    python examples/mnist.py --data fashion-mnist --optimizer sgd --lr 0.1
    python examples/mnist.py --resume out/mnist/checkpoint.npz   go on where an interrupted run stopped, bit for bit

Ctrl-C stops after the current step and leaves a checkpoint. In the output folder: metrics.csv, curves.png,
confusion.png, weights.npz and checkpoint.npz.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from tqdm import tqdm

import minigrad as mg
from minigrad import nn
from minigrad.data import DataLoader, Dataset, random_split
from minigrad.data.datasets import MNIST, DatasetNotFoundError, Digits, FashionMNIST
from minigrad.data.transforms import Compose, Normalize, ToTensor

import report

OPTIMIZERS = {"adam": mg.optim.Adam, "adamw": mg.optim.AdamW, "sgd": mg.optim.SGD}
VALIDATION_FRACTION = 1 / 12  # 5,000 of MNIST's 60,000 training images
EVALUATION_BATCH = 1000


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; with --resume, the options of the checkpoint stand in for those that are not given."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    net = parser.add_argument_group("network")
    net.add_argument("--hidden", type=int, nargs="*", default=[128], metavar="N", help="sizes of the hidden layers")
    net.add_argument("--dropout", type=float, default=0.0, metavar="P", help="probability of dropping a hidden value")
    net.add_argument("--batch-norm", action="store_true", help="normalise before each ReLU")
    training = parser.add_argument_group("training")
    training.add_argument("--optimizer", choices=OPTIMIZERS, default="adam", help="update rule")
    training.add_argument("--lr", type=float, default=1e-3, help="learning rate")
    training.add_argument("--epochs", type=int, default=10, help="passes over the training data")
    training.add_argument("--batch-size", type=int, default=32, help="images a step")
    training.add_argument("--seed", type=int, default=0, help="of the split, the weights, the order and the dropout")
    training.add_argument("--threads", type=int, default=None, help="processor threads; what the machine gives if unset")
    data = parser.add_argument_group("data")
    data.add_argument(
        "--data", choices=["auto", "mnist", "fashion-mnist", "digits"], default="auto",
        help="auto: MNIST if found or downloadable, otherwise scikit-learn's digits",
    )  # fmt: skip
    data.add_argument("--data-dir", type=Path, default=None, help="folder that holds mnist/ and fashion-mnist/")
    files = parser.add_argument_group("files")
    files.add_argument("--out", type=Path, default=Path("out/mnist"), help="folder for the results")
    files.add_argument("--resume", type=Path, default=None, metavar="CHECKPOINT", help="go on from this checkpoint")
    options = parser.parse_args(arguments)
    for name in ("epochs", "batch_size", *(["threads"] if options.threads is not None else [])):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1, not {getattr(options, name)}")
    if any(n < 1 for n in options.hidden):
        parser.error(f"--hidden takes sizes of at least 1, not {options.hidden}")
    if not 0 <= options.dropout < 1:
        parser.error(f"--dropout must lie in [0, 1), not {options.dropout}")
    if not options.lr > 0:
        parser.error(f"--lr must be positive, not {options.lr}")
    return options


def load_data(name: str, folder: Path | None) -> tuple[str, Dataset, Dataset]:
    """Return the name of the data found, the training set and the test set."""
    if name == "digits":
        return name, Digits(train=True), Digits(train=False)
    dataset = FashionMNIST if name == "fashion-mnist" else MNIST
    transform = Compose([ToTensor(), Normalize(0.5, 0.5)])
    try:
        train = dataset(folder, train=True, transform=transform, download=True)
        test = dataset(folder, train=False, transform=transform, download=True)
    except DatasetNotFoundError as error:
        if name != "auto":
            raise SystemExit(f"{error}") from None
        print(f"{error}\nGoing on with scikit-learn's 8x8 digits instead.", file=sys.stderr)
        return load_data("digits", folder)
    return "mnist" if name == "auto" else name, train, test


def build(inputs: int, hidden: list[int], classes: int, dropout: float, batch_norm: bool) -> nn.Sequential:
    """Return Flatten, then for each hidden size Linear, (BatchNorm,) ReLU (, Dropout), then a last Linear."""
    layers: list[nn.Module] = [nn.Flatten()]
    for n_in, n_out in itertools.pairwise([inputs, *hidden]):
        layers.append(nn.Linear(n_in, n_out))
        if batch_norm:
            layers.append(nn.BatchNorm1d(n_out))
        layers.append(nn.ReLU())
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear([inputs, *hidden][-1], classes))
    return nn.Sequential(*layers)


class StopRequest:
    """Turns Ctrl-C (and SIGTERM) into a request that is looked at between steps; a second one stops at once."""

    def __init__(self) -> None:
        self.made = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.made:
            raise KeyboardInterrupt
        self.made = True


class Training:
    """A run at some point of its course: everything that a checkpoint must hold to go on bit for bit."""

    def __init__(self, model: nn.Module, optimizer: mg.optim.Optimizer, train: Dataset, options: argparse.Namespace):
        self.model = model
        self.optimizer = optimizer
        self.train = train
        self.options = options
        self.shuffle = mg.Generator().manual_seed(options.seed)
        self.history: list[dict[str, float]] = []
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self.order = self.shuffle.get_state()  # the epoch's order follows from this alone
        self.steps = 0
        self.loss_sum = 0.0
        self.correct = 0
        self.seconds = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the whole state, as `load_state_dict` takes it."""
        options = {k: v for k, v in vars(self.options).items() if not isinstance(v, Path)}
        return {
            "options": options,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": mg.get_rng_state(),
            "history": self.history,
            "epoch": {k: getattr(self, k) for k in ("order", "steps", "loss_sum", "correct", "seconds")},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to where `state` was taken."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.history = state["history"]
        for name, value in state["epoch"].items():
            setattr(self, name, value)
        self.shuffle.set_state(self.order)
        mg.set_rng_state(state["random"])

    def epoch(self, stop: StopRequest) -> dict[str, float] | None:
        """Train to the end of the current epoch and return its figures, or None if `stop` came first."""
        loader = DataLoader(
            self.train, self.options.batch_size, shuffle=True, generator=self.shuffle
        )
        batches = itertools.islice(loader, self.steps, None)
        title = f"epoch {len(self.history) + 1}/{self.options.epochs}"
        bar = tqdm(batches, title, total=len(loader), initial=self.steps, disable=None, leave=False)
        self.model.train()
        begun = time.perf_counter()
        for images, labels in bar:
            self.optimizer.zero_grad()
            logits = self.model(images)
            loss = nn.functional.cross_entropy(logits, labels)
            loss.backward()
            self.optimizer.step()
            self.steps += 1
            self.loss_sum += loss.item() * len(labels)
            self.correct += int((logits.argmax(1) == labels).sum())
            if stop.made:
                bar.close()
                self.seconds += time.perf_counter() - begun
                return None
        count = len(self.train)
        figures = {
            "train_loss": self.loss_sum / count,
            "train_accuracy": self.correct / count,
            "seconds": self.seconds + time.perf_counter() - begun,
        }
        self._begin_epoch()
        return figures


@mg.no_grad()
def evaluate(model: nn.Module, data: Dataset) -> tuple[float, float, mg.Tensor, mg.Tensor]:
    """Return mean loss, accuracy, the probabilities of all classes, and the labels."""
    model.eval()
    logits, labels = zip(*((model(x), y) for x, y in DataLoader(data, EVALUATION_BATCH)), strict=True)
    logits, labels = mg.cat(logits), mg.cat(labels)
    loss = nn.functional.cross_entropy(logits, labels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    return loss.item(), accuracy.item(), logits.softmax(1), labels


def resume(options: argparse.Namespace) -> dict[str, Any]:
    """Read the checkpoint and give `options` its values; one that was given differently is an error."""
    state = mg.load(options.resume)
    if not isinstance(state, dict) or "options" not in state:
        raise SystemExit(f"{options.resume} is not a checkpoint of this program (it may be the weights alone)")
    defaults = vars(parse([]))
    for name, value in state["options"].items():
        if name in ("epochs", "threads"):
            continue
        given = getattr(options, name)
        if given not in (defaults[name], value):
            raise SystemExit(f"{options.resume} was made with {name} = {value}, which --resume cannot change to {given}")
        setattr(options, name, value)
    return state


def main() -> None:
    options = parse()
    state = resume(options) if options.resume else None
    if options.threads:
        mg.set_num_threads(options.threads)
    mg.manual_seed(options.seed)
    options.data, data, test = load_data(options.data, options.data_dir)
    held_out = round(len(data) * VALIDATION_FRACTION)
    train, validation = random_split(
        data, [len(data) - held_out, held_out], mg.Generator().manual_seed(options.seed)
    )
    image, _ = data[0]
    model = build(image.numel(), options.hidden, len(data.classes), options.dropout, options.batch_norm)
    training = Training(model, OPTIMIZERS[options.optimizer](model.parameters(), lr=options.lr), train, options)
    if state:
        training.load_state_dict(state)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.npz"

    print(f"{options.data}: {len(train)} training, {len(validation)} validation, {len(test)} test images")
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {options.optimizer}, lr {options.lr:g}, seed {options.seed}")
    stop = StopRequest()
    while len(training.history) < options.epochs:
        figures = training.epoch(stop)
        if figures is None:
            mg.save(training.state_dict(), checkpoint)
            print(f"\nStopped in epoch {len(training.history) + 1}. Go on with: python examples/mnist.py --resume {checkpoint}")
            raise SystemExit(130)
        figures["val_loss"], figures["val_accuracy"], _, _ = evaluate(model, validation)
        training.history.append(figures)
        mg.save(training.state_dict(), checkpoint)
        print(
            f"epoch {len(training.history):3}  train loss {figures['train_loss']:.4f} accuracy {figures['train_accuracy']:.4f}"
            f"  validation loss {figures['val_loss']:.4f} accuracy {figures['val_accuracy']:.4f}  {figures['seconds']:.2f} s"
        )
    loss, accuracy, probabilities, labels = evaluate(model, test)
    print(f"test loss {loss:.4f} accuracy {accuracy:.4f} on {options.data}")

    mg.save(model.state_dict(), options.out / "weights.npz")
    write_csv(options.out / "metrics.csv", training.history)
    report.curves(options.out / "curves.png", training.history, f"{options.data}, test accuracy {accuracy:.2%}")
    report.confusion(
        options.out / "confusion.png", test.data.numpy(), labels.numpy(), probabilities.numpy(), test.classes
    )
    print(f"metrics.csv, curves.png, confusion.png, weights.npz and checkpoint.npz are in {options.out}")


def write_csv(path: Path, history: list[dict[str, float]]) -> None:
    """Write one row an epoch."""
    columns = ["train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds"]
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["epoch", *columns])
        rows.writerows([i, *(figures[c] for c in columns)] for i, figures in enumerate(history, 1))


if __name__ == "__main__":
    main()
