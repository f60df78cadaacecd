"""The house: imports run downward only, and never in a circle."""

from __future__ import annotations

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import minigrad

ROOT = Path(minigrad.__file__).parent

# From the ground up. A module may import what lies in lower layers, and its own room: rooms of one
# layer know nothing of each other. A module belongs to the room with the longest name that fits;
# "" is minigrad/__init__.py. Imports inside functions count; those for type checkers alone do not.
LAYERS = (
    ("_native", "reference"),
    ("kernels",),
    ("devices", "dtypes", "errors"),
    ("autograd",),
    ("formatting",),
    ("tensor",),
    ("random", "return_types", "testing"),
    ("ops",),
    ("amp", "autograd.functional", "interop", "linalg", "serialization", "settings", "special"),
    ("nn", "optim", "data"),
    ("optim.swa_utils", "compiler", "func"),
    ("train",),
    ("sklearn",),
    ("utils",),
    ("",),
    ("__main__",),
)
LAYER = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}


def modules() -> dict[str, Path]:
    """Path of each module, by its name within the package."""
    files = [*ROOT.rglob("*.py"), ROOT / "_native.pyx"]
    names = {path: ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    return {name.removesuffix("__init__").removesuffix("."): path for path, name in names.items()}


MODULES = modules()


def room_of(module: str) -> str | None:
    parts = module.split(".") if module else []
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in LAYER:
            return ".".join(parts[:length])
    return "" if not module else None


def nodes_that_run(tree: ast.AST) -> list[ast.AST]:
    """All nodes of the source, but those under `if TYPE_CHECKING`."""
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        found.append(node)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            todo.extend(node.orelse)
        else:
            todo.extend(ast.iter_child_nodes(node))
    return found


def imports(source: str, module: str, is_package: bool) -> set[str]:
    """Names, within the package, of the modules of minigrad that this one imports."""
    package = ["minigrad", *module.split(".")] if module else ["minigrad"]
    package = package if is_package else package[:-1]
    found = set()
    for node in nodes_that_run(ast.parse(source)):
        if isinstance(node, ast.Import):
            paths = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            # `from .x import y`: y is a module itself, or x is where it comes from.
            paths = [
                [*base, alias.name] if ".".join([*base[1:], alias.name]) in MODULES else base
                for alias in node.names
            ]
        else:
            continue
        found |= {".".join(path[1:]) for path in paths if path[0] == "minigrad"}
    return found


GRAPH = {
    name: imports(path.read_text(), name, path.name == "__init__.py")
    for name, path in MODULES.items()
    if path.suffix == ".py"
}


def test_the_parser_sees_every_way_of_importing() -> None:
    source = """
import numpy, minigrad.nn.module
from . import dims
from .shape import reshape
from .. import kernels, __version__
from ..autograd import op
from minigrad.data import loader
if TYPE_CHECKING:
    from ..optim import sgd
def late():
    from ..random import Generator
"""
    assert imports(source, "ops.products", is_package=False) == {
        *(
            "nn.module",
            "ops.dims",
            "ops.shape",
            "kernels",
            "",
            "autograd.op",
            "data.loader",
            "random",
        )
    }
    assert imports("from .sgd import SGD", "optim", is_package=True) == {"optim.sgd"}


def test_every_module_has_its_room() -> None:
    homeless = [name for name in MODULES if room_of(name) is None]
    assert not homeless, f"say in LAYERS where these belong: {homeless}"


def test_imports_run_downward() -> None:
    upward = []
    for module, targets in GRAPH.items():
        here = room_of(module)
        for target in targets:
            there = room_of(target)
            if there != here and LAYER[there] >= LAYER[here]:
                upward.append(f"{module or 'minigrad'} imports {target or 'minigrad'}")
    assert not upward, "these reach up, or sideways into another room: " + "; ".join(upward)


def test_there_are_no_circles() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle of imports: {' <- '.join(error.args[1])}") from None


def test_the_kernels_know_no_python_and_their_doors_no_minigrad() -> None:
    for path in (ROOT.parent / "csrc").glob("*.[ch]"):
        assert not re.search(r"#include\s*[<\"](Python|numpy)", path.read_text()), path.name
    lines = MODULES["_native"].read_text().splitlines()
    named = [line for line in lines if re.match(r"\s*(from|import|cimport)\s+(\.|minigrad)", line)]
    assert not named


def test_numpy_is_all_that_import_minigrad_needs() -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "minigrad"}
    for name, path in MODULES.items():
        if path.suffix != ".py":
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import):
                roots = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                roots = {node.module.split(".")[0]}
            else:
                continue
            assert roots <= allowed, (
                f"{name}: import {roots - allowed} where it is used, with the extra's name"
            )


def test_users_are_offered_functions_not_the_modules_they_are_in() -> None:
    families = [sys.modules[f"minigrad.{name}"] for name in MODULES if name.startswith("ops.")]
    assert not [name for name, value in vars(minigrad).items() if value in families]
    assert "np" not in vars(minigrad)
