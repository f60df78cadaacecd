"""Numerical functions on NumPy arrays, as the rest of the library calls them: y = exp(x).

Each one validates, allocates its output in recycled memory, and calls a door: of `_native` (C), or
of `reference` (NumPy) where MINIGRAD_KERNELS=reference. Arrays of integers and booleans become
float32 where the function needs a fraction. A result is always an ndarray, 0-d ones included.
"""

# ruff: noqa: F401, F403
from .._native import (
    alike,
    empty,
    empty_cache,
    empty_like,
    is_index_within,
    like,
    memory_stats,
    replaces,
)
from .augment import *
from .base import full, ufunc
from .broadcast import *
from .conv import *
from .dropout import *
from .elementwise import *
from .gather import *
from .gemm import *
from .layer_norm import *
from .norm import *
from .optim import *
from .pool import *
from .reduce import *
from .resample import *
from .rnn import *
from .softmax import *
from .transpose import *

# The functions, not the modules that they are in.
__all__ = [name for name, value in list(vars().items()) if callable(value)]
