"""Random tensors: samples of distributions, drawn from a `Generator`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Variable, unwrap, wrap
from ..random import Generator, default_generator
from ..tensor import Tensor, method
from .arithmetic import add, mul
from .creation import lengths, like_form, new, supported
from .dims import by_name
from .indexing import copy_

__all__ = [
    "bernoulli",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
]


def _sample(size: Any, dtype: np.dtype, draw: Callable[..., np.ndarray]) -> np.ndarray:
    """Draw floating-point samples with a method of a NumPy generator, which knows float32 and
    float64.
    """
    if dtype.kind != "f":
        raise NotImplementedError(
            f"random numbers of this kind are not implemented for {dtype}; use a floating-point "
            "dtype"
        )
    if dtype.itemsize < 4:
        return draw(size, np.float32).astype(dtype)
    result = kernels.empty(size, dtype)
    draw(dtype=dtype, out=result)
    return result


def _numpy(generator: Generator | None) -> np.random.Generator:
    generator = generator or default_generator
    if not isinstance(generator, Generator):
        raise TypeError(
            f"generator: expected a minigrad.Generator, not {type(generator).__module__}."
            f"{type(generator).__name__}"
        )
    return generator.numpy


@by_name("size")
def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return samples of the uniform distribution on [0, 1)."""
    values = _sample(lengths(size), supported(dtype), _numpy(generator).random)
    return new(values, device, requires_grad)


@by_name("size")
def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return samples of the normal distribution with mean 0 and variance 1."""
    values = _sample(lengths(size), supported(dtype), _numpy(generator).standard_normal)
    return new(values, device, requires_grad)


def randint(
    *bounds_and_size: Any,
    low: int = 0,
    high: int | None = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return integers drawn uniformly from [low, high): randint(high, size) or randint(low, high,
    size); int64.
    """
    given = list(bounds_and_size)
    if size is None:
        size = given.pop()
    if given and high is None:
        high = given.pop()
    if given:
        low = given.pop()
    if given or high is None:
        raise TypeError("randint() takes (high, size) or (low, high, size)")
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    values = _numpy(generator).integers(low, high, lengths((size,)))
    return new(
        values.astype(dtypes.int64 if dtype is None else supported(dtype), copy=False),
        device,
        requires_grad,
    )


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the integers from 0 to n - 1 in random order; int64."""
    if n < 0:
        raise RuntimeError(f"randperm: n must be non-negative, got {n}")
    values = _numpy(generator).permutation(n)
    return new(
        values.astype(dtypes.int64 if dtype is None else supported(dtype), copy=False),
        device,
        requires_grad,
    )


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return samples of normal distributions: mean + std * z.

    `mean` and `std` are Tensors (one distribution an element) or numbers; if both are numbers,
    `size` is needed.
    """
    given = [x.array for x in (mean, std) if isinstance(x, Variable)]
    if not given and size is None:
        raise TypeError("normal(): with numbers for mean and std, `size` must be given")
    if given:
        size = np.broadcast_shapes(*(array.shape for array in given))
        dtype = dtypes.result_type(*given)
    values = [unwrap(x) for x in (mean, std)]
    if np.min(values[1], initial=0.0) < 0:
        raise RuntimeError(
            f"normal expects all elements of std >= 0.0, but found {np.min(values[1])}"
        )
    sample = randn(size, generator=generator, dtype=dtype).array
    return new(add(mul(sample, values[1]), values[0]), device, requires_grad)


@method()
def bernoulli(input: Any, *, generator: Generator | None = None) -> Tensor:
    """Return 1 with the probability that `input` says, else 0, element by element.

    RuntimeError for a probability outside [0, 1].
    """
    p = np.asarray(unwrap(input))
    if not np.all((p >= 0) & (p <= 1)):
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    return wrap((_sample(p.shape, p.dtype, _numpy(generator).random) < p).astype(p.dtype))


@method()
def multinomial(
    input: Any, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Return `num_samples` category numbers for each row of weights, drawn in proportion to them;
    int64.

    (C) -> (num_samples), (N, C) -> (N, num_samples). RuntimeError for weights that are negative,
    not finite or all zero, and without `replacement` for fewer categories with weight than samples.
    Source of the latter: Efraimidis & Spirakis (2006), the largest of weight / exponential sample.
    """
    weights = np.asarray(unwrap(input))
    if weights.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got: {weights.dtype}"
        )
    weights = weights.astype(np.float64)
    if weights.ndim not in (1, 2):
        raise RuntimeError(f"multinomial: prob_dist must be 1 or 2 dim, not {weights.ndim}")
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise RuntimeError(
            "multinomial: probability tensor contains either `inf`, `nan` or element < 0"
        )
    if (weights.sum(-1) <= 0).any():
        raise RuntimeError(
            "multinomial: invalid multinomial distribution (sum of probabilities <= 0)"
        )
    if num_samples < 1:
        raise RuntimeError(
            f"multinomial: cannot sample n_sample <= 0 samples, n_sample is {num_samples}"
        )
    if not replacement and (np.count_nonzero(weights, axis=-1) < num_samples).any():
        raise RuntimeError(
            f"multinomial: cannot sample {num_samples} categories without replacement: fewer "
            "have a weight above zero"
        )
    rows = np.atleast_2d(weights)
    draw = _numpy(generator)
    if replacement:
        cumulated = np.cumsum(rows, axis=1)
        thresholds = draw.random((len(rows), num_samples)) * cumulated[:, -1:]
        result = np.stack(
            [
                np.searchsorted(c, u, side="right")
                for c, u in zip(cumulated, thresholds, strict=True)
            ]
        )
    else:
        keys = rows / draw.standard_exponential(rows.shape)
        result = np.argsort(-keys, axis=1)[:, :num_samples]
    return wrap(result.reshape(*weights.shape[:-1], num_samples).astype(np.int64, copy=False))


rand_like = like_form(rand, lambda shape, dtype: rand(shape, dtype=dtype).array)


randn_like = like_form(randn, lambda shape, dtype: randn(shape, dtype=dtype).array)


def randint_like(
    input: Any,
    low: int,
    high: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """As `randint`, with the shape and, unless given, the dtype of `input`: (input, high) or
    (input, low, high).
    """
    low, high = (0, low) if high is None else (low, high)
    return randint(
        low,
        high,
        input.shape,
        dtype=dtype or input.dtype,
        device=device,
        requires_grad=requires_grad,
    )


@method()
def normal_(
    input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by samples of a normal distribution, in place."""
    return copy_(input, normal(mean, std, input.shape, generator=generator, dtype=input.dtype))


@method()
def uniform_(
    input: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by samples of the uniform distribution on [from_, to), in place."""
    if from_ > to:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={from_} > to={to}"
        )
    sample = rand(input.shape, generator=generator, dtype=input.dtype)
    return copy_(input, add(mul(sample, to - from_), from_))


@method()
def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Replace the values by 1 with probability `p` (a number, or a Tensor that broadcasts), else 0,
    in place.
    """
    p = p.array if isinstance(p, Variable) else np.asarray(p, dtypes.get_default_dtype())
    return copy_(input, bernoulli(np.broadcast_to(p, input.shape), generator=generator))


@method()
def exponential_(
    input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by samples of the exponential distribution of rate `lambd`, in place."""
    if lambd <= 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    sample = _sample(input.shape, input.dtype, _numpy(generator).standard_exponential)
    return copy_(input, sample / np.asarray(lambd, input.dtype))


@method()
def log_normal_(
    input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by e^z for samples z of a normal distribution, in place."""
    if std <= 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std}")
    sample = normal(mean, std, input.shape, generator=generator, dtype=input.dtype)
    return copy_(input, np.exp(sample.array))


@method()
def cauchy_(
    input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by samples of Cauchy's distribution, median + sigma tan(pi (u - 1/2)), in
    place.
    """
    if sigma <= 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    u = _sample(input.shape, input.dtype, _numpy(generator).random)
    return copy_(input, median + sigma * np.tan(np.pi * (u - 0.5)))


@method()
def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Replace the values by how many trials it takes until one of probability `p` succeeds, in
    place.
    """
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    return copy_(input, _numpy(generator).geometric(p, input.shape))


def poisson(input: Any, generator: Generator | None = None) -> Tensor:
    """Return samples of Poisson's distribution, of the rates `input` and in its dtype.

    RuntimeError for a rate below 0.
    """
    rates = np.asarray(unwrap(input))
    if rates.dtype.kind != "f":
        raise NotImplementedError(f"poisson: rates are floating-point numbers, not {rates.dtype}")
    if (rates < 0).any():
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    return wrap(np.asarray(_numpy(generator).poisson(rates)).astype(rates.dtype))


@method()
def random_(
    input: Tensor, from_: int = 0, to: int | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Replace the values by integers drawn uniformly: random_(to), random_(from_, to), or all that
    the dtype can count to.
    """
    if to is None and from_:
        from_, to = 0, from_
    if to is None:
        to = (
            2 ** (np.finfo(input.dtype).nmant + 1)
            if input.dtype.kind == "f"
            else np.iinfo(input.dtype).max
        )
    return copy_(input, randint(from_, to, input.shape, generator=generator))
