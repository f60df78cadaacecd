"""Train a fully connected network on MNIST and draw how it went.

    python examples/mnist.py                      784-128-10, Adam, 10 epochs: about 97.7 % on the test images
    python examples/mnist.py --hidden 256 256 --dropout 0.2 --batch-norm
    python examples/mnist.py --data fashion-mnist --optimizer sgd --lr 0.1
    python examples/mnist.py --resume out/mnist/checkpoint.npz

The last one goes on where a run stopped, bit for bit as if it never had. Ctrl-C stops after the current step and
leaves a checkpoint. In the output folder: metrics.csv, curves.png, confusion.png, weights.npz, and checkpoint.npz with
the options.json it was made with.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import report

    import minigrad as mg
except KeyboardInterrupt:
    raise SystemExit(130) from None
except ModuleNotFoundError as error:
    raise SystemExit(
        f"{error.name} is not installed: pip install minigrad[examples] (in a clone: make mnist)"
    ) from None
from minigrad import nn, train
from minigrad.data import DataLoader, Dataset, random_split
from minigrad.data.datasets import MNIST, DatasetNotFoundError, Digits, FashionMNIST
from minigrad.data.transforms import ToTensor

OPTIMIZERS = {"adam": mg.optim.Adam, "adamw": mg.optim.AdamW, "sgd": mg.optim.SGD}
EPOCHS = {"mnist": 10, "fashion-mnist": 10, "digits": 50}  # the digits are 42 batches an epoch
VALIDATION_FRACTION = 1 / 12  # 5,000 of MNIST's 60,000 training images
EVALUATION_BATCH = 1000


def parse() -> argparse.Namespace:
    """Read the command line; the options of a run to go on with are then the defaults."""
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
        return options

    made_with = read_options(options.resume)
    parser.set_defaults(out=options.resume.parent, **made_with)
    options = parser.parse_args()
    for name, value in made_with.items():
        given = getattr(options, name)
        if given != value and name not in ("epochs", "data_dir"):
            raise SystemExit(
                f"{options.resume} was made with {name} {value} and cannot go on with {given}"
            )
    return options


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


def read_options(checkpoint: Path) -> dict[str, Any]:
    """Return the options of the run that left this checkpoint."""
    try:
        state = mg.load(checkpoint)
        if not isinstance(state, dict) or "optimizer" not in state:
            raise ValueError("it is not a checkpoint of this program; perhaps the weights alone")
        return json.loads(checkpoint.with_name("options.json").read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"cannot go on from {checkpoint}: {error}") from None


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


def write_results(
    model: nn.Module, history: train.History, test: Dataset, name: str, out: Path
) -> None:
    """Evaluate on the test images; write the figures, the drawings and the weights."""
    batches = DataLoader(test, EVALUATION_BATCH)
    logits, labels = train.predict(model, batches), mg.cat([labels for _, labels in batches])
    loss = nn.functional.cross_entropy(logits, labels).item()
    accuracy = train.accuracy(logits, labels)
    print(f"test loss {loss:.4f}, accuracy {accuracy:.2%} on {name}")
    mg.save(model.state_dict(), out / "weights.npz")
    history.to_csv(out / "metrics.csv")
    title = f"{name}, test accuracy {accuracy:.2%}"
    history.plot(out / "curves.png", title)
    report.confusion(
        out / "confusion.png",
        test.data.numpy(),
        labels.numpy(),
        logits.softmax(1).numpy(),
        test.classes,
        title,
    )
    print(f"metrics.csv, curves.png, confusion.png, weights.npz and checkpoint.npz are in {out}")


def main() -> None:
    options = parse()
    if options.threads:
        mg.set_num_threads(options.threads)
    options.data, data, test = load_data(options.data, options.data_dir)
    options.epochs = options.epochs or EPOCHS[options.data]

    generator = mg.Generator().manual_seed(options.seed)
    held_out = round(len(data) * VALIDATION_FRACTION)
    training, validation = random_split(data, [len(data) - held_out, held_out], generator)
    loader = DataLoader(
        training,
        options.batch_size,
        shuffle=True,
        generator=generator,
        # Nor has a last batch of one image.
        drop_last=options.batch_norm and len(training) % options.batch_size == 1,
    )
    mg.manual_seed(options.seed)
    model = build(
        data[0][0].numel(), options.hidden, len(data.classes), options.dropout, options.batch_norm
    )
    optimizer = OPTIMIZERS[options.optimizer](model.parameters(), lr=options.lr)

    checkpoint = options.out / "checkpoint.npz"
    left_out = {"out", "resume", "threads"}  # what makes no difference to the result
    made_with = {k: v for k, v in vars(options).items() if k not in left_out}
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "options.json").write_text(json.dumps(made_with))
        if options.resume and not (checkpoint.exists() and checkpoint.samefile(options.resume)):
            shutil.copy(options.resume, checkpoint)
    except OSError as error:  # found out now, and not when there is something to lose
        raise SystemExit(f"the results cannot be written: {error}") from None
    print(
        f"{options.data}: {len(training)} training, {len(validation)} validation, "
        f"{len(test)} test images\n"
        f"{sum(p.numel() for p in model.parameters())} parameters, {options.optimizer}, "
        f"lr {options.lr:g}, batch {options.batch_size}, seed {options.seed}",
        flush=True,
    )
    try:
        history = train.fit(
            model,
            nn.functional.cross_entropy,
            optimizer,
            loader,
            DataLoader(validation, EVALUATION_BATCH),
            epochs=options.epochs,
            metrics=[train.accuracy],
            checkpoint=checkpoint,
            resume=options.resume is not None,
        )
        write_results(model, history, test, options.data, options.out)
    except KeyboardInterrupt:
        command = sys.orig_argv[: len(sys.orig_argv) - len(sys.argv) + 1]
        command = shlex.join([*command, "--resume", str(checkpoint)])
        print(f"\nStopped. Go on with: {command}")
        raise SystemExit(130) from None


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # before the training
        raise SystemExit(130) from None
