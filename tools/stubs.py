"""Write minigrad/tensor.pyi, where editors and type checkers find all methods of Tensor: most of them
are functions of `ops`, installed when the package is imported.

    python tools/stubs.py
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import minigrad.interop  # installs methods as well
from minigrad.tensor import Tensor

MODULE = sys.modules["minigrad.tensor"]  # `minigrad.tensor` is the function of that name
PATH = Path(minigrad.__file__).with_name("tensor.pyi")
WIDTH = 100
# Where names come from that do not tell it themselves.
HOMES = {"Dims": "minigrad.ops.dims", "Hook": "minigrad.autograd.hooks", "F": None}

# What differs from `object` on purpose: a comparison of Tensors is a Tensor.
NARROWER = {name: "  # type: ignore[override]" for name in ("__eq__", "__ne__")}


class Stub:
    """The text of tensor.pyi, and the imports that its annotations ask for."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {
            "typing": {"Any", "TypeVar"},
            "collections.abc": {"Callable"},
            "minigrad.autograd.op": {"Variable"},
        }
        members = {
            name: value
            for name, value in vars(Tensor).items()
            if not name.startswith("_")
            or name == "_version"
            or (name.startswith("__") and inspect.isfunction(value))
        }
        del members["__getattr__"]  # it only says what is wrong with a name that there is not
        # In the class, `int` is the method: annotations have to say builtins.int.
        self.shadowed = {
            name for name in members if isinstance(getattr(builtins, name, None), type)
        }
        functions = {k: v for k, v in sorted(members.items()) if inspect.isfunction(v)}
        properties = {k: v for k, v in sorted(members.items()) if isinstance(v, property)}
        body = [
            "    array: numpy.ndarray",
            *(self.property(name, value) for name, value in properties.items()),
            *(self.function(name, value, "    ") for name, value in functions.items()),
        ]
        outside = [
            self.function(name, value, "")
            for name, value in vars(MODULE).items()
            if inspect.isfunction(value) and value.__module__ == MODULE.__name__
        ]
        standard, ours = (
            [
                f"from {m} import {', '.join(sorted(names))}"
                for m, names in sorted(self.imports.items())
                if mine(m)
            ]
            for mine in (lambda m: not m.startswith("minigrad"), lambda m: m.startswith("minigrad"))
        )
        self.text = "\n".join(
            [
                "# Written by tools/stubs.py, which also says why. Do not edit.",
                "",
                "import builtins",
                *standard,
                "",
                "import numpy",
                "",
                *ours,
                "",
                'F = TypeVar("F", bound=Callable[..., Any])',
                "",
                "class Tensor(Variable):",
                "\n".join(body + outside).rstrip("\n"),
                "",
            ]
        )

    def annotation(self, text: Any, function: Callable[..., Any], inside: bool) -> str:
        """The annotation with its names as the stub knows them, imported where necessary."""
        if text is inspect.Parameter.empty:
            return "Any"
        tree = ast.parse(text, mode="eval")
        for node in ast.walk(tree):
            if not isinstance(node, ast.Name):
                continue
            name = node.id
            if name == "np":
                node.id = "numpy"
            elif hasattr(builtins, name):
                node.id = f"builtins.{name}" if inside and name in self.shadowed else name
            elif name != "Tensor":
                value = inspect.unwrap(function).__globals__[name]
                home = HOMES.get(name, getattr(value, "__module__", None))
                if inspect.ismodule(value):
                    home = value.__name__.rpartition(".")[0]
                elif name not in HOMES and getattr(sys.modules.get(home), name, None) is not value:
                    home = function.__module__
                if home:
                    self.imports.setdefault(home, set()).add(name)
        return ast.unparse(tree)

    def function(self, name: str, function: Callable[..., Any], indent: str) -> str:
        signature = inspect.signature(function)
        inside = bool(indent)
        parts, star = [], False
        for i, p in enumerate(signature.parameters.values()):
            if inside and not i:
                parts.append("self")
                continue
            if p.kind is p.KEYWORD_ONLY and not star:
                parts.append("*")
            star = star or p.kind in (p.KEYWORD_ONLY, p.VAR_POSITIONAL)
            prefix = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
            default = "" if p.default is p.empty else " = " + repr(p.default).replace("'", '"')
            parts.append(
                f"{prefix}{p.name}: {self.annotation(p.annotation, function, inside)}{default}"
            )
        result = self.annotation(signature.return_annotation, function, inside)
        if inside and name.startswith("__") and result == "Any":
            result = "Tensor"  # an operator, which may also say NotImplemented
        line = f"{indent}def {name}({', '.join(parts)}) -> {result}:"
        if len(line) > WIDTH:
            inner = f"{indent}    {', '.join(parts)}"
            if len(inner) > WIDTH or "*" in parts[-1]:
                inner = "\n".join(f"{indent}    {part}," for part in parts)
            line = f"{indent}def {name}(\n{inner}\n{indent}) -> {result}:"
        if not function.__doc__:
            return f"{line} ...{NARROWER.get(name, '')}"
        doc = " ".join(inspect.cleandoc(function.__doc__).partition("\n\n")[0].split())
        quoted = f'{indent}    """{doc}"""'
        if len(quoted) > WIDTH + 3:
            lines = textwrap.wrap(doc, WIDTH - len(indent) - 7)
            quoted = f'{indent}    """' + f"\n{indent}    ".join(lines) + f'\n{indent}    """'
        return f"{line}\n{quoted}\n"

    def property(self, name: str, value: property) -> str:
        get = self.function(name, value.fget, "    ")
        if value.fget.__name__ == "<lambda>":
            get = f"    def {name}(self) -> Tensor: ..."
        text = f"    @property\n{get}"
        if value.fset is not None:
            argument = inspect.signature(value.fset).parameters
            kind = self.annotation(list(argument.values())[1].annotation, value.fset, True)
            text += f"\n    @{name}.setter\n    def {name}(self, {name}: {kind}) -> None: ..."
        return text


if __name__ == "__main__":
    PATH.write_text(Stub().text)
