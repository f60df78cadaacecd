"""Operations on the samples of PyTorch's own operator database: values, dtypes, both gradients, errors."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch.testing._internal.common_methods_invocations import op_db

import minigrad as mg

from .bridge import NotTranslatable, Translation, described, difference, flat
from .ledger import Ledger

# Where PyTorch's samples put the arguments in another order than the function takes them.
REORDERED: dict[str, Callable[..., Any]] = {
    "where": lambda function: lambda x, condition, y: function(condition, x, y),
    "einsum": lambda function: lambda operands, equation: function(equation, *operands),
}
# PyTorch's private operations, other copies of the same ones, and what minigrad has no room for.
SKIPPED = ("_", "ops.", "torch.", "fft.", "sparse.", "masked.", "signal.", "jiterator", "native_")
RANDOM = {
    *("bernoulli", "cauchy", "exponential", "geometric", "log_normal", "multinomial", "normal"),
    *(
        "rand_like",
        "randint",
        "randint_like",
        "randn",
        "randn_like",
        "uniform",
        "empty",
        "empty_like",
    ),
    *("new_empty", "empty_strided", "new_empty_strided", "empty_permuted"),
    *(f"nn.functional.{name}" for name in ("dropout", "dropout2d", "dropout3d", "alpha_dropout")),
    *(f"nn.functional.{name}" for name in ("feature_alpha_dropout", "rrelu")),
}
# How many samples of each dtype, how many of them with gradients, how many errors.
SAMPLES = {torch.float64: 24, torch.float32: 8, torch.int64: 6, torch.uint8: 4, torch.bool: 4}
GRADIENTS = 10
ERRORS = 40


def names() -> dict[str, Any]:
    """Return the entries of the database that are compared, by public name."""
    found: dict[str, Any] = {}
    for info in op_db:
        if not info.name.startswith(SKIPPED) or info.name.startswith("__"):
            found.setdefault(info.name, []).append(info)
    return found


def locate(name: str) -> tuple[str, Callable[..., Any] | None]:
    """Return the name as the page has it, and minigrad's function; None if there is none."""
    *spaces, last = name.split(".")
    if spaces:
        home: Any = mg
        for space in spaces:
            home = getattr(home, space, None)
        return name, getattr(home, last, None)
    if hasattr(torch, last) and not isinstance(getattr(torch, last), torch.dtype):
        return f"torch.{last}", getattr(mg, last, None)
    theirs, ours = getattr(torch.Tensor, last, None), getattr(mg.Tensor, last, None)
    if ours is not None and not callable(theirs):
        return f"Tensor.{last}", lambda tensor: getattr(tensor, last)
    return f"Tensor.{last}", ours


def compare(ledger: Ledger, only: str) -> None:
    """Compare every operation whose name contains `only`."""
    for name, infos in names().items():
        label, function = locate(name)
        if only not in label:
            continue
        if function is None:
            ledger.missing.setdefault(label.rpartition(".")[0], []).append(label)
            continue
        function = REORDERED.get(name, lambda same: same)(function)
        for info in infos:
            if info.variant_test_name == "in_place":
                continue
            compare_samples(ledger, label, function, info)
            compare_errors(ledger, label, function, info)
            compare_methods(ledger, info)


def samples(info: Any, dtype: torch.dtype, requires_grad: bool) -> Iterator[Any]:
    """Yield PyTorch's samples for a dtype, none if they cannot be made."""
    if dtype not in info.dtypes:
        return
    torch.manual_seed(0)
    try:
        yield from itertools.islice(info.sample_inputs("cpu", dtype, requires_grad), SAMPLES[dtype])
    except (RuntimeError, TypeError, ValueError):
        return


def compare_samples(ledger: Ledger, label: str, function: Callable[..., Any], info: Any) -> None:
    for dtype in SAMPLES:
        graded = dtype.is_floating_point and info.supports_autograd and info.name not in RANDOM
        for i, sample in enumerate(samples(info, dtype, graded)):
            args = (sample.input, *sample.args)
            both = graded and dtype is torch.float64 and i < GRADIENTS
            compare_call(
                ledger,
                label,
                info.op,
                function,
                args,
                sample.kwargs,
                first=both,
                second=both and info.supports_gradgrad,
                values=info.name not in RANDOM,
            )


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
        if isinstance(t, torch.Tensor) and t.requires_grad
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


def compare_errors(ledger: Ledger, label: str, function: Callable[..., Any], info: Any) -> None:
    """What PyTorch's database says is an error shall be one of the same class."""
    if info.error_inputs_func is None:
        return
    try:
        wrong = list(itertools.islice(info.error_inputs("cpu"), ERRORS))
    except Exception:
        return
    for item in wrong:
        sample, translate = item.sample_input, Translation()
        kwargs = dict(sample.kwargs)
        try:
            args, ours = translate((sample.input, *sample.args)), translate(kwargs)
        except NotTranslatable:
            continue
        if any(isinstance(v, str) and v.startswith(("cuda", "meta")) for v in kwargs.values()):
            continue
        told = f"({described((sample.input, *sample.args))[1:-1]}, {described(kwargs)})"
        ledger.compare(label)
        try:
            function(*args, **ours)
        except item.error_type:
            continue
        except Exception as caught:
            ledger.find(
                label,
                "error",
                f"{told} raises {type(caught).__name__}, not {item.error_type.__name__}: {caught}",
            )
        else:
            ledger.find(
                label,
                "error",
                f"{told} does not raise {item.error_type.__name__}: {item.error_regex}",
            )


def compare_methods(ledger: Ledger, info: Any) -> None:
    """The method, and the in-place method, of the same name."""
    for theirs, inplace in ((info.method_variant, False), (info.inplace_variant, True)):
        name = getattr(theirs, "__name__", "")
        if not name or name.startswith("__") or info.name in RANDOM:
            continue
        label, ours = f"Tensor.{name}", getattr(mg.Tensor, name, None)
        if getattr(torch.Tensor, name, None) is not theirs:
            continue
        if ours is None:
            ledger.missing.setdefault("Tensor", []).append(label)
            continue
        for sample in itertools.islice(samples(info, torch.float64, False), 8):
            if not isinstance(sample.input, torch.Tensor):
                continue
            before = sample.input.clone()
            args = (sample.input, *sample.args)
            if inplace:
                compare_inplace(ledger, label, theirs, ours, args, sample.kwargs)
            else:
                compare_call(ledger, label, theirs, ours, args, sample.kwargs)
            sample.input = before


def compare_inplace(
    ledger: Ledger,
    label: str,
    theirs: Callable[..., Any],
    ours: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    def changing(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(tensor: Any, *rest: Any, **options: Any) -> Any:
            copy = tensor.clone()
            return [function(copy, *rest, **options), copy]

        return call

    compare_call(ledger, label, changing(theirs), changing(ours), args, kwargs)


warnings.filterwarnings("ignore")
