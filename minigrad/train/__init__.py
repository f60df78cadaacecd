"""Pieces of a training, none of them compulsory: the loop, its history, evaluation, early stopping."""

from .evaluation import accuracy, evaluate, predict
from .history import History
from .interrupt import StopRequest
from .loop import fit
from .stopping import EarlyStopping

__all__ = ["EarlyStopping", "History", "StopRequest", "accuracy", "evaluate", "fit", "predict"]
