# Written by tools/stubs.py, which also says why. Do not edit.

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import Any, SupportsIndex, TypeVar

import numpy

from minigrad import devices, return_types
from minigrad.autograd.hooks import Hook, RemovableHandle
from minigrad.autograd.op import Node, Variable
from minigrad.ops.dims import Dims
from minigrad.random import Generator

F = TypeVar("F", bound=Callable[..., Any])

class Tensor(Variable):
    array: numpy.ndarray
    @property
    def H(self) -> Tensor:
        """The matrix transposed: a view."""

    @property
    def T(self) -> Tensor:
        """A view with the dimensions in reversed order."""

    @property
    def _version(self) -> builtins.int:
        """How often its memory was changed in place."""

    @property
    def data(self) -> Tensor:
        """The values as a tensor without a graph, over the same memory; assigning replaces them."""

    @data.setter
    def data(self, data: Tensor) -> None: ...
    @property
    def device(self) -> devices.device:
        """The CPU."""

    @property
    def dtype(self) -> numpy.dtype:
        """The element type, a NumPy dtype: `minigrad.float32` is `numpy.dtype("float32")`."""

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has accumulated; None until then."""

    @grad.setter
    def grad(self, grad: Tensor | None) -> None: ...
    @property
    def grad_fn(self) -> Node | None:
        """The recorded operation that made it; None for a leaf."""

    @property
    def is_cpu(self) -> builtins.bool:
        """True."""

    @property
    def is_cuda(self) -> builtins.bool:
        """False."""

    @property
    def is_leaf(self) -> builtins.bool:
        """Whether it was not computed by a recorded operation: its gradient ends up in its `.grad`."""

    @property
    def is_meta(self) -> builtins.bool:
        """False."""

    @property
    def is_mps(self) -> builtins.bool:
        """False."""

    @property
    def is_quantized(self) -> builtins.bool:
        """False."""

    @property
    def is_sparse(self) -> builtins.bool:
        """False."""

    @property
    def itemsize(self) -> builtins.int:
        """Bytes an element."""

    @property
    def mH(self) -> Tensor:
        """Return the matrices transposed: a view."""

    @property
    def mT(self) -> Tensor:
        """A view with the last two dimensions exchanged."""

    @property
    def nbytes(self) -> builtins.int:
        """Bytes of all elements."""

    @property
    def ndim(self) -> builtins.int:
        """The number of dimensions."""

    @property
    def output_nr(self) -> builtins.int:
        """Which of the results of its `grad_fn` it is."""

    @property
    def real(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    @property
    def requires_grad(self) -> builtins.bool:
        """Whether backward computes a gradient for it: set on leaves, passed on by operations."""

    @requires_grad.setter
    def requires_grad(self, requires_grad: builtins.bool) -> None: ...
    @property
    def retains_grad(self) -> builtins.bool:
        """Whether `retain_grad()` was called on this non-leaf."""

    @property
    def shape(self) -> tuple[builtins.int, ...]:
        """The length of each dimension."""

    def __abs__(self) -> Tensor:
        """Return the absolute value; its gradient at 0 is 0."""

    def __add__(self, other: Any) -> Tensor: ...
    def __and__(self, other: Any) -> Tensor: ...
    def __array__(self, dtype: Any = None, copy: builtins.bool | None = None) -> numpy.ndarray:
        """Return the values: the array itself, unless `dtype` or `copy` asks for another one."""

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Tensor:
        """Apply the twin of a NumPy function, or the function itself to the values."""

    def __array_ufunc__(
        self,
        ufunc: numpy.ufunc,
        method: str,
        *inputs: Any,
        **kwargs: Any,
    ) -> Tensor:
        """Apply the twin of a NumPy ufunc, or the ufunc itself to the values."""

    def __bool__(self) -> builtins.bool: ...
    def __complex__(self) -> complex: ...
    def __contains__(self, element: Any) -> builtins.bool: ...
    def __deepcopy__(self, memo: dict[builtins.int, Any]) -> Tensor:
        """Return a leaf over a copy of the values, with a copy of the gradient."""

    def __dlpack__(self, **options: Any) -> Tensor:
        """Return a DLPack capsule over the memory; BufferError for a tensor that requires grad."""

    def __dlpack_device__(self) -> tuple[builtins.int, builtins.int]:
        """Return DLPack's (device type, id): the CPU."""

    def __eq__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __float__(self) -> builtins.float: ...
    def __floordiv__(self, other: Any) -> Tensor: ...
    def __format__(self, spec: str) -> str: ...
    def __ge__(self, other: Any) -> Tensor: ...
    def __getitem__(self, index: Any) -> Tensor:
        """Return x[index]: a view for integers, slices, None and Ellipsis, a copy where integer
        arrays or masks take part.
        """

    def __gt__(self, other: Any) -> Tensor: ...
    def __iadd__(self, other: Any) -> Tensor: ...
    def __iand__(self, other: Any) -> Tensor: ...
    def __ifloordiv__(self, other: Any) -> Tensor: ...
    def __ilshift__(self, other: Any) -> Tensor: ...
    def __imod__(self, other: Any) -> Tensor: ...
    def __imul__(self, other: Any) -> Tensor: ...
    def __index__(self) -> builtins.int: ...
    def __init__(self, *data: Any) -> None: ...
    def __int__(self) -> builtins.int: ...
    def __invert__(self) -> Tensor:
        """Return the bits inverted: for booleans, the opposite."""

    def __ior__(self, other: Any) -> Tensor: ...
    def __ipow__(self, other: Any) -> Tensor: ...
    def __irshift__(self, other: Any) -> Tensor: ...
    def __isub__(self, other: Any) -> Tensor: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __itruediv__(self, other: Any) -> Tensor: ...
    def __ixor__(self, other: Any) -> Tensor: ...
    def __le__(self, other: Any) -> Tensor: ...
    def __len__(self) -> builtins.int: ...
    def __lshift__(self, other: Any) -> Tensor: ...
    def __lt__(self, other: Any) -> Tensor: ...
    def __matmul__(self, other: Any) -> Tensor:
        """Return the matrix product, of vectors, matrices, or stacks of matrices."""

    def __mod__(self, other: Any) -> Tensor: ...
    def __mul__(self, other: Any) -> Tensor: ...
    def __ne__(self, other: Any) -> Tensor: ...  # type: ignore[override]
    def __neg__(self) -> Tensor:
        """Return -input."""

    def __or__(self, other: Any) -> Tensor: ...
    def __pos__(self) -> Tensor:
        """Return `input` itself."""

    def __pow__(self, other: Any) -> Tensor: ...
    def __radd__(self, other: Any) -> Tensor: ...
    def __rand__(self, other: Any) -> Tensor: ...
    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        """Pickle the values and whether they require grad; neither the gradient nor the graph."""

    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: Any) -> Tensor: ...
    def __rlshift__(self, other: Any) -> Tensor: ...
    def __rmatmul__(self, other: Any) -> Tensor:
        """Return other @ input."""

    def __rmod__(self, other: Any) -> Tensor: ...
    def __rmul__(self, other: Any) -> Tensor: ...
    def __ror__(self, other: Any) -> Tensor: ...
    def __rpow__(self, other: Any) -> Tensor: ...
    def __rrshift__(self, other: Any) -> Tensor: ...
    def __rshift__(self, other: Any) -> Tensor: ...
    def __rsub__(self, other: Any) -> Tensor: ...
    def __rtruediv__(self, other: Any) -> Tensor: ...
    def __rxor__(self, other: Any) -> Tensor: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        """Put `value`, a number or what broadcasts to x[index], there in place; gradients flow to
        it and to what remains.
        """

    def __sub__(self, other: Any) -> Tensor: ...
    def __truediv__(self, other: Any) -> Tensor: ...
    def __xor__(self, other: Any) -> Tensor: ...
    def abs(self) -> Tensor:
        """Return the absolute value; its gradient at 0 is 0."""

    def abs_(self) -> Tensor:
        """In-place form of `abs`."""

    def absolute(self) -> Tensor:
        """Return the absolute value; its gradient at 0 is 0."""

    def absolute_(self) -> Tensor:
        """In-place form of `abs`."""

    def acos(self) -> Tensor:
        """Return the angle in [0, pi] with this cosine; its gradient at -1 and 1 is infinite."""

    def acos_(self) -> Tensor:
        """In-place form of `acos`."""

    def acosh(self) -> Tensor:
        """Return the nonnegative number with this hyperbolic cosine; its gradient at 1 is infinite."""

    def acosh_(self) -> Tensor:
        """In-place form of `acosh`."""

    def add(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Return input + alpha * other, broadcast."""

    def add_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """In-place form of `add`."""

    def addbmm(
        self, batch1: Any, batch2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """Return beta * input + alpha * (batch1 @ batch2 summed over the batch): (b, m, n) (b, n,
        p) -> (m, p); input broadcasts.
        """

    def addbmm_(
        self, batch1: Any, batch2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """In-place form of `addbmm`."""

    def addcdiv(self, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
        """Return input + value * tensor1 / tensor2, broadcast."""

    def addcdiv_(self, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
        """In-place form of `addcdiv`."""

    def addcmul(self, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
        """Return input + value * tensor1 * tensor2, broadcast."""

    def addcmul_(self, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Tensor:
        """In-place form of `addcmul`."""

    def addmm(
        self, mat1: Any, mat2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """Return beta * input + alpha * mat1 @ mat2: (m, n) (n, p) -> (m, p); input broadcasts."""

    def addmm_(
        self, mat1: Any, mat2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """In-place form of `addmm`."""

    def addmv(
        self, mat: Any, vec: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """Return beta * input + alpha * mat @ vec: (m, n) (n) -> (m); input broadcasts."""

    def addmv_(
        self, mat: Any, vec: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """In-place form of `addmv`."""

    def addr(
        self, vec1: Any, vec2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """Return beta * input + alpha * the outer product of vec1 and vec2: (m) (n) -> (m, n);
        input broadcasts.
        """

    def addr_(
        self, vec1: Any, vec2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """In-place form of `addr`."""

    def adjoint(self) -> Tensor:
        """Return the matrices transposed: a view."""

    def all(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Return whether every element over `dim` is true (not 0)."""

    def allclose(
        self,
        other: Any,
        rtol: builtins.float = 1e-05,
        atol: builtins.float = 1e-08,
        equal_nan: builtins.bool = False,
    ) -> builtins.bool:
        """Return whether |input - other| <= atol + rtol |other| for all elements, broadcast."""

    def amax(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Return the largest element over `dim`; those that are share the gradient evenly."""

    def amin(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Return the smallest element over `dim`; those that are share the gradient evenly."""

    def aminmax(
        self, *, dim: builtins.int | None = None, keepdim: builtins.bool = False
    ) -> return_types.aminmax:
        """Return (`amin`, `amax`) along `dim`, or of all elements."""

    def angle(self) -> Tensor:
        """Return the angle to the positive numbers: pi for negative ones, 0 for others."""

    def any(self, dim: Dims = None, keepdim: builtins.bool = False) -> Tensor:
        """Return whether some element over `dim` is true (not 0)."""

    def apply_(self, callable: Any) -> Tensor:
        """Replace every value by what `callable`, a function of Python numbers, makes of it, in
        place: slow, and without a gradient.
        """

    def arccos(self) -> Tensor:
        """Return the angle in [0, pi] with this cosine; its gradient at -1 and 1 is infinite."""

    def arccos_(self) -> Tensor:
        """In-place form of `acos`."""

    def arccosh(self) -> Tensor:
        """Return the nonnegative number with this hyperbolic cosine; its gradient at 1 is infinite."""

    def arccosh_(self) -> Tensor:
        """In-place form of `acosh`."""

    def arcsin(self) -> Tensor:
        """Return the angle in [-pi/2, pi/2] with this sine; its gradient at -1 and 1 is infinite."""

    def arcsin_(self) -> Tensor:
        """In-place form of `asin`."""

    def arcsinh(self) -> Tensor:
        """Return the number with this hyperbolic sine."""

    def arcsinh_(self) -> Tensor:
        """In-place form of `asinh`."""

    def arctan(self) -> Tensor:
        """Return the angle in [-pi/2, pi/2] with this tangent."""

    def arctan2(self, other: Any) -> Tensor:
        """Return the angle in [-pi, pi] of the points (other, input), broadcast."""

    def arctan2_(self, other: Any) -> Tensor:
        """In-place form of `atan2`."""

    def arctan_(self) -> Tensor:
        """In-place form of `atan`."""

    def arctanh(self) -> Tensor:
        """Return the number with this hyperbolic tangent."""

    def arctanh_(self) -> Tensor:
        """In-place form of `atanh`."""

    def argmax(self, dim: builtins.int | None = None, keepdim: builtins.bool = False) -> Tensor:
        """Return the index of the (first) largest element along `dim`, or of all as one row."""

    def argmin(self, dim: builtins.int | None = None, keepdim: builtins.bool = False) -> Tensor:
        """Return the index of the (first) smallest element along `dim`, or of all as one row."""

    def argsort(
        self,
        dim: builtins.int = -1,
        descending: builtins.bool = False,
        stable: builtins.bool = True,
    ) -> Tensor:
        """Return the indices (int64) that sort along `dim`; nan counts as the largest."""

    def argwhere(self) -> Tensor:
        """Return the indices of the elements that are not zero, one row each."""

    def as_strided(
        self,
        size: Sequence[builtins.int],
        stride: Sequence[builtins.int],
        storage_offset: builtins.int = 0,
    ) -> Tensor:
        """Return a view of shape `size` whose neighbours along dimension d are stride[d] elements
        apart.
        """

    def as_strided_(
        self,
        size: Sequence[builtins.int],
        stride: Sequence[builtins.int],
        storage_offset: builtins.int = 0,
    ) -> Tensor:
        """In-place form of `as_strided`: the same memory in another shape."""

    def as_strided_scatter(
        self,
        src: Any,
        size: Sequence[builtins.int],
        stride: Sequence[builtins.int],
        storage_offset: builtins.int = 0,
    ) -> Tensor:
        """Return a copy of `input` with `src` where `as_strided` with these arguments looks."""

    def asin(self) -> Tensor:
        """Return the angle in [-pi/2, pi/2] with this sine; its gradient at -1 and 1 is infinite."""

    def asin_(self) -> Tensor:
        """In-place form of `asin`."""

    def asinh(self) -> Tensor:
        """Return the number with this hyperbolic sine."""

    def asinh_(self) -> Tensor:
        """In-place form of `asinh`."""

    def atan(self) -> Tensor:
        """Return the angle in [-pi/2, pi/2] with this tangent."""

    def atan2(self, other: Any) -> Tensor:
        """Return the angle in [-pi, pi] of the points (other, input), broadcast."""

    def atan2_(self, other: Any) -> Tensor:
        """In-place form of `atan2`."""

    def atan_(self) -> Tensor:
        """In-place form of `atan`."""

    def atanh(self) -> Tensor:
        """Return the number with this hyperbolic tangent."""

    def atanh_(self) -> Tensor:
        """In-place form of `atanh`."""

    def backward(
        self,
        gradient: Any = None,
        retain_graph: builtins.bool | None = None,
        create_graph: builtins.bool = False,
        inputs: Any = None,
    ) -> None:
        """Add its gradient to the `.grad` of the leaves that it was computed from: see
        `autograd.backward`.
        """

    def baddbmm(
        self, batch1: Any, batch2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """Return beta * input + alpha * batch1 @ batch2: (b, m, n) (b, n, p) -> (b, m, p); input
        broadcasts.
        """

    def baddbmm_(
        self, batch1: Any, batch2: Any, *, beta: builtins.float = 1, alpha: builtins.float = 1
    ) -> Tensor:
        """In-place form of `baddbmm`."""

    def bernoulli(self, *, generator: Generator | None = None) -> Tensor:
        """Return 1 with the probability that `input` says, else 0, element by element."""

    def bernoulli_(self, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
        """Replace the values by 1 with probability `p` (a number, or a Tensor that broadcasts),
        else 0, in place.
        """

    def bincount(self, weights: Any = None, minlength: builtins.int = 0) -> Tensor:
        """Return how often each of 0, 1, 2, ... is among the integers `input`, (n) -> (highest +
        1), or the sums of their `weights`.
        """

    def bitwise_and(self, other: Any) -> Tensor:
        """Return the bits that both have, broadcast: for booleans, whether both are true."""

    def bitwise_and_(self, other: Any) -> Tensor:
        """In-place form of `bitwise_and`."""

    def bitwise_left_shift(self, other: Any) -> Tensor:
        """Return input * 2^other, the bits moved up, broadcast; those that leave the dtype are
        lost.
        """

    def bitwise_left_shift_(self, other: Any) -> Tensor:
        """In-place form of `bitwise_left_shift`."""

    def bitwise_not(self) -> Tensor:
        """Return the bits inverted: for booleans, the opposite."""

    def bitwise_not_(self) -> Tensor:
        """In-place form of `bitwise_not`."""

    def bitwise_or(self, other: Any) -> Tensor:
        """Return the bits that at least one has, broadcast: for booleans, whether one is true."""

    def bitwise_or_(self, other: Any) -> Tensor:
        """In-place form of `bitwise_or`."""

    def bitwise_right_shift(self, other: Any) -> Tensor:
        """Return floor(input / 2^other), the bits moved down, broadcast."""

    def bitwise_right_shift_(self, other: Any) -> Tensor:
        """In-place form of `bitwise_right_shift`."""

    def bitwise_xor(self, other: Any) -> Tensor:
        """Return the bits that exactly one has, broadcast: for booleans, whether they differ."""

    def bitwise_xor_(self, other: Any) -> Tensor:
        """In-place form of `bitwise_xor`."""

    def bmm(self, mat2: Any) -> Tensor:
        """Return the products of two stacks of matrices: (b, m, n) (b, n, p) -> (b, m, p)."""

    def bool(self) -> Tensor:
        """Return the values as bool: see `to`."""

    def broadcast_to(self, size: Sequence[builtins.int]) -> Tensor:
        """Return a view expanded to `size`: see `Tensor.expand`."""

    def byte(self) -> Tensor:
        """Return the values as uint8: see `to`."""

    def cauchy_(
        self,
        median: builtins.float = 0.0,
        sigma: builtins.float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Replace the values by samples of Cauchy's distribution, median + sigma tan(pi (u - 1/2)),
        in place.
        """

    def ceil(self) -> Tensor:
        """Return the smallest integer >= input, in the dtype of input; its gradient is zero."""

    def ceil_(self) -> Tensor:
        """In-place form of `ceil`."""

    def celu(self, alpha: builtins.float = 1.0) -> Tensor:
        """Return `input` where it is positive, else alpha (e^(input / alpha) - 1): Barron, 2017."""

    def celu_(self, alpha: builtins.float = 1.0) -> Tensor:
        """In-place form of `celu`."""

    def char(self) -> Tensor:
        """Return the values as int8: see `to`."""

    def cholesky(self, upper: builtins.bool = False) -> Tensor:
        """Return the lower triangular L with A = L L^T, or `upper` U with A = U^T U."""

    def cholesky_inverse(self, upper: builtins.bool = False) -> Tensor:
        """Return (L L^T)^-1, or (U^T U)^-1 if `upper`, for a factor that `cholesky` gave."""

    def cholesky_solve(self, L: Any, upper: builtins.bool = False) -> Tensor:
        """Return the X with L L^T X = B (U^T U X = B if `upper`), for a factor that `cholesky`
        gave.
        """

    def chunk(self, chunks: builtins.int, dim: builtins.int = 0) -> tuple[Tensor, ...]:
        """Return at most `chunks` views of parts of dimension `dim`, of one length but for the
        last.
        """

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Return min(max(input, min), max), broadcast: `max` wins if min > max."""

    def clamp_(self, min: Any = None, max: Any = None) -> Tensor:
        """In-place form of `clamp`."""

    def clamp_max(self, max: Any) -> Tensor:
        """Return min(input, max), broadcast; at the bound the gradient belongs to `input`."""

    def clamp_max_(self, max: Any) -> Tensor:
        """In-place form of `clamp_max`."""

    def clamp_min(self, min: Any) -> Tensor:
        """Return max(input, min), broadcast; at the bound the gradient belongs to `input`."""

    def clamp_min_(self, min: Any) -> Tensor:
        """In-place form of `clamp_min`."""

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Return min(max(input, min), max), broadcast: `max` wins if min > max."""

    def clip_(self, min: Any = None, max: Any = None) -> Tensor:
        """In-place form of `clamp`."""

    def clone(self, *, memory_format: Any = None) -> Tensor:
        """Return a copy in memory of its own, through which gradients flow; NumPy knows no
        `memory_format`.
        """

    def conj(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    def conj_physical(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    def conj_physical_(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    def contiguous(self, memory_format: Any = None) -> Tensor:
        """Return `input` itself if its elements lie in memory in row-major order, else a copy that
        does; whatever the `memory_format`.
        """

    def copy_(self, src: Any) -> Tensor:
        """Replace the values by those of `src`, broadcast and cast, in place; the gradient flows to
        `src`.
        """

    def copysign(self, other: Any) -> Tensor:
        """Return |input| with the sign of `other`, broadcast; integers as floating-point numbers."""

    def copysign_(self, other: Any) -> Tensor:
        """In-place form of `copysign`."""

    def corrcoef(self) -> Tensor:
        """Return the correlations of the rows of `input`: covariances over both standard
        deviations.
        """

    def cos(self) -> Tensor:
        """Return the cosine of radians."""

    def cos_(self) -> Tensor:
        """In-place form of `cos`."""

    def cosh(self) -> Tensor:
        """Return (e^input + e^-input) / 2."""

    def cosh_(self) -> Tensor:
        """In-place form of `cosh`."""

    def count_nonzero(self, dim: Dims = None) -> Tensor:
        """Return the number of elements over `dim` that are not 0."""

    def cov(
        self, *, correction: builtins.int = 1, fweights: Any = None, aweights: Any = None
    ) -> Tensor:
        """Return the covariances of the rows of `input`, variables (rows) by observations
        (columns).
        """

    def cpu(self) -> Tensor:
        """Return `input` itself: it is on the CPU."""

    def cross(self, other: Any, dim: builtins.int | None = None) -> Tensor:
        """Return the cross product of vectors of 3 elements along `dim`, broadcast."""

    def cuda(self, device: Any = None) -> Tensor:
        """Raise RuntimeError: there is no device but the CPU."""

    def cummax(self, dim: builtins.int) -> return_types.cummax:
        """Return (values, indices) of the largest element so far along `dim`, the last one of
        equals.
        """

    def cummin(self, dim: builtins.int) -> return_types.cummin:
        """Return (values, indices) of the smallest element so far along `dim`, the last one of
        equals.
        """

    def cumprod(self, dim: builtins.int, *, dtype: Any = None) -> Tensor:
        """Return the running products along `dim`: y_k = x_0 ... x_k."""

    def cumprod_(self, dim: builtins.int, *, dtype: Any = None) -> Tensor:
        """In-place form of `cumprod`."""

    def cumsum(self, dim: builtins.int, *, dtype: Any = None) -> Tensor:
        """Return the running sums along `dim`: y_k = x_0 + ... + x_k."""

    def cumsum_(self, dim: builtins.int, *, dtype: Any = None) -> Tensor:
        """In-place form of `cumsum`."""

    def data_ptr(self) -> builtins.int:
        """Return the address of the first element."""

    def deg2rad(self) -> Tensor:
        """Return angles given in degrees in radians."""

    def deg2rad_(self) -> Tensor:
        """In-place form of `deg2rad`."""

    def det(self) -> Tensor:
        """Return the determinant: (..., n, n) -> (...)."""

    def detach(self) -> Tensor:
        """Return a tensor over the same memory that no gradient flows through."""

    def detach_(self) -> Tensor:
        """Cut this tensor off from the graph that made it, in place; return itself."""

    def diag(self, diagonal: builtins.int = 0) -> Tensor:
        """Return a copy of a diagonal of a matrix, or the matrix that has a vector as that diagonal
        and zeros elsewhere.
        """

    def diag_embed(
        self, offset: builtins.int = 0, dim1: builtins.int = -2, dim2: builtins.int = -1
    ) -> Tensor:
        """Return zeros with the last dimension of `input` on the diagonal between `dim1` and
        `dim2`: (..., n) -> (..., n, n), larger by |offset|.
        """

    def diagflat(self, offset: builtins.int = 0) -> Tensor:
        """Return a matrix of zeros with all elements of `input` on one of its diagonals."""

    def diagonal(
        self, offset: builtins.int = 0, dim1: builtins.int = 0, dim2: builtins.int = 1
    ) -> Tensor:
        """Return a view of the diagonal of dimensions dim1 and dim2, `offset` above the main one,
        as the last dimension.
        """

    def diagonal_scatter(
        self, src: Any, offset: builtins.int = 0, dim1: builtins.int = 0, dim2: builtins.int = 1
    ) -> Tensor:
        """Return `input` with `src` as its diagonal: see `diagonal`."""

    def diff(
        self, n: builtins.int = 1, dim: builtins.int = -1, prepend: Any = None, append: Any = None
    ) -> Tensor:
        """Return the differences x_{i+1} - x_i along `dim`, n times; of booleans, whether they
        differ.
        """

    def digamma(self) -> Tensor:
        """Return the derivative of ln gamma(input)."""

    def digamma_(self) -> Tensor:
        """In-place form of `digamma`."""

    def dim(self) -> builtins.int:
        """Return the number of dimensions."""

    def dist(self, other: Any, p: builtins.float = 2.0) -> Tensor:
        """Return the p-norm of all of input - other, broadcast."""

    def div(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return input / other, broadcast, rounded towards zero ("trunc") or down ("floor") if
        wanted.
        """

    def div_(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """In-place form of `div`."""

    def divide(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """Return input / other, broadcast, rounded towards zero ("trunc") or down ("floor") if
        wanted.
        """

    def divide_(self, other: Any, *, rounding_mode: str | None = None) -> Tensor:
        """In-place form of `div`."""

    def dot(self, tensor: Any) -> Tensor:
        """Return the dot product of two vectors: (n) (n) -> ()."""

    def double(self) -> Tensor:
        """Return the values as float64: see `to`."""

    def dsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Return equal sections, or the parts that indices cut, of dimension 2."""

    def element_size(self) -> builtins.int:
        """Return the bytes an element."""

    def eq(self, other: Any) -> Tensor:
        """Return whether input == other, element by element, broadcast."""

    def eq_(self, other: Any) -> Tensor:
        """In-place form of `eq`."""

    def equal(self, other: Any) -> builtins.bool:
        """Return whether shapes and all elements agree."""

    def erf(self) -> Tensor:
        """Return the error function, 2/sqrt(pi) times the integral of e^-t^2 from 0 to input."""

    def erf_(self) -> Tensor:
        """In-place form of `erf`."""

    def erfc(self) -> Tensor:
        """Return 1 - erf(input), with all digits also where that is tiny."""

    def erfc_(self) -> Tensor:
        """In-place form of `erfc`."""

    def erfinv(self) -> Tensor:
        """Return the y with erf(y) = input: infinite at -1 and 1, NaN beyond."""

    def erfinv_(self) -> Tensor:
        """In-place form of `erfinv`."""

    def exp(self) -> Tensor:
        """Return e^input."""

    def exp2(self) -> Tensor:
        """Return 2^input."""

    def exp2_(self) -> Tensor:
        """In-place form of `exp2`."""

    def exp_(self) -> Tensor:
        """In-place form of `exp`."""

    def expand(self, *sizes: Any) -> Tensor:
        """Return a view repeated to `sizes` along new dimensions in front and those of length 1; -1
        keeps a length.
        """

    def expand_as(self, other: Any) -> Tensor:
        """Return a view expanded to the shape of `other`: see `Tensor.expand`."""

    def expm1(self) -> Tensor:
        """Return e^input - 1, accurate for small values."""

    def expm1_(self) -> Tensor:
        """In-place form of `expm1`."""

    def exponential_(
        self, lambd: builtins.float = 1.0, *, generator: Generator | None = None
    ) -> Tensor:
        """Replace the values by samples of the exponential distribution of rate `lambd`, in place."""

    def fill_(self, value: Any) -> Tensor:
        """Replace every value by `value`, a number or 0-d Tensor, in place."""

    def fill_diagonal_(self, fill_value: Any, wrap: builtins.bool = False) -> Tensor:
        """Replace the elements whose indices are all equal, in place; with `wrap`, the diagonal of
        a matrix begins anew below each square, one row left out.
        """

    def fix(self) -> Tensor:
        """Return the nearest integer towards 0, in the dtype of input; its gradient is zero."""

    def fix_(self) -> Tensor:
        """In-place form of `trunc`."""

    def flatten(self, start_dim: builtins.int = 0, end_dim: builtins.int = -1) -> Tensor:
        """Return the dimensions from `start_dim` to `end_dim`, both included, as one."""

    def flip(self, *dims: Any) -> Tensor:
        """Return a copy with the order of the elements reversed along `dims`."""

    def fliplr(self) -> Tensor:
        """Return the elements with dimension 1 (left and right) reversed."""

    def flipud(self) -> Tensor:
        """Return the elements with dimension 0 (up and down) reversed."""

    def float(self) -> Tensor:
        """Return the values as float32: see `to`."""

    def float_power(self, exponent: Any) -> Tensor:
        """Return input^exponent, broadcast, in float64 whatever the dtypes of the operands."""

    def float_power_(self, exponent: Any) -> Tensor:
        """In-place form of `float_power`."""

    def floor(self) -> Tensor:
        """Return the largest integer <= input, in the dtype of input; its gradient is zero."""

    def floor_(self) -> Tensor:
        """In-place form of `floor`."""

    def floor_divide(self, other: Any) -> Tensor:
        """Return floor(input / other), broadcast; integers are kept; its gradient is zero."""

    def floor_divide_(self, other: Any) -> Tensor:
        """In-place form of `floor_divide`."""

    def fmax(self, other: Any) -> Tensor:
        """Return max(input, other), broadcast; where one of them is NaN, the other."""

    def fmin(self, other: Any) -> Tensor:
        """Return min(input, other), broadcast; where one of them is NaN, the other."""

    def fmod(self, other: Any) -> Tensor:
        """Return input - other * trunc(input / other), broadcast: it has the sign of `input`."""

    def fmod_(self, other: Any) -> Tensor:
        """In-place form of `fmod`."""

    def frac(self) -> Tensor:
        """Return input - trunc(input), what follows the decimal point."""

    def frac_(self) -> Tensor:
        """In-place form of `frac`."""

    def frexp(self) -> return_types.frexp:
        """Return (mantissa, exponent) with input = mantissa 2^exponent, 1/2 <= |mantissa| < 1
        unless it is 0, inf or NaN.
        """

    def gather(self, dim: builtins.int, index: Any) -> Tensor:
        """Return the elements along `dim` that `index` names: out[i][j] = input[index[i][j]][j],
        for dim = 0.
        """

    def gcd(self, other: Any) -> Tensor:
        """Return the greatest common divisor, broadcast; that of 0 and n is |n|."""

    def gcd_(self, other: Any) -> Tensor:
        """In-place form of `gcd`."""

    def ge(self, other: Any) -> Tensor:
        """Return whether input >= other, element by element, broadcast."""

    def ge_(self, other: Any) -> Tensor:
        """In-place form of `ge`."""

    def geometric_(self, p: builtins.float, *, generator: Generator | None = None) -> Tensor:
        """Replace the values by how many trials it takes until one of probability `p` succeeds, in
        place.
        """

    def geqrf(self) -> return_types.geqrf:
        """Return (a, tau) of A = Q R: R on and above the diagonal of a, and below it, with tau, the
        reflections that Q is the product of; (m, n) -> (m, n), (min(m, n)). It has no gradient:
        `linalg.qr` has.
        """

    def ger(self, vec2: Any) -> Tensor:
        """Return the outer product of two vectors: (m) (n) -> (m, n)."""

    def get_device(self) -> builtins.int:
        """Return -1: the CPU has no number."""

    def greater(self, other: Any) -> Tensor:
        """Return whether input > other, element by element, broadcast."""

    def greater_(self, other: Any) -> Tensor:
        """In-place form of `gt`."""

    def greater_equal(self, other: Any) -> Tensor:
        """Return whether input >= other, element by element, broadcast."""

    def greater_equal_(self, other: Any) -> Tensor:
        """In-place form of `ge`."""

    def gt(self, other: Any) -> Tensor:
        """Return whether input > other, element by element, broadcast."""

    def gt_(self, other: Any) -> Tensor:
        """In-place form of `gt`."""

    def half(self) -> Tensor:
        """Return the values as float16: see `to`."""

    def hardshrink(self, lambd: builtins.float = 0.5) -> Tensor:
        """Return `input` where its magnitude exceeds lambd, else 0."""

    def heaviside(self, values: Any) -> Tensor:
        """Return 0 where input < 0, 1 where input > 0, and `values`, broadcast, where input = 0."""

    def heaviside_(self, values: Any) -> Tensor:
        """In-place form of `heaviside`."""

    def histc(
        self, bins: builtins.int = 100, min: builtins.float = 0, max: builtins.float = 0
    ) -> Tensor:
        """Return how many elements lie in each of `bins` equal parts of [min, max], or, where both
        are equal, of the range of the elements. What lies outside is not counted.
        """

    def histogram(
        self, bins: Any, *, range: Any = None, weight: Any = None, density: builtins.bool = False
    ) -> return_types.histogram:
        """Return (hist, bin_edges): how many elements, or how much `weight`, is in each bin."""

    def hsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Return equal sections, or the parts that indices cut, of dimension 1 (0 of a vector)."""

    def hypot(self, other: Any) -> Tensor:
        """Return sqrt(input^2 + other^2), broadcast, without overflow on the way."""

    def hypot_(self, other: Any) -> Tensor:
        """In-place form of `hypot`."""

    def i0(self) -> Tensor:
        """Return the modified Bessel function of the first kind of order 0."""

    def i0_(self) -> Tensor:
        """In-place form of `i0`."""

    def igamma(self, other: Any) -> Tensor:
        """Return P(input, other), the integral of t^(input - 1) e^-t / gamma(input) from 0 to
        other, broadcast.
        """

    def igamma_(self, other: Any) -> Tensor:
        """In-place form of `igamma`."""

    def igammac(self, other: Any) -> Tensor:
        """Return Q(input, other) = 1 - P(input, other), with all digits also where that is tiny:
        see `igamma`.
        """

    def igammac_(self, other: Any) -> Tensor:
        """In-place form of `igammac`."""

    def index_add(self, dim: builtins.int, index: Any, source: Any, *, alpha: Any = 1) -> Tensor:
        """Return `input` with alpha * source[i] added to its slice number index[i] along `dim`, for
        every i.
        """

    def index_add_(self, dim: builtins.int, index: Any, source: Any, *, alpha: Any = 1) -> Tensor:
        """In-place form of `index_add`."""

    def index_copy(self, dim: builtins.int, index: Any, source: Any) -> Tensor:
        """Return `input` with source[i] as its slice number index[i] along `dim`, for every i."""

    def index_copy_(self, dim: builtins.int, index: Any, source: Any) -> Tensor:
        """In-place form of `index_copy`."""

    def index_fill(self, dim: builtins.int, index: Any, value: Any) -> Tensor:
        """Return `input` with `value`, a number or 0-d Tensor, in the slices `index` of `dim`."""

    def index_fill_(self, dim: builtins.int, index: Any, value: Any) -> Tensor:
        """In-place form of `index_fill`."""

    def index_put(self, indices: Any, values: Any, accumulate: builtins.bool = False) -> Tensor:
        """Return `input` with `values`, broadcast, at input[indices]; with `accumulate` added
        there, once for each time that an element occurs.
        """

    def index_put_(self, indices: Any, values: Any, accumulate: builtins.bool = False) -> Tensor:
        """In-place form of `index_put`."""

    def index_reduce(
        self,
        dim: builtins.int,
        index: Any,
        source: Any,
        reduce: str,
        *,
        include_self: builtins.bool = True,
    ) -> Tensor:
        """Return `input` with its slices number index[i] along `dim` combined with source[i], by
        `reduce`: "prod", "mean", "amax" or "amin"; see `scatter_reduce`.
        """

    def index_reduce_(
        self,
        dim: builtins.int,
        index: Any,
        source: Any,
        reduce: str,
        *,
        include_self: builtins.bool = True,
    ) -> Tensor:
        """In-place form of `index_reduce`."""

    def index_select(self, dim: builtins.int, index: Any) -> Tensor:
        """Return the slices of dimension `dim` that the integers `index` (one dimension) name, as a
        copy.
        """

    def inner(self, other: Any) -> Tensor:
        """Return the sums of products over the last dimensions: (..., n) (*, n) -> (..., *)."""

    def int(self) -> Tensor:
        """Return the values as int32: see `to`."""

    def inverse(self) -> Tensor:
        """Return A^-1. LinAlgError where A is singular; to solve equations, `solve` is better."""

    def is_complex(self) -> builtins.bool:
        """Return False: there are no complex numbers."""

    def is_conj(self) -> builtins.bool:
        """Return False: no tensor is a view of the conjugates of another."""

    def is_contiguous(self, memory_format: Any = None) -> builtins.bool:
        """Return whether its elements lie in memory in row-major order without gaps."""

    def is_floating_point(self) -> builtins.bool:
        """Return whether its dtype is a floating-point one."""

    def is_neg(self) -> builtins.bool:
        """Return False: no tensor is a view of the negatives of another."""

    def is_nonzero(self) -> builtins.bool:
        """Return whether the one element is not zero; RuntimeError unless there is one."""

    def is_same_size(self, other: Any) -> builtins.bool:
        """Return whether the shapes agree."""

    def is_signed(self) -> builtins.bool:
        """Return whether the dtype has negative numbers."""

    def isclose(
        self,
        other: Any,
        rtol: builtins.float = 1e-05,
        atol: builtins.float = 1e-08,
        equal_nan: builtins.bool = False,
    ) -> Tensor:
        """Return whether |input - other| <= atol + rtol |other|, element by element, broadcast."""

    def isfinite(self) -> Tensor:
        """Return whether each element is neither infinite nor NaN."""

    def isinf(self) -> Tensor:
        """Return whether each element is infinite."""

    def isnan(self) -> Tensor:
        """Return whether each element is NaN."""

    def isneginf(self) -> Tensor:
        """Return whether each element is -infinity."""

    def isposinf(self) -> Tensor:
        """Return whether each element is +infinity."""

    def isreal(self) -> Tensor:
        """Return whether each element has no imaginary part: true, there being no complex numbers."""

    def item(self) -> Any:
        """Return the one element as a Python number."""

    def kron(self, other: Any) -> Tensor:
        """Return the Kronecker product: each element of `input` times all of `other`, in its place."""

    def kthvalue(
        self, k: builtins.int, dim: builtins.int = -1, keepdim: builtins.bool = False
    ) -> return_types.kthvalue:
        """Return (values, indices) of the k-th smallest element along `dim`, counted from 1."""

    def lcm(self, other: Any) -> Tensor:
        """Return the least common multiple, broadcast; that of 0 and n is 0."""

    def lcm_(self, other: Any) -> Tensor:
        """In-place form of `lcm`."""

    def ldexp(self, other: Any) -> Tensor:
        """Return input * 2^other, broadcast."""

    def ldexp_(self, other: Any) -> Tensor:
        """In-place form of `ldexp`."""

    def le(self, other: Any) -> Tensor:
        """Return whether input <= other, element by element, broadcast."""

    def le_(self, other: Any) -> Tensor:
        """In-place form of `le`."""

    def lerp(self, end: Any, weight: Any) -> Tensor:
        """Return input + weight * (end - input), broadcast: `input` at weight 0, `end` at weight 1."""

    def lerp_(self, end: Any, weight: Any) -> Tensor:
        """In-place form of `lerp`."""

    def less(self, other: Any) -> Tensor:
        """Return whether input < other, element by element, broadcast."""

    def less_(self, other: Any) -> Tensor:
        """In-place form of `lt`."""

    def less_equal(self, other: Any) -> Tensor:
        """Return whether input <= other, element by element, broadcast."""

    def less_equal_(self, other: Any) -> Tensor:
        """In-place form of `le`."""

    def lgamma(self) -> Tensor:
        """Return ln |gamma(input)|: infinite at 0, -1, -2, ..."""

    def lgamma_(self) -> Tensor:
        """In-place form of `lgamma`."""

    def log(self) -> Tensor:
        """Return the natural logarithm."""

    def log10(self) -> Tensor:
        """Return the logarithm to the base 10."""

    def log10_(self) -> Tensor:
        """In-place form of `log10`."""

    def log1p(self) -> Tensor:
        """Return ln(1 + input), accurate for small values."""

    def log1p_(self) -> Tensor:
        """In-place form of `log1p`."""

    def log2(self) -> Tensor:
        """Return the logarithm to the base 2."""

    def log2_(self) -> Tensor:
        """In-place form of `log2`."""

    def log_(self) -> Tensor:
        """In-place form of `log`."""

    def log_normal_(
        self,
        mean: builtins.float = 1.0,
        std: builtins.float = 2.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Replace the values by e^z for samples z of a normal distribution, in place."""

    def log_softmax(self, dim: builtins.int, dtype: Any = None) -> Tensor:
        """Return input_i - ln sum_j e^input_j, where j runs along `dim`; first converted to
        `dtype`.
        """

    def logaddexp(self, other: Any) -> Tensor:
        """Return ln(e^input + e^other), broadcast, without overflow."""

    def logaddexp2(self, other: Any) -> Tensor:
        """Return log2(2^input + 2^other), broadcast, without overflow."""

    def logcumsumexp(self, dim: builtins.int) -> Tensor:
        """Return ln sum_{i <= k} e^x_i for each k along `dim`, without overflow."""

    def logdet(self) -> Tensor:
        """Return ln det A: -inf where it is 0, NaN where it is negative."""

    def logical_and(self, other: Any) -> Tensor:
        """Return whether both are nonzero, element by element, broadcast."""

    def logical_and_(self, other: Any) -> Tensor:
        """In-place form of `logical_and`."""

    def logical_not(self) -> Tensor:
        """Return whether each element is zero."""

    def logical_not_(self) -> Tensor:
        """In-place form of `logical_not`."""

    def logical_or(self, other: Any) -> Tensor:
        """Return whether at least one is nonzero, element by element, broadcast."""

    def logical_or_(self, other: Any) -> Tensor:
        """In-place form of `logical_or`."""

    def logical_xor(self, other: Any) -> Tensor:
        """Return whether exactly one is nonzero, element by element, broadcast."""

    def logical_xor_(self, other: Any) -> Tensor:
        """In-place form of `logical_xor`."""

    def logit(self, eps: builtins.float | None = None) -> Tensor:
        """Return ln(input / (1 - input)), the inverse of the sigmoid; before that, input is brought
        into [eps, 1 - eps] if `eps` is given.
        """

    def logit_(self, eps: builtins.float | None = None) -> Tensor:
        """In-place form of `logit`."""

    def logsumexp(self, dim: Dims, keepdim: builtins.bool = False) -> Tensor:
        """Return log sum exp(x) over `dim`, without overflow; -inf where there are no elements."""

    def long(self) -> Tensor:
        """Return the values as int64: see `to`."""

    def lt(self, other: Any) -> Tensor:
        """Return whether input < other, element by element, broadcast."""

    def lt_(self, other: Any) -> Tensor:
        """In-place form of `lt`."""

    def lu(self, pivot: builtins.bool = True, get_infos: builtins.bool = False) -> tuple[Any, ...]:
        """Return (LU, pivots), with `get_infos` (LU, pivots, info): `linalg.lu_factor_ex`."""

    def lu_solve(self, LU_data: Any, LU_pivots: Any) -> Tensor:
        """Return the X with A X = b: `linalg.lu_solve`."""

    def masked_fill(self, mask: Any, value: Any) -> Tensor:
        """Return `input` with `value`, a number or 0-d Tensor, wherever the boolean `mask`,
        broadcast, is true.
        """

    def masked_fill_(self, mask: Any, value: Any) -> Tensor:
        """In-place form of `masked_fill`: the mask broadcasts to the shape of the tensor."""

    def masked_scatter(self, mask: Any, source: Any) -> Tensor:
        """Return `input` with the elements of `source`, in their order, where the boolean `mask` is
        true, both broadcast.
        """

    def masked_scatter_(self, mask: Any, source: Any) -> Tensor:
        """In-place form of `masked_scatter`."""

    def masked_select(self, mask: Any) -> Tensor:
        """Return the elements where the boolean `mask` is true, both broadcast, in one dimension."""

    def matmul(self, other: Any) -> Tensor:
        """Return the matrix product, of vectors, matrices, or stacks of matrices."""

    def matrix_exp(self) -> Tensor:
        """Return I + A + A^2/2! + A^3/3! + ..."""

    def matrix_power(self, n: builtins.int) -> Tensor:
        """Return A^n, by repeated squaring; for a negative n, of the inverse."""

    def max(self, dim: Any = None, keepdim: builtins.bool = False) -> Any:
        """Return the largest element, in one of three forms."""

    def maximum(self, other: Any) -> Tensor:
        """Return max(input, other), element by element, broadcast; NaN where one of them is."""

    def mean(
        self, dim: Dims = None, keepdim: builtins.bool = False, *, dtype: Any = None
    ) -> Tensor:
        """Return the mean over `dim`, nan where there are no elements; RuntimeError for integers."""

    def median(self, dim: builtins.int | None = None, keepdim: builtins.bool = False) -> Any:
        """Return the median, of an even number the lower one of the two in the middle; nan if there
        is one. Along `dim`: (values, indices).
        """

    def min(self, dim: Any = None, keepdim: builtins.bool = False) -> Any:
        """Return the smallest element, in the three forms of `max`."""

    def minimum(self, other: Any) -> Tensor:
        """Return min(input, other), element by element, broadcast; NaN where one of them is."""

    def mm(self, mat2: Any) -> Tensor:
        """Return the product of two matrices: (m, n) (n, p) -> (m, p)."""

    def mode(self, dim: builtins.int = -1, keepdim: builtins.bool = False) -> return_types.mode:
        """Return (values, indices) of the most frequent element along `dim`: the smallest of
        several, and its last place. The gradient goes there.
        """

    def moveaxis(
        self,
        source: builtins.int | tuple[builtins.int, ...],
        destination: builtins.int | tuple[builtins.int, ...],
    ) -> Tensor:
        """Return a view with the dimensions `source` at the places `destination`, the others in
        their order.
        """

    def movedim(
        self,
        source: builtins.int | tuple[builtins.int, ...],
        destination: builtins.int | tuple[builtins.int, ...],
    ) -> Tensor:
        """Return a view with the dimensions `source` at the places `destination`, the others in
        their order.
        """

    def msort(self) -> Tensor:
        """Return the elements in ascending order along dimension 0."""

    def mul(self, other: Any) -> Tensor:
        """Return input * other, broadcast."""

    def mul_(self, other: Any) -> Tensor:
        """In-place form of `mul`."""

    def multinomial(
        self,
        num_samples: builtins.int,
        replacement: builtins.bool = False,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Return `num_samples` category numbers for each row of weights, drawn in proportion to
        them; int64.
        """

    def multiply(self, other: Any) -> Tensor:
        """Return input * other, broadcast."""

    def multiply_(self, other: Any) -> Tensor:
        """In-place form of `mul`."""

    def mv(self, vec: Any) -> Tensor:
        """Return the product of a matrix and a vector: (m, n) (n) -> (m)."""

    def mvlgamma(self, p: builtins.int) -> Tensor:
        """Return ln gamma in p dimensions: p (p - 1)/4 ln pi + sum_{i<p} ln gamma(input - i/2)."""

    def mvlgamma_(self, p: builtins.int) -> Tensor:
        """In-place form of `mvlgamma`."""

    def nan_to_num(
        self,
        nan: builtins.float = 0.0,
        posinf: builtins.float | None = None,
        neginf: builtins.float | None = None,
    ) -> Tensor:
        """Return `input` with `nan` for NaN, and for the infinities `posinf` and `neginf`."""

    def nan_to_num_(
        self,
        nan: builtins.float = 0.0,
        posinf: builtins.float | None = None,
        neginf: builtins.float | None = None,
    ) -> Tensor:
        """In-place form of `nan_to_num`."""

    def nanmean(
        self, dim: Any = None, keepdim: builtins.bool = False, *, dtype: Any = None
    ) -> Tensor:
        """Return the mean over `dim` of what is not nan; nan where all is."""

    def nanmedian(self, dim: builtins.int | None = None, keepdim: builtins.bool = False) -> Any:
        """Return the median of what is not nan; along `dim`: (values, indices)."""

    def nanquantile(
        self,
        q: Any,
        dim: builtins.int | None = None,
        keepdim: builtins.bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """Return the quantiles of what is not nan: see `quantile`."""

    def nansum(
        self, dim: Any = None, keepdim: builtins.bool = False, *, dtype: Any = None
    ) -> Tensor:
        """Return the sum over `dim`, nan taken as 0."""

    def narrow(self, dim: builtins.int, start: Any, length: builtins.int) -> Tensor:
        """Return a view of `length` elements of dimension `dim`, from `start` on, a number or a
        Tensor of one integer. RuntimeError if it has not so many.
        """

    def narrow_copy(self, dim: builtins.int, start: Any, length: builtins.int) -> Tensor:
        """As `narrow`, in memory of its own."""

    def ndimension(self) -> builtins.int:
        """Return the number of dimensions."""

    def ne(self, other: Any) -> Tensor:
        """Return whether input != other, element by element, broadcast."""

    def ne_(self, other: Any) -> Tensor:
        """In-place form of `ne`."""

    def neg(self) -> Tensor:
        """Return -input."""

    def neg_(self) -> Tensor:
        """In-place form of `neg`."""

    def negative(self) -> Tensor:
        """Return -input."""

    def negative_(self) -> Tensor:
        """In-place form of `neg`."""

    def nelement(self) -> builtins.int:
        """Return the number of elements."""

    def new_empty(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: builtins.bool = False,
    ) -> Tensor:
        """As `empty`, with the dtype of this tensor unless another one is given."""

    def new_empty_strided(
        self,
        size: Sequence[builtins.int],
        stride: Sequence[builtins.int],
        dtype: Any = None,
        **options: Any,
    ) -> Tensor:
        """As `empty_strided`, with the dtype of this tensor unless another one is given."""

    def new_full(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: builtins.bool = False,
    ) -> Tensor:
        """As `full`, with the dtype of this tensor unless another one is given."""

    def new_ones(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: builtins.bool = False,
    ) -> Tensor:
        """As `ones`, with the dtype of this tensor unless another one is given."""

    def new_tensor(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: builtins.bool = False,
    ) -> Tensor:
        """As `tensor`, with the dtype of this tensor unless another one is given."""

    def new_zeros(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: builtins.bool = False,
    ) -> Tensor:
        """As `zeros`, with the dtype of this tensor unless another one is given."""

    def nextafter(self, other: Any) -> Tensor:
        """Return the floating-point number next to `input` in the direction of `other`, broadcast."""

    def nextafter_(self, other: Any) -> Tensor:
        """In-place form of `nextafter`."""

    def nonzero(self, *, as_tuple: builtins.bool = False) -> Any:
        """Return the indices of the elements that are not zero: one row each, or (`as_tuple`) an
        array a dimension, to index with.
        """

    def nonzero_static(self, *, size: builtins.int, fill_value: builtins.int = -1) -> Tensor:
        """Return the first `size` rows of `nonzero(input)`, rows of `fill_value` where there are
        fewer.
        """

    def norm(
        self,
        p: builtins.float | str = "fro",
        dim: Dims = None,
        keepdim: builtins.bool = False,
        dtype: Any = None,
    ) -> Tensor:
        """Return the p-norm over `dim`, of the elements as one vector: (sum |x|^p)^(1/p)."""

    def normal_(
        self,
        mean: builtins.float = 0.0,
        std: builtins.float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Replace the values by samples of a normal distribution, in place."""

    def not_equal(self, other: Any) -> Tensor:
        """Return whether input != other, element by element, broadcast."""

    def not_equal_(self, other: Any) -> Tensor:
        """In-place form of `ne`."""

    def numel(self) -> builtins.int:
        """Return the number of elements."""

    def numpy(self, *, force: builtins.bool = False) -> numpy.ndarray:
        """Return the NumPy array itself (no copy); a tensor that requires grad asks for `detach()`
        or `force=True`.
        """

    def orgqr(self, tau: Any) -> Tensor:
        """Return the first n columns of Q, for the reflections in A and tau: (m, n), (k) -> (m, n),
        m >= n >= k.
        """

    def ormqr(
        self, tau: Any, other: Any, left: builtins.bool = True, transpose: builtins.bool = False
    ) -> Tensor:
        """Return Q `other`, or `other` Q unless `left`, Q^T for Q if `transpose`: the product with
        the whole Q, without making it. Of the reflections in `input` (m, k) and `tau` (k), Q is
        (m, m).
        """

    def outer(self, vec2: Any) -> Tensor:
        """Return the outer product of two vectors: (m) (n) -> (m, n)."""

    def permute(self, *dims: Any) -> Tensor:
        """Return a view with the dimensions in the order `dims`."""

    def pinverse(self, rcond: builtins.float = 1e-15) -> Tensor:
        """Return the pseudo-inverse: `linalg.pinv` with another default."""

    def polygamma(self, n: builtins.int) -> Tensor:
        """Return the derivative number n + 1 of ln gamma(input); RuntimeError for a negative n."""

    def polygamma_(self, n: builtins.int) -> Tensor:
        """In-place form of `_polygamma`."""

    def positive(self) -> Tensor:
        """Return `input` itself."""

    def pow(self, exponent: Any) -> Tensor:
        """Return input^exponent, broadcast; either may be a number."""

    def pow_(self, exponent: Any) -> Tensor:
        """In-place form of `pow`."""

    def prelu(self, weight: Any) -> Tensor:
        """Return `input` where it is positive, else weight * input: He et al. (2015)."""

    def prod(
        self, dim: builtins.int | None = None, keepdim: builtins.bool = False, *, dtype: Any = None
    ) -> Tensor:
        """Return the product over one dimension, or all for None; integers are multiplied as int64."""

    def put(self, index: Any, source: Any, accumulate: builtins.bool = False) -> Tensor:
        """Return `input` with source[i] at place index[i] of its elements in row-major order; with
        `accumulate` added there.
        """

    def put_(self, index: Any, source: Any, accumulate: builtins.bool = False) -> Tensor:
        """In-place form of `put`."""

    def qr(self, some: builtins.bool = True) -> return_types.linalg_qr:
        """Return (Q, R): `linalg.qr`, complete unless `some`."""

    def quantile(
        self,
        q: Any,
        dim: builtins.int | None = None,
        keepdim: builtins.bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """Return the q-quantiles along `dim`, or of all elements; several q make the first
        dimension.
        """

    def rad2deg(self) -> Tensor:
        """Return angles given in radians in degrees."""

    def rad2deg_(self) -> Tensor:
        """In-place form of `rad2deg`."""

    def random_(
        self,
        from_: builtins.int = 0,
        to: builtins.int | None = None,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Replace the values by integers drawn uniformly: random_(to), random_(from_, to), or all
        that the dtype can count to.
        """

    def ravel(self) -> Tensor:
        """Return the elements, in row-major order, in one dimension."""

    def reciprocal(self) -> Tensor:
        """Return 1 / input."""

    def reciprocal_(self) -> Tensor:
        """In-place form of `reciprocal`."""

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad)` whenever this tensor's gradient is computed; what it returns, unless
        None, replaces it.
        """

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(self)` whenever backward has added to the `.grad` of this leaf, which it may
        then use and drop.
        """

    def relu(self) -> Tensor:
        """Return max(input, 0); its gradient at 0 is 0."""

    def relu_(self) -> Tensor:
        """In-place form of `relu`."""

    def remainder(self, other: Any) -> Tensor:
        """Return input - other * floor(input / other), broadcast: it has the sign of `other`."""

    def remainder_(self, other: Any) -> Tensor:
        """In-place form of `remainder`."""

    def renorm(self, p: builtins.float, dim: builtins.int, maxnorm: builtins.float) -> Tensor:
        """Return `input` with each slice along `dim` whose p-norm exceeds `maxnorm` scaled down to
        it.
        """

    def renorm_(self, p: builtins.float, dim: builtins.int, maxnorm: builtins.float) -> Tensor:
        """In-place form of `renorm`."""

    def repeat(self, *sizes: Any) -> Tensor:
        """Return copies of `input` side by side, sizes[i] of them along dimension i; sizes may name
        new dimensions in front.
        """

    def repeat_interleave(
        self,
        repeats: Any,
        dim: builtins.int | None = None,
        *,
        output_size: builtins.int | None = None,
    ) -> Tensor:
        """Return each element (each slice of `dim`; without it, of the flat input) `repeats` times
        in a row: a number, or one for each.
        """

    def requires_grad_(self, requires_grad: builtins.bool = True) -> Tensor:
        """Start (or stop) recording what is computed from this leaf, in place; return itself."""

    def reshape(self, *shape: Any) -> Tensor:
        """Return the elements, in row-major order, in another shape (-1: what remains); a view
        where possible.
        """

    def reshape_as(self, other: Any) -> Tensor:
        """Return the elements in the shape of `other`: see `reshape`."""

    def resolve_conj(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    def resolve_neg(self) -> Tensor:
        """Return `input` itself: real numbers are their own conjugates."""

    def retain_grad(self) -> None:
        """Have backward keep the gradient of this non-leaf in its `.grad`."""

    def roll(
        self,
        shifts: builtins.int | Sequence[builtins.int],
        dims: builtins.int | Sequence[builtins.int] | None = None,
    ) -> Tensor:
        """Return a copy shifted along `dims`, what leaves at one end entering at the other; without
        `dims`, flattened.
        """

    def rot90(self, k: builtins.int = 1, dims: Sequence[builtins.int] = (0, 1)) -> Tensor:
        """Return the elements turned k times by 90 degrees, from the first of `dims` to the second."""

    def round(self, *, decimals: builtins.int = 0) -> Tensor:
        """Return the nearest multiple of 10^-decimals, the even one of two; its gradient is zero."""

    def round_(self, *, decimals: builtins.int = 0) -> Tensor:
        """In-place form of `round`."""

    def rsqrt(self) -> Tensor:
        """Return 1 / sqrt(input)."""

    def rsqrt_(self) -> Tensor:
        """In-place form of `rsqrt`."""

    def rsub(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Return other - alpha * input, broadcast."""

    def scatter(
        self, dim: builtins.int, index: Any, src: Any = None, *, value: Any = None
    ) -> Tensor:
        """Return `input` with the elements of `src`, or one number, put where `index` says."""

    def scatter_(
        self, dim: builtins.int, index: Any, src: Any = None, *, value: Any = None
    ) -> Tensor:
        """In-place form of `scatter`."""

    def scatter_add(self, dim: builtins.int, index: Any, src: Any) -> Tensor:
        """Return `input` with the elements of `src` added where `index` says: out[index[i][j]][j]
        += src[i][j], for dim = 0.
        """

    def scatter_add_(self, dim: builtins.int, index: Any, src: Any) -> Tensor:
        """In-place form of `scatter_add`."""

    def scatter_reduce(
        self,
        dim: builtins.int,
        index: Any,
        src: Any,
        reduce: str,
        *,
        include_self: builtins.bool = True,
    ) -> Tensor:
        """Return `input` with each element combined with those of `src` that `index` sends there
        (see `scatter`), by `reduce`: "sum", "prod", "mean", "amax" or "amin".
        """

    def scatter_reduce_(
        self,
        dim: builtins.int,
        index: Any,
        src: Any,
        reduce: str,
        *,
        include_self: builtins.bool = True,
    ) -> Tensor:
        """In-place form of `scatter_reduce`."""

    def select(self, dim: builtins.int, index: builtins.int) -> Tensor:
        """Return a view of the slice number `index` along `dim`, without that dimension."""

    def select_scatter(self, src: Any, dim: builtins.int, index: builtins.int) -> Tensor:
        """Return `input` with `src` as its slice number `index` along `dim`."""

    def sgn(self) -> Tensor:
        """Return -1, 0 or 1, the sign of each element, and NaN for NaN (for which PyTorch has 0)."""

    def sgn_(self) -> Tensor:
        """In-place form of `sign`."""

    def short(self) -> Tensor:
        """Return the values as int16: see `to`."""

    def sigmoid(self) -> Tensor:
        """Return 1 / (1 + e^-input)."""

    def sigmoid_(self) -> Tensor:
        """In-place form of `sigmoid`."""

    def sign(self) -> Tensor:
        """Return -1, 0 or 1, the sign of each element, and NaN for NaN (for which PyTorch has 0)."""

    def sign_(self) -> Tensor:
        """In-place form of `sign`."""

    def signbit(self) -> Tensor:
        """Return whether each element is negative; a floating-point -0 is."""

    def sin(self) -> Tensor:
        """Return the sine of radians."""

    def sin_(self) -> Tensor:
        """In-place form of `sin`."""

    def sinc(self) -> Tensor:
        """Return sin(pi input) / (pi input), and 1 for 0."""

    def sinc_(self) -> Tensor:
        """In-place form of `sinc`."""

    def sinh(self) -> Tensor:
        """Return (e^input - e^-input) / 2."""

    def sinh_(self) -> Tensor:
        """In-place form of `sinh`."""

    def size(self, dim: builtins.int | None = None) -> Any:
        """Return the shape, or the length of dimension `dim`."""

    def slice_scatter(
        self,
        src: Any,
        dim: builtins.int = 0,
        start: builtins.int | None = None,
        end: builtins.int | None = None,
        step: builtins.int = 1,
    ) -> Tensor:
        """Return `input` with `src` in place of start:end:step of dimension `dim`."""

    def slogdet(self) -> return_types.linalg_slogdet:
        """Return (sign, logabsdet) of the determinant, which may be too large or small for a
        number.
        """

    def softmax(self, dim: builtins.int, dtype: Any = None) -> Tensor:
        """Return e^input_i / sum_j e^input_j, where j runs along `dim`; first converted to `dtype`."""

    def sort(
        self,
        dim: builtins.int = -1,
        descending: builtins.bool = False,
        stable: builtins.bool = True,
    ) -> return_types.sort:
        """Return (values, indices): the elements in order along `dim`, and where they were."""

    def split(
        self, split_size_or_sections: builtins.int | Sequence[builtins.int], dim: builtins.int = 0
    ) -> tuple[Tensor, ...]:
        """Return views of parts of dimension `dim`: all of one length (the last perhaps shorter),
        or of the given lengths.
        """

    def split_with_sizes(
        self, split_sizes: Sequence[builtins.int], dim: builtins.int = 0
    ) -> tuple[Tensor, ...]:
        """Return views of parts of dimension `dim` of the given lengths: see `split`."""

    def sqrt(self) -> Tensor:
        """Return the square root; its gradient at 0 is infinite."""

    def sqrt_(self) -> Tensor:
        """In-place form of `sqrt`."""

    def square(self) -> Tensor:
        """Return input^2; integers are kept."""

    def square_(self) -> Tensor:
        """In-place form of `square`."""

    def squeeze(self, dim: builtins.int | tuple[builtins.int, ...] | None = None) -> Tensor:
        """Return a view without the dimensions of length 1, or without those among `dim` that have
        length 1.
        """

    def squeeze_(self, dim: builtins.int | tuple[builtins.int, ...] | None = None) -> Tensor:
        """In-place form of `squeeze`: the same memory in another shape."""

    def std(
        self,
        dim: Dims | builtins.bool = None,
        unbiased: builtins.bool | None = None,
        keepdim: builtins.bool = False,
        *,
        correction: builtins.float | None = None,
    ) -> Tensor:
        """Return the standard deviation over `dim`, sqrt(var); its gradient at 0 is 0."""

    def stride(self, dim: builtins.int | None = None) -> Any:
        """Return the steps, in elements, between neighbours along each dimension (or along `dim`)."""

    def sub(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Return input - alpha * other, broadcast."""

    def sub_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """In-place form of `sub`."""

    def subtract(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """Return input - alpha * other, broadcast."""

    def subtract_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        """In-place form of `sub`."""

    def sum(self, dim: Dims = None, keepdim: builtins.bool = False, *, dtype: Any = None) -> Tensor:
        """Return the sum over `dim`, one, several or (None) all; integers are summed as int64."""

    def sum_to_size(self, *size: Any) -> Tensor:
        """Return `input` summed over what a tensor of shape `size` would be broadcast along to its
        shape.
        """

    def svd(self, some: builtins.bool = True, compute_uv: builtins.bool = True) -> return_types.svd:
        """Return (U, S, V), V where `linalg.svd` has its transpose; U and V are zeros unless
        `compute_uv`.
        """

    def swapaxes(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """Return a view with two dimensions exchanged."""

    def swapaxes_(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """In-place form of `transpose`: the same memory in another shape."""

    def swapdims(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """Return a view with two dimensions exchanged."""

    def swapdims_(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """In-place form of `transpose`: the same memory in another shape."""

    def t(self) -> Tensor:
        """Return the transpose of a matrix, a view; a tensor of fewer dimensions as it is."""

    def t_(self) -> Tensor:
        """In-place form of `t`: the same memory in another shape."""

    def take(self, index: Any) -> Tensor:
        """Return the elements of `input`, seen as one dimension, that the integers `index` name, in
        the shape of `index`.
        """

    def take_along_dim(self, indices: Any, dim: builtins.int | None = None) -> Tensor:
        """Return the elements along `dim` that `indices` names, after broadcasting both; without
        `dim`, of the flat input.
        """

    def tan(self) -> Tensor:
        """Return the tangent of radians."""

    def tan_(self) -> Tensor:
        """In-place form of `tan`."""

    def tanh(self) -> Tensor:
        """Return (e^input - e^-input) / (e^input + e^-input)."""

    def tanh_(self) -> Tensor:
        """In-place form of `tanh`."""

    def tensor_split(self, indices_or_sections: Any, dim: builtins.int = 0) -> tuple[Tensor, ...]:
        """Return views of nearly equal sections (a number), or of the parts that indices cut, of
        `dim`.
        """

    def tile(self, *dims: Any) -> Tensor:
        """Return copies of `input` side by side: as `Tensor.repeat`, with counts of 1 in front
        where there are too few.
        """

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: builtins.bool = False,
        copy: builtins.bool = False,
        memory_format: Any = None,
    ) -> Tensor:
        """Return the values as another dtype, or `input` itself if nothing changes and no `copy` is
        asked for.
        """

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers."""

    def topk(
        self,
        k: builtins.int,
        dim: builtins.int = -1,
        largest: builtins.bool = True,
        sorted: builtins.bool = True,
    ) -> return_types.topk:
        """Return (values, indices) of the k largest (or smallest) elements along `dim`."""

    def trace(self) -> Tensor:
        """Return the sum of the diagonal of a matrix."""

    def transpose(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """Return a view with two dimensions exchanged."""

    def transpose_(self, dim0: builtins.int, dim1: builtins.int) -> Tensor:
        """In-place form of `transpose`: the same memory in another shape."""

    def triangular_solve(
        self,
        A: Any,
        upper: builtins.bool = True,
        transpose: builtins.bool = False,
        unitriangular: builtins.bool = False,
    ) -> return_types.triangular_solve:
        """Return (X, a copy of A) with A X = b, or A^T X = b: `linalg.solve_triangular`."""

    def tril(self, diagonal: builtins.int = 0) -> Tensor:
        """Return the elements on and below a diagonal of the last two dimensions, zeros elsewhere
        (diagonal > 0: above the main one).
        """

    def tril_(self, diagonal: builtins.int = 0) -> Tensor:
        """In-place form of `tril`."""

    def triu(self, diagonal: builtins.int = 0) -> Tensor:
        """Return the elements on and above a diagonal of the last two dimensions, zeros elsewhere
        (diagonal > 0: above the main one).
        """

    def triu_(self, diagonal: builtins.int = 0) -> Tensor:
        """In-place form of `triu`."""

    def true_divide(self, other: Any) -> Tensor:
        """Return input / other, broadcast; integers are divided as floating-point numbers."""

    def true_divide_(self, other: Any) -> Tensor:
        """In-place form of `true_divide`."""

    def trunc(self) -> Tensor:
        """Return the nearest integer towards 0, in the dtype of input; its gradient is zero."""

    def trunc_(self) -> Tensor:
        """In-place form of `trunc`."""

    def type(self, dtype: Any = None, non_blocking: builtins.bool = False) -> Any:
        """Return the values as `dtype`, which may be a type of PyTorch's older kind (FloatTensor,
        "torch.FloatTensor"): see `to`; without one, the name of that type.
        """

    def type_as(self, other: Any) -> Tensor:
        """Return the values in the dtype of `other`."""

    def unbind(self, dim: builtins.int = 0) -> tuple[Tensor, ...]:
        """Return a view of each slice along `dim`, without that dimension."""

    def unflatten(self, dim: builtins.int, sizes: Sequence[builtins.int]) -> Tensor:
        """Return dimension `dim` as several, of the given sizes (-1: what remains)."""

    def unfold(self, dimension: builtins.int, size: builtins.int, step: builtins.int) -> Tensor:
        """Return all windows of `size` elements of a dimension, `step` apart, which become the last
        dimension: (..., n, ...) -> (..., (n - size) / step + 1, ..., size), as a copy.
        """

    def uniform_(
        self,
        from_: builtins.float = 0.0,
        to: builtins.float = 1.0,
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        """Replace the values by samples of the uniform distribution on [from_, to), in place."""

    def unique(
        self,
        sorted: builtins.bool = True,
        return_inverse: builtins.bool = False,
        return_counts: builtins.bool = False,
        dim: builtins.int | None = None,
    ) -> Any:
        """Return the different values (or, along `dim`, slices), in order; if asked for, also which
        of them each element is, and how often each occurs.
        """

    def unique_consecutive(
        self,
        return_inverse: builtins.bool = False,
        return_counts: builtins.bool = False,
        dim: builtins.int | None = None,
    ) -> Any:
        """Return the values (or, along `dim`, slices) without those equal to the one just before;
        if asked for, also which of them each element is, and how long each run is.
        """

    def unsafe_chunk(self, chunks: builtins.int, dim: builtins.int = 0) -> tuple[Tensor, ...]:
        """Return at most `chunks` views of parts of dimension `dim`, of one length but for the
        last.
        """

    def unsafe_split(
        self, split_size_or_sections: builtins.int | Sequence[builtins.int], dim: builtins.int = 0
    ) -> tuple[Tensor, ...]:
        """Return views of parts of dimension `dim`: all of one length (the last perhaps shorter),
        or of the given lengths.
        """

    def unsqueeze(self, dim: builtins.int) -> Tensor:
        """Return a view with a new dimension of length 1 before dimension `dim`."""

    def unsqueeze_(self, dim: builtins.int) -> Tensor:
        """In-place form of `unsqueeze`: the same memory in another shape."""

    def var(
        self,
        dim: Dims | builtins.bool = None,
        unbiased: builtins.bool | None = None,
        keepdim: builtins.bool = False,
        *,
        correction: builtins.float | None = None,
    ) -> Tensor:
        """Return the variance over `dim`: sum (x - mean)^2 / max(0, n - correction)."""

    def vdot(self, tensor: Any) -> Tensor:
        """Return the dot product of two vectors: (n) (n) -> ()."""

    def view(self, *shape: Any) -> Tensor:
        """Return a view of the elements in another shape (-1: what remains)."""

    def view_as(self, other: Any) -> Tensor:
        """Return a view in the shape of `other`: see `Tensor.view`."""

    def vsplit(self, indices_or_sections: Any) -> tuple[Tensor, ...]:
        """Return equal sections, or the parts that indices cut, of dimension 0."""

    def where(self, condition: Any, other: Any) -> Tensor:
        """Return this tensor where the boolean `condition` holds, else `other`, broadcast."""

    def xlogy(self, other: Any) -> Tensor:
        """Return input * ln(other), broadcast: 0 where input = 0, whatever `other` is (but NaN)."""

    def xlogy_(self, other: Any) -> Tensor:
        """In-place form of `xlogy`."""

    def zero_(self) -> Tensor:
        """Replace every value by zero, in place."""

def method(*names: str, inplace: bool = False) -> Callable[[F], F]:
    """Make a function of `ops` a method of Tensor: under `names`, or else under its own name."""

def inplace_form(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """Return the form of `function` that puts its result into its first argument."""

def view_inplace_form(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the form of `function`, which shows a tensor in another shape, that gives its first
    argument that shape: over the same memory, whose other tensors stay as they are.
    """
