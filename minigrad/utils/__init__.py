"""`minigrad.utils.data` is `minigrad.data`, for programs written for `torch.utils.data`."""

from . import data

__all__ = ["data"]
