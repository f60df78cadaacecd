"""Optimisers: each one a state and a rule, as one fused kernel, for Parameters and dicts alike."""

from .adam import Adam, AdamW
from .optimizer import Optimizer
from .sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
