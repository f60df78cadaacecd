"""Tensor: a NumPy array, its gradient, and the operation that made it.

Here is what a Tensor is by itself. What can be computed with it lives in `ops`, one family a file, and arrives here as
methods by the decorator `method`; `tensor.pyi` lists them all for editors.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from . import devices, dtypes, formatting
from .autograd.engine import accumulate
from .autograd.hooks import AfterGrad, Hook, RemovableHandle, add_hook, hooks_by_node
from .autograd.op import Leaf, Node, Output, Variable, register_tensor_type, wrap
from .autograd.versions import caller, version_of
from .autograd.views import adopt, check_inplace, is_recorded, relayout
from .errors import why_missing

F = TypeVar("F", bound=Callable[..., Any])
_CPU = devices.device("cpu")


class Tensor(Variable):
    """An n-dimensional array of one dtype that remembers how it was computed, so that it can be differentiated.

    `minigrad.tensor(data)` is the usual way to make one. `Tensor(data)` is PyTorch's older form: it converts to the
    default dtype, and `Tensor(2, 3)` is an uninitialised tensor of that shape.
    """

    __slots__ = ()

    def __init__(self, *data: Any) -> None:
        if len(data) == 1 and not isinstance(data[0], int):
            self.array = dtypes.as_array(data[0], dtypes.get_default_dtype())
        else:
            self.array = np.empty(data or (0,), dtypes.get_default_dtype())
        self.node = None
        self._grad = self._view = None

    # The graph

    @property
    def requires_grad(self) -> bool:
        """Whether backward computes a gradient for it: set on leaves, passed on by operations."""
        return self._current_node() is not None

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Start (or stop) recording what is computed from this leaf, in place; return itself."""
        if requires_grad == self.requires_grad:
            return self
        if not self.is_leaf:
            raise RuntimeError(
                "you can only change requires_grad flags of leaf variables; use detach() to get one without gradient"
            )
        if self.array.dtype.kind != "f":
            raise RuntimeError(
                f"only Tensors of floating point dtype can require gradients, not {self.array.dtype}"
            )
        self.node = Leaf(self) if requires_grad else None
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether it was not computed by a recorded operation: its gradient ends up in its `.grad`."""
        node = self._current_node()
        return node is None or type(node) is Leaf

    @property
    def grad_fn(self) -> Node | None:
        """The recorded operation that made it; None for a leaf."""
        node = self._current_node()
        return None if type(node) is Leaf else node

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has accumulated; None until then."""
        return self._grad

    @grad.setter
    def grad(self, grad: Tensor | None) -> None:
        if grad is not None:
            if not isinstance(grad, Tensor):
                raise TypeError(
                    f"assigned grad must be a Tensor or None, not {type(grad).__name__}"
                )
            if grad.array.shape != self.array.shape or grad.array.dtype != self.array.dtype:
                raise RuntimeError(
                    f"assigned grad has shape {list(grad.array.shape)} and dtype {grad.array.dtype}, the tensor has "
                    f"{list(self.array.shape)} and {self.array.dtype}; they must agree"
                )
        self._grad = grad

    def _current_node(self) -> Node | None:
        if self._view is not None:
            self._view.refresh(self)
        return self.node

    def backward(
        self,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        """Add its gradient to the `.grad` of the leaves that it was computed from: see `autograd.backward`."""
        accumulate(self, gradient, retain_graph, create_graph, inputs, caller())

    def detach(self) -> Tensor:
        """Return a tensor over the same memory that no gradient flows through."""
        return wrap(self.array)

    def detach_(self) -> Tensor:
        """Cut this tensor off from the graph that made it, in place; return itself."""
        if self._view is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self.node = None
        return self

    @property
    def data(self) -> Tensor:
        """The values as a tensor without a graph, over the same memory; assigning replaces them."""
        return wrap(self.array)

    @data.setter
    def data(self, data: Tensor) -> None:
        self.array = data.array

    def retain_grad(self) -> None:
        """Have backward keep the gradient of this non-leaf in its `.grad`."""
        node = self._current_node()
        if node is None:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        if type(node) is Leaf or self.retains_grad:
            return
        add_hook(node, _Retain(self))

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad()` was called on this non-leaf."""
        return any(
            isinstance(hook, _Retain)
            for hook in hooks_by_node.get(id(self._current_node()), {}).values()
        )

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Call `hook(grad)` whenever this tensor's gradient is computed; what it returns, unless None, replaces it."""
        node = self._current_node()
        if node is None:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        return add_hook(node, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Tensor], None]) -> RemovableHandle:
        """Call `hook(self)` whenever backward has added to the `.grad` of this leaf, which it may then use and drop."""
        if not self.requires_grad or not self.is_leaf:
            raise RuntimeError(
                "post accumulate grad hooks cannot be registered on non-leaf tensors, or those that don't require grad"
            )
        return add_hook(self.node, AfterGrad(hook))  # type: ignore[arg-type]

    @property
    def _version(self) -> int:
        """How often its memory was changed in place."""
        return version_of(self.array)

    @property
    def output_nr(self) -> int:
        """Which of the results of its `grad_fn` it is."""
        node = self._current_node()
        return node.index if type(node) is Output else 0

    # The values

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each dimension."""
        return self.array.shape

    @property
    def dtype(self) -> np.dtype:
        """The element type, a NumPy dtype: `minigrad.float32` is `numpy.dtype("float32")`."""
        return self.array.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    @property
    def itemsize(self) -> int:
        """Bytes an element."""
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.array.nbytes

    @property
    def device(self) -> devices.device:
        """The CPU."""
        return _CPU

    @property
    def is_cpu(self) -> bool:
        """True."""
        return True

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False

    is_sparse = is_quantized = is_meta = is_mps = is_cuda

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of dimension `dim`."""
        return self.array.shape if dim is None else self.array.shape[dim]

    def element_size(self) -> int:
        """Return the bytes an element."""
        return self.array.itemsize

    def dim(self) -> int:
        """Return the number of dimensions."""
        return self.array.ndim

    def numel(self) -> int:
        """Return the number of elements."""
        return self.array.size

    nelement = numel
    ndimension = dim

    def stride(self, dim: int | None = None) -> Any:
        """Return the steps, in elements, between neighbours along each dimension (or along `dim`)."""
        strides = tuple(s // self.array.itemsize for s in self.array.strides)
        return strides if dim is None else strides[dim]

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Return whether its elements lie in memory in row-major order without gaps."""
        return self.array.flags.c_contiguous

    def is_floating_point(self) -> bool:
        """Return whether its dtype is a floating-point one."""
        return self.array.dtype.kind == "f"

    def data_ptr(self) -> int:
        """Return the address of the first element."""
        return self.array.__array_interface__["data"][0]

    def item(self) -> Any:
        """Return the one element as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(
                f"a Tensor with {self.array.size} elements cannot be converted to Scalar"
            )
        return self.array.item()

    def tolist(self) -> Any:
        """Return the values as nested lists of Python numbers."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Return the NumPy array itself (no copy); a tensor that requires grad asks for `detach()` or `force=True`."""
        if self.requires_grad and not force:
            raise RuntimeError(
                "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead, or "
                "np.asarray(tensor)."
            )
        return self.array

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __iter__(self) -> Iterator[Any]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self.array)))  # type: ignore[index]

    def __bool__(self) -> bool:
        if self.array.size != 1:
            raise RuntimeError(
                f"Boolean value of Tensor with {'no' if not self.array.size else 'more than one'} value is ambiguous; "
                f"use any() or all()"
            )
        return bool(self.array.item())

    def __float__(self) -> float:
        return float(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def _scalar(self) -> Any:
        if self.array.size != 1:
            raise ValueError(
                f"only one element tensors can be converted to Python scalars, not one of shape "
                f"{list(self.array.shape)}"
            )
        return self.array.item()

    def __index__(self) -> int:
        if self.array.dtype.kind not in "iub" or self.array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __complex__(self) -> complex:
        return complex(self._scalar())

    def __contains__(self, element: Any) -> bool:
        return bool((self.array == getattr(element, "array", element)).any())

    # Identity: `==` compares elements, yet Tensors serve as keys (parameters in an optimizer's state).
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        what = f"'Tensor' object has no attribute {name!r}{why_missing(name)}"
        raise AttributeError(what, name=name, obj=self)

    def __repr__(self) -> str:
        return formatting.tensor_repr(self)

    def __format__(self, spec: str) -> str:
        if self.array.ndim == 0:
            return format(self.item(), spec)
        return object.__format__(self, spec)


class _Retain:
    """The hook of `retain_grad`: it puts the gradient into `.grad` of a tensor that it does not keep alive."""

    runs_last = True

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = weakref.ref(tensor)

    def __call__(self, grad: Tensor) -> None:
        tensor = self._tensor()
        if tensor is None:
            return
        kept = grad if grad.requires_grad else wrap(grad.array.copy())
        tensor._grad = kept if tensor._grad is None else tensor._grad + kept  # type: ignore[operator]


register_tensor_type(Tensor)


def method(*names: str, inplace: bool = False) -> Callable[[F], F]:
    """Make a function of `ops` a method of Tensor: under `names`, or else under its own name.

    With `inplace`, also as the methods `name_` that change the tensor instead.
    """

    def install(function: F) -> F:
        changing = inplace_form(function) if inplace else None
        for name in names or (function.__name__,):
            setattr(Tensor, name, function)
            if changing and not name.startswith("__"):
                setattr(Tensor, name + "_", changing)
        return function

    return install


def inplace_form(function: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
    """Return the form of `function` that puts its result into its first argument.

    It is the out-of-place function applied to what the tensor was until now, then adopted. Where it is recorded, that
    is a copy of the values: what the operation saves must survive the change.
    """
    name = name or function.__name__ + "_"

    @functools.wraps(function)
    def changed(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        node = self._current_node()
        check_inplace(self)
        if is_recorded(self, *args, *kwargs.values()):
            result = function(wrap(self.array.copy(), node), *args, **kwargs)
        else:
            result = function(wrap(self.array), *args, **kwargs)
        adopt(self, result, name)
        return self

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"In-place form of `{function.__name__}`."
    return changed


def view_inplace_form(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the form of `function`, which shows a tensor in another shape, that gives its first
    argument that shape: over the same memory, whose other tensors stay as they are."""

    @functools.wraps(function)
    def changed(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        self._current_node()
        check_inplace(self)
        relayout(self, function(wrap(self.array), *args, **kwargs))
        return self

    changed.__name__ = changed.__qualname__ = name
    changed.__doc__ = f"In-place form of `{function.__name__}`: the same memory in another shape."
    return changed
