from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

from minigrad.tensor import Tensor

TOOL = Path(__file__).parents[1] / "tools" / "stubs.py"


def stubs():
    spec = importlib.util.spec_from_file_location("stubs", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_up_to_date() -> None:
    tool = stubs()
    assert tool.PATH.read_text() == tool.Stub().text, "run `python tools/stubs.py`"


def test_the_stub_lists_what_a_tensor_has() -> None:
    (tensor,) = (n for n in ast.parse(stubs().Stub().text).body if isinstance(n, ast.ClassDef))
    listed = {node.name for node in tensor.body if isinstance(node, ast.FunctionDef)}
    public = {name for name in dir(Tensor) if not name.startswith("_")}
    assert public - listed == {"array", "node"}
    assert {"__add__", "__getitem__", "__matmul__", "__array__"} <= listed
