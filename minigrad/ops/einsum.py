"""Sums of products in Einstein's notation."""

from __future__ import annotations

import math
from typing import Any

from ..tensor import Tensor
from .arithmetic import mul
from .diagonals import diagonal
from .products import matmul
from .reduction import Sum
from .shape import permute

__all__ = ["einsum"]


def einsum(equation: str, *operands: Any) -> Tensor:
    """Return the sum of products that `equation` describes, in Einstein's notation.

    "ij,jk->ik" is y_ik = sum_j a_ij b_jk: a letter for each dimension of each operand, then those
    of the result; the others are summed over. A letter twice in an operand takes its diagonal,
    "..." stands for any further dimensions, which broadcast. Without "->" the result has the
    letters that appear once, in alphabetical order.

    The operands are multiplied from left to right, each pair by one (stacked) matrix product.
    Raises RuntimeError for an equation that is malformed or does not fit the shapes.
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    inputs, output = _parse(equation, [x.ndim for x in operands])
    sizes = _sizes(inputs, operands)
    terms = [_simplified(x, labels, sizes) for x, labels in zip(operands, inputs, strict=True)]
    result, labels = terms[0]
    for i, (other, other_labels) in enumerate(terms[1:], start=2):
        needed = set(output).union(*(labels for _, labels in terms[i:]))
        result, labels = _contract(result, labels, other, other_labels, needed)
    result, labels = _sum_out(result, labels, set(output))
    result = permute(result, [labels.index(label) for label in output if label in labels])
    return result.reshape(tuple(sizes[label] if label in labels else 1 for label in output))


def _parse(equation: str, ndims: list[int]) -> tuple[list[list[str]], list[str]]:
    """Return a label for each dimension of each operand, and those of the result.

    The dimensions of an ellipsis are labelled ".0", ".1", ..., counted from the right.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(ndims):
        raise RuntimeError(
            f"einsum(): {equation!r} has subscripts for {len(parts)} operands, not {len(ndims)}"
        )
    inputs = [
        _labels(part, equation, ndim, f"operand {i}")
        for i, (part, ndim) in enumerate(zip(parts, ndims, strict=True))
    ]
    flat = [label for labels in inputs for label in labels]
    letters = [label for label in flat if label[0] != "."]
    dots = sorted({label for label in flat if label[0] == "."}, key=lambda dot: -int(dot[1:]))
    if not arrow:
        return inputs, dots + sorted(label for label in set(letters) if letters.count(label) == 1)
    ndim = len(right.replace("...", "")) + (len(dots) if "..." in right else 0)
    output = _labels(right, equation, ndim, "the result")
    for label in output:
        if output.count(label) > 1:
            raise RuntimeError(
                f"einsum(): subscript {label} appears more than once in the result of {equation!r}"
            )
        if label[0] != "." and label not in letters:
            raise RuntimeError(
                f"einsum(): subscript {label} of the result of {equation!r} is in no operand"
            )
    return inputs, output


def _labels(part: str, equation: str, ndim: int, whose: str) -> list[str]:
    before, dots, after = part.partition("...")
    if not all(letter.isascii() and letter.isalpha() for letter in before + after):
        raise RuntimeError(
            f"einsum(): subscripts are letters, with at most one '...' an operand; {part!r} of "
            f"{equation!r} is not"
        )
    extra = ndim - len(before + after)
    if extra < 0 or (extra and not dots):
        raise RuntimeError(
            f"einsum(): {whose} of {equation!r} has {len(before + after)} subscripts {part!r} for "
            f"{ndim} dimensions"
        )
    return [*before, *(f".{i}" for i in range(extra - 1, -1, -1)), *after]


def _sizes(inputs: list[list[str]], operands: tuple[Any, ...]) -> dict[str, int]:
    """Return the length that each label stands for; one of 1 broadcasts."""
    sizes: dict[str, int] = {}
    for i, (labels, x) in enumerate(zip(inputs, operands, strict=True)):
        for label, size in zip(labels, x.shape, strict=True):
            known = sizes.setdefault(label, size)
            if known == 1:
                sizes[label] = size
            elif size not in (1, known):
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {size} for operand {i}, of shape "
                    f"{list(x.shape)}, which does not broadcast with previously seen size {known}"
                )
    return sizes


def _simplified(x: Any, labels: list[str], sizes: dict[str, int]) -> tuple[Any, list[str]]:
    """Return the operand with diagonals of repeated labels, without dimensions that broadcast."""
    for label in labels:
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            if x.shape[first] != x.shape[second]:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated in one operand, but its dimensions "
                    f"have sizes {x.shape[first]} and {x.shape[second]}"
                )
            x = diagonal(x, 0, first, second)
            others = [kept for i, kept in enumerate(labels) if i not in (first, second)]
            labels = [*others, label]
    kept = [i for i, label in enumerate(labels) if x.shape[i] == sizes[label]]
    return x.reshape(tuple(x.shape[i] for i in kept)), [labels[i] for i in kept]


def _sum_out(x: Any, labels: list[str], needed: set[str]) -> tuple[Any, list[str]]:
    """Return x summed over the labels that are not needed."""
    dims = tuple(i for i, label in enumerate(labels) if label not in needed)
    return (Sum(dims)(x) if dims else x), [label for label in labels if label in needed]


def _contract(
    a: Any, in_a: list[str], b: Any, in_b: list[str], needed: set[str]
) -> tuple[Any, list[str]]:
    """Return the product of two operands, summed over the labels that nothing else needs."""
    a, in_a = _sum_out(a, in_a, needed.union(in_b))
    b, in_b = _sum_out(b, in_b, needed.union(in_a))
    stack = [label for label in in_a if label in in_b and label in needed]
    inner = [label for label in in_a if label in in_b and label not in needed]
    rows = [label for label in in_a if label not in in_b]
    columns = [label for label in in_b if label not in in_a]
    a = permute(a, [in_a.index(label) for label in stack + rows + inner])
    b = permute(b, [in_b.index(label) for label in stack + inner + columns])
    s, r, c = len(stack), len(rows), len(columns)
    shape = (*a.shape[: s + r], *b.shape[b.ndim - c :])
    if inner:
        lead, m, k = a.shape[:s], math.prod(a.shape[s : s + r]), math.prod(a.shape[s + r :])
        result = matmul(a.reshape((*lead, m, k)), b.reshape((*lead, k, math.prod(shape[s + r :]))))
    else:
        a = a.reshape((*a.shape, *(1,) * c))
        result = mul(a, b.reshape((*b.shape[:s], *(1,) * r, *b.shape[s:])))
    return result.reshape(shape), stack + rows + columns
