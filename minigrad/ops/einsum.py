"""Sums of products in Einstein's notation."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from ..autograd.op import Op
from ..tensor import Tensor
from .arithmetic import Mul
from .diagonals import Diagonal
from .products import MatMul
from .reduction import Sum
from .shape import Permute, Reshape

__all__ = ["einsum"]

Shape = tuple[int, ...]
Steps = list[tuple[type[Op], tuple[Any, ...]]]  # operations, and what these are made with
Product = tuple[Steps, Steps, type[Op]]  # what becomes of the left, of the right, of both


def einsum(equation: str, *operands: Any) -> Tensor:
    """Return the sum of products that `equation` describes, in Einstein's notation.

    "ij,jk->ik" is y_ik = sum_j a_ij b_jk: a letter for each dimension of each operand, then those
    of the result; the others are summed over. A letter twice in an operand takes its diagonal,
    "..." stands for any further dimensions, which broadcast. Without "->" the result has the
    letters that appear once, in alphabetical order.

    The operands are multiplied from left to right, each pair by one (stacked) matrix product.
    Raises RuntimeError for an equation that is malformed or does not fit the shapes, TypeError for
    an operand that is no Tensor.
    """
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    for i, x in enumerate(operands):
        if not hasattr(x, "shape"):
            raise TypeError(
                f"einsum(): an equation and Tensors are needed, but operand {i} is {x!r}"
            )
    products, last = _plan(equation, tuple([tuple(x.shape) for x in operands]))
    result, *others = operands
    for x, (left, right, product) in zip(others, products, strict=True):
        result = product()(_follow(left, result), _follow(right, x))
    return _follow(last, result)


def _follow(steps: Steps, x: Any) -> Any:
    for op, arguments in steps:
        x = op(*arguments)(x)
    return x


@functools.lru_cache(maxsize=512)
def _plan(equation: str, shapes: tuple[Shape, ...]) -> tuple[list[Product], Steps]:
    """Return what is to be done with operands of these shapes, from left to right, and then with the result."""
    inputs, output = _parse(equation, [len(shape) for shape in shapes])
    sizes = _sizes(inputs, shapes)
    terms = [_Term(labels, sizes) for labels in inputs]
    for term, shape in zip(terms, shapes, strict=True):
        term.simplify(shape)
    products = []
    result = terms[0]
    for i, other in enumerate(terms[1:], start=2):
        needed = set(output).union(*(term.labels for term in terms[i:]))
        product, op = result.times(other, needed)
        products.append((result.steps, other.steps, op))
        result = product
    result.sum_out(set(output))
    result.permute(output)
    if len(terms) == 1 and not result.steps:
        result.steps.append((Reshape, (shapes[0],)))  # a view: never the operand itself
    return products, result.steps


def _parse(equation: str, ndims: Sequence[int]) -> tuple[list[list[str]], list[str]]:
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


def _sizes(inputs: list[list[str]], shapes: tuple[Shape, ...]) -> dict[str, int]:
    """Return the length that each label stands for; one of 1 broadcasts."""
    sizes: dict[str, int] = {}
    for i, (labels, shape) in enumerate(zip(inputs, shapes, strict=True)):
        for label, size in zip(labels, shape, strict=True):
            known = sizes.setdefault(label, size)
            if known == 1:
                sizes[label] = size
            elif size not in (1, known):
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {size} for operand {i}, of shape "
                    f"{list(shape)}, which does not broadcast with previously seen size {known}"
                )
    return sizes


class _Term:
    """An operand, or a product of some: the labels of its dimensions, and the steps that make it what they say.

    sizes  the length that each label stands for
    """

    def __init__(self, labels: list[str], sizes: dict[str, int]) -> None:
        self.labels = labels
        self.sizes = sizes
        self.steps: Steps = []

    def shape(self, labels: list[str]) -> Shape:
        return tuple(self.sizes[label] for label in labels)

    def simplify(self, shape: Shape) -> None:
        """Take the diagonals of repeated labels, and leave out dimensions that broadcast."""
        labels, lengths = self.labels, list(shape)
        for label in labels:
            while labels.count(label) > 1:
                first = labels.index(label)
                second = labels.index(label, first + 1)
                if lengths[first] != lengths[second]:
                    raise RuntimeError(
                        f"einsum(): subscript {label} is repeated in one operand, but its dimensions "
                        f"have sizes {lengths[first]} and {lengths[second]}"
                    )
                others = [i for i in range(len(labels)) if i not in (first, second)]
                self.steps.append((Permute, ((*others, first, second),)))
                self.steps.append((Diagonal, (0,)))
                labels = [*(labels[i] for i in others), label]
                lengths = [*(lengths[i] for i in others), lengths[first]]
        sizes = zip(labels, lengths, strict=True)
        self.labels = [label for label, length in sizes if length == self.sizes[label]]
        self.reshape(tuple(lengths), self.shape(self.labels))

    def sum_out(self, needed: set[str]) -> None:
        """Sum over the labels that are not needed."""
        dims = tuple(i for i, label in enumerate(self.labels) if label not in needed)
        if dims:
            self.steps.append((Sum, (dims,)))
            self.labels = [label for label in self.labels if label in needed]

    def permute(self, labels: list[str]) -> None:
        if labels != self.labels:
            self.steps.append((Permute, (tuple(map(self.labels.index, labels)),)))
            self.labels = labels

    def reshape(self, shape: Shape, other: Shape) -> None:
        if shape != other:
            self.steps.append((Reshape, (other,)))

    def times(self, other: _Term, needed: set[str]) -> tuple[_Term, type[Op]]:
        """Return the product of both, summed over the labels that nothing else needs, and what computes it."""
        self.sum_out(needed.union(other.labels))
        other.sum_out(needed.union(self.labels))
        stack = [label for label in self.labels if label in other.labels and label in needed]
        inner = [label for label in self.labels if label in other.labels and label not in needed]
        rows = [label for label in self.labels if label not in other.labels]
        columns = [label for label in other.labels if label not in self.labels]
        self.permute(stack + rows + inner)
        other.permute(stack + inner + columns)
        lead, (m, k, n) = self.shape(stack), map(self.shape, (rows, inner, columns))
        result = _Term(stack + rows + columns, self.sizes)
        if inner:
            size_m, size_k, size_n = map(math.prod, (m, k, n))
            self.reshape((*lead, *m, *k), (*lead, size_m, size_k))
            other.reshape((*lead, *k, *n), (*lead, size_k, size_n))
            result.reshape((*lead, size_m, size_n), (*lead, *m, *n))
            return result, MatMul
        self.reshape((*lead, *m), (*lead, *m, *(1 for _ in n)))
        other.reshape((*lead, *n), (*lead, *(1 for _ in m), *n))
        return result, Mul
