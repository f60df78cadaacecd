"""What error messages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# What there is nothing of, by how PyTorch's names for it begin or end.
MISSING = {
    r"c(omplex|float|double|half)|polar$|view_as_(complex|real)|fft|i?stft": "complex numbers",
    r"sparse|to_sparse|hspmm|smm$|sspaddmm|SparseAdam": "sparse layouts",
    r"jit$|fork$|wait$|export$": "TorchScript",
    r"distributed|DataParallel|SyncBatchNorm": "several processes beside each other",
    r"bfloat16|float8": "bfloat16, which NumPy has not",
    r"(de)?quantize|q_|qu?int\d": "quantised numbers",
    r"cuda|xpu|mtia": "a GPU",
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ' (did you mean "..."?)' for the nearest known name, or nothing if none is near."""
    from difflib import get_close_matches  # here: most programs never need it

    near = get_close_matches(name, list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def named_shape(shape: Sequence[int], names: Sequence[str]) -> str:
    """Return '[64, 784] (batch=64, features=784)': a shape and what its dimensions mean, as far as
    `names` has a name for them."""
    pairs = zip(names, shape, strict=False)
    return f"{list(shape)} ({', '.join(f'{name}={n}' for name, n in pairs if name)})"


def why_missing(name: str) -> str:
    """Return ': minigrad has no complex numbers' or the like, for a name of PyTorch's that stands for
    what there is nothing of; else nothing."""
    reasons = (what for pattern, what in MISSING.items() if re.match(pattern, name))
    return next((f": minigrad has no {what}" for what in reasons), "")
