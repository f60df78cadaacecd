"""Train a fully connected network on MNIST and draw how it went.

    python examples/mnist.py                      784-128-10, Adam, 10 epochs: about 97.7 % on the test images
    python examples/mnist.py --hidden 256 256 --dropout 0.2 --batch-norm
    python examples/mnist.py --data fashion-mnist --optimizer sgd --lr 0.1
    python examples/mnist.py --resume out/mnist/checkpoint.npz

The last one goes on where a run stopped, bit for bit as if it never had. Ctrl-C stops after the current step and
leaves a checkpoint. In the output folder: metrics.csv, curves.png, confusion.png, weights.npz and checkpoint.npz.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

try:
    import report
    from tqdm import tqdm

    import minigrad as mg
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error.name} is not installed: pip install minigrad[examples] (in a clone: make mnist)"
    ) from None
from minigrad import nn
from minigrad.data import DataLoader, Dataset, random_split
from minigrad.data.datasets import MNIST, DatasetNotFoundError, Digits, FashionMNIST
from minigrad.data.transforms import ToTensor

OPTIMIZERS = {"adam": mg.optim.Adam, "adamw": mg.optim.AdamW, "sgd": mg.optim.SGD}
EPOCHS = {"mnist": 10, "fashion-mnist": 10, "digits": 50}  # the digits are 42 batches an epoch
VALIDATION_FRACTION = 1 / 12  # 5,000 of MNIST's 60,000 training images
EVALUATION_BATCH = 1000


def parse() -> tuple[argparse.Namespace, dict[str, Any] | None]:
    """Read the command line, and the checkpoint to go on from, whose options are then the defaults."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    count: Any = {"type": number(int, 1), "metavar": "N"}
    add("--hidden", nargs="*", default=[128], **count, help="sizes of the hidden layers (128)")
    add("--dropout", type=number(float, 0, 1), default=0.0, metavar="P", help="its probability (0)")
    add("--batch-norm", action="store_true", help="normalise before each ReLU")
    add("--optimizer", choices=OPTIMIZERS, default="adam", help="update rule (adam)")
    add("--lr", type=number(float, 0), default=1e-3, help="learning rate (0.001)")
    add("--epochs", **count, help="passes over the training images (10; 50 for digits)")
    add("--batch-size", default=32, **count, help="images a step (32)")
    add("--seed", type=number(int, 0), default=0, metavar="N", help="of all that is random (0)")
    add("--threads", **count, help="processor threads (what the machine gives)")
    add(
        "--data",
        choices=["auto", *EPOCHS],
        default="auto",
        help="auto: MNIST if found or downloadable, otherwise scikit-learn's digits",
    )
    add("--data-dir", metavar="FOLDER", help="holds mnist/ and fashion-mnist/ ($MINIGRAD_DATA_DIR)")
    add("--out", type=Path, metavar="FOLDER", help="for the results (out/mnist; the checkpoint's)")
    add("--resume", type=Path, metavar="CHECKPOINT", help="go on from a run's checkpoint.npz")
    options = parser.parse_args()
    if options.batch_norm and options.batch_size == 1:
        parser.error("--batch-norm needs a --batch-size of at least 2: one image has no variance")
    if not options.resume:
        options.out = options.out or Path("out/mnist")
        return options, None

    state = read_checkpoint(options.resume)
    parser.set_defaults(out=options.resume.parent, **state["options"])
    options = parser.parse_args()
    for name, value in state["options"].items():
        given = getattr(options, name)
        if given != value and name not in ("epochs", "data_dir"):
            raise SystemExit(
                f"{options.resume} was made with {name} {value} and cannot go on with {given}"
            )
    return options, state


def number(kind: Callable[[str], Any], low: float, high: float = math.inf) -> Callable[[str], Any]:
    """Return what reads an option that lies in [low, high)."""

    def read(text: str) -> Any:
        value = kind(text)
        if not low <= value < high:
            bound = f"at least {low}" + (f" and below {high}" if high < math.inf else "")
            raise argparse.ArgumentTypeError(f"{text} is not {bound}")
        return value

    read.__name__ = kind.__name__  # for argparse's "invalid int value"
    return read


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what `Training.state_dict` saved."""
    try:
        state = mg.load(path)
    except (OSError, ValueError) as error:
        raise SystemExit(f"cannot go on from it: {error}") from None
    if not isinstance(state, dict) or "options" not in state:
        raise SystemExit(
            f"{path} is not a checkpoint of this program; perhaps it is the weights alone"
        )
    return state


def load_data(name: str, folder: str | None) -> tuple[str, Dataset, Dataset]:
    """Return the name of the data found, the training set and the test set."""
    images = ToTensor()  # bytes as floats in [0, 1]
    try:
        if name == "digits":
            return name, Digits(train=True, transform=images), Digits(train=False, transform=images)
        dataset = FashionMNIST if name == "fashion-mnist" else MNIST
        train, test = (dataset(folder, part, images, download=True) for part in (True, False))
    except DatasetNotFoundError as error:
        if name != "auto":
            raise SystemExit(str(error)) from None
        print(f"{error}\nGoing on with scikit-learn's 8x8 digits instead.", file=sys.stderr)
        return load_data("digits", folder)
    except (OSError, ValueError) as error:  # files that are damaged, or cannot be read or written
        raise SystemExit(str(error)) from None
    return "mnist" if name == "auto" else name, train, test


def build(
    inputs: int, hidden: list[int], classes: int, dropout: float, batch_norm: bool
) -> nn.Sequential:
    """Return Flatten, then for each hidden size Linear, (BatchNorm,) ReLU (, Dropout), then a last Linear."""
    layers: list[nn.Module] = [nn.Flatten()]
    sizes = [inputs, *hidden]
    for n_in, n_out in itertools.pairwise(sizes):
        layers.append(nn.Linear(n_in, n_out))
        if batch_norm:
            layers.append(nn.BatchNorm1d(n_out))
        layers.append(nn.ReLU())
        if dropout:
            layers.append(nn.Dropout(dropout))
    layers.append(nn.Linear(sizes[-1], classes))
    return nn.Sequential(*layers)


class Training:
    """A run at some point of its course: all that a checkpoint must hold to go on bit for bit."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: mg.optim.Optimizer,
        loader: DataLoader,
        options: argparse.Namespace,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.loader = loader
        self.options = options
        self.history: list[dict[str, float]] = []
        self.begin_epoch()

    def begin_epoch(self) -> None:
        self.order = (
            self.loader.generator.get_state()
        )  # the order of the epoch's images follows from it
        self.steps = 0
        self.images = 0
        self.loss_sum = 0.0
        self.correct = 0
        self.seconds = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the whole state, as `load_state_dict` takes it."""
        left_out = {"out", "resume", "threads"}  # what makes no difference to the result
        return {
            "options": {k: v for k, v in vars(self.options).items() if k not in left_out},
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "dropout": mg.get_rng_state(),
            "history": self.history,
            "epoch": {
                name: getattr(self, name)
                for name in ("order", "steps", "images", "loss_sum", "correct", "seconds")
            },
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go to where `state` was taken."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        mg.set_rng_state(state["dropout"])
        self.history = state["history"]
        vars(self).update(state["epoch"])
        self.loader.generator.set_state(self.order)

    def epoch(self, stop: StopRequest) -> dict[str, float]:
        """Train to the end of the current epoch and return its figures; KeyboardInterrupt if `stop` is made."""
        remaining = itertools.islice(self.loader, self.steps, None)
        title = f"epoch {len(self.history) + 1}/{self.options.epochs}"
        self.model.train()
        with tqdm(
            remaining, title, len(self.loader), leave=False, disable=None, initial=self.steps
        ) as bar:
            begun = time.perf_counter() - self.seconds
            for images, labels in bar:
                if stop.made:
                    raise KeyboardInterrupt
                self.optimizer.zero_grad()
                logits = self.model(images)
                loss = nn.functional.cross_entropy(logits, labels)
                loss.backward()
                self.optimizer.step()
                self.steps += 1
                self.images += len(labels)
                self.loss_sum += loss.item() * len(labels)
                self.correct += int((logits.argmax(1) == labels).sum())
                self.seconds = time.perf_counter() - begun
        return {
            "train_loss": self.loss_sum / self.images,
            "train_accuracy": self.correct / self.images,
            "seconds": self.seconds,
        }


class StopRequest:
    """While entered, Ctrl-C is a request that the training looks at between two steps; a second one is at once."""

    made = False

    def __enter__(self) -> StopRequest:
        signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.made and kind is None:
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.made:
            raise SystemExit(130)
        self.made = True


@mg.no_grad()
def evaluate(model: nn.Module, data: Dataset) -> tuple[float, float, mg.Tensor, mg.Tensor]:
    """Return mean loss, accuracy, the probabilities of all classes, and the labels."""
    model.eval()
    batches = [(model(images), labels) for images, labels in DataLoader(data, EVALUATION_BATCH)]
    logits, labels = map(mg.cat, zip(*batches, strict=True))
    loss = nn.functional.cross_entropy(logits, labels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    return loss.item(), accuracy.item(), logits.softmax(1), labels


def train(training: Training, validation: Dataset, checkpoint: Path) -> None:
    """Train for the epochs that remain; KeyboardInterrupt, between two steps, if Ctrl-C is pressed."""
    with StopRequest() as stop:
        while len(training.history) < training.options.epochs:
            figures = training.epoch(stop)
            figures["val_loss"], figures["val_accuracy"], *_ = evaluate(training.model, validation)
            training.history.append(figures)
            training.begin_epoch()
            mg.save(training.state_dict(), checkpoint)
            print(
                f"epoch {len(training.history):2}:"
                f" train loss {figures['train_loss']:.4f} acc {figures['train_accuracy']:.2%},"
                f" val loss {figures['val_loss']:.4f} acc {figures['val_accuracy']:.2%},"
                f" {figures['seconds']:.2f} s",
                flush=True,
            )


def write_results(training: Training, test: Dataset, name: str, out: Path) -> None:
    """Evaluate on the test images; write the figures, the drawings and the weights."""
    loss, accuracy, probabilities, labels = evaluate(training.model, test)
    print(f"test loss {loss:.4f}, accuracy {accuracy:.2%} on {name}")
    mg.save(training.model.state_dict(), out / "weights.npz")
    with (out / "metrics.csv").open("w", newline="") as file:
        columns = ["epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds"]
        rows = csv.DictWriter(file, columns)
        rows.writeheader()
        rows.writerows({"epoch": i, **row} for i, row in enumerate(training.history, 1))
    title = f"{name}, test accuracy {accuracy:.2%}"
    report.curves(out / "curves.png", training.history, title)
    report.confusion(
        out / "confusion.png",
        test.data.numpy(),
        labels.numpy(),
        probabilities.numpy(),
        test.classes,
        title,
    )
    print(f"metrics.csv, curves.png, confusion.png, weights.npz and checkpoint.npz are in {out}")


def main() -> None:
    options, state = parse()
    if options.threads:
        mg.set_num_threads(options.threads)
    options.data, data, test = load_data(options.data, options.data_dir)
    options.epochs = options.epochs or EPOCHS[options.data]

    generator = mg.Generator().manual_seed(options.seed)
    held_out = round(len(data) * VALIDATION_FRACTION)
    training_data, validation = random_split(data, [len(data) - held_out, held_out], generator)
    loader = DataLoader(
        training_data,
        options.batch_size,
        shuffle=True,
        generator=generator,
        # Nor has a last batch of one image.
        drop_last=options.batch_norm and len(training_data) % options.batch_size == 1,
    )
    mg.manual_seed(options.seed)
    model = build(
        data[0][0].numel(), options.hidden, len(data.classes), options.dropout, options.batch_norm
    )
    optimizer = OPTIMIZERS[options.optimizer](model.parameters(), lr=options.lr)
    training = Training(model, optimizer, loader, options)
    if state:
        training.load_state_dict(state)

    checkpoint = options.out / "checkpoint.npz"
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        mg.save(training.state_dict(), checkpoint)
    except OSError as error:  # found out now, and not when there is something to lose
        raise SystemExit(f"the results cannot be written: {error}") from None
    print(
        f"{options.data}: {len(training_data)} training, {len(validation)} validation, "
        f"{len(test)} test images\n"
        f"{sum(p.numel() for p in model.parameters())} parameters, {options.optimizer}, "
        f"lr {options.lr:g}, batch {options.batch_size}, seed {options.seed}"
    )
    try:
        train(training, validation, checkpoint)
        write_results(training, test, options.data, options.out)
    except KeyboardInterrupt:
        mg.save(training.state_dict(), checkpoint)
        command = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1]
        command = shlex.join([*command, "--resume", str(checkpoint)])
        done = f"{len(training.history)} epochs and {training.steps} steps"
        print(f"\nStopped after {done}. Go on with: {command}")
        raise SystemExit(130) from None


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # before the training
        raise SystemExit(130) from None
