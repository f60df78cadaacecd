"""Programs for torch.nn.utils.prune."""

from __future__ import annotations

from typing import Any

from .networks import filled
from .tensors import Program


def pruned(lib: Any, *calls: tuple[Any, ...], path: str = "weight") -> list[Any]:
    """Return what a layer is after pruning it by these functions, with their arguments."""
    layer = filled(lib)
    for name, *args in calls:
        getattr(lib.nn.utils.prune, name)(layer, path, *args)
    layer(lib.ones(1, 3)).sum().backward()
    return [
        lib.nn.utils.prune.is_pruned(layer),
        getattr(layer, path),
        sorted((name, value) for name, value in layer.state_dict().items()),
        [p.grad for p in layer.parameters()],
        repr(layer),
    ]


def pruned_together(lib: Any, method: str, **options: Any) -> list[Any]:
    layers, prune = [filled(lib), filled(lib, "Linear", 2, 2)], lib.nn.utils.prune
    for _ in range(2):
        pairs = [(layer, "weight") for layer in layers]
        prune.global_unstructured(pairs, getattr(prune, method), **options)
    return [layer.weight for layer in layers]


def pruned_by(lib: Any, method: str, *args: Any) -> list[Any]:
    made = getattr(lib.nn.utils.prune, method)(*args)
    t = lib.tensor([[3.0, -1.0, 2.0], [0.5, -4.0, 1.5]])
    return [made.prune(t), made.PRUNING_TYPE, made.compute_mask(t, lib.ones(2, 3))]


L1, LN = ("l1_unstructured", 2), ("ln_structured", 1, 2, 1)
PROGRAMS: dict[str, list[Program]] = {
    f"nn.utils.prune.{name}": programs
    for name, programs in {
        "l1_unstructured": [
            lambda lib: pruned(lib, L1),
            lambda lib: pruned(lib, L1, ("l1_unstructured", 0.5)),
            lambda lib: pruned(lib, ("l1_unstructured", 0.5), path="bias"),
            lambda lib: pruned(lib, ("l1_unstructured", 7)),
            lambda lib: pruned(lib, ("l1_unstructured", 1.5)),
            lambda lib: pruned(lib, ("l1_unstructured", "a")),
            lambda lib: pruned(lib, L1, path="nothing"),
        ],
        "ln_structured": [
            lambda lib: pruned(lib, LN),
            lambda lib: pruned(lib, LN, ("ln_structured", 0.5, 1, -2), L1),
            lambda lib: pruned(lib, ("ln_structured", 1, 2, 5)),
            lambda lib: pruned(lib, LN, path="bias"),
        ],
        "identity": [
            lambda lib: pruned(lib, ("identity",)),
            lambda lib: pruned(lib, L1, ("identity",)),
        ],
        "is_pruned": [lambda lib: pruned(lib, L1)],
        "custom_from_mask": [
            lambda lib: pruned(lib, L1, ("custom_from_mask", lib.tensor([[0, 1, 1], [1, 1, 0]]))),
            lambda lib: pruned(lib, ("custom_from_mask", lib.ones(3))),
        ],
        "remove": [
            lambda lib: pruned(lib, L1, LN, ("remove",)),
            lambda lib: pruned(lib, ("remove",)),
        ],
        "random_unstructured": [
            lambda lib: pruned(lib, ("random_unstructured", 0)),
            lambda lib: pruned(lib, ("random_unstructured", 1.0)),
            lambda lib: pruned(lib, ("random_unstructured", 4))[2][1][1].sum(),
        ],
        "random_structured": [
            lambda lib: pruned(lib, ("random_structured", 3, 1)),
            lambda lib: pruned(lib, ("random_structured", 1, 0))[2][1][1].sum(),
        ],
        "global_unstructured": [
            lambda lib: pruned_together(lib, "L1Unstructured", amount=0.4),
            lambda lib: pruned_together(lib, "LnStructured", amount=1, n=1),
            lambda lib: lib.nn.utils.prune.global_unstructured(3, lib.nn.utils.prune.Identity),
        ],
        "Identity": [lambda lib: pruned_by(lib, "Identity")],
        "CustomFromMask": [lambda lib: pruned_by(lib, "CustomFromMask", lib.eye(2, 3))],
        "L1Unstructured": [lambda lib: pruned_by(lib, "L1Unstructured", 0.5)],
        "RandomUnstructured": [lambda lib: pruned_by(lib, "RandomUnstructured", 6)],
        "LnStructured": [lambda lib: pruned_by(lib, "LnStructured", 1, 2)],
        "RandomStructured": [lambda lib: pruned_by(lib, "RandomStructured", 2, 0)],
    }.items()
}
