"""Run all experiments and show them on one page: python -m examples.gallery [--quick] [descent overfitting/dropout ...]

The page is out/index.html: each claim, its figure, what was expected and measured. Exits with 1 if a claim failed.
"""

from __future__ import annotations

import argparse
import html
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

# The course, group by group: the folder, what it is about.
GROUPS = {
    "descent": "Descent: what a step is, and what makes it too long, too short, or noisy",
    "optimisers": "Optimisers: momentum, adaptive steps, and what each is good for",
    "initialisation": "Initialisation: why the first weights decide",
    "normalisation": "Normalisation: BatchNorm and what it makes possible",
    "overfitting": "Overfitting: seeing it, and what helps",
    "data": "Data and validation: scaling, augmentation, splits, searches",
    "shift": "Distribution shift: when the test is not like the training",
    "beyond": "Beyond: convolutions, sequences, autoencoders",
}
EXAMPLES = Path(__file__).parent

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>minigrad: experiments</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #333; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
h1, h2, h3 {{ line-height: 1.2 }} h2 {{ border-bottom: 2px solid #1f6f8b; padding-bottom: .3rem; margin-top: 3rem }}
img {{ max-width: 100%; border: 1px solid #ddd }} nav a {{ margin-right: 1rem }} a {{ color: #1f6f8b }}
table {{ border-collapse: collapse; font-size: .9rem; margin: .7rem 0 }}
td, th {{ padding: .2rem .8rem; text-align: left; border-bottom: 1px solid #eee }}
.ok {{ color: #4f9d69 }} .failed {{ color: #d1495b; font-weight: bold }} .small {{ color: #777; font-size: .85rem }}
</style>
<h1>Experiments</h1>
<p>Each tests a claim about training: run here, drawn, and held against numbers. {summary}</p>
<nav>{links}</nav>
{sections}
</html>
"""


def names(chosen: list[str]) -> list[str]:
    """Return the experiments, as group/name, in the order of the course; all, or the chosen ones."""
    found = [
        f"{group}/{path.stem}"
        for group in GROUPS
        for path in sorted((EXAMPLES / group).glob("*.py"))
        if not path.stem.startswith("_")
    ]
    unknown = [c for c in chosen if not any(_matches(name, c) for name in found)]
    if unknown:
        raise SystemExit(f"no experiment {', '.join(unknown)}; there are {', '.join(found)}")
    return [name for name in found if not chosen or any(_matches(name, c) for c in chosen)]


def _matches(name: str, chosen: str) -> bool:
    return chosen in (name, name.split("/")[0])


def section(told: dict[str, Any]) -> str:
    """Return an experiment as HTML."""
    rows = "".join(
        f"<tr><td class={'ok' if check['ok'] else 'failed'}>{'✓' if check['ok'] else '✗ failed'}"
        f"<td>{html.escape(check['what'])}<td>{html.escape(check['expected'])}"
        f"<td>{html.escape(check['measured'])}"
        for check in told["checks"]
    )
    name = told["name"]
    about = html.escape(" ".join(told["about"].split()))
    details = [told["data"], f"seed {told['seed']}", f"{told['seconds']:.1f} s"]
    return (
        f'<h3 id="{name}">{html.escape(told["claim"])}</h3>\n<p>{about}</p>\n'
        f'<img src="{name}.png" alt="{html.escape(told["claim"])}" loading="lazy">\n'
        f"<table><tr><th><th>checked<th>expected<th>measured{rows}</table>\n"
        f'<p class="small">{html.escape(told["source"])} · {" · ".join(filter(None, details))} · '
        f'python -m examples.{name.replace("/", ".")} · <a href="{name}.csv">CSV</a></p>\n'
    )


def page(experiments: list[dict[str, Any]]) -> str:
    """Return the whole page."""
    checks = [check for told in experiments for check in told["checks"]]
    failed = sum(not check["ok"] for check in checks)
    summary = f"{len(experiments)} experiments, {len(checks)} checks, {failed} failed."
    sections, links = [], []
    for group, title in GROUPS.items():
        told = [told for told in experiments if told["name"].split("/")[0] == group]
        if told:
            links.append(f'<a href="#{group}">{group}</a>')
            sections.append(f'<h2 id="{group}">{html.escape(title)}</h2>')
            sections.extend(map(section, told))
    return PAGE.format(summary=summary, links="".join(links), sections="\n".join(sections))


def run(module: str, *arguments: str) -> int:
    """Run an experiment as a process of its own, and return its exit status."""
    with subprocess.Popen([sys.executable, "-m", module, *arguments]) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the experiment got it too, and ends its own processes
            process.wait()
            raise


def main() -> None:
    parser = argparse.ArgumentParser(
        "python -m examples.gallery", description=__doc__.split(":")[0] + "."
    )
    add = parser.add_argument
    add("chosen", nargs="*", help=f"groups ({', '.join(GROUPS)}), or group/name (all)")
    add("--quick", action="store_true", help="smaller runs, of seconds each")
    add("--seed", type=int, default=0, metavar="N", help="of all that is random (0)")
    add("--out", type=Path, default=Path("out"), metavar="FOLDER", help="for the results (out)")
    options = parser.parse_args()
    if options.seed < 0:
        parser.error(f"--seed: {options.seed} is not at least 0")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out: {error}")
    chosen = names(options.chosen)
    passed_on = ["--seed", str(options.seed), "--out", str(options.out)]
    passed_on += ["--quick"] * options.quick
    experiments, broken, interrupted = [], [], False
    begun = time.perf_counter()
    try:
        for number, name in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] ", end="", flush=True)
            report = options.out / f"{name}.json"
            report.unlink(missing_ok=True)
            code = run(f"examples.{name.replace('/', '.')}", *passed_on)
            if report.exists():
                experiments.append(json.loads(report.read_text()))
            if code:
                broken.append(name)
    except KeyboardInterrupt:
        interrupted = True
        print(f"\ninterrupted: {len(experiments)} of {len(chosen)} are done")
    if experiments:
        (options.out / "index.html").write_text(page(experiments), encoding="utf-8")
        print(f"{time.perf_counter() - begun:.0f} s; the page is {options.out / 'index.html'}")
    if broken:
        raise SystemExit(f"failed: {', '.join(broken)}")
    if interrupted:
        raise SystemExit(130)


if __name__ == "__main__":
    main()
