"""New tensors: from data, filled with one value or a range, or drawn at random."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, kernels
from ..autograd.op import Variable, wrap
from ..random import Generator, default_generator
from ..tensor import Tensor, method
from .arithmetic import add, mul
from .conversion import check_device, to
from .indexing import copy_
from .shape import as_sizes

__all__ = [
    "arange",
    "as_tensor",
    "asarray",
    "bernoulli",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "multinomial",
    "normal",
    "ones",
    "ones_like",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
    "tensor",
    "zeros",
    "zeros_like",
]


def _new(array: np.ndarray, device: Any, requires_grad: bool) -> Tensor:
    check_device(device)
    result = wrap(array)
    return result.requires_grad_() if requires_grad else result


def _supported(dtype: Any) -> np.dtype:
    """Return a dtype in native byte order; the default one for None; TypeError for one that tensors
    do not hold.
    """
    if dtype is None:
        return dtypes.get_default_dtype()
    return dtypes.promote_types(dtype, dtype).newbyteorder("=")


# From data


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a tensor with a copy of `data`: a number, (nested) sequence, array or Tensor.

    Without `dtype`, arrays keep theirs; Python floats take the default dtype, integers int64.
    """
    array = dtypes.as_array(data, dtype)
    return _new(
        array if array.dtype.isnative else array.astype(_supported(array.dtype)),
        device,
        requires_grad,
    )


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return `data` as a tensor over the same memory where possible: an array or Tensor of that
    dtype; else a copy.
    """
    if isinstance(data, Variable):
        return to(data, dtype=dtype, device=device)
    if not isinstance(data, np.ndarray):
        return tensor(data, dtype=dtype, device=device)
    return _new(
        data.astype(_supported(data.dtype if dtype is None else dtype), copy=False), device, False
    )


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """Return a tensor over the memory of a NumPy array: a change in one is seen in the other."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if _supported(ndarray.dtype) != ndarray.dtype:
        raise ValueError(
            "given numpy array has byte order different from the native byte order "
            f"({ndarray.dtype.str}); use tensor(array), which converts it"
        )
    return wrap(ndarray)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `obj` as a tensor: always as a copy, never (ValueError if it takes one), or (None)
    only where necessary.

    Unlike `as_tensor`, it cuts a Tensor off from its graph unless `requires_grad`.
    """
    result = tensor(obj, dtype=dtype, device=device) if copy else as_tensor(obj, dtype, device)
    source = obj.array if isinstance(obj, Variable) else obj
    if copy is False and not (
        isinstance(source, np.ndarray) and np.shares_memory(result.array, source)
    ):
        raise ValueError(
            "can't alias arbitrary sequence or convert the dtype without a copy; use copy=None"
        )
    if isinstance(obj, Variable) and requires_grad and result.requires_grad:
        return result
    return _new(result.array, None, requires_grad)


# Filled


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of shape `size` whose values are whatever was in its memory."""
    return _new(kernels.empty(as_sizes(size), _supported(dtype)), device, requires_grad)


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of zeros of shape `size`."""
    return _new(np.zeros(as_sizes(size), _supported(dtype)), device, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of ones of shape `size`."""
    return _new(np.ones(as_sizes(size), _supported(dtype)), device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of shape `size` with `fill_value` everywhere; its dtype is that of the value
    unless given.
    """
    value = dtypes.as_array(fill_value, dtype)
    return _new(np.full(as_sizes((size,)), value, value.dtype), device, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return an n x m (default: n x n) matrix with ones on the diagonal and zeros elsewhere."""
    return _new(np.eye(n, m, dtype=_supported(dtype)), device, requires_grad)


# Ranges


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return start, start + step, ... up to and without `end`; arange(end) starts from 0.

    int64 if all three are integers. RuntimeError if the step leads away from the end.
    """
    if end is None:
        start, end = 0, start
    start, end, step = (x.item() if hasattr(x, "item") else x for x in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"upper bound and lower bound inconsistent with step sign: from {start} to {end} by "
            f"{step}"
        )
    if dtype is None and all(isinstance(x, int) for x in (start, end, step)):
        dtype = dtypes.int64
    # In double precision, and from the start each time: adding up steps in float32 would drift.
    values = start + step * np.arange(math.ceil((end - start) / step))
    return _new(values.astype(_supported(dtype)), device, requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` values, equally far apart, from `start` to `end`, both included."""
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    values = np.linspace(float(start), float(end), steps)
    return _new(values.astype(_supported(dtype)), device, requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return base^x for `steps` exponents x, equally far apart, from `start` to `end`, both
    included.
    """
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    values = np.logspace(float(start), float(end), steps, base=base)
    return _new(values.astype(_supported(dtype)), device, requires_grad)


# Random


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
    return (generator or default_generator).numpy


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return samples of the uniform distribution on [0, 1)."""
    values = _sample(as_sizes(size), _supported(dtype), _numpy(generator).random)
    return _new(values, device, requires_grad)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return samples of the normal distribution with mean 0 and variance 1."""
    values = _sample(as_sizes(size), _supported(dtype), _numpy(generator).standard_normal)
    return _new(values, device, requires_grad)


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
    values = _numpy(generator).integers(low, high, as_sizes((size,)))
    return _new(
        values.astype(dtypes.int64 if dtype is None else _supported(dtype), copy=False),
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
    values = _numpy(generator).permutation(n)
    return _new(
        values.astype(dtypes.int64 if dtype is None else _supported(dtype), copy=False),
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
    values = [x.array if isinstance(x, Variable) else x for x in (mean, std)]
    if np.min(values[1], initial=0.0) < 0:
        raise RuntimeError(
            f"normal expects all elements of std >= 0.0, but found {np.min(values[1])}"
        )
    sample = randn(size, generator=generator, dtype=dtype).array
    return _new(add(mul(sample, values[1]), values[0]), device, requires_grad)


@method()
def bernoulli(input: Any, *, generator: Generator | None = None) -> Tensor:
    """Return 1 with the probability that `input` says, else 0, element by element.

    RuntimeError for a probability outside [0, 1].
    """
    p = input.array if isinstance(input, Variable) else np.asarray(input)
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
    weights = np.asarray(input.array if isinstance(input, Variable) else input, np.float64)
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


# Like another tensor


def _like(create: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def like(
        input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        return create(
            tuple(input.shape),
            dtype=input.dtype if dtype is None else dtype,
            device=device,
            requires_grad=requires_grad,
        )

    like.__name__ = like.__qualname__ = f"{create.__name__}_like"
    like.__doc__ = (
        f"As `{create.__name__}`, with the shape and, unless given, the dtype of `input`."
    )
    return like


empty_like = _like(empty)
zeros_like = _like(zeros)
ones_like = _like(ones)
rand_like = _like(rand)
randn_like = _like(randn)


def full_like(
    input: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """As `full`, with the shape and, unless given, the dtype of `input`."""
    return full(
        input.shape,
        fill_value,
        dtype=dtype or input.dtype,
        device=device,
        requires_grad=requires_grad,
    )


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


def _new_method(create: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def new(
        input: Tensor,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
    ) -> Tensor:
        return create(
            *args,
            dtype=input.dtype if dtype is None else dtype,
            device=device,
            requires_grad=requires_grad,
        )

    new.__doc__ = (
        f"As `{create.__name__}`, with the dtype of this tensor unless another one is given."
    )
    return new


for _create in (tensor, empty, zeros, ones, full):
    method(f"new_{_create.__name__}")(_new_method(_create))


# In place


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
