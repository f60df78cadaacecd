"""Time minigrad side by side with the peers that are installed: torch, jax, NumPy, scikit-learn.

    python benchmarks/run.py                           everything, about ten minutes; the tables on stdout
    python benchmarks/run.py --only steps program      whole training steps, the MNIST program
    python benchmarks/run.py --quick --only products   a first look: two short rounds
    python benchmarks/run.py --out docs                also writes benchmarks.md and its charts, as `make bench`

Each contestant is a process. In a round each case is timed by one after the other, and rounds follow each other,
so that a slower or faster spell of the machine meets all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    import numpy as np

    import minigrad as mg
except ModuleNotFoundError as error:
    raise SystemExit(f"{error.name} is not installed: make bench sets everything up") from None
from cases import Case, all_cases
from contestants import CONTESTANTS
from machine import Limits
from report import Results, draw, markdown

from minigrad.data.datasets import MNIST, DatasetNotFoundError


class Crash(Exception):
    """A contestant's process ended."""


class Worker:
    """A contestant's process, of so many threads."""

    def __init__(self, name: str, threads: int) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by stop()
        counts = dict.fromkeys(("OMP_NUM_THREADS", "MINIGRAD_NUM_THREADS"), str(threads))
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("worker.py")), name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**os.environ, **counts},
            start_new_session=True,  # Ctrl-C is for this process, which ends them
        )

    def time(self, case: Case, seconds: float) -> dict[str, Any]:
        """Return {"samples": [seconds]} or {"error": why there are none}."""
        request = {"case": case.name, "kind": case.kind, "options": case.options}
        try:
            self.process.stdin.write(json.dumps({**request, "seconds": seconds}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            last = self.errors.read().strip().splitlines()[-1:]
            raise Crash(last[0] if last else f"ended with status {self.process.wait()}")
        return json.loads(line)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.errors.close()


class Progress:
    """One line on stderr that says where the run is; only the rounds where stderr is no terminal."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.live = sys.stderr.isatty()

    def show(self, text: str) -> None:
        self.done += 1
        if self.live:
            print(
                f"\r\033[K{self.done * 100 // self.total:3} %  {text}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def say(self, text: str) -> None:
        print(("\r\033[K" if self.live else "") + text, file=sys.stderr, flush=True)


def run(
    cases: list[Case], names: list[str], options: argparse.Namespace, limits: Limits
) -> Results:
    """Time the cases and return what was found."""
    taking_part = [
        (case, name, case.threads or options.threads)
        for case in cases
        for name in names
        if case.kind in CONTESTANTS[name].kinds
        and (not case.contestants or name in case.contestants)
    ]
    workers: dict[tuple[str, int], Worker] = {}
    samples: dict[str, dict[str, list[float]]] = defaultdict(dict)
    failures: dict[str, str] = {}
    progress = Progress(len(taking_part) * options.rounds)
    load = os.getloadavg()[0]
    if load > 0.5:
        progress.say(f"the machine is busy (load average {load:.1f}): expect noise")
    try:
        for number in range(1, options.rounds + 1):
            progress.say(f"round {number} of {options.rounds}: {len(taking_part)} timings")
            limits.measure()
            for case, name, threads in taking_part:
                label = CONTESTANTS[name].label
                progress.show(f"round {number}  {case.name}  {label}")
                place = f"{label}, {case.name}"
                if place in failures or label in failures:
                    continue
                if (name, threads) not in workers:
                    workers[name, threads] = Worker(name, threads)
                try:
                    reply = workers[name, threads].time(case, options.seconds)
                except Crash as crash:
                    failures[label] = f"the process ended at {case.name}: {crash}"
                    progress.say(f"{label}: {failures[label]}")
                    continue
                if "error" in reply:
                    failures[place] = reply["error"]
                    progress.say(f"{place}: {reply['error']}")
                elif reply["samples"]:
                    found = samples[case.name].setdefault(name, [])
                    found += [s / case.operations for s in reply["samples"]]
    finally:
        for worker in workers.values():
            worker.stop()
    progress.say("done")
    return Results(cases, samples, failures, limits, options.threads, options.rounds, load)


def parse() -> argparse.Namespace:
    title, _, more = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=title, epilog=more, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--only", nargs="+", metavar="TEXT", help="cases whose name contains one of these")
    add(
        "--contestants", nargs="+", choices=CONTESTANTS, help="these alone (all that are installed)"
    )
    add("--rounds", type=positive(int), help="how often each is timed (5; quick: 2)", metavar="N")
    add("--seconds", type=positive(float), metavar="S", help="for a timing (0.2; quick: 0.02)")
    add("--threads", type=positive(int), metavar="N", help="of all (what minigrad chooses)")
    add("--quick", action="store_true", help="a first look, not a result")
    add("--out", type=Path, metavar="FOLDER", help="write benchmarks.md and its charts there")
    add("--list", action="store_true", help="print the names of the cases and stop")
    options = parser.parse_args()
    if options.out and find_spec("matplotlib") is None:
        parser.error("--out draws charts: pip install minigrad[bench]")
    options.threads = options.threads or mg.get_num_threads()
    options.rounds = options.rounds or (2 if options.quick else 5)
    options.seconds = options.seconds or (0.02 if options.quick else 0.2)
    return options


def positive(kind: type) -> Any:
    def read(text: str) -> Any:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    read.__name__ = kind.__name__  # for argparse's "invalid int value"
    return read


def save_mnist(folder: Path) -> str | None:
    """Save MNIST's training images and labels into `folder` and return it, or None if they are not found."""
    try:
        data = MNIST(train=True)
    except DatasetNotFoundError:
        return None
    np.save(folder / "images.npy", data.data.numpy())
    np.save(folder / "labels.npy", data.targets.numpy())
    return str(folder)


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mnist = save_mnist(folder)
        cases = all_cases(options.threads, mnist)
        if options.only:
            cases = [case for case in cases if any(text in case.name for text in options.only)]
        if not cases:
            raise SystemExit(f"no case has {' or '.join(options.only)} in its name: see --list")
        if options.list:
            print("\n".join(case.name for case in cases))
            return
        names = options.contestants or [*CONTESTANTS]
        absent = {name: CONTESTANTS[name].missing() for name in names}
        results = run(
            cases,
            [name for name in names if not absent[name]],
            options,
            Limits(folder, options.threads),
        )
    results.left_out += [
        f"{CONTESTANTS[name].label}: {' and '.join(packages)} not installed"
        for name, packages in absent.items()
        if packages
    ]
    if not mnist:
        results.left_out.append("the MNIST program: no data found (set MINIGRAD_DATA_DIR)")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        charts = draw(results, options.out)
        (options.out / "benchmarks.md").write_text(markdown(results, charts))
    print(markdown(results, []))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nstopped: nothing was written", file=sys.stderr)
        raise SystemExit(130) from None
