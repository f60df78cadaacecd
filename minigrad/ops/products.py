"""Matrix products, and the linear layer's operation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import kernels
from ..autograd.op import Op
from ..errors import named_shape
from ..tensor import Tensor, method
from .arithmetic import add, mul
from .broadcasting import reduce_to
from .conversion import to
from .reduction import Sum
from .shape import permute

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "dot",
    "ger",
    "matmul",
    "mm",
    "mv",
    "outer",
    "vdot",
]


class MatMul(Op):
    """a @ b: matrices in the last two dimensions, stacks of them in those before, which broadcast.

    da = dy b^T, db = a^T dy, each summed over what its stack was broadcast along
    """

    __slots__ = ()

    def forward(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        self.inputs = (a, b)
        result = kernels.product(a, b)
        if result is not None:
            return result
        check_matmul(a, b)
        rows = a.shape[:-1] if a.ndim > 1 else ()
        columns = b.shape[-1:] if b.ndim > 1 else ()
        result = kernels.matmul(*as_matrices(a, b))
        if b.ndim > 2:
            rows = result.shape[:-2] + rows[-1:]
        return result.reshape(rows + columns)

    def backward(self, grad: Any) -> tuple[Any, Any]:
        a, b = self.inputs
        need_a, need_b = self.needs(2)
        if a.ndim == b.ndim == 2:
            product = kernels.matmul if isinstance(grad, np.ndarray) else matmul
            return product(grad, b.T) if need_a else None, product(a.T, grad) if need_b else None
        a2, b2 = as_matrices(a, b)
        stack = np.broadcast_shapes(a2.shape[:-2], b2.shape[:-2])
        grad = grad.reshape((*stack, a2.shape[-2], b2.shape[-1]))
        da = db = None
        if need_a:
            da = reduce_to(matmul(grad, b2.mT), a2.shape, a.dtype).reshape(a.shape)
        if need_b:
            db = reduce_to(matmul(a2.mT, grad), b2.shape, b.dtype).reshape(b.shape)
        return da, db


def as_matrices(a: Any, b: Any) -> tuple[Any, Any]:
    """Return the operands of a product as matrices, or stacks of them.

    A vector becomes a row on the left, a column on the right. A stack on the left of a single
    matrix becomes one tall matrix: one large product is faster than many small ones.
    """
    if a.ndim == 1 or (a.ndim > 2 and b.ndim <= 2):
        a = as_rows(a)
    if b.ndim == 1:
        b = b.reshape((b.shape[0], 1))
    return a, b


def as_rows(x: Any) -> Any:
    """Return x, of shape (..., n), as one matrix of rows."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def check_matmul(a: Any, b: Any) -> None:
    for operand in (a, b):
        if not isinstance(operand, np.ndarray):
            raise TypeError(
                f"matmul(): expected a Tensor or an array, got {type(operand).__name__}"
            )
    check_dtypes("matmul", a, b)
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            f"matmul(): both arguments need at least one dimension, their shapes are "
            f"{list(a.shape)} and {list(b.shape)}; multiply by a number with *"
        )
    inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner:
        hint = ""
        if b.ndim > 1 and a.shape[-1] == b.shape[-1]:
            hint = "; did you mean a @ b.mT?"
        elif a.ndim > 1 and a.shape[-2] == inner:
            hint = "; did you mean a.mT @ b?"
        raise RuntimeError(
            f"matmul(): shapes cannot be multiplied: the rows of a {list(a.shape)} have "
            f"{a.shape[-1]} elements, the columns of b {list(b.shape)} have {inner}{hint}"
        )
    if a.ndim > 2 and b.ndim > 2:
        try:
            np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        except ValueError:
            raise RuntimeError(
                f"matmul(): the batch dimensions {list(a.shape[:-2])} of a {list(a.shape)} and "
                f"{list(b.shape[:-2])} of b {list(b.shape)} do not broadcast"
            ) from None


def check_dtypes(name: str, *operands: Any) -> None:
    dtypes = [x.dtype for x in operands if x is not None]
    if len(set(dtypes)) > 1:
        raise RuntimeError(
            f"{name}(): expected operands of the same dtype, got {' and '.join(map(str, dtypes))}; "
            f"convert one of them, as in x.to(mg.{dtypes[-1]})"
        )


class Linear(Op):
    """y = x W^T + b on rows x: (..., in), W: (out, in), b: (out) or None.

    dx = dy W, dW = dy^T x, db = sum of dy over the rows
    """

    __slots__ = ()

    def forward(self, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
        need_x, need_weight, need_bias = self.needs(3)
        self.inputs = (x if need_weight else None, weight if need_x else None)
        self.saved = need_bias is not None
        y = kernels.product(x, weight.T, bias) if weight.ndim == 2 else None
        if y is not None:
            return y
        check_linear(x, weight, bias)
        return kernels.matmul(as_rows(x), weight.T, bias).reshape(x.shape[:-1] + weight.shape[:1])

    def backward(self, grad: Any) -> tuple[Any, Any, Any]:
        x, weight = self.inputs  # of which forward has kept what is needed
        if isinstance(grad, np.ndarray):
            rows = grad
            if grad.ndim != 2:
                rows, x = as_rows(grad), None if x is None else as_rows(x)
            dx, dweight, dbias = kernels.linear_backward(rows, x, weight, self.saved)
        else:
            rows = as_rows(grad)
            dx = None if weight is None else matmul(rows, weight)
            dweight = None if x is None else matmul(rows.T, as_rows(x))
            dbias = rows.sum(0) if self.saved else None
        if dx is not None and grad.ndim != 2:
            dx = dx.reshape((*grad.shape[:-1], weight.shape[1]))
        return dx, dweight, dbias


def check_linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> None:
    if weight.ndim != 2 or x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        if weight.ndim != 2:
            what = f"weight has shape {list(weight.shape)}, expected (out features, in features)"
        elif x.ndim == 0:
            what = "input is a single number, expected (..., in features)"
        else:
            names = ("batch", *[""] * (x.ndim - 2), "features")[-x.ndim :]
            what = (
                f"the input has shape {named_shape(x.shape, names)}, but the weight "
                f"{list(weight.shape)} takes features={weight.shape[1]}"
            )
            if math.prod(x.shape[1:]) == weight.shape[1]:
                what += "; flatten the input first: x.flatten(1)"
        raise RuntimeError(f"linear: {what}")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise RuntimeError(
            f"linear: bias has shape {list(bias.shape)} but weight makes {weight.shape[0]} "
            f"features (shape {list(weight.shape)})"
        )
    if x.dtype != weight.dtype or (bias is not None and bias.dtype != weight.dtype):
        check_dtypes("linear", x, weight, bias)


@method("matmul", "__matmul__")
def matmul(input: Any, other: Any) -> Tensor:
    """Return the matrix product, of vectors, matrices, or stacks of matrices.

    (n) (n) -> (); (m, n) (n) -> (m); (n) (n, p) -> (p); (..., m, n) (..., n, p) -> (..., m, p),
    where the leading dimensions broadcast.
    Raises RuntimeError where the shapes do not fit or the dtypes differ.
    """
    return MatMul()(input, other)


@method("__rmatmul__")
def rmatmul(input: Any, other: Any) -> Tensor:
    """Return other @ input."""
    return MatMul()(other, input)


@method()
def mm(input: Any, mat2: Any) -> Tensor:
    """Return the product of two matrices: (m, n) (n, p) -> (m, p)."""
    check_dims("mm", (2, 2), input, mat2)
    return MatMul()(input, mat2)


@method()
def bmm(input: Any, mat2: Any) -> Tensor:
    """Return the products of two stacks of matrices: (b, m, n) (b, n, p) -> (b, m, p)."""
    check_dims("bmm", (3, 3), input, mat2)
    if input.shape[0] != mat2.shape[0]:
        raise RuntimeError(
            f"bmm(): the batch sizes differ: {input.shape[0]} of input {list(input.shape)} and "
            f"{mat2.shape[0]} of mat2 {list(mat2.shape)}; matmul broadcasts them"
        )
    return MatMul()(input, mat2)


@method()
def mv(input: Any, vec: Any) -> Tensor:
    """Return the product of a matrix and a vector: (m, n) (n) -> (m)."""
    check_dims("mv", (2, 1), input, vec)
    return MatMul()(input, vec)


@method("dot", "vdot")
def dot(input: Any, tensor: Any) -> Tensor:
    """Return the dot product of two vectors: (n) (n) -> ()."""
    check_dims("dot", (1, 1), input, tensor)
    return MatMul()(input, tensor)


@method("outer", "ger")
def outer(input: Any, vec2: Any) -> Tensor:
    """Return the outer product of two vectors: (m) (n) -> (m, n)."""
    check_dims("outer", (1, 1), input, vec2)
    return mul(input.reshape((-1, 1)), vec2)


ger = outer


@method(inplace=True)
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * mat1 @ mat2: (m, n) (n, p) -> (m, p); input broadcasts."""
    return _added("addmm", input, mm(mat1, mat2), beta, alpha)


@method(inplace=True)
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * batch1 @ batch2: (b, m, n) (b, n, p) -> (b, m, p); input
    broadcasts."""
    return _added("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@method(inplace=True)
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * (batch1 @ batch2 summed over the batch): (b, m, n) (b, n, p) ->
    (m, p); input broadcasts."""
    product = to(Sum((0,))(bmm(batch1, batch2)), batch1.dtype)
    return _added("addbmm", input, product, beta, alpha)


@method(inplace=True)
def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * mat @ vec: (m, n) (n) -> (m); input broadcasts."""
    return _added("addmv", input, mv(mat, vec), beta, alpha)


@method(inplace=True)
def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """Return beta * input + alpha * the outer product of vec1 and vec2: (m) (n) -> (m, n); input
    broadcasts."""
    return _added("addr", input, outer(vec1, vec2), beta, alpha)


def _added(name: str, input: Any, product: Any, beta: float, alpha: float) -> Tensor:
    """Return beta * input + alpha * product; what is multiplied by 0 may be NaN."""
    check_dtypes(name, input, product)
    try:
        fits = np.broadcast_shapes(input.shape, product.shape) == tuple(product.shape)
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"{name}(): input of shape {list(input.shape)} does not broadcast to that of the "
            f"product, {list(product.shape)}"
        )
    if product.dtype.kind != "f":
        kind = bool if product.dtype.kind == "b" else int
        beta, alpha = kind(beta), kind(alpha)
    if beta == 0:
        return mul(product, alpha)
    return add(input if beta == 1 else mul(input, beta), product, alpha=alpha)


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """Return x W^T + b: (..., in), (out, in), (out) or None -> (..., out).

    Raises RuntimeError where the features or the dtypes do not agree.
    """
    return Linear()(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Tensor:
    """Return y_o = x1^T W_o x2 + b_o: (..., in1), (..., in2), (out, in1, in2), (out) or None.

    Raises RuntimeError where the sizes or the dtypes do not agree.
    """
    rows = tuple(input1.shape[:-1])
    fit = (*rows, input1.shape[-1]), (*rows, input2.shape[-1])
    if (
        weight.ndim != 3
        or (tuple(input1.shape), tuple(input2.shape)) != fit
        or ((fit[0][-1], fit[1][-1]) != tuple(weight.shape[1:]))
    ):
        raise RuntimeError(
            f"bilinear(): inputs (..., in1) and (..., in2), weight (out, in1, in2) do not have "
            f"shapes {list(input1.shape)}, {list(input2.shape)}, {list(weight.shape)}"
        )
    # One product makes all x1^T W: (rows, in1) (in1, out in2); then each row with its x2.
    out, in1, in2 = weight.shape
    halfway = MatMul()(as_rows(input1), permute(weight, 1, 0, 2).reshape((in1, out * in2)))
    halfway = halfway.reshape((-1, out, in2)) if halfway.size else halfway.reshape((0, out, in2))
    y = MatMul()(halfway, as_rows(input2).reshape((halfway.shape[0], in2, 1)))
    y = y.reshape((*rows, out))
    return y if bias is None else add(y, bias)


def check_dims(name: str, dims: tuple[int, int], *operands: Any) -> None:
    if any(x.ndim != n for x, n in zip(operands, dims, strict=True)):
        shapes = " and ".join(str(list(x.shape)) for x in operands)
        raise RuntimeError(
            f"{name}(): expected {dims[0]} and {dims[1]} dimensions, got shapes {shapes}"
            + ("; matmul takes any" if name != "outer" else "")
        )


vdot = dot
