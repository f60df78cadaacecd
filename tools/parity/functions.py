"""Programs for torch.func."""

from __future__ import annotations

from typing import Any

from .tensors import Program, x


def cubes(t: Any) -> Any:
    return (t**3).sum()


def rows(t: Any) -> Any:
    return {"square": t * t, "sum": t.sum(0)}


def called(lib: Any) -> Any:
    layer = lib.nn.Linear(3, 2)
    new = {"weight": lib.ones(2, 3), "bias": lib.arange(2.0)}
    return [
        lib.func.functional_call(layer, new, (x(lib),)),
        lib.func.grad(lambda p: lib.func.functional_call(layer, p, x(lib)).sum())(new),
    ]


PROGRAMS: dict[str, list[Program]] = {
    "func.grad": [
        lambda lib: lib.func.grad(cubes)(x(lib)),
        lambda lib: lib.func.grad(lambda t: lib.func.grad(cubes)(t).sum())(x(lib)),
        lambda lib: lib.func.grad(lambda a, b: ((a * b).sum(), a), (0, 1), True)(x(lib), x(lib)),
        lambda lib: lib.func.grad(lambda t: t)(x(lib)),
    ],
    "func.grad_and_value": [lambda lib: lib.func.grad_and_value(cubes)(x(lib))],
    "func.vjp": [
        lambda lib: (found := lib.func.vjp(rows, x(lib)))[1](
            {"square": found[0]["square"], "sum": found[0]["sum"]}
        )
    ],
    "func.jvp": [lambda lib: lib.func.jvp(rows, (x(lib),), (x(lib) * 2,))],
    "func.jacrev": [lambda lib: lib.func.jacrev(rows)(x(lib))],
    "func.jacfwd": [lambda lib: lib.func.jacfwd(rows)(x(lib))],
    "func.hessian": [lambda lib: lib.func.hessian(cubes)(x(lib))],
    "func.functional_call": [called],
    **{
        f"{space}.vmap": [
            lambda lib: lib.vmap(lambda a, b: a * b, (0, None))(x(lib), lib.ones(3)),
            lambda lib: lib.vmap(lambda a: a.sum(), in_dims=1)(x(lib)),
            lambda lib: lib.func.vmap(lambda a: (a, a.sum()), out_dims=(1, 0))(x(lib)),
            lambda lib: lib.vmap(lambda a, b: a)(x(lib), lib.ones(3)),
        ]
        for space in ("torch", "func")
    },
}
