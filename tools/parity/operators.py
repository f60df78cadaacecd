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

from .bridge import NotTranslatable, Translation, array, described
from .calls import compare_call, compare_inplace
from .ledger import Ledger

# Where PyTorch's samples put the arguments in another order than the function takes them.
REORDERED: dict[str, Callable[..., Any]] = {
    "where": lambda function: lambda x, condition, y: function(condition, x, y),
    "einsum": lambda function: lambda operands, equation: function(equation, *operands),
    "linalg.lstsq grad_oriented": lambda function: (
        lambda a, b, driver: function(a, b, driver=driver)[:2]
    ),
    "linalg.pinv singular": lambda function: lambda a, b: function(a @ b.mT),
    **{
        name: lambda function: lambda a, b, **options: function(a @ b.mT, **options)
        for name in ("svd_lowrank", "pca_lowrank")
    },
    "polygamma": lambda function: lambda x, n: function(n, x),
    "zero_": lambda function: lambda x: function(x.clone()),
    "special.polygamma": lambda function: lambda x, n: function(n, x),
    "nn.functional.embedding": lambda function: (
        lambda weight, index, **options: function(index, weight, **options)
    ),
    "nn.functional.embedding_bag": lambda function: (
        lambda weight, index, **options: function(index, weight, **options)
    ),
}
# Vectors are determined but for their signs: what does not depend on these.
UNSIGNED: dict[str, Callable[..., Any]] = {
    "linalg.eigh": lambda values, vectors: [values, vectors.abs()],
    **dict.fromkeys(("svd_lowrank", "pca_lowrank"), lambda U, S, V: [U @ V.mT, S]),
}
# What gives indices along a dimension, and after how many arguments that is given. Of equal elements
# PyTorch leaves open which comes first: it is compared what the indices point to.
INDICES = {"argsort": 0, "sort": 0, "topk": 1, "kthvalue": 1}
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
    *(f"nn.functional.fractional_max_pool{dims}d" for dims in (2, 3)),
}
# How many samples of each dtype, how many of them with gradients, how many errors.
SAMPLES = {torch.float64: 24, torch.float32: 8, torch.int64: 6, torch.uint8: 4, torch.bool: 4}
GRADIENTS = 10
ERRORS = 40
# Other names of an operation are tried with the first dtype that it has.
VARIANTS = (torch.float64, torch.int64, torch.bool)


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
        for info in infos:
            if info.variant_test_name == "in_place":
                continue
            compare_variants(ledger, info, only)
            if only not in label:
                continue
            if function is None and resolve(torch, label) is None:
                continue  # a form of another operation, for the database alone
            if function is None:
                ledger.missing.setdefault(label.rpartition(".")[0], []).append(label)
                continue
            variant = f"{name} {info.variant_test_name}".strip()
            reordered = REORDERED.get(variant, REORDERED.get(name, lambda same: same))(function)
            compare_samples(ledger, label, reordered, info)
            compare_errors(ledger, label, reordered, info)


def unsigned(function: Callable[..., Any], last: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` with `last` made of its results."""
    return lambda *args, **kwargs: last(*function(*args, **kwargs))


def pointing(function: Callable[..., Any], after: int) -> Callable[..., Any]:
    """Return `function` with its indices replaced by their dtype and what they point to."""

    def call(input: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(input, *args, **kwargs)
        if kwargs.get("stable"):
            return result
        *values, indices = result if isinstance(result, tuple) else (result,)
        dim = kwargs.get("dim", args[after] if len(args) > after else -1)
        place, source = array(indices), array(input)
        if place.ndim < source.ndim:
            place = np.expand_dims(place, dim)
        place, source = np.atleast_1d(place, source)
        return [*values, np.take_along_axis(source, place, dim), str(place.dtype)]

    return call


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
            # Of what is left of a matrix after M has gone, the largest singular values are approached.
            random = sample.kwargs.get("dropout_p") or sample.kwargs.get("M") is not None
            certain = info.name not in RANDOM and not random
            both = graded and certain and dtype is torch.float64 and i < GRADIENTS
            functions = (info.op, function)
            if info.name in INDICES:
                functions = tuple(pointing(f, INDICES[info.name]) for f in functions)
            if info.name in UNSIGNED:
                functions = tuple(unsigned(f, UNSIGNED[info.name]) for f in functions)
            compare_call(
                ledger,
                label,
                *functions,
                args,
                sample.kwargs,
                first=both,
                second=both and info.supports_gradgrad,
                values=certain,
            )


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


def variants(info: Any) -> Iterator[tuple[str, Callable[..., Any], bool]]:
    """Yield (label, PyTorch's function, in place?) of the other names under which an operation is
    found: its methods, its aliases, and the same name beside or below `nn.functional`."""
    last = info.name.rpartition(".")[2]
    own = locate(info.name)[0]
    names = [alias.name for alias in info.aliases]
    if not info.name.startswith(("linalg.", "special.")):  # beside these are other functions
        names.insert(0, last)
    for name in names:
        spaces = ("",) if "." in name else ("torch.", "nn.functional.", "Tensor.")
        for label in (f"{space}{name}" for space in spaces):
            theirs = resolve(torch, label)
            if label != own and callable(theirs):
                yield label, theirs, False
        if hasattr(torch.Tensor, f"{name}_") and info.name not in RANDOM:
            yield f"Tensor.{name}_", getattr(torch.Tensor, f"{name}_"), True


def resolve(lib: Any, label: str) -> Any:
    """Return what `label`, such as "torch.add" or "linalg.norm", is in a library, or None."""
    found = lib
    for part in label.removeprefix("torch.").split("."):
        found = getattr(found, part, None)
    return found


def compare_variants(ledger: Ledger, info: Any, only: str) -> None:
    dtype = next((d for d in VARIANTS if d in info.dtypes), None)
    if info.name.startswith("__") or dtype is None:
        return
    for label, theirs, inplace in variants(info):
        if only not in label:
            continue
        space, ours = label.rpartition(".")[0], resolve(mg, label)
        if ours is None:
            ledger.missing.setdefault(space, []).append(label)
            continue
        for sample in itertools.islice(samples(info, dtype, False), 8):
            if space == "Tensor" and not isinstance(sample.input, torch.Tensor):
                continue
            args = (sample.input, *sample.args)
            call = compare_inplace if inplace else compare_call
            call(ledger, label, theirs, ours, args, sample.kwargs, values=info.name not in RANDOM)


warnings.filterwarnings("ignore")
