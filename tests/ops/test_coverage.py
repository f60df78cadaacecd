"""Every public operation has a gradient test, or is said to have no gradient.

Each tests/ops/test_x.py lists the names of minigrad/ops/x.py, and tests/ops/y/test_x.py those of minigrad/ops/y/x.py;
tests/linalg/test_x.py lists those that minigrad/linalg/x.py has of its own: COVERED are those whose gradient it checks,
NOT_DIFFERENTIABLE the others.
"""

import importlib
import pkgutil

import pytest

from minigrad import linalg, ops
from minigrad.nn import functional

MODULES = {
    module.name.removeprefix("minigrad."): importlib.import_module(module.name)
    for package in (ops, linalg)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
}
FAMILIES = [name for name, module in MODULES.items() if hasattr(module, "__all__")]
OPS = [name for name in FAMILIES if name.startswith("ops.")]


def test_what_ops_offers_comes_from_its_families() -> None:
    offered = {name for name in dir(ops) if callable(getattr(ops, name)) and name[0] != "_"}
    assert offered <= {name for family in OPS for name in MODULES[family].__all__}


def names(family: str, list_name: str) -> set[str]:
    package, _, name = family.rpartition(".")
    return set(getattr(importlib.import_module(f"{package}.test_{name}"), list_name, []))


def public(family: str) -> set[str]:
    module = MODULES[family]
    own = {name for name in module.__all__ if getattr(module, name).__module__ == module.__name__}
    return set(module.__all__) if family in OPS else own


@pytest.mark.parametrize("family", FAMILIES)
def test_every_operation_has_a_gradient_test(family: str) -> None:
    covered, without = names(family, "COVERED"), names(family, "NOT_DIFFERENTIABLE")
    untested = public(family) - covered - without
    assert not untested, f"without a gradient test in the tests of {family}"
    assert not covered & without
    unknown = {name for name in covered | without if not hasattr(MODULES[family], name)}
    assert not unknown, f"not in minigrad.{family}"


def test_every_function_of_nn_has_a_gradient_test() -> None:
    listed = set().union(*(names(f, "COVERED") | names(f, "NOT_DIFFERENTIABLE") for f in OPS))
    assert {name.removesuffix("_") for name in functional.__all__} <= listed
