"""Data: datasets, samplers, and the loader that makes batches of them.

The names are those of `torch.utils.data`, which `minigrad.utils.data` is too; `datasets` and
`transforms` are those of torchvision.
"""

from . import datasets, transforms
from .collate import default_collate, default_convert
from .dataset import Dataset, Subset, TensorDataset, random_split
from .loader import DataLoader
from .sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
)

__all__ = [
    "BatchSampler",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "datasets",
    "default_collate",
    "default_convert",
    "random_split",
    "transforms",
]
