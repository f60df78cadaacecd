"""Losses: numbers that say how far a prediction is from its target."""

# ruff: noqa: F401, F403 - the classes are for use by hand, on arrays
from .binary import *
from .binary import BinaryCrossEntropy
from .classes import *
from .classes import CrossEntropy
from .ctc import *
from .ctc import CTC
from .likelihood import *
from .margin import *
from .regression import *
from .regression import AbsoluteError, HuberError, SquaredError
