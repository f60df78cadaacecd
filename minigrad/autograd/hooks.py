"""Functions that look at, or replace, a gradient on its way."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from .op import Node, Variable, wrap

Hook = Callable[[Any], Any]

# By the id of a node; an entry dies with its node. Nearly always empty: the backward pass then looks no further.
hooks_by_node: dict[int, dict[int, Hook | AfterGrad]] = {}

_ids = itertools.count()


class RemovableHandle:
    """Takes a hook away again: by `remove()`, or at the end of a `with`."""

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self.id = next(_ids)
        self._hooks: dict[int, Any] | None = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        if self._hooks is not None:
            self._hooks.pop(self.id, None)
            self._hooks = None

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()


def add_hook(node: Node, hook: Hook | AfterGrad) -> RemovableHandle:
    """Call `hook` with the gradient that arrives at `node`; what it returns, unless None, takes its place."""
    hooks = hooks_by_node.get(id(node))
    if hooks is None:
        hooks = hooks_by_node[id(node)] = {}
        weakref.finalize(node, hooks_by_node.pop, id(node), None).atexit = False
    return RemovableHandle(hooks, hook)


class AfterGrad:
    """A hook of a leaf for after its `.grad` has been added to: it gets the leaf."""

    def __init__(self, hook: Callable[[Any], None]) -> None:
        self.hook = hook


def run_after(leaf: Node, tensor: Any) -> None:
    for hook in tuple(hooks_by_node.get(id(leaf), {}).values()):
        if isinstance(hook, AfterGrad):
            hook.hook(tensor)


def _runs_last(hook: Hook | AfterGrad) -> bool:
    """Whether `hook` keeps what leaves the other hooks, in whatever order they were registered."""
    return getattr(hook, "runs_last", False)


def move_retained(old: Node | None, new: Node | None) -> None:
    """Let `retain_grad` follow a Tensor whose node was `old` and, changed in place, is `new`."""
    if not hooks_by_node:
        return
    hooks = hooks_by_node.get(id(old), {})
    for key in [key for key, hook in hooks.items() if _runs_last(hook)]:
        add_hook(new, hooks.pop(key))  # type: ignore[arg-type]


def run_hooks(node: Node, grad: Any) -> Any:
    """Pass `grad` through the hooks of `node`, as a Tensor, and return what comes out (an array if it was one)."""
    hooks = hooks_by_node.get(id(node))
    if not hooks:
        return grad
    recorded = isinstance(grad, Variable)
    # A copy: a hook may change it in place, and the same array may be on its way elsewhere.
    tensor = grad if recorded else wrap(np.array(grad))
    for hook in sorted(hooks.values(), key=_runs_last):
        if isinstance(hook, AfterGrad):
            continue
        replaced = hook(tensor)
        if replaced is None:
            continue
        if not isinstance(replaced, Variable):
            raise TypeError(
                f"a tensor hook must return a Tensor or None, not {type(replaced).__name__}"
            )
        if replaced.array.shape != tensor.array.shape:
            raise RuntimeError(
                f"a tensor hook has changed the shape of the gradient from {list(tensor.array.shape)} to "
                f"{list(replaced.array.shape)}"
            )
        tensor = replaced
    return tensor if recorded else tensor.array
