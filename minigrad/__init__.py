"""minigrad: a small autograd engine whose hot loops are C.

    import minigrad as mg

Tensors and functions of them have PyTorch's names; `mg.nn`, `mg.optim` and `mg.data` are layers, optimisers and data.
"""

# ruff: noqa: F401 - all of this is for users
import sys as _sys
from math import e, inf, nan, pi
from typing import TYPE_CHECKING

from . import autograd, data, func, kernels, linalg, nn, ops, optim, random, special, testing
from ._native import get_num_threads, set_num_threads
from .autograd import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .autograd import functional as _autograd_functional  # `autograd` itself does not know Tensor
from .compiler import compile
from .devices import accelerator, backends, cuda, device, mps
from .dtypes import *  # noqa: F403 - float32 and the other element types
from .errors import refusing as _refusing
from .formatting import set_printoptions
from .func import vmap
from .interop import from_dlpack
from .kernels import empty_cache
from .linalg.older import *  # noqa: F403
from .nn.functional import (
    adaptive_avg_pool1d,
    avg_pool1d,
    bilinear,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from .nn.older import *  # noqa: F403
from .nn.parameter import Parameter
from .ops import *  # noqa: F403 - all that can be computed
from .ops.upsampling import channel_shuffle, pixel_shuffle, pixel_unshuffle
from .optim import swa_utils as _swa_utils  # `optim` itself does not know `nn`
from .random import (
    Generator,
    default_generator,
    fork_rng,
    get_rng_state,
    initial_seed,
    manual_seed,
    seed,
    set_rng_state,
)
from .serialization import load, save
from .settings import *  # noqa: F403
from .special import i0, igamma, igammac
from .tensor import Tensor

__version__ = "0.1.0"

Size = tuple  # a shape
newaxis = None


if TYPE_CHECKING:
    from . import special, train, utils
    from .ops.creation import tensor  # and not the modules of these names
else:

    def __getattr__(name: str) -> object:
        # Not before they are used: what they need takes time to load.
        if name in ("train", "utils"):
            from importlib import import_module

            return import_module(f".{name}", __name__)
        return _refusing(_sys.modules[__name__])(name)

    for _module in (nn, nn.functional, nn.utils, linalg, optim, autograd):
        _module.__getattr__ = _refusing(_module)
