"""Programs for nn: modules that hold others, parameters, nn.utils, packed sequences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .tensors import Program, leaf, moments, x


def clipped(lib: Any, function: str, *args: Any, **options: Any) -> list[Any]:
    parameters = [leaf(lib), leaf(lib)]
    for i, p in enumerate(parameters):
        p.grad = x(lib) * (i + 1)
    result = getattr(lib.nn.utils, function)(parameters, *args, **options)
    return [result, *(p.grad for p in parameters)]


def described_modules(module: Any) -> list[Any]:
    """Return the names and the shapes of what a container holds."""
    return [
        [name for name, _ in module.named_modules()],
        [(name, tuple(p.shape)) for name, p in module.named_parameters()],
        list(module.state_dict()),
        len(module),
    ]


def containers(lib: Any) -> dict[str, Any]:
    nn = lib.nn
    several = nn.ModuleList([nn.Linear(2, 3), nn.ReLU()])
    several.append(nn.Linear(3, 1)).insert(1, nn.Tanh())
    by_name = nn.ModuleDict({"first": nn.Linear(2, 2), "then": nn.ReLU()})
    by_name.update({"last": nn.Linear(2, 1)})
    parameters = nn.ParameterList([nn.Parameter(x(lib)), x(lib)])
    named = nn.ParameterDict({"b": nn.Parameter(lib.ones(2)), "w": nn.Parameter(x(lib))})
    return {type(held).__name__: held for held in (several, by_name, parameters, named)}


def own_module(lib: Any) -> Any:
    class Net(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = lib.nn.Sequential(lib.nn.Linear(3, 2), lib.nn.BatchNorm1d(2))
            self.scale = lib.nn.Parameter(lib.ones(2))
            self.register_buffer("count", lib.zeros(1))
            self.register_buffer("scratch", lib.zeros(1), persistent=False)

        def forward(self, t: Any) -> Any:
            return self.inner(t) * self.scale

        def extra_repr(self) -> str:
            return "of mine"

        def __len__(self) -> int:
            return len(list(self.children()))

    return Net()


def loaded(lib: Any, change: Callable[[dict[str, Any]], None], **options: Any) -> Any:
    state = own_module(lib).state_dict()
    change(state)
    return list(map(sorted, own_module(lib).load_state_dict(state, **options)))


def packed(lib: Any, *, keep_order: bool) -> Any:
    rnn = lib.nn.utils.rnn
    sequences = [lib.arange(n, dtype=lib.float64) for n in ((4, 2, 1) if keep_order else (2, 4, 1))]
    return rnn.pack_sequence(sequences, enforce_sorted=keep_order)


# Of each lazy module its arguments, and the shape of a first input.
LAZY: dict[str, tuple[tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = {
    "Linear": ((4,), {"bias": False}, (2, 5)),
    **{
        f"{kind}{dims}d": ((4, 3), {"groups": 2, "stride": 2}, (2, 6, 7, 8, 5)[: dims + 2])
        for kind in ("Conv", "ConvTranspose")
        for dims in (1, 2, 3)
    },
    **{
        f"{kind}{dims}d": ((1e-4,), {"momentum": 0.2}, (2, 3, 4, 2, 5)[: dims + 2])
        for kind in ("BatchNorm", "InstanceNorm")
        for dims in (1, 2, 3)
    },
}


def lazily(lib: Any, kind: str) -> list[Any]:
    """Return what a lazy module is before its first call, and after it."""
    args, options, shape = LAZY[kind]
    module = getattr(lib.nn, f"Lazy{kind}")(*args, **options)
    before = [repr(module), [(name, repr(p)) for name, p in module.named_parameters()]]
    optimizer = lib.optim.SGD(module.parameters(), lr=0.1)
    y = module.double()(lib.ones(shape, dtype=lib.float64))
    y.sum().backward()
    optimizer.step()
    state = [(name, value.shape, value.dtype) for name, value in module.state_dict().items()]
    return [*before, repr(module), type(module).__name__, y.shape, state]


def loaded_lazily(lib: Any, first: tuple[int, ...]) -> list[Any]:
    lazy = lib.nn.LazyLinear(2)
    missing = lazy.load_state_dict({"weight": lib.ones(2, 3), "bias": lib.ones(2)})
    return [list(missing), lazy(lib.ones(first)), repr(lazy)]


def filled(lib: Any, kind: str = "Linear", *args: Any) -> Any:
    """Return a layer whose parameters are not random."""
    layer = getattr(lib.nn, kind)(*(args or (3, 2)))
    for i, p in enumerate(layer.parameters()):
        p.data = (lib.arange(p.numel()).float().reshape(p.shape) + i).sin() + 0.5
    return layer


def reparametrized(lib: Any, path: str, **options: Any) -> list[Any]:
    """Return what a layer is whose weight is computed, its gradients, and what remains of it."""
    home = lib.nn.utils
    newer, _, name = path.rpartition(".")
    layer = getattr(home.parametrizations if newer else home, name)(filled(lib), **options)
    layer(lib.ones(1, 3)).square().sum().backward()
    told = [repr(layer), list(layer.state_dict()), layer.weight]
    told += [p.grad for p in layer.parameters()]
    if newer:
        home.parametrize.remove_parametrizations(layer, "weight")
    else:
        getattr(home, f"remove_{name}")(layer)
    return [*told, repr(layer), list(layer.state_dict()), layer.weight]


def buffering(lib: Any) -> Any:
    class Net(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.kept = lib.nn.Buffer(lib.ones(2))
            self.scratch = lib.nn.Buffer(lib.ones(2), persistent=False)

    return Net()


def hooked(lib: Any) -> list[Any]:
    """Return what the hooks of a layer see, and what they make of its gradients."""
    layer, seen = filled(lib), []
    layer.register_forward_pre_hook(lambda m, args: seen.append(len(args)))
    layer.register_forward_pre_hook(lambda m, a, k: (a, k), with_kwargs=True, prepend=True)
    layer.register_forward_hook(lambda m, a, k, y: y * len(k), with_kwargs=True)
    layer.register_full_backward_pre_hook(lambda m, g: (g[0] * 3,))
    layer.register_full_backward_hook(lambda m, gi, go: seen.append(go[0]))
    layer(input=lib.ones(1, 3)).sum().backward()
    return [seen, layer.bias.grad]


def symmetric(lib: Any) -> Any:
    class Symmetric(lib.nn.Module):
        def forward(self, x: Any) -> Any:
            return x.triu() + x.triu(1).transpose(0, 1)

    square = filled(lib, "Linear", 2, 2)
    return lib.nn.utils.parametrize.register_parametrization(square, "weight", Symmetric())


NAMES = (None, "weight", "bias")
NORMS: dict[str, list[Program]] = {
    f"nn.utils.{newer}{name}": [
        lambda lib, path=newer + name, options=options: reparametrized(lib, path, **options)
        for options in (
            ({"dim": 0}, {"dim": 1}, {"dim": None})
            if name == "weight_norm"
            else ({"n_power_iterations": 30}, {"n_power_iterations": 30, "dim": 1})
        )
    ]
    for newer in ("parametrizations.", "")
    for name in ("weight_norm", "spectral_norm")
}


def fused(lib: Any, name: str, *, whole: bool) -> list[Any]:
    """Return the parameters of a layer and the BatchNorm behind it, fused."""
    layer, bn = filled(lib).eval(), filled(lib, "BatchNorm1d", 2).eval()
    if whole:
        return list(getattr(lib.nn.utils, name)(layer, bn).parameters())
    function = getattr(lib.nn.utils, name)
    return function(
        *layer.parameters(), bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )


PROGRAMS: dict[str, list[Program]] = {
    "nn.Parameter": [
        lambda lib: [(p := lib.nn.Parameter(x(lib))).requires_grad, repr(p), p.is_leaf],
        lambda lib: lib.nn.Parameter(lib.arange(3)),
    ],
    "nn.Module": [
        lambda lib: described_modules(own_module(lib)),
        lambda lib: repr(own_module(lib)),
        lambda lib: own_module(lib)(lib.ones(4, 3)).shape,
        lambda lib: [m.training for m in own_module(lib).eval().modules()],
        lambda lib: {p.dtype for p in own_module(lib).double().parameters()} == {lib.float64},
        lambda lib: [name for name, _ in own_module(lib).named_buffers()],
        lambda lib: [p.requires_grad for p in own_module(lib).requires_grad_(False).parameters()],
        lambda lib: own_module(lib).get_submodule("inner.0").weight.shape,
        lambda lib: own_module(lib).get_parameter("inner.0.nothing"),
        lambda lib: own_module(lib).nothing,
        lambda lib: [(m := own_module(lib)).set_submodule("inner.1", lib.nn.ReLU()), repr(m)],
        lambda lib: own_module(lib).set_submodule("inner.0.weight", lib.nn.ReLU()),
        lambda lib: own_module(lib).set_submodule("", lib.nn.ReLU()),
        lambda lib: [p.dtype for p in own_module(lib).half().cpu().parameters()],
        hooked,
        lambda lib: loaded(lib, lambda state: state.pop("scale")),
        lambda lib: loaded(lib, lambda state: state.pop("scale"), strict=False),
        lambda lib: loaded(lib, lambda state: state.update(more=lib.ones(1)), strict=False),
        lambda lib: loaded(lib, lambda state: state.update(scale=lib.ones(3))),
    ],
    **{
        f"nn.{kind}": [
            lambda lib, kind=kind: described_modules(containers(lib)[kind]),
            lambda lib, kind=kind: repr(containers(lib)[kind]),
        ]
        for kind in ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
    },
    **{f"nn.Lazy{kind}": [lambda lib, kind=kind: lazily(lib, kind)] for kind in LAZY},
    "nn.NLLLoss2d": [
        lambda lib: lib.nn.NLLLoss2d()(x(lib).reshape(1, 2, 3, 1), lib.tensor([[[0], [1], [0]]]))
    ],
    "nn.RNNCellBase": [
        lambda lib, bias=bias: [
            repr(cell := lib.nn.RNNCellBase(3, 4, bias, 2)),
            [(name, tuple(value.shape)) for name, value in cell.state_dict().items()],
            isinstance(lib.nn.GRUCell(3, 4), lib.nn.RNNCellBase),
        ]
        for bias in (True, False)
    ],
    "nn.AdaptiveLogSoftmaxWithLoss": [
        lambda lib, cutoffs=cutoffs: lib.nn.AdaptiveLogSoftmaxWithLoss(4, 9, cutoffs)
        for cutoffs in ([], [3, 2], [0, 2], [2, 9], [2, 2])
    ],
    "nn.UninitializedParameter": [
        lambda lib: loaded_lazily(lib, (4, 3)),
        lambda lib: lib.nn.Linear(3, 2).load_state_dict(lib.nn.LazyLinear(2).state_dict()),
        lambda lib: lib.nn.UninitializedParameter().shape,
        lambda lib: lib.nn.UninitializedParameter() + 1,
        lambda lib: lib.nn.LazyLinear(2).weight.numel(),
        lambda lib: [
            (p := lib.nn.UninitializedParameter(dtype=lib.float64)).materialize((2, 3)),
            (p.shape, p.dtype, p.requires_grad, type(p).__name__),
        ],
    ],
    "nn.UninitializedBuffer": [
        lambda lib: [
            repr(b := lib.nn.UninitializedBuffer()),
            b.materialize((2,)),
            (b.shape, b.dtype, b.requires_grad, type(b).__name__),
        ]
    ],
    "nn.Buffer": [
        lambda lib: [b.requires_grad for b in buffering(lib).buffers()],
        lambda lib: [list(buffering(lib).state_dict()), list(dict(buffering(lib).named_buffers()))],
    ],
    **{
        f"nn.functional.{name}_": [
            lambda lib, name=name, options=options: [
                getattr(lib.nn.functional, f"{name}_")(t := x(lib) - 2, *options),
                t,
            ]
        ]
        for name, options in {
            **dict.fromkeys(("celu", "elu", "hardtanh", "leaky_relu", "relu", "selu"), ()),
            "rrelu": (0.2, 0.2),
            "threshold": (0.5, 1.0),
        }.items()
    },
    **{
        f"nn.functional.upsample{mode}": [
            lambda lib, name=f"upsample{mode}": getattr(lib.nn.functional, name)(
                lib.arange(24.0).reshape(2, 2, 2, 3), size=(3, 5)
            ),
            lambda lib, name=f"upsample{mode}": getattr(lib.nn.functional, name)(
                lib.arange(24.0).reshape(2, 2, 2, 3), None, 2
            ),
        ]
        for mode in ("", "_bilinear", "_nearest")
    },
    "nn.functional.fold": [
        lambda lib: lib.nn.functional.fold(lib.arange(32.0).reshape(1, 8, 4), 3, 2),
        lambda lib: lib.nn.functional.fold(lib.arange(32.0).reshape(8, 4), (3, 3), (2, 2)),
    ],
    "nn.functional.dropout1d": [
        lambda lib: lib.nn.functional.dropout1d(lib.ones(2, 3, 4), 0.0),
        lambda lib: lib.nn.functional.dropout1d(lib.ones(2, 3, 4), 1.0),
        lambda lib: moments(lib.nn.functional.dropout1d(lib.ones(9999, 9, 1), 0.25)),
    ],
    "nn.functional.affine_grid": [
        lambda lib, size=size, align=align: lib.nn.functional.affine_grid(
            lib.arange(2 * len(size[2:]) * len(size[1:])).double().reshape(2, len(size) - 2, -1),
            size,
            align,
        )
        for size in ((2, 3, 4, 5), (2, 1, 3, 1, 2), (2, 3, 4))
        for align in (False, True)
    ],
    "nn.functional.gumbel_softmax": [
        lambda lib: (
            lib.nn.functional.gumbel_softmax(lib.ones(20000, 3), 0.1).mean(0).round(decimals=1)
        ),
        lambda lib: lib.nn.functional.gumbel_softmax(x(lib), hard=True, dim=0).sum(0),
        lambda lib: lib.nn.functional.gumbel_softmax(x(lib), dim=2),
    ],
    **{
        f"nn.functional.lp_pool{dims}d": [
            lambda lib, pool=f"lp_pool{dims}d", shape=(2, 3, 5, 4, 6)[: dims + 2], p=p: getattr(
                lib.nn.functional, pool
            )(lib.arange(math.prod(shape)).double().reshape(shape), p, 2, ceil_mode=True)
            for p in (1, 2.5, math.inf)
        ]
        for dims in (1, 2, 3)
    },
    **NORMS,
    **{
        f"nn.utils.remove_{name}": [
            *NORMS[f"nn.utils.{name}"],
            lambda lib, name=name: getattr(lib.nn.utils, f"remove_{name}")(lib.nn.Linear(2, 2)),
        ]
        for name in ("weight_norm", "spectral_norm")
    },
    "nn.utils.parametrize.register_parametrization": [
        lambda lib: [repr(s := symmetric(lib)), s.weight, list(s.state_dict())],
        lambda lib: setattr(symmetric(lib), "weight", lib.ones(2, 2)),
        lambda lib: setattr(symmetric(lib), "weight", lib.nn.Parameter(lib.ones(2, 2))),
        lambda lib: lib.nn.utils.parametrize.register_parametrization(
            lib.nn.Linear(2, 3), "weight", lib.nn.Flatten(0)
        ),
    ],
    "nn.utils.parametrize.remove_parametrizations": [
        lambda lib: (
            lib.nn.utils.parametrize.remove_parametrizations(symmetric(lib), "weight", False).weight
        ),
        lambda lib: lib.nn.utils.parametrize.remove_parametrizations(symmetric(lib), "bias"),
    ],
    "nn.utils.parametrize.is_parametrized": [
        lambda lib: [lib.nn.utils.parametrize.is_parametrized(symmetric(lib), n) for n in NAMES]
    ],
    "nn.utils.parametrize.type_before_parametrizations": [
        lambda lib: lib.nn.utils.parametrize.type_before_parametrizations(symmetric(lib)).__name__
    ],
    "nn.utils.parametrize.ParametrizationList": [
        lambda lib: type(symmetric(lib).parametrizations.weight).__name__,
        lambda lib: lib.nn.utils.parametrize.ParametrizationList([], lib.ones(2)),
    ],
    "nn.utils.fuse_linear_bn_eval": [lambda lib: fused(lib, "fuse_linear_bn_eval", whole=True)],
    "nn.utils.fuse_conv_bn_eval": [
        lambda lib, transpose=transpose: list(
            lib.nn.utils.fuse_conv_bn_eval(
                filled(lib, f"Conv{'Transpose' * transpose}2d", 2, 2, 3).eval(),
                filled(lib, "BatchNorm2d", 2).eval(),
                transpose,
            ).parameters()
        )
        for transpose in (False, True)
    ],
    **{
        f"nn.utils.{name}": [lambda lib, name=name: fused(lib, name, whole=False)]
        for name in ("fuse_linear_bn_weights", "fuse_conv_bn_weights")
    },
    "nn.utils.clip_grad_norm_": [
        lambda lib: clipped(lib, "clip_grad_norm_", 1.0),
        lambda lib: clipped(lib, "clip_grad_norm_", 1.0, norm_type=float("inf")),
    ],
    "nn.utils.clip_grad_value_": [lambda lib: clipped(lib, "clip_grad_value_", 0.7)],
    "nn.utils.clip_grads_with_norm_": [
        lambda lib: clipped(lib, "clip_grads_with_norm_", 1.0, lib.tensor(4.0))
    ],
    "nn.utils.get_total_norm": [
        lambda lib: lib.nn.utils.get_total_norm([x(lib), lib.ones(3)]),
        lambda lib: lib.nn.utils.get_total_norm([x(lib)], norm_type=1.0),
    ],
    "nn.utils.parameters_to_vector": [
        lambda lib: lib.nn.utils.parameters_to_vector([x(lib), lib.ones(2)])
    ],
    "nn.utils.vector_to_parameters": [
        lambda lib: [
            lib.nn.utils.vector_to_parameters(lib.arange(8.0), p := [x(lib), lib.ones(2)]),
            p,
        ]
    ],
    "nn.utils.rnn.PackedSequence": [
        lambda lib: isinstance(packed(lib, keep_order=True), lib.nn.utils.rnn.PackedSequence),
        lambda lib: packed(lib, keep_order=True).to(lib.float32).data,
    ],
    "nn.utils.rnn.pack_sequence": [
        lambda lib: packed(lib, keep_order=True),
        lambda lib: packed(lib, keep_order=False),
        lambda lib: lib.nn.utils.rnn.pack_sequence([lib.ones(1), lib.ones(2)]),
    ],
    "nn.utils.rnn.pack_padded_sequence": [
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(x(lib), [3, 1], batch_first=True),
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(x(lib), [1, 2, 1], enforce_sorted=False),
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(x(lib), [1, 2, 1]),
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(x(lib), [2, 1, 0]),
        lambda lib: lib.nn.utils.rnn.pack_padded_sequence(x(lib), [2, 1]),
    ],
    "nn.utils.rnn.pad_packed_sequence": [
        lambda lib: lib.nn.utils.rnn.pad_packed_sequence(packed(lib, keep_order=False)),
        lambda lib: lib.nn.utils.rnn.pad_packed_sequence(packed(lib, keep_order=True), True, -1, 6),
        lambda lib: lib.nn.utils.rnn.pad_packed_sequence(
            packed(lib, keep_order=True), total_length=2
        ),
    ],
    "nn.utils.rnn.pad_sequence": [
        lambda lib, side=side: lib.nn.utils.rnn.pad_sequence(
            [x(lib), lib.ones(1, 3)], True, 2.0, padding_side=side
        )
        for side in ("left", "right")
    ],
    "nn.utils.rnn.unpad_sequence": [
        lambda lib: lib.nn.utils.rnn.unpad_sequence(x(lib), lib.tensor([1, 2, 2]))
    ],
    "nn.utils.rnn.unpack_sequence": [
        lambda lib: lib.nn.utils.rnn.unpack_sequence(packed(lib, keep_order=False))
    ],
}
