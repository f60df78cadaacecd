"""Several processes learn what one learns; where there is no MPI, threads stand in for processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.data import TensorDataset

pytest.importorskip("matplotlib", reason="mnist.py draws: pip install minigrad[examples]")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAM = EXAMPLES / "mnist_mpi.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(mg.__file__).parents[1])}


class Threads:
    """What an MPI communicator does, among threads; `rank` is the one that a thread has set."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.own = threading.local()
        self.barrier = threading.Barrier(size)
        self.sent: dict[int, np.ndarray] = {}
        self.reductions = 0

    def Get_rank(self) -> int:
        return self.own.rank

    def Get_size(self) -> int:
        return self.size

    def Allreduce(self, send: np.ndarray, receive: np.ndarray) -> None:
        self.sent[self.own.rank] = send
        self.barrier.wait(30)
        receive[...] = sum(self.sent[rank] for rank in range(self.size))
        if self.barrier.wait(30) == 0:
            self.reductions += 1

    def run(self, body: Any) -> list[Any]:
        """Return what each thread makes of its rank."""

        def ranked(rank: int) -> Any:
            self.own.rank = rank
            return body(rank)

        with ThreadPoolExecutor(self.size) as pool:
            return list(pool.map(ranked, range(self.size)))


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(EXAMPLES)
    import mnist_mpi

    return mnist_mpi


def network() -> nn.Module:
    mg.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))


def weights(model: nn.Module) -> np.ndarray:
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


@pytest.mark.parametrize("shares", [[5, 5], [9, 1], [4, 6, 0]])
def test_the_mean_gradient_of_all_shares(program: ModuleType, shares: list[int]) -> None:
    rng = np.random.default_rng(0)
    x = mg.tensor(rng.standard_normal((10, 6)).astype(np.float32))
    y = mg.tensor(rng.integers(0, 3, 10))
    joint = network()
    nn.functional.cross_entropy(joint(x), y).backward()
    comm = Threads(len(shares))
    models = [network() for _ in shares]
    ends = np.cumsum(shares)

    def share(rank: int) -> None:
        model, part = models[rank], slice(ends[rank] - shares[rank], ends[rank])
        if shares[rank]:
            loss = nn.functional.cross_entropy(model(x[part]), y[part], reduction="sum")
            loss.backward()
        program.Gradients(model.parameters()).mean_over(comm, shares[rank])

    comm.run(share)
    assert comm.reductions == 1  # all parameters at once
    for model in models:
        for p, q in zip(model.parameters(), joint.parameters(), strict=True):
            np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-5, atol=1e-7)


def test_several_learn_what_one_learns(program: ModuleType) -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((50, 6)).astype(np.float32)
    data = TensorDataset(mg.tensor(x), mg.tensor(x[:, :3].argmax(1)))

    def learnt(processes: int) -> list[np.ndarray]:
        comm, models = Threads(processes), [network() for _ in range(processes)]

        def body(rank: int) -> None:
            epochs = program.learn(comm, models[rank], data, 16, 0.1, seed=3)
            for _ in range(3):  # batches of 16, 16, 16, 2
                next(epochs)

        comm.run(body)
        assert comm.reductions == 12
        return [weights(model) for model in models]

    (one,) = learnt(1)
    assert np.abs(one - weights(network())).max() > 0.05
    for several in learnt(3):
        np.testing.assert_allclose(several, one, rtol=1e-4, atol=1e-6)


def test_two_processes_under_mpi(tmp_path: Path) -> None:
    pytest.importorskip("mpi4py", reason="no mpi4py: pip install minigrad[mpi]")
    mpiexec = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if mpiexec is None:
        pytest.skip("there is no mpiexec: install an MPI, such as Open MPI")
    # What Open MPI asks for where there are fewer cores than processes, or for the root of a container.
    allowed = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    allowed["MINIGRAD_NUM_THREADS"] = "1"
    allowed["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
    found = []
    for start in ([], [mpiexec, "-n", "2"]):
        out = tmp_path / f"{len(start)}.npz"
        command = [*start, sys.executable, str(PROGRAM), "--data", "digits", "--epochs", "2"]
        command += ["--hidden", "16"]
        done = subprocess.run(
            [*command, "--out", str(out)],
            env=ENVIRONMENT | allowed,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert f"digits: {2 if start else 1} processes" in done.stdout
        found.append(mg.load(out))
    one, two = found
    for name in one:
        np.testing.assert_allclose(two[name].numpy(), one[name].numpy(), rtol=1e-3, atol=1e-5)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "mpi4py.py").write_text("raise ModuleNotFoundError(name='mpi4py')")
    path = os.pathsep.join([str(tmp_path), ENVIRONMENT["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        env=ENVIRONMENT | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "mpi4py is not installed: pip install minigrad[examples,mpi]\n"
