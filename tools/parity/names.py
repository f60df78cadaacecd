"""The public names that both libraries have, and those of PyTorch's that have no samples and are missing."""

from __future__ import annotations

import re
import types
from typing import Any

import torch
import torch.nn.utils.parametrizations
import torch.nn.utils.prune
import torch.nn.utils.rnn

import minigrad as mg
import minigrad.utils.data

from .ledger import Ledger

SPACES: dict[str, tuple[Any, Any]] = {
    "torch": (torch, mg),
    "Tensor": (torch.Tensor, mg.Tensor),
    "nn": (torch.nn, mg.nn),
    "nn.functional": (torch.nn.functional, mg.nn.functional),
    "nn.init": (torch.nn.init, mg.nn.init),
    "optim": (torch.optim, mg.optim),
    "optim.lr_scheduler": (torch.optim.lr_scheduler, getattr(mg.optim, "lr_scheduler", None)),
    "nn.utils": (torch.nn.utils, mg.nn.utils),
    "nn.utils.rnn": (torch.nn.utils.rnn, mg.nn.utils.rnn),
    **{
        f"nn.utils.{part}": (getattr(torch.nn.utils, part), getattr(mg.nn.utils, part))
        for part in ("parametrizations", "parametrize", "prune")
    },
    "linalg": (torch.linalg, getattr(mg, "linalg", None)),
    "special": (torch.special, getattr(mg, "special", None)),
    "utils.data": (torch.utils.data, mg.utils.data),
    "autograd": (torch.autograd, mg.autograd),
    "func": (torch.func, mg.func),
}
# What these must offer; elsewhere PyTorch's sample databases and what has a documentation say what there is.
COMPLETE = {"nn": torch.nn.Module, "optim": torch.optim.Optimizer, "optim.lr_scheduler": object}
# Parts of PyTorch that minigrad has no room for: quantised and sparse numbers, its compiler.
FOREIGN = re.compile(
    r"^(sym|parse|import|init|unify|merge|sparse|native|h?s[ms]p|.*quant|.*_copy$)|_$|indices"
)


def in_both() -> dict[str, list[str]]:
    """Return the public names of each space that PyTorch has too."""
    return {
        space: [
            f"{space}.{name}"
            for name in sorted(public(ours))
            if hasattr(theirs, name) and not isinstance(getattr(theirs, name), types.ModuleType)
        ]
        for space, (theirs, ours) in SPACES.items()
        if ours is not None
    }


def public(space: Any) -> set[str]:
    """Return the names that a module offers, or a class, or all of an instance."""
    listed = getattr(space, "__all__", None) or dir(space)
    return {name for name in listed if name[0] != "_"}


def add_missing(ledger: Ledger, only: str) -> None:
    """Add the modules, optimisers and schedulers that PyTorch has and minigrad has not."""
    for space, kind in COMPLETE.items():
        theirs, ours = SPACES[space]
        for name in sorted(public(theirs)):
            value, label = getattr(theirs, name), f"{space}.{name}"
            fits = isinstance(value, type) and issubclass(value, kind) and only in label
            if fits and not hasattr(ours, name) and label not in ledger.missing.get(space, ()):
                ledger.missing.setdefault(space, []).append(label)
    known = ledger.missing.setdefault("torch", [])
    for name in torch.__all__:
        value, label = getattr(torch, name), f"torch.{name}"
        fits = isinstance(value, (types.FunctionType, types.BuiltinFunctionType)) and value.__doc__
        fits = fits and only in label and not FOREIGN.search(name)
        if fits and not hasattr(mg, name) and label not in known:
            known.append(label)
