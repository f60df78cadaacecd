"""Module: parameters, buffers and sub-modules under names, and the function made of them.

What is registered lives where every attribute lives, in the instance's `__dict__`, so that
`self.weight` costs what any attribute costs. Beside it three ordered dicts hold only names: which
attributes are parameters, buffers and modules. One place for a value, so nothing can disagree.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..autograd.hooks import RemovableHandle
from ..autograd.op import wrap
from ..errors import did_you_mean
from ..tensor import Tensor
from .hooks import ModuleHooks
from .location import locate
from .members import Members
from .parameter import Buffer, Parameter, Uninitialized
from .state import IncompatibleKeys, load_state

T = TypeVar("T", bound="Module")


_KINDS = {
    "_parameter_names": ("parameter", "minigrad.nn.Parameter"),
    "_module_names": ("child module", "minigrad.nn.Module"),
    "_buffer_names": ("buffer", "minigrad.Tensor"),
}


class Setup:
    """How often an attribute of any module was set: what was derived from them may be out of date."""

    changes = 0


class Module:
    """The base of layers and networks: subclass it, assign parameters and modules, write forward.

        class Net(Module):
            def __init__(self):
                super().__init__()
                self.hidden = Linear(784, 128)
                self.out = Linear(128, 10)

            def forward(self, x):
                return self.out(self.hidden(x).relu())

    Calling the module calls `forward`, and the hooks if there are any.
    """

    training: bool = True
    _hooks: ModuleHooks | None = None
    # Attribute name -> True; for buffers, whether they are part of the state_dict.
    _parameter_names: dict[str, bool]
    _buffer_names: dict[str, bool]
    _module_names: dict[str, bool]

    def __new__(cls: type[T], *args: Any, **kwargs: Any) -> T:
        # Here and not in __init__: a subclass that forgets super().__init__() works all the same.
        self = super().__new__(cls)
        self.__dict__.update(_parameter_names={}, _buffer_names={}, _module_names={})
        return self

    def __init__(self) -> None:
        pass

    def forward(self, *inputs: Any, **options: Any) -> Any:  # any signature may override this
        """Compute the output from the inputs: every subclass defines it."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            if self._hooks is None:
                return self.forward(*args, **kwargs) if kwargs else self.forward(*args)
            return self._hooks.call(self, args, kwargs)
        except Exception as error:
            locate(error, self)
            raise

    # Registering

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._register("_module_names", name, value)
        elif isinstance(value, Buffer):
            self._register("_buffer_names", name, value, value.persistent)
        else:
            for kind, (what, wanted) in _KINDS.items():
                if name not in self.__dict__[kind] or value is None:
                    continue
                if kind == "_buffer_names" and isinstance(value, Tensor):
                    continue
                raise TypeError(
                    f"cannot assign {type(value).__name__!r} as {what} {name!r} "
                    f"({wanted} or None expected)"
                )
            Setup.changes += 1
            object.__setattr__(self, name, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # what was registered by name

    def __delattr__(self, name: str) -> None:
        Setup.changes += 1
        for kind in _KINDS:
            self.__dict__[kind].pop(name, None)
        object.__delattr__(self, name)

    def _register(self, kind: str, name: str, value: Any, flag: bool = True) -> None:
        what = _KINDS[kind][0]
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string, got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain ".", got: "{name}"')
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        if isinstance(getattr(type(self), name, None), property):
            raise KeyError(f"attribute '{name}' already exists: it is computed when it is read")
        for other in _KINDS:
            if other != kind:
                self.__dict__[other].pop(name, None)
        Setup.changes += 1
        self.__dict__[kind][name] = flag
        self.__dict__[name] = value

    def _refuse_taken(self, kind: str, name: str) -> None:
        if hasattr(self, name) and name not in self.__dict__[kind]:
            raise KeyError(f"attribute '{name}' already exists")

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` the parameter `name`; None stands for one that is not used."""
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{type(param).__name__}' object to parameter '{name}' "
                f"(minigrad.nn.Parameter or None required)"
            )
        if param is None:
            self._refuse_taken("_parameter_names", name)
        self._register("_parameter_names", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` part of the module's state, though not trained.

        It is part of `state_dict` if `persistent`.
        """
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{type(tensor).__name__}' object to buffer '{name}' "
                f"(minigrad.Tensor or None required)"
            )
        self._refuse_taken("_buffer_names", name)
        self._register("_buffer_names", name, tensor, persistent)

    def add_module(self, name: str, module: Module | None) -> None:
        """Make `module` the child module `name`."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._refuse_taken("_module_names", name)
        self._register("_module_names", name, module)

    register_module = add_module

    @property
    def _parameters(self) -> Members:
        return Members(self.__dict__, self._parameter_names)

    @property
    def _buffers(self) -> Members:
        return Members(self.__dict__, self._buffer_names)

    @property
    def _modules(self) -> Members:
        return Members(self.__dict__, self._module_names)

    # Walking

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Yield the names and modules directly below this one, each module once."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """Yield the modules directly below this one."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """Yield the dotted names and modules of the whole tree, this one ("") first."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, _join(prefix, name), remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """Yield this module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Yield the dotted names and parameters, of the whole tree if `recurse`."""
        return self._named("_parameter_names", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Yield the parameters, of the whole tree if `recurse`, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Yield the dotted names and buffers, of the whole tree if `recurse`."""
        return self._named("_buffer_names", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Yield the buffers, of the whole tree if `recurse`, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(
        self, kind: str, prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        walk = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        seen: set[int] = set()
        for path, module in walk:
            for name in module.__dict__[kind]:
                value = module.__dict__[name]
                if value is None or id(value) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(value))
                yield _join(path, name), value

    def get_submodule(self, target: str) -> Module:
        """Return the module of a dotted name, as `named_modules` spells it."""
        module = self
        for name in target.split(".") if target else ():
            child = module._modules.get(name)
            if child is None:
                what = "is not an nn.Module" if hasattr(module, name) else "is not there"
                raise AttributeError(
                    f"{type(module).__name__} has no sub-module `{name}`: it {what}"
                    + did_you_mean(name, module._modules)
                )
            module = child
        return module

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put `module` in the place of a dotted name; if `strict`, only of one that is there.

        ValueError without a name or for what is no Module, AttributeError for a name that leads
        nowhere.
        """
        if not target:
            raise ValueError("set_submodule: there is no submodule without a name")
        if not isinstance(module, Module):
            raise ValueError(f"`module` is not an nn.Module, found {module.__class__}")
        path, _, name = target.rpartition(".")
        home = self.get_submodule(path)
        if strict or hasattr(home, name):
            home.get_submodule(name)
        setattr(home, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter of a dotted name, as `named_parameters` spells it."""
        return self._get("_parameter_names", target)

    def get_buffer(self, target: str) -> Tensor:
        """Return the buffer of a dotted name, as `named_buffers` spells it."""
        return self._get("_buffer_names", target)

    def _get(self, kind: str, target: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if name not in module.__dict__[kind]:
            raise AttributeError(
                f"{type(module).__name__} has no {_KINDS[kind][0]} `{name}`"
                + did_you_mean(name, module.__dict__[kind])
            )
        return module.__dict__[name]

    def apply(self: T, fn: Callable[[Module], Any]) -> T:
        """Call `fn` with every module below this one, then with this one; return itself."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # State

    def train(self: T, mode: bool = True) -> T:
        """Switch this module and all below it to training (or evaluation); return itself."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: T) -> T:
        """Switch this module and all below it to evaluation; return itself."""
        return self.train(False)

    def requires_grad_(self: T, requires_grad: bool = True) -> T:
        """Have gradients computed for all parameters, or freeze them; return itself."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter._grad = None
            elif parameter._grad is not None:
                parameter._grad = wrap(np.zeros_like(parameter._grad.array))

    def to(self: T, *args: Any, **kwargs: Any) -> T:
        """Convert all floating-point parameters and buffers as `Tensor.to` does; return itself.

        The Parameter objects stay the same, so an optimizer made before goes on working.
        """
        for tensor in (*self.parameters(), *self.buffers()):
            if isinstance(tensor, Uninitialized):
                tensor.convert(*args, **kwargs)
                continue
            if tensor.array.dtype.kind != "f":
                continue
            for part in (tensor,) if tensor._grad is None else (tensor, tensor._grad):
                converted = part.detach().to(*args, **kwargs).array
                if converted.dtype.kind != "f":
                    raise TypeError(
                        f"Module.to only accepts floating-point dtypes, but got {converted.dtype}"
                    )
                part.array = converted
        return self

    def float(self: T) -> T:
        """Convert all floating-point parameters and buffers to float32; return itself."""
        return self.to(np.dtype(np.float32))

    def double(self: T) -> T:
        """Convert all floating-point parameters and buffers to float64; return itself."""
        return self.to(np.dtype(np.float64))

    def half(self: T) -> T:
        """Convert all floating-point parameters and buffers to float16; return itself."""
        return self.to(np.dtype(np.float16))

    def type(self: T, dst_type: Any) -> T:
        """Convert all floating-point parameters and buffers to the dtype `dst_type`; return itself."""
        return self.to(np.dtype(dst_type))

    def cpu(self: T) -> T:
        """Return itself: everything is on the CPU."""
        return self

    def cuda(self: T, device: Any = None) -> T:
        """Raise RuntimeError: there is no CUDA."""
        return self.to("cuda")

    def _named_state(self) -> Iterator[tuple[str, Module, str]]:
        """Yield dotted name, owner and attribute name of all that `state_dict` holds, in order."""
        for path, module in self.named_modules(remove_duplicate=False):
            persistent = [name for name, kept in module._buffer_names.items() if kept]
            for name in (*module._parameter_names, *persistent):
                if module.__dict__[name] is not None:
                    yield _join(path, name), module, name

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Return parameters and persistent buffers by dotted name, over the same memory.

        They are detached, unless `keep_vars`. `prefix` is put before each name.
        """
        return OrderedDict(
            (prefix + path, module.__dict__[name] if keep_vars else module.__dict__[name].detach())
            for path, module, name in self._named_state()
        )

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the values of `state_dict`, Tensors or arrays by dotted name, into this module.

        With `assign`, the module takes over the given tensors themselves, dtype included.
        Raises RuntimeError, before anything is changed, if a shape differs, and, if `strict`, if a
        name is missing or unexpected.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"Expected state_dict to be dict-like, got {type(state_dict).__name__}."
            )
        places = {path: (module, name) for path, module, name in self._named_state()}
        return load_state(type(self).__name__, places, state_dict, strict, assign)

    # Hooks

    def _add_hook(self, kind: str, hook: Any, prepend: bool) -> RemovableHandle:
        if self._hooks is None:
            self._hooks = ModuleHooks()
        hooks = getattr(self._hooks, kind)
        others = dict(hooks)
        handle = RemovableHandle(hooks, hook)
        if prepend:
            for key in others:
                hooks[key] = hooks.pop(key)
        return handle

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before forward, before the other hooks if `prepend`.

        What it returns, unless None, replaces `args`. If `with_kwargs`, it is `hook(module, args,
        kwargs)`, and returns both.
        """
        return self._add_hook("before", (hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after forward, before the other hooks if `prepend`.

        What it returns, unless None, replaces the output. If `with_kwargs`, it is `hook(module, args,
        kwargs, output)`.
        """
        return self._add_hook("after", (hook, with_kwargs), prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` when backward reaches the module.

        grad_output is a tuple, a Tensor or None for each output; what the hook returns, unless None,
        replaces it.
        """
        return self._add_hook("backward_before", hook, prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when backward has passed the module.

        Both are tuples of Tensors or None, one for each positional input and each output; what it
        returns, unless None, replaces `grad_input`.
        """
        return self._add_hook("backward", hook, prepend)

    # Showing

    def extra_repr(self) -> str:
        """Return what stands between the parentheses of `repr`: the options of the layer."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = self._child_reprs()
        if not children:
            return f"{type(self).__name__}({extra})" if "\n" not in extra else _block(self, [extra])
        return _block(self, [extra, *children] if extra else children)

    def _child_reprs(self) -> list[str]:
        return [f"({name}): {module!r}" for name, module in self._modules.items()]


def _block(module: Module, lines: Iterable[str]) -> str:
    body = "\n".join(lines).replace("\n", "\n  ")
    return f"{type(module).__name__}(\n  {body}\n)"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
