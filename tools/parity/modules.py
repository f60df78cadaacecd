"""Modules on the samples of PyTorch's module database: reprs, state dicts, outputs, gradients, errors.

Weights travel both ways through a safetensors file.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import safetensors.torch
import torch
from torch.testing._internal.common_modules import module_db

import minigrad as mg

from .bridge import NotTranslatable, Translation, array, described, difference, flat
from .calls import compare_gradients
from .ledger import Ledger

# They make their parameters only when called.
SKIPPED = ("Lazy",)


def normal(*shapes: tuple[int, ...]) -> Callable[[], list[torch.Tensor]]:
    """Return a maker of random inputs that want a gradient."""
    return lambda: [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


def over_packed(nn: Any, kind: str, *, keep_order: bool) -> Any:
    """Return a network over sequences of several lengths."""

    class Packing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = getattr(nn, kind)(3, 4, num_layers=2, bidirectional=True)

        def forward(self, x: Any) -> Any:
            lengths, rnn = [4, 4, 2] if keep_order else [2, 4, 3], nn.utils.rnn
            packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=keep_order)
            y, last = self.rnn(packed)
            return [y.data, *rnn.pad_packed_sequence(y, total_length=5), *flat(last)]

    return Packing()


def layers(nn: Any) -> list[Any]:
    return [nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)]


# By name: how to make one from either library's `nn`, and its inputs. One that is made for evaluation is
# not tried in training: there it is random.
Case = tuple[Callable[[Any], Any], Callable[[], list[torch.Tensor]]]
GENERATED: dict[str, list[Case]] = {
    **{
        f"nn.{name}": [
            (lambda nn, name=name: getattr(nn, name)(0.0), normal((2, 3, *space))),
            (lambda nn, name=name: getattr(nn, name)(0.3).eval(), normal((2, 3, *space))),
        ]
        for name, space in {
            "AlphaDropout": (),
            "Dropout": (),
            "Dropout1d": (4,),
            "Dropout2d": (4, 4),
            "Dropout3d": (2, 2, 2),
            "FeatureAlphaDropout": (4,),
        }.items()
    },
    "nn.utils.rnn.pack_padded_sequence": [
        (
            lambda nn, kind=kind, order=order: over_packed(nn, kind, keep_order=order),
            normal((4, 3, 3)),
        )
        for kind in ("RNN", "LSTM", "GRU")
        for order in (True, False)
    ],
    **{
        f"nn.MaxUnpool{dims}d": [
            (
                lambda nn, dims=dims: getattr(nn, f"MaxUnpool{dims}d")(2, 3),
                lambda dims=dims: getattr(torch.nn, f"MaxPool{dims}d")(2, 3, return_indices=True)(
                    normal((2, 3, 8, 5, 5)[: dims + 2])()[0]
                ),
            )
        ]
        for dims in (1, 2, 3)
    },
    "nn.CosineSimilarity": [
        (lambda nn: nn.CosineSimilarity(), normal((4, 3), (4, 3))),
        (lambda nn: nn.CosineSimilarity(dim=0, eps=0.1), normal((4, 3), (4, 3))),
    ],
    "nn.PairwiseDistance": [
        (lambda nn: nn.PairwiseDistance(), normal((4, 3), (4, 3))),
        (lambda nn: nn.PairwiseDistance(p=3.0, keepdim=True), normal((4, 3), (4, 3))),
    ],
    "nn.EmbeddingBag": [
        (
            lambda nn, mode=mode: nn.EmbeddingBag(6, 3, mode=mode, padding_idx=2),
            lambda: [torch.tensor([1, 2, 5, 1, 0]), torch.tensor([0, 3])],
        )
        for mode in ("sum", "mean", "max")
    ],
    **{
        f"nn.{name}": [(lambda nn, name=name, args=args: getattr(nn, name)(*args), normal(shape))]
        for name, args, shape in (
            ("ChannelShuffle", (2,), (2, 6, 3, 4)),
            ("PixelShuffle", (2,), (2, 8, 3, 4)),
            ("PixelUnshuffle", (2,), (2, 2, 6, 4)),
            ("UpsamplingBilinear2d", ((5, 7),), (2, 2, 3, 4)),
            ("UpsamplingNearest2d", (None, 2), (2, 2, 3, 4)),
        )
    },
    "nn.Upsample": [
        (lambda nn: nn.Upsample(scale_factor=(2.0, 1.5)), normal((2, 2, 3, 4))),
        (lambda nn: nn.Upsample(7, mode="linear", align_corners=True), normal((2, 2, 3))),
        (lambda nn: nn.Upsample((5, 2), mode="bicubic"), normal((2, 2, 3, 4))),
    ],
    "nn.AdaptiveLogSoftmaxWithLoss": [
        (
            lambda nn, bias=bias: nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], 2.0, bias),
            lambda shape=shape: [*normal((*shape, 8))(), torch.randint(0, 12, shape)],
        )
        for bias in (False, True)
        for shape in ((9,), ())
    ],
    "nn.Flatten": [
        (lambda nn: nn.Flatten(), normal((2, 3, 4))),
        (lambda nn: nn.Flatten(0, 1), normal((2, 3, 4))),
    ],
    "nn.Unflatten": [(lambda nn: nn.Unflatten(1, (2, 3)), normal((4, 6)))],
    "nn.Fold": [(lambda nn: nn.Fold((3, 4), 2, padding=1), normal((1, 8, 20)))],
    "nn.Unfold": [(lambda nn: nn.Unfold(2, dilation=2, stride=(1, 2)), normal((2, 3, 5, 6)))],
    "nn.Hardsigmoid": [(lambda nn: nn.Hardsigmoid(), normal((3, 4)))],
    "nn.Identity": [(lambda nn: nn.Identity(54, unused=0.1), normal((3, 4)))],
    "nn.RReLU": [(lambda nn: nn.RReLU(0.2, 0.2), normal((3, 4)))],
    "nn.Sequential": [
        (lambda nn: nn.Sequential(*layers(nn)), normal((5, 3))),
        (lambda nn: nn.Sequential(*layers(nn))[:2], normal((5, 3))),
    ],
    "nn.TripletMarginLoss": [
        (lambda nn: nn.TripletMarginLoss(), normal((4, 3), (4, 3), (4, 3))),
        (
            lambda nn: nn.TripletMarginLoss(2.0, p=1.0, swap=True, reduction="none"),
            normal((4, 3), (4, 3), (4, 3)),
        ),
    ],
    "nn.TripletMarginWithDistanceLoss": [
        (lambda nn: nn.TripletMarginWithDistanceLoss(), normal((4, 3), (4, 3), (4, 3))),
        (
            lambda nn: nn.TripletMarginWithDistanceLoss(
                distance_function=lambda a, b: (a - b).abs().sum(-1), margin=0.5, swap=True
            ),
            normal((4, 3), (4, 3), (4, 3)),
        ),
    ],
    "nn.TransformerEncoder": [
        (
            lambda nn: nn.TransformerEncoder(
                nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2, norm=nn.LayerNorm(4)
            ),
            normal((5, 2, 4)),
        )
    ],
    "nn.TransformerDecoder": [
        (
            lambda nn: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8, 0.0), 2),
            normal((5, 2, 4), (3, 2, 4)),
        )
    ],
}


def compare(ledger: Ledger, only: str) -> None:
    """Compare every module whose name contains `only`."""
    for info in module_db:
        cls = info.module_cls
        label = f"nn.{cls.__name__}"
        if only not in label or cls.__name__.startswith(SKIPPED):
            continue
        ours = getattr(mg.nn, cls.__name__, None)
        if ours is None:
            ledger.missing.setdefault("nn", []).append(label)
            continue
        for training in (True, False):
            torch.manual_seed(0)
            inputs = info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=True, training=training
            )
            for item in inputs:
                made, translate = item.constructor_input, Translation()
                told = f"({described(tuple(made.args))[1:-1]} {described(made.kwargs)})"
                kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
                theirs = cls(*made.args, **kwargs)
                try:
                    args = translate((tuple(made.args), kwargs))
                    make = functools.partial(ours, *args[0], **args[1])
                    call, second = item.forward_input, info.supports_gradgrad
                    compare_module(ledger, label, told, theirs, make, call, training, second)
                except NotTranslatable:
                    continue
        compare_errors(ledger, label, ours, info)
    compare_generated(ledger, only)


def compare_generated(ledger: Ledger, only: str) -> None:
    """The modules of which the database has no samples."""
    for label, cases in GENERATED.items():
        for number, (make, inputs) in enumerate(cases, 1) if only in label else ():
            theirs = make(torch.nn)
            for training in (True, False) if theirs.training else (False,):
                torch.manual_seed(0)
                told, call = f"case {number}", SimpleNamespace(args=inputs(), kwargs={})
                ours = functools.partial(make, mg.nn)
                compare_module(ledger, label, told, theirs, ours, call, training)


def compare_module(
    ledger: Ledger,
    label: str,
    told: str,
    theirs: torch.nn.Module,
    make: Callable[[], mg.nn.Module],
    call: Any,
    training: bool,
    second: bool = True,
) -> None:
    """Compare PyTorch's module with the one that is made, and what both give for the input `call`."""
    theirs = theirs.double().train(training)
    ledger.compare(label)
    try:
        module = make().double().train(training)
    except NotTranslatable:
        raise
    except Exception as caught:
        ledger.find(label, "value", f"{told} cannot be made: {type(caught).__name__}: {caught}")
        return
    if repr(theirs) != repr(module):
        private = "NonDynamicallyQuantizableLinear"
        same = repr(theirs).replace(private, "Linear") == repr(module)
        shown = ("Linear", private) if same else (repr(module), repr(theirs))
        ledger.find(label, "repr", " instead of ".join(shown))
    shapes = {k: tuple(v.shape) for k, v in theirs.state_dict().items()}
    if shapes != {k: tuple(v.shape) for k, v in module.state_dict().items()}:
        ledger.find(
            label, "state", f"{told}: {list(module.state_dict())} instead of {list(shapes)}"
        )
        return
    with ledger.comparing(label, "state", f"{told}, weights through a file"):
        exchange(theirs, module)
    if call is None:
        return
    forward = Translation()
    inputs, options = forward(tuple(call.args)), forward(dict(call.kwargs))
    told += f" of {described(tuple(call.args))}"
    try:
        expected = theirs(*call.args, **call.kwargs)
    except Exception:
        return
    try:
        actual = module(*inputs, **options)
    except Exception as caught:
        ledger.find(label, "value", f"{told} raises {type(caught).__name__}: {caught}")
        return
    pairs = [(t, o) for t, o in zip(flat(expected), flat(actual), strict=False) if t is not None]
    found = difference([t for t, _ in pairs], [o for _, o in pairs])
    if found:
        ledger.find(label, found[0], f"{told}, training={training}, gives {found[1]}")
        return
    leaves = forward.leaves + list(zip(theirs.parameters(), module.parameters(), strict=True))
    if leaves:
        results = [t for t, _ in pairs], [o for _, o in pairs]
        compare_gradients(ledger, label, told, *results, leaves, second)
    after = difference(list(theirs.buffers()), list(module.buffers()))
    if after:
        ledger.find(label, "state", f"{told}: a buffer became {after[1]}")


def exchange(theirs: torch.nn.Module, ours: mg.nn.Module) -> None:
    """Give PyTorch's weights to ours, and back again, through files; raise if one does not arrive."""
    if not theirs.state_dict():
        return
    with tempfile.TemporaryDirectory() as folder:
        there, back = Path(folder, "theirs.safetensors"), Path(folder, "ours.safetensors")
        weights = {k: v.clone().contiguous() for k, v in theirs.state_dict().items()}
        safetensors.torch.save_file(weights, there)
        ours.load_state_dict(mg.load(there))
        mg.save(ours.state_dict(), back)
        theirs.load_state_dict(safetensors.torch.load_file(back))
        for name, value in theirs.state_dict().items():
            for other in (weights[name], ours.state_dict()[name]):
                if difference(
                    value, other if isinstance(other, mg.Tensor) else mg.tensor(array(other))
                ):
                    raise AssertionError(f"{name} did not arrive")


def compare_errors(ledger: Ledger, label: str, ours: Any, info: Any) -> None:
    """What PyTorch's database says is an error shall be one of the same class."""
    if getattr(info, "module_error_inputs_func", None) is None:
        return
    torch.manual_seed(0)
    for wrong in info.module_error_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
    ):
        item, translate = wrong.module_error_input, Translation()
        made, call = item.constructor_input, item.forward_input
        kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
        told = f"({described(tuple(made.args))[1:-1]} {described(kwargs)})"
        ledger.compare(label)
        try:
            module = ours(*translate(tuple(made.args)), **translate(kwargs)).double()
            if call is not None:
                module(*translate(tuple(call.args)), **translate(dict(call.kwargs)))
        except (wrong.error_type, NotTranslatable):
            continue
        except Exception as caught:
            raised = f"raises {type(caught).__name__}: {caught}"
        else:
            raised = "raises nothing"
        ledger.find(label, "error", f"{told} {raised}, not {wrong.error_type.__name__}")
