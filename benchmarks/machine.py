"""What this machine is, and what it can do at most: probe.c, compiled for it and run."""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sysconfig
from pathlib import Path

import numpy as np

FLAGS = ["-O3", "-std=gnu11", "-march=native", "-ffp-contract=fast"]


class Limits:
    """The most that was measured of multiply-adds a second, and of bytes a second by working set.

    With no C compiler, or one that fails, there is no limit, and `reason` says why."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.program = folder / "probe"
        self.environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        self.flops = 0.0
        self.triad: dict[int, float] = {}
        self.threads = 1
        self.reason = ""
        compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
        source = Path(__file__).with_name("probe.c")
        for flags in ([*FLAGS, "-fopenmp"], FLAGS):
            command = [*compiler, *flags, str(source), "-o", str(self.program)]
            try:
                compiled = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                self.reason = f"there is no C compiler ({error})"
                return
            if compiled.returncode == 0:
                return
        self.reason = f"{compiler[0]} cannot compile probe.c: {compiled.stderr.strip()[:200]}"

    def measure(self) -> None:
        """Measure once more, and keep the best of all."""
        if self.reason:
            return
        run = subprocess.run([self.program], capture_output=True, text=True, env=self.environment)
        if run.returncode:
            self.reason = f"probe.c ended with status {run.returncode}"
            return
        found = json.loads(run.stdout)
        self.threads = found["threads"]
        self.flops = max(self.flops, found["flops"])
        for size, rate in found["triad"]:
            self.triad[size] = max(rate, self.triad.get(size, 0))

    def bandwidth(self, footprint: float) -> float:
        """Return the bytes a second with which a working set of `footprint` bytes can be gone through."""
        # What fits into less memory is no slower there: where it seems so, something else ran.
        rates = np.maximum.accumulate([*self.triad.values()][::-1])[::-1]
        return float(np.interp(np.log(footprint), np.log([*self.triad]), rates))

    def seconds(self, phases: tuple[tuple[float, float], ...], footprint: float) -> float | None:
        """Return the least time for (FLOPs, bytes) one after the other, each bound by one or the other."""
        if self.reason or not self.triad or not phases:
            return None
        rate = self.bandwidth(footprint)
        return sum(max(flops / self.flops, moved / rate) for flops, moved in phases)


def cpu() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
