"""Make docs/figures from what the experiments drew: smaller, and of few colours.

    python -m examples.gallery [GROUP ...]    # in full, into out/
    python tools/figures.py [out]

The same drawings give the same bytes. A figure that the folder does not have stays as it is.
"""

from __future__ import annotations

import argparse
import io
import json
import re
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH, BYTES = 860, 60_000  # at most; pixels of a page's column


def shown(docs: Path) -> list[str]:
    """Return the experiments, as group/name, whose figures the pages of the course show."""
    return [
        f"{page.stem}/{name}"
        for page in sorted(docs.glob("*.md"))
        for name in re.findall(r"\(figures/(\w+)\.png\)", page.read_text(encoding="utf-8"))
    ]


def small(drawing: Path) -> bytes:
    """Return the drawing as a PNG file of at most WIDTH pixels and BYTES, with as many colours as these allow."""
    with Image.open(drawing) as file:
        image = file.convert("RGB")
    if image.width > WIDTH:
        height = round(image.height * WIDTH / image.width)
        image = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    for colours in (128, 64, 32, 16):
        packed = io.BytesIO()
        # Of this choice a thin line keeps its colour; a median cut would give it that of its surroundings.
        palette = image.quantize(colours, Image.Quantize.MAXCOVERAGE, 2, dither=Image.Dither.NONE)
        palette.save(packed, "PNG", optimize=True)
        if packed.tell() < BYTES:
            return packed.getvalue()
    raise SystemExit(f"{drawing} does not fit into {BYTES:,} bytes: draw less")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("out", nargs="?", type=Path, default=Path("out"), help="folder of the gallery (out)")
    add("--docs", type=Path, default=DOCS, metavar="FOLDER", help="of the pages (docs)")
    options = parser.parse_args(arguments)
    for name in shown(options.docs):
        stem = options.out / name
        if not stem.with_suffix(".json").exists():
            print(f"{name}: not in {options.out}, stays as it is")
            continue
        told = json.loads(stem.with_suffix(".json").read_text())
        if told["quick"] or not all(check["ok"] for check in told["checks"]):
            why = "was drawn with --quick" if told["quick"] else "failed"
            raise SystemExit(f"{name} {why}: the pages show full runs whose claims hold")
        data = small(stem.with_suffix(".png"))
        (options.docs / "figures" / f"{stem.name}.png").write_bytes(data)
        print(f"{name}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
