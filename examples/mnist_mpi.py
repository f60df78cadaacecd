"""Train on MNIST with several processes: mpiexec -n 2 python examples/mnist_mpi.py

Each process has the whole network, and computes the gradients of its share of every batch. They are added up over all
processes in one flat array a step, so that all make the same step: the one that a single process makes with the whole
batch, up to rounding. (Not with Dropout or BatchNorm in the network: what they draw or measure is a process's own.)

    python examples/mnist_mpi.py --out one.npz
    mpiexec -n 2 python examples/mnist_mpi.py --out two.npz

It pays where a step takes longer than sending its gradients. It needs mpi4py (pip install minigrad[examples,mpi]) and
an MPI: Open MPI, MPICH, or another. Over several machines: mpiexec --hostfile machines -n 16 ...
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from mnist import EVALUATION_BATCH, build, load_data, number

import minigrad as mg
from minigrad import nn, train
from minigrad.data import BatchSampler, DataLoader, Dataset, RandomSampler


class Gradients:
    """The gradients of all parameters in one flat array, to be summed over processes at once.

    The last element is the number of examples. Shares may so differ in size, or be empty.
    """

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters = list(parameters)
        sizes = [p.numel() for p in self.parameters]
        self.own = np.zeros(sum(sizes) + 1, np.float32)
        self.all = np.zeros_like(self.own)
        ends = np.cumsum(sizes)
        self.own_parts, self.all_parts = (
            [
                part.reshape(p.shape)
                for part, p in zip(np.split(flat, ends), self.parameters, strict=False)
            ]
            for flat in (self.own, self.all)
        )

    def mean_over(self, comm: Any, examples: int) -> None:
        """Make each parameter's gradient, a sum over this process's examples, the mean over those of all."""
        for p, part in zip(self.parameters, self.own_parts, strict=True):
            part[...] = 0 if p.grad is None else p.grad.numpy()
        self.own[-1] = examples
        comm.Allreduce(self.own, self.all)
        self.all[:-1] /= self.all[-1]
        for p, part in zip(self.parameters, self.all_parts, strict=True):
            p.grad = mg.from_numpy(part)


def learn(
    comm: Any, model: nn.Module, data: Dataset, batch_size: int, lr: float, seed: int
) -> Iterable[float]:
    """Train; after each epoch, yield the seconds that it took.

    The processes draw the same batches, from the same seed, and of each takes every n-th example.
    """
    rank, processes = comm.Get_rank(), comm.Get_size()
    generator = mg.Generator().manual_seed(seed)
    batches = BatchSampler(RandomSampler(data, generator=generator), batch_size)
    optimizer = mg.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    gradients = Gradients(model.parameters())
    while True:
        begun = time.perf_counter()
        shares = [np.array(batch[rank::processes], np.int64) for batch in batches]
        for images, labels in DataLoader(data, batch_sampler=shares):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels, reduction="sum").backward()
            gradients.mean_over(comm, len(labels))
            optimizer.step()
        yield time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--hidden", nargs="*", default=[128], type=number(int, 1), metavar="N", help="(128)")
    add("--epochs", type=number(int, 1), default=5, metavar="N", help="(5)")
    add("--batch-size", type=number(int, 1), default=128, metavar="N", help="of all together (128)")
    add("--lr", type=number(float, 0), default=0.05, help="learning rate (0.05)")
    add("--seed", type=number(int, 0), default=0, metavar="N", help="of all that is random (0)")
    add("--data", choices=["auto", "mnist", "fashion-mnist", "digits"], default="auto")
    add("--data-dir", metavar="FOLDER", help="holds mnist/ and fashion-mnist/ ($MINIGRAD_DATA_DIR)")
    add("--out", type=Path, metavar="FILE", help="for the weights, .npz")
    options = parser.parse_args()
    try:
        from mpi4py import MPI
    except ModuleNotFoundError:
        raise SystemExit("mpi4py is not installed: pip install minigrad[examples,mpi]") from None
    except (ImportError, RuntimeError) as error:  # it is there, and finds no MPI
        raise SystemExit(f"mpi4py cannot be used: {error}") from None

    comm = MPI.COMM_WORLD
    here = comm.Split_type(MPI.COMM_TYPE_SHARED).Get_size()  # processes on this machine
    mg.set_num_threads(max(1, mg.get_num_threads() // here))
    name, training, test = load_data(options.data, options.data_dir)
    mg.manual_seed(options.seed)  # the same first weights everywhere
    model = build(training[0][0].numel(), options.hidden, len(training.classes), 0.0, False)
    told = f"{name}: {comm.Get_size()} processes, batches of {options.batch_size}"
    epochs = learn(comm, model, training, options.batch_size, options.lr, options.seed)
    for epoch, seconds in zip(range(1, options.epochs + 1), epochs, strict=False):
        if comm.Get_rank() == 0:
            found = train.evaluate(
                model,
                nn.functional.cross_entropy,
                DataLoader(test, EVALUATION_BATCH),
                [train.accuracy],
            )
            accuracy = f"test accuracy {found['accuracy']:.2%}"
            print(f"{told}, epoch {epoch}: {accuracy}, {seconds:.2f} s", flush=True)
    if options.out and comm.Get_rank() == 0:
        mg.save(model.state_dict(), options.out)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
