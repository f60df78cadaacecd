"""The names of `minigrad.data`, where `torch.utils.data` has them."""

from ..data import *  # noqa: F403
from ..data import __all__ as __all__
