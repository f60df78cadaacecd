"""minigrad: a small autograd engine whose hot loops are C.

    import minigrad as mg

Tensors and functions of them have PyTorch's names; `mg.nn`, `mg.optim` and `mg.data` are layers, optimisers and data.
"""

# ruff: noqa: F401, F403 - all of this is for users: a star, or `as`, says so to type checkers
import sys as _sys
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi
from typing import TYPE_CHECKING

from . import (
    amp,
    autograd,
    data,
    func,
    kernels,
    linalg,
    nn,
    ops,
    optim,
    random,
    return_types,
    special,
    testing,
)
from ._native import get_num_threads as get_num_threads
from ._native import set_num_threads as set_num_threads
from .amp import autocast as autocast
from .autograd import functional as _autograd_functional  # `autograd` itself does not know Tensor
from .autograd.grad_mode import *
from .compiler import *
from .devices import *
from .devices import cuda as cuda
from .dtypes import *
from .errors import refusing as _refusing
from .formatting import *
from .func import vmap as vmap
from .interop import *
from .kernels import empty_cache as empty_cache
from .linalg.older import *
from .nn.older import *
from .nn.parameter import Parameter as Parameter
from .ops import *
from .optim import swa_utils as _swa_utils  # `optim` itself does not know `nn`
from .random import *
from .serialization import *
from .settings import *
from .special import i0 as i0
from .special import igamma as igamma
from .special import igammac as igammac
from .tensor import Tensor as Tensor

__version__ = "0.1.0"

Size = tuple  # a shape
newaxis = None


if TYPE_CHECKING:
    from . import special, train, utils
    from .ops.creation import tensor as tensor  # and not the modules of these names
else:

    def __getattr__(name: str) -> object:
        # Not before they are used: what they need takes time to load.
        if name in ("train", "utils"):
            from importlib import import_module

            return import_module(f".{name}", __name__)
        return _refusing(_sys.modules[__name__])(name)

    autograd.gradcheck, autograd.gradgradcheck = testing.gradcheck, testing.gradgradcheck
    cuda.amp = amp
    for _module in (nn, nn.functional, nn.utils, linalg, optim, autograd):
        _module.__getattr__ = _refusing(_module)
