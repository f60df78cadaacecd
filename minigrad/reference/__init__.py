"""The kernels in readable NumPy: same names, same arguments (outputs first, written into), no
sizes. The tests compare every kernel with its twin here; MINIGRAD_KERNELS=reference runs on them.
"""

# ruff: noqa: F403
import numpy as np

from .augment import *
from .broadcast import *
from .conv import *
from .dropout import *
from .elementwise import *
from .gather import *
from .gemm import *
from .layer_norm import *
from .norm import *
from .optim import *
from .philox import *
from .pool import *
from .reduce import *
from .resample import *
from .rnn import *
from .softmax import *
from .transpose import *

# The functions, not the modules that they are in. As in C, infinities and nan come without a warning.
__all__ = [name for name, value in list(vars().items()) if callable(value)]
for _name in __all__:
    globals()[_name] = np.errstate(all="ignore")(globals()[_name])
