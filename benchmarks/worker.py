"""One contestant in a process of its own: builds cases and times them as run.py asks, a line of JSON each way."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from contestants import CONTESTANTS, Timed

SAMPLES = 8  # a round, of equal length; fewer where one call takes longer than that


def samples(function: Timed, seconds: float) -> list[float]:
    """Return the seconds of one call, several times: the mean of as many calls as fill a part of `seconds`.

    A quarter of the time goes before: what the CPU's clock, the caches and the other contestants'
    threads, which spin for a while after their last work, need to settle."""
    fastest = float("inf")
    settled = time.perf_counter() + seconds / 4
    while True:
        begun = time.perf_counter()
        function()
        ended = time.perf_counter()
        fastest = min(fastest, ended - begun)
        if ended > settled:
            break
    if fastest > seconds:  # long enough to have settled by itself
        return [fastest]
    calls = max(1, int(seconds / SAMPLES / fastest))
    found = []
    for _ in range(min(SAMPLES, int(seconds / fastest))):
        begun = time.perf_counter()
        for _ in range(calls):
            function()
        found.append((time.perf_counter() - begun) / calls)
    return found


def main() -> None:
    name, threads = sys.argv[1], int(sys.argv[2])
    # Whatever a library prints goes to stderr: stdout is for answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    if hasattr(os, "sched_setaffinity"):  # what JAX counts
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    contestant = CONTESTANTS[name].build()
    built: dict[str, Timed | None] = {}

    def answer(case: str, kind: str, options: dict[str, Any], seconds: float) -> Any:
        if case not in built:
            built[case] = None  # so that what fails is tried once
            built[case] = getattr(contestant, kind)(**options)
            if built[case]:
                built[case]()
        function = built[case]
        return samples(function, seconds) if function else []

    for line in sys.stdin:
        try:
            reply = {"samples": answer(**json.loads(line))}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {str(error).strip()[:300]}"}
        print(json.dumps(reply), file=answers)


if __name__ == "__main__":
    main()
