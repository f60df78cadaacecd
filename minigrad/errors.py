"""What error messages have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import NoReturn

# What there is nothing of, by how PyTorch's names for it begin or end.
MISSING = {
    r"c(omplex|float|double|half)|polar$|view_as_(complex|real)|fft|i?stft": "complex numbers",
    r"(to_)?sparse|[dh]?ss?p?(add)?mm$|SparseAdam|coalesce|to_dense|values$|(ccol|crow)_indices": (
        "sparse layouts"
    ),
    r"jit$|fork$|wait$|export$|fx$": "TorchScript",
    r"distribute|Distribute|(Data|Distributed)?[Pp]arallel|SyncBatchNorm": (
        "training in several processes of its own (examples/mnist_mpi.py: gradients are arrays that MPI adds up)"
    ),
    r"share_memory_|is_shared|multiprocessing|thread_safe_generator": (
        "memory shared by processes (the workers of a DataLoader are threads)"
    ),
    r"(un)?(typed_)?storage|is_storage|.*Storage$|set_$|resize": (
        "memory apart from its tensors (reshape, narrow and cat make tensors of other sizes)"
    ),
    r"distributions$": "distributions (normal, bernoulli, multinomial and others draw from them)",
    r"bfloat16|float8": "bfloat16 (NumPy has none)",
    r"(de)?quantize|q_|qu?int\d|.*fake_quant": "quantised numbers",
    r"cuda|xpu|mtia|mkldnn|miopen|cudnn|record_stream": "a GPU",
}
# What does it instead.
INSTEAD = {
    "conv_tbc": "conv1d(input.permute(1, 2, 0), ...)",
    "Container": "Module or Sequential",
    "CrossMapLRN2d": "LocalResponseNorm",
    "embedding_bag": "nn.functional.embedding_bag",
    "from_file": "from_numpy(numpy.memmap(...))",
    "grid_sampler": "nn.functional.grid_sample",
    "grid_sampler_2d": "nn.functional.grid_sample",
    "grid_sampler_3d": "nn.functional.grid_sample",
    "hash_tensor": "zlib.crc32(tensor.numpy())",
    "is_inference": "is_inference_mode_enabled, or requires_grad",
    "ldl_factor": "linalg.lu_factor or linalg.eigh",
    "ldl_factor_ex": "linalg.lu_factor_ex or linalg.eigh",
    "ldl_solve": "linalg.lu_solve or linalg.solve",
    "linear_cross_entropy": "cross_entropy(linear(input, weight, bias), target)",
    "LinearCrossEntropyLoss": "Linear, and CrossEntropyLoss",
    "lobpcg": "linalg.eigh",
    "Variable": "the Tensor itself",
    "multi_head_attention_forward": "nn.MultiheadAttention, or scaled_dot_product_attention",
    "pin_memory": "the tensor itself: nothing copies it to a GPU",
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
    """Return ': minigrad has no complex numbers', or what does it instead, for a name of PyTorch's that is missing
    for a reason; else nothing."""
    if name.startswith("__"):  # what NumPy and Python ask every object for, with each conversion
        return ""
    if name in INSTEAD:
        return f"; instead: {INSTEAD[name]}"
    reasons = (what for pattern, what in MISSING.items() if re.match(pattern, name))
    return next((f": minigrad has no {what}" for what in reasons), "")


def refusing(module: ModuleType) -> Callable[[str], NoReturn]:
    """Return the `__getattr__` of a module that says of PyTorch's names why they are missing."""

    def __getattr__(name: str) -> NoReturn:
        told = f"module {module.__name__!r} has no attribute {name!r}{why_missing(name)}"
        raise AttributeError(told, name=name, obj=module)

    return __getattr__
