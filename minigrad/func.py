"""Derivatives of functions as functions: `torch.func`. And a module as a function of its parameters.

Arguments and results are Tensors, or tuples, lists and dicts of them, also nested. What a derivative gives can be
differentiated again, by these functions or by `backward` where the arguments require grad.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import autograd
from .autograd.functional import jvp as product_with
from .autograd.grad_mode import enable_grad
from .nn.module import Module
from .ops.creation import zeros_like
from .ops.indexing import select
from .ops.joining import stack
from .tensor import Tensor

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "vjp",
    "vmap",
]

Function = Callable[..., Any]
ArgNums = int | tuple[int, ...]


# Nested values


def leaves(tree: Any) -> list[Any]:
    """Return what is in nested tuples, lists and dicts, in their order."""
    if isinstance(tree, Mapping):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (tuple, list)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [tree]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """Return `tree` with the next of `values` in the place of each leaf."""
    if isinstance(tree, Mapping):
        return {key: rebuilt(value, values) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [rebuilt(value, values) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return next(values)


def mapped(function: Function, tree: Any) -> Any:
    return rebuilt(tree, map(function, leaves(tree)))


def point(x: Any) -> Any:
    """Return a node of its own with the value of x, tied to it where x requires grad."""
    if not isinstance(x, Tensor):
        raise TypeError(f"func: expected to differentiate by Tensors, not {type(x).__name__}")
    return x + 0 if x.requires_grad else x.detach().requires_grad_()


def settled(outer: list[Any], values: Any) -> Any:
    """Return results: with their graph where it leads to one of the arguments given, else without."""
    if any(x.requires_grad for x in outer):
        return values
    return mapped(lambda y: y.detach() if isinstance(y, Tensor) else y, values)


def split(result: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError("has_aux=True: the function has to return (output, aux)")
    return result


# Derivatives


def grad_and_value(func: Function, argnums: ArgNums = 0, has_aux: bool = False) -> Function:
    """Return the function that gives (gradient, value) of `func`, which has one element, by the arguments
    number `argnums`; with `has_aux` func returns (value, aux), and this (gradient, (value, aux))."""

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        numbers = argnums if isinstance(argnums, tuple) else (argnums,)
        given = [args[n] for n in numbers]
        outer = leaves(given)
        points = mapped(point, given)
        placed = list(args)
        for n, value in zip(numbers, points, strict=True):
            placed[n] = value
        with enable_grad():
            value, aux = split(func(*placed, **kwargs), has_aux)
        if not isinstance(value, Tensor) or value.ndim:
            shape = list(value.shape) if isinstance(value, Tensor) else type(value).__name__
            raise RuntimeError(
                f"grad: the function has to return a Tensor of shape [], not {shape}"
            )
        again = any(x.requires_grad for x in outer)
        inner = leaves(points)
        if value.requires_grad:
            found = autograd.grad(value, inner, create_graph=again, materialize_grads=True)
        else:
            found = [zeros_like(x) for x in inner]
        gradients = rebuilt(given, iter(found))
        gradient = tuple(gradients) if isinstance(argnums, tuple) else gradients[0]
        value, aux = settled(outer, [value, aux])
        return gradient, (value, aux) if has_aux else value

    return differentiated


def grad(func: Function, argnums: ArgNums = 0, has_aux: bool = False) -> Function:
    """Return the function that gives the gradient of `func`: see `grad_and_value`; (gradient, aux) with
    `has_aux`."""
    both = grad_and_value(func, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return func(*primals) and the function that gives v^T J, one product for each of `primals`, for v of
    the form of the result; with `has_aux`, aux comes third."""
    outer = leaves(primals)
    points = mapped(point, primals)
    with enable_grad():
        output, aux = split(func(*points), has_aux)
    ends, inner = leaves(output), leaves(points)

    def product(*cotangents: Any) -> Any:
        vectors = leaves(cotangents)
        pairs = [(y, v) for y, v in zip(ends, vectors, strict=True) if y.requires_grad]
        if not pairs:
            return mapped(zeros_like, primals)
        again = any(x.requires_grad for x in (*outer, *vectors))
        ys, vs = zip(*pairs, strict=True)
        found = autograd.grad(
            ys, inner, vs, retain_graph=True, create_graph=again, materialize_grads=True
        )
        return rebuilt(primals, iter(found))

    results = (settled(outer, output), product)
    return (*results, settled(outer, [aux])[0]) if has_aux else results


def jvp(
    func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], *, has_aux: bool = False
) -> tuple[Any, ...]:
    """Return func(*primals) and J v, for `tangents` v of the form of `primals`; with `has_aux`, aux third."""
    outputs: list[Any] = []

    def flat(*values: Any) -> tuple[Any, ...]:
        outputs.extend(split(func(*rebuilt(primals, iter(values))), has_aux))
        return tuple(leaves(outputs[0]))

    inner = tuple(leaves(primals))
    again = any(x.requires_grad for x in inner)
    values, products = product_with(flat, inner, tuple(leaves(tangents)), create_graph=again)
    results = tuple(rebuilt(outputs[0], iter(found)) for found in (values, products))
    return (*results, settled(list(inner), [outputs[1]])[0]) if has_aux else results


def jacrev(func: Function, argnums: ArgNums = 0, has_aux: bool = False) -> Function:
    """Return the function that gives the Jacobian of `func` by the arguments number `argnums`, row by row:
    for each result (for each argument) the shape (*result, *argument); (jacobian, aux) with `has_aux`."""

    def jacobian(*args: Any) -> Any:
        numbers = argnums if isinstance(argnums, tuple) else (argnums,)
        given = tuple(args[n] for n in numbers)

        def inner(*values: Any) -> Any:
            placed = list(args)
            for n, value in zip(numbers, values, strict=True):
                placed[n] = value
            return func(*placed)

        output, pull_back, *aux = vjp(inner, *given, has_aux=has_aux)
        ends = leaves(output)
        rows = []
        for k, end in enumerate(ends):
            products = []
            for index in np.ndindex(*end.shape):
                vectors = [zeros_like(y) for y in ends]
                vectors[k][index] = 1
                products.append(leaves(pull_back(rebuilt(output, iter(vectors)))))
            columns = [
                stack(list(column)).reshape((*end.shape, *x.shape))
                for column, x in zip(zip(*products, strict=True), leaves(given), strict=True)
            ]
            found = rebuilt(given, iter(columns))
            rows.append(found if isinstance(argnums, tuple) else found[0])
        result = rebuilt(output, iter(rows))
        return (result, aux[0]) if has_aux else result

    return jacobian


jacfwd = jacrev  # the same numbers; there is no pass forwards that would be cheaper


def hessian(func: Function, argnums: ArgNums = 0) -> Function:
    """Return the function that gives the second derivatives of `func` by the arguments number `argnums`."""
    return jacrev(jacrev(func, argnums), argnums)


# Functions of several at once, and modules as functions


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "different",
    *,
    chunk_size: int | None = None,
) -> Function:
    """Return the function that applies `func` to each slice of its arguments and stacks the results.

    `in_dims` says along which dimension each argument is sliced (None: it is given whole), `out_dims` along which
    each result is stacked. It is a loop over the slices: convenient, not fast; random numbers differ from slice to
    slice. `randomness` and `chunk_size` are taken for PyTorch's sake.
    """

    def over_slices(*args: Any, **kwargs: Any) -> Any:
        dims = in_dims if isinstance(in_dims, (tuple, list)) else (in_dims,) * len(args)
        if len(dims) != len(args):
            raise ValueError(f"vmap: in_dims has {len(dims)} entries for {len(args)} arguments")
        lengths = {
            leaf.shape[dim]
            for arg, dim in zip(args, dims, strict=True)
            if dim is not None
            for leaf in leaves(arg)
        }
        if len(lengths) != 1:
            raise ValueError(
                f"vmap: expected all tensors to have the same size in the mapped dimension, got "
                f"sizes {sorted(lengths)}"
            )

        def slice_of(arg: Any, dim: int | None, i: int) -> Any:
            return arg if dim is None else mapped(lambda leaf: select(leaf, dim, i), arg)

        results = [
            func(*(slice_of(arg, dim, i) for arg, dim in zip(args, dims, strict=True)), **kwargs)
            for i in range(lengths.pop())
        ]
        columns = list(zip(*map(leaves, results), strict=True))
        places = out_dims if isinstance(out_dims, (tuple, list)) else [out_dims] * len(columns)
        stacked = [stack(list(c), dim) for c, dim in zip(columns, places, strict=True)]
        return rebuilt(results[0], iter(stacked))

    return over_slices


@contextmanager
def replaced(module: Module, values: Mapping[str, Tensor], strict: bool) -> Iterator[None]:
    """Within, let `module` have these parameters and buffers."""
    places = [
        (f"{path}.{last}".removeprefix("."), members, last, tensor)
        for path, owner in module.named_modules()
        for members in (owner._parameters, owner._buffers)
        for last, tensor in members.items()
    ]
    own = {name: tensor for name, *_, tensor in places if tensor is not None}
    unknown, missing = values.keys() - own.keys(), own.keys() - values.keys()
    if strict and (unknown or missing):
        raise RuntimeError(
            f"functional_call: unexpected {sorted(unknown)}, missing {sorted(missing)}"
        )
    # by identity: a tensor that has several names is replaced under all of them
    new = {id(own[name]): value for name, value in values.items() if name in own}
    before = [place[1:] for place in places if id(place[-1]) in new]
    try:
        for members, last, tensor in before:
            members[last] = new[id(tensor)]
        yield
    finally:
        for members, last, value in before:
            members[last] = value


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Mapping[str, Tensor] | Sequence[Mapping[str, Tensor]],
    args: Any = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    strict: bool = False,
) -> Any:
    """Return module(*args, **kwargs) with these parameters and buffers, by their names, in the place of its own.

    RuntimeError, with `strict`, for names that the module has not, or that are not given.
    """
    dicts = parameter_and_buffer_dicts
    values = (
        dict(dicts) if isinstance(dicts, Mapping) else {k: v for d in dicts for k, v in d.items()}
    )
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with replaced(module, values, strict):
        return module(*args, **(kwargs or {}))
