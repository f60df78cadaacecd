"""Every public operation has a gradient test, or is said to have no gradient.

Each tests/ops/test_x.py lists the names of minigrad/ops/x.py, and tests/ops/y/test_x.py those of minigrad/ops/y/x.py:
COVERED are those whose gradient it checks, NOT_DIFFERENTIABLE the others.
"""

import importlib
import pkgutil

import pytest

from minigrad import ops
from minigrad.nn import functional

MODULES = {
    module.name.removeprefix("minigrad.ops."): importlib.import_module(module.name)
    for module in pkgutil.walk_packages(ops.__path__, "minigrad.ops.")
}
FAMILIES = [name for name, module in MODULES.items() if hasattr(module, "__all__")]


def test_what_ops_offers_comes_from_its_families() -> None:
    offered = {name for name in dir(ops) if callable(getattr(ops, name)) and name[0] != "_"}
    assert offered <= {name for family in FAMILIES for name in MODULES[family].__all__}


def names(family: str, list_name: str) -> set[str]:
    package, _, name = f"ops.{family}".rpartition(".")
    return set(getattr(importlib.import_module(f"{package}.test_{name}"), list_name, []))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_operation_has_a_gradient_test(family: str) -> None:
    covered, without = names(family, "COVERED"), names(family, "NOT_DIFFERENTIABLE")
    untested = set(MODULES[family].__all__) - covered - without
    assert not untested, f"without a gradient test in tests/ops/test_{family}.py"
    assert not covered & without
    unknown = {name for name in covered | without if not hasattr(MODULES[family], name)}
    assert not unknown, f"not in minigrad/ops/{family}.py"


def test_every_function_of_nn_has_a_gradient_test() -> None:
    listed = set().union(*(names(f, "COVERED") | names(f, "NOT_DIFFERENTIABLE") for f in FAMILIES))
    assert set(functional.__all__) <= listed
