"""What can be computed with Tensors: one family a file, each operation's forward and backward together."""

# ruff: noqa: F403
from typing import TYPE_CHECKING

from .activation import *
from .arithmetic import *
from .arranging import *
from .calculus import *
from .comparison import *
from .conjugation import *
from .conversion import *
from .copies import *
from .creation import *
from .cumulative import *
from .diagonals import *
from .distance import *
from .division import *
from .einsum import *
from .expanding import *
from .extrema import *
from .flipping import *
from .gathering import *
from .histograms import *
from .indexing import *
from .indices import *
from .integers import *
from .joining import *
from .multilinear import *
from .normalization import *
from .norms import *
from .piecewise import *
from .pointwise import *
from .products import *
from .properties import *
from .ranges import *
from .reduction import *
from .rounding import *
from .sampling import *
from .scattering import *
from .searching import *
from .selection import *
from .shape import *
from .softmax import *
from .sorting import *
from .special import *
from .statistics import *
from .strided import *
from .trigonometry import *
from .variance import *
from .windows import *

if not TYPE_CHECKING:  # which finds the same by the stars above
    # The functions, not the modules that they are in: `from .ops import *` is for users.
    __all__ = [name for name, value in list(vars().items()) if callable(value)]
