"""One call in both libraries: values, dtypes, both gradients, and the class of an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

import minigrad as mg

from .bridge import NotTranslatable, Translation, described, difference, flat
from .ledger import Ledger


def compare_call(
    ledger: Ledger,
    label: str,
    theirs: Callable[..., Any],
    ours: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    first: bool = False,
    second: bool = False,
    values: bool = True,
) -> None:
    """Call both functions with the same arguments; note whatever differs."""
    translate = Translation()
    try:
        our_args, our_kwargs = translate(tuple(args)), translate(dict(kwargs))
    except NotTranslatable:
        return
    told = f"({described(tuple(args))[1:-1]}{', ' if kwargs else ''}{described(kwargs)})"
    expected = error = None
    try:
        expected = theirs(*args, **kwargs)
    except Exception as caught:
        error = caught
    if any(isinstance(v, torch.Tensor) and v.is_complex() for v in flat(expected)):
        return
    ledger.compare(label)
    try:
        actual = ours(*our_args, **our_kwargs)
    except Exception as caught:
        if error is None:
            ledger.find(label, "value", f"{told} raises {type(caught).__name__}: {caught}")
        elif not isinstance(caught, type(error)) and not isinstance(error, type(caught)):
            ledger.find(
                label, "error", f"{told} raises {type(caught).__name__}, not {type(error).__name__}"
            )
        return
    if error is not None:
        ledger.find(label, "error", f"{told} does not raise {type(error).__name__}: {error}")
        return
    found = difference(expected, actual)
    if found and (values or found[0] == "dtype" or "shape" in found[1]):
        ledger.find(label, found[0], f"{told} gives {found[1]}")
    elif first and translate.leaves:
        compare_gradients(ledger, label, told, expected, actual, translate.leaves, second)


def compare_gradients(
    ledger: Ledger,
    label: str,
    told: str,
    expected: Any,
    actual: Any,
    leaves: list[tuple[torch.Tensor, mg.Tensor]],
    second: bool,
) -> None:
    """Compare v^T J for a fixed v, and the gradient of its product with another fixed vector."""
    outputs = [
        (t, o)
        for t, o in zip(flat(expected), flat(actual), strict=True)
        if isinstance(t, torch.Tensor) and t.requires_grad and (t.numel() or o.requires_grad)
    ]
    for number in (1, 2) if second else (1,):
        aspect = "gradient" if number == 1 else "second gradient"
        outputs = [(t, o) for t, o in outputs if t.requires_grad]
        if not outputs:
            return
        if not all(o.requires_grad for _, o in outputs):
            ledger.find(label, aspect, f"{told}: the result requires no grad")
            return
        rng = np.random.default_rng(number)
        weights = [np.asarray(rng.normal(size=tuple(t.shape))) for t, _ in outputs]
        try:
            theirs = torch.autograd.grad(
                [t for t, _ in outputs],
                [t for t, _ in leaves],
                [
                    torch.from_numpy(w.copy()).to(t.dtype)
                    for w, (t, _) in zip(weights, outputs, strict=True)
                ],
                create_graph=number == 1 and second,
                allow_unused=True,
            )
        except RuntimeError:
            return  # PyTorch has none
        try:
            ours = mg.autograd.grad(
                [o for _, o in outputs],
                [o for _, o in leaves],
                [mg.tensor(w.astype(o.dtype)) for w, (_, o) in zip(weights, outputs, strict=True)],
                create_graph=number == 1 and second,
                allow_unused=True,
            )
        except Exception as caught:
            ledger.find(label, aspect, f"{told} raises {type(caught).__name__}: {caught}")
            return
        pairs = []
        for t, o in zip(theirs, ours, strict=True):
            if t is None or o is None:  # nothing, or zeros: the same
                given = t if o is None else o
                if given is not None and np.asarray(given.detach()).any():
                    side = "none, PyTorch has one" if o is None else "one, PyTorch has none"
                    ledger.find(label, aspect, f"{told}: there is {side}")
                    return
                continue
            pairs.append((t, o))
        found = difference([t for t, _ in pairs], [o for _, o in pairs])
        if found:
            ledger.find(label, aspect, f"{told} gives {found[1]}")
            return
        outputs = [(t, o) for t, o in pairs if t.requires_grad and o.requires_grad]


def compare_inplace(
    ledger: Ledger,
    label: str,
    theirs: Callable[..., Any],
    ours: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    values: bool = True,
) -> None:
    """Compare what a method returns that changes its tensor, and the tensor."""

    def changing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(tensor: Any, *rest: Any, **options: Any) -> Any:
            copy = tensor.clone()
            return [function(copy, *rest, **options), copy]

        return call

    compare_call(ledger, label, changing(theirs), changing(ours), args, kwargs, values=values)
