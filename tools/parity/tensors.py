"""Programs for tensors, element types, random numbers, modes and gradients."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from .bridge import DTYPES

Program = Callable[[Any], Any]

ALL_DTYPES = [dtype.name for dtype in DTYPES.values()]


def x(lib: Any, **options: Any) -> Any:
    return lib.tensor([[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]], **options)


def leaf(lib: Any) -> Any:
    return x(lib, requires_grad=True)


def pairs(lib: Any, function: str) -> list[Any]:
    dtypes = [getattr(lib, name) for name in ALL_DTYPES]
    return [getattr(lib, function)(a, b) for a, b in itertools.product(dtypes, dtypes)]


def seeded(lib: Any, draw: Callable[[], Any]) -> list[Any]:
    """Return whether the same seed draws the same numbers again, and another one others."""
    drawn = []
    for seed in (3, 3, 4):
        lib.manual_seed(seed)
        drawn.append(draw())
    return [bool((drawn[0] == drawn[1]).all()), bool((drawn[0] == drawn[2]).all())]


def moments(values: Any) -> list[Any]:
    """Return mean and standard deviation of many random numbers to one place, and their dtype."""
    a = values.double()
    return [round(a.mean().item(), 1) + 0.0, round(a.std().item(), 1), values.dtype]


def many(lib: Any, value: float = 0.0) -> Any:
    return lib.full((200_000,), value, dtype=lib.float64)


def with_mode(lib: Any, enter: Program) -> list[Any]:
    """Return whether gradients are recorded before, within and after a mode, and as a decorator."""
    found = [lib.is_grad_enabled()]
    with enter(lib):
        found += [lib.is_grad_enabled(), (leaf(lib) * 2).requires_grad]
    return [*found, lib.is_grad_enabled(), enter(lib)(lambda: lib.is_grad_enabled())()]


def inferring(lib: Any, context: Any) -> list[bool]:
    with context:
        within = lib.is_inference_mode_enabled()
        with lib.inference_mode(), lib.inference_mode(False):
            innermost = lib.is_inference_mode_enabled()
    return [within, innermost, lib.is_inference_mode_enabled()]


def accumulated(tensor: Any) -> list[Any]:
    """Return the gradients that a hook sees, which takes them away."""
    seen = []

    def take(t: Any) -> None:
        seen.append(t.grad)
        t.grad = None

    tensor.register_post_accumulate_grad_hook(take)
    for _ in range(2):
        (tensor * 3).sum().backward()
    return [*seen, tensor.grad is None]


def looking(lib: Any, name: str, args: tuple[bool, ...], value: float) -> Any:
    """Return the gradient of a root, or of 0 the error."""
    t = lib.full((2,), value, requires_grad=True)
    with getattr(lib.autograd, name)(*args):
        (t.sqrt() * value).sum().backward()
    return t.grad


def default_dtype(lib: Any) -> list[Any]:
    before = lib.get_default_dtype()
    lib.set_default_dtype(lib.float64)
    found = [lib.get_default_dtype(), lib.tensor(1.0), lib.zeros(2), lib.tensor(1) / 2]
    lib.set_default_dtype(before)
    return [before, *found]


def threads(lib: Any) -> int:
    before = lib.get_num_threads()
    lib.set_num_threads(1)
    found = lib.get_num_threads()
    lib.set_num_threads(before)
    return found


def saved(lib: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "weights")
        lib.save({"w": x(lib), "n": lib.arange(3)}, path)
        loaded = lib.load(path)
        return [loaded["w"], loaded["n"]]


def state_of_generator(lib: Any) -> bool:
    state = lib.get_rng_state()
    a = lib.rand(5)
    lib.set_rng_state(state)
    return bool((a == lib.rand(5)).all())


def own_generator(lib: Any) -> list[Any]:
    a, b = (lib.rand(5, generator=lib.Generator().manual_seed(7)) for _ in range(2))
    return [bool((a == b).all()), lib.Generator().manual_seed(7).initial_seed()]


def shares_memory(lib: Any, make: Callable[[Any, Any], Any]) -> Any:
    array = np.arange(3.0)
    tensor = make(lib, array)
    array[0] = 5
    return tensor


def printed(lib: Any) -> list[str]:
    lib.set_printoptions(precision=2, threshold=4, edgeitems=1)
    found = [repr(x(lib)), repr(lib.arange(9))]
    lib.set_printoptions(profile="default")
    return [*found, repr(x(lib))]


def after(tensor: Any, change: Program) -> list[Any]:
    """Return what a method gives, and the tensor that it may have changed."""
    return [change(tensor), tensor]


def gradient_of(lib: Any, use: Callable[[Any], Any]) -> Any:
    t = leaf(lib)
    use(t)
    return t.grad


def hooked(lib: Any) -> Any:
    t = leaf(lib)
    handle = t.register_hook(lambda grad: grad * 2)
    (t * t).sum().backward(retain_graph=False)
    first = t.grad.clone()
    handle.remove()
    (t * t).sum().backward()
    return [first, t.grad]


def retained(lib: Any) -> Any:
    y = leaf(lib) * 2
    before = y.retains_grad
    y.retain_grad()
    (y * y).sum().backward()
    return [before, y.retains_grad, y.grad]


def singular(lib: Any) -> bool:
    try:
        return lib.linalg.inv(lib.zeros(2, 2))
    except lib.linalg.LinAlgError as error:
        return isinstance(error, RuntimeError)


def doubling(lib: Any) -> Any:
    class Double(lib.autograd.Function):
        @staticmethod
        def forward(ctx: Any, t: Any) -> Any:
            ctx.save_for_backward(t)
            return t * t

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (t,) = ctx.saved_tensors
            return grad * 3 * t

    return [Double.apply(x(lib)), gradient_of(lib, lambda t: Double.apply(t).sum().backward())]


PROGRAMS: dict[str, list[Program]] = {
    **{
        f"torch.{name}": [
            lambda lib, name=name: [getattr(lib, name), lib.zeros(2, dtype=getattr(lib, name))]
        ]
        for name in (*ALL_DTYPES, "half", "float", "double", "short", "int", "long")
    },
    "torch.as_tensor": [
        lambda lib: [lib.as_tensor(v) for v in (3, 2.5, True, [1, 2], [[1.0], [2.0]])],
        lambda lib: shares_memory(lib, lambda lib, array: lib.as_tensor(array)),
        lambda lib: lib.as_tensor([1, 2], dtype=lib.float64),
    ],
    "torch.asarray": [
        lambda lib: lib.asarray([1.0, 2.0]),
        lambda lib: shares_memory(lib, lambda lib, array: lib.asarray(array)),
        lambda lib: shares_memory(lib, lambda lib, array: lib.asarray(array, copy=True)),
    ],
    "torch.tensor": [
        lambda lib: [lib.tensor(v) for v in (3, 2.5, True, [], [1, 2.5], [[True], [False]])],
        lambda lib: shares_memory(lib, lambda lib, array: lib.tensor(array)),
        lambda lib: lib.tensor([[1, 2], [3]]),
    ],
    "torch.Tensor": [
        lambda lib: lib.Tensor([1, 2]),
        lambda lib: lib.Tensor(2, 3).shape,
        lambda lib: isinstance(x(lib), lib.Tensor),
    ],
    "torch.from_numpy": [lambda lib: shares_memory(lib, lambda lib, a: lib.from_numpy(a))],
    "torch.from_dlpack": [lambda lib: shares_memory(lib, lambda lib, a: lib.from_dlpack(a))],
    "torch.can_cast": [lambda lib: pairs(lib, "can_cast")],
    "torch.promote_types": [lambda lib: pairs(lib, "promote_types")],
    "torch.result_type": [
        lambda lib: [
            lib.result_type(lib.zeros((1,) * d, dtype=getattr(lib, name)), other)
            for name in ALL_DTYPES
            for d in (0, 1)
            for other in (
                True,
                1,
                1.0,
                lib.tensor(1),
                lib.tensor(1.0),
                lib.zeros(1, dtype=lib.int8),
            )
        ]
    ],
    "torch.device": [
        lambda lib: [
            repr(lib.device("cpu")),
            str(lib.device("cuda", 1)),
            lib.device("cuda:1").index,
        ],
        lambda lib: lib.device(lib.device("cpu")).type,
        lambda lib: lib.ones(2, device=lib.device("cpu")).to(lib.device("cpu")),
        lambda lib: lib.device("cpu") == x(lib).device,
        lambda lib: lib.device("bogus"),
        lambda lib: lib.device("cuda:x"),
    ],
    "torch.inference_mode": [
        lambda lib: with_mode(lib, lambda lib: lib.inference_mode()),
        lambda lib: with_mode(lib, lambda lib: lib.inference_mode(False)),
        lambda lib: lib.inference_mode(lambda: lib.is_grad_enabled())(),
        lambda lib: lib.no_grad()(
            lambda: with_mode(lib, lambda lib: lib.inference_mode(mode=False))
        )(),
    ],
    **{
        f"torch.{name}": [lambda lib, name=name: getattr(lib, name)]
        for name in ("e", "pi", "inf", "nan", "newaxis")
    },
    "torch.Size": [lambda lib: lib.Size([2, 3])],
    "torch.dtype": [lambda lib: isinstance(lib.float32, lib.dtype)],
    "torch.finfo": [
        lambda lib: [
            float(getattr(lib.finfo(lib.float32), name)) for name in ("eps", "max", "tiny")
        ],
        lambda lib: lib.finfo(lib.int64),
    ],
    "torch.iinfo": [
        lambda lib: [lib.iinfo(lib.uint8).max, lib.iinfo(lib.int64).min],
        lambda lib: lib.iinfo(lib.float32),
    ],
    "torch.is_tensor": [lambda lib: [lib.is_tensor(x(lib)), lib.is_tensor(1.0)]],
    "torch.is_complex": [lambda lib: lib.is_complex(x(lib))],
    "torch.is_floating_point": [lambda lib: lib.is_floating_point(lib.arange(2))],
    "torch.is_nonzero": [
        lambda lib: lib.is_nonzero(lib.tensor(2)),
        lambda lib: lib.is_nonzero(x(lib)),
    ],
    "torch.numel": [lambda lib: lib.numel(x(lib))],
    "torch.get_default_dtype": [default_dtype],
    "torch.set_default_dtype": [default_dtype, lambda lib: lib.set_default_dtype(lib.int64)],
    "torch.no_grad": [lambda lib: with_mode(lib, lambda lib: lib.no_grad())],
    "torch.enable_grad": [
        lambda lib: with_mode(lib, lambda lib: lib.enable_grad()),
        lambda lib: lib.no_grad()(lambda: with_mode(lib, lambda lib: lib.enable_grad()))(),
    ],
    "torch.set_grad_enabled": [lambda lib: with_mode(lib, lambda lib: lib.set_grad_enabled(False))],
    "torch.is_grad_enabled": [lambda lib: lib.is_grad_enabled()],
    "torch.get_num_threads": [threads],
    "torch.set_num_threads": [threads, lambda lib: lib.set_num_threads(0)],
    "torch.save": [saved],
    "torch.load": [saved],
    "torch.set_printoptions": [printed],
    "torch.manual_seed": [lambda lib: seeded(lib, lambda: lib.rand(9))],
    "torch.initial_seed": [lambda lib: [lib.manual_seed(5) and None, lib.initial_seed()]],
    "torch.seed": [lambda lib: lib.seed() == lib.initial_seed()],
    "torch.get_rng_state": [state_of_generator],
    "torch.set_rng_state": [state_of_generator],
    "torch.Generator": [own_generator],
    "torch.default_generator": [
        lambda lib: [lib.manual_seed(9) and None, lib.default_generator.initial_seed()]
    ],
    "torch.rand": [lambda lib: moments(lib.rand(200_000)), lambda lib: lib.rand(2, 3).shape],
    "torch.randperm": [lambda lib: lib.randperm(9).sort().values],
    "torch.batch_norm": [
        lambda lib: lib.batch_norm(x(lib), None, None, None, None, True, 0.1, 1e-5, True)
    ],
    "Tensor.backward": [
        lambda lib: gradient_of(lib, lambda t: (t * t).sum().backward()),
        lambda lib: gradient_of(lib, lambda t: (t * t).backward(x(lib))),
        lambda lib: (leaf(lib) * 2).backward(),
        lambda lib: x(lib).sum().backward(),
    ],
    "Tensor.bernoulli": [lambda lib: moments(many(lib, 0.3).bernoulli())],
    "Tensor.bernoulli_": [lambda lib: moments(many(lib).bernoulli_(0.8))],
    "Tensor.exponential_": [lambda lib: moments(many(lib).exponential_(2.0))],
    "Tensor.normal_": [lambda lib: moments(many(lib).normal_(1.0, 2.0))],
    "Tensor.uniform_": [lambda lib: moments(many(lib).uniform_(-1.0, 3.0))],
    "Tensor.random_": [lambda lib: moments(many(lib).random_(2, 7))],
    "Tensor.copy_": [
        lambda lib: after(x(lib), lambda t: t.copy_(lib.arange(3))),
        lambda lib: after(lib.arange(3), lambda t: t.copy_(lib.tensor([1.7, -1.7, 2.0]))),
        lambda lib: x(lib).copy_(lib.zeros(2)),
    ],
    "Tensor.cpu": [lambda lib: [x(lib).cpu(), (t := x(lib)).cpu() is t]],
    "Tensor.data": [lambda lib: after(leaf(lib), lambda t: t.data.mul_(2) is None)],
    "Tensor.data_ptr": [lambda lib: (t := x(lib)).data_ptr() == t.view(6).data_ptr()],
    "Tensor.detach": [lambda lib: [(t := leaf(lib)).detach(), t.detach().requires_grad]],
    "Tensor.detach_": [lambda lib: [(leaf(lib) * 2).detach_().requires_grad]],
    "Tensor.device": [lambda lib: str(x(lib).device), lambda lib: x(lib).device.type],
    "Tensor.dim": [lambda lib: [x(lib).dim(), lib.tensor(1.0).dim()]],
    "Tensor.ndimension": [lambda lib: x(lib).ndimension()],
    "Tensor.ndim": [lambda lib: x(lib).ndim],
    "Tensor.dtype": [lambda lib: [x(lib).dtype, lib.arange(2).dtype, (x(lib) > 0).dtype]],
    "Tensor.element_size": [lambda lib: [x(lib).element_size(), lib.arange(2).element_size()]],
    "Tensor.itemsize": [lambda lib: [x(lib).itemsize, x(lib).half().itemsize]],
    "Tensor.nbytes": [lambda lib: x(lib).nbytes],
    "Tensor.numel": [lambda lib: [x(lib).numel(), lib.tensor(1).numel()]],
    "Tensor.nelement": [lambda lib: x(lib).nelement()],
    "Tensor.shape": [lambda lib: x(lib).shape, lambda lib: x(lib).shape.numel()],
    "Tensor.size": [lambda lib: [x(lib).size(), x(lib).size(-1)], lambda lib: x(lib).size(2)],
    "Tensor.stride": [lambda lib: [x(lib).stride(), x(lib).t().stride(), x(lib).stride(0)]],
    "Tensor.is_contiguous": [lambda lib: [x(lib).is_contiguous(), x(lib).t().is_contiguous()]],
    "Tensor.is_floating_point": [
        lambda lib: [x(lib).is_floating_point(), lib.arange(2).is_floating_point()]
    ],
    "Tensor.is_complex": [lambda lib: x(lib).is_complex()],
    "Tensor.is_nonzero": [lambda lib: lib.tensor([0.0]).is_nonzero()],
    "Tensor.is_cuda": [lambda lib: x(lib).is_cuda],
    "Tensor.is_leaf": [lambda lib: [leaf(lib).is_leaf, (leaf(lib) * 2).is_leaf, x(lib).is_leaf]],
    "Tensor.fill_": [
        lambda lib: after(x(lib), lambda t: t.fill_(2)),
        lambda lib: lib.arange(3).fill_(2.5),
    ],
    "Tensor.zero_": [lambda lib: after(x(lib), lambda t: t.zero_())],
    "Tensor.grad": [
        lambda lib: [x(lib).grad, gradient_of(lib, lambda t: (t * t).sum().backward())]
    ],
    "Tensor.grad_fn": [
        lambda lib: [x(lib).grad_fn, leaf(lib).grad_fn],
        lambda lib: (leaf(lib) * 2).grad_fn.name(),
    ],
    "Tensor.output_nr": [lambda lib: [x(lib).output_nr, leaf(lib).unbind()[1].output_nr]],
    "Tensor.new_tensor": [lambda lib: [x(lib).new_tensor([1, 2]), lib.arange(2).new_tensor([1.7])]],
    "Tensor.numpy": [lambda lib: x(lib).numpy(), lambda lib: leaf(lib).numpy()],
    "Tensor.tolist": [lambda lib: [x(lib).tolist(), lib.tensor(2).tolist()]],
    "Tensor.register_hook": [hooked, lambda lib: x(lib).register_hook(print)],
    "Tensor.requires_grad": [lambda lib: [leaf(lib).requires_grad, x(lib).requires_grad]],
    "Tensor.requires_grad_": [
        lambda lib: x(lib).requires_grad_().requires_grad,
        lambda lib: lib.arange(3).requires_grad_(),
    ],
    "Tensor.retain_grad": [retained, lambda lib: x(lib).retain_grad()],
    "Tensor.retains_grad": [retained],
    "Tensor.type": [
        lambda lib: x(lib).type(lib.int64),
        lambda lib: x(lib).type("torch.LongTensor"),
        lambda lib: x(lib).type(lib.ByteTensor),
        lambda lib: [x(lib).type(getattr(lib, name)).type() for name in ALL_DTYPES],
        lambda lib: x(lib).type("torch.NoTensor"),
    ],
    "torch.typename": [
        lambda lib: [
            lib.typename(t)
            for t in (x(lib), lib.arange(3), 3, "text", sum, Path, Path.exists, None)
        ]
    ],
    "torch.is_inference_mode_enabled": [
        lambda lib: inferring(lib, lib.inference_mode()),
        lambda lib: inferring(lib, lib.inference_mode(False)),
        lambda lib: inferring(lib, lib.no_grad()),
    ],
    **{
        f"Tensor.is_{kind}": [lambda lib, kind=kind: getattr(x(lib), f"is_{kind}")]
        for kind in ("cpu", "meta", "mps", "quantized", "sparse")
    },
    "Tensor.register_post_accumulate_grad_hook": [
        lambda lib: accumulated(leaf(lib)),
        lambda lib: accumulated(x(lib)),
        lambda lib: accumulated(leaf(lib) * 2),
    ],
    **{
        f"autograd.{name}": [
            lambda lib, name=name, args=args, value=value: looking(lib, name, args, value)
            for value in (0.0, 1.0)
        ]
        for name, args in (("detect_anomaly", ()), ("set_detect_anomaly", (True,)))
    },
    "torch.cond": [
        lambda lib, sign=sign: lib.cond(
            lib.tensor(sign > 0), lambda t: t * 2, lambda t: t - 1, (x(lib),)
        )
        for sign in (1, -1)
    ],
    "torch.fill_": [lambda lib: [lib.fill_(t := x(lib), 2), t]],
    "Tensor.type_as": [lambda lib: x(lib).type_as(lib.arange(2))],
    **{
        f"Tensor.{name}": [
            lambda lib, name=name, args=args: [
                (t := lib.arange(3).reshape(1, 3)),
                getattr(t, name)(*args) is t,
                t,
            ],
            lambda lib, name=name, args=args: gradient_of(
                lib, lambda t: ((u := (t * t)[:1]), getattr(u, name)(*args).sum().backward())
            ),
            lambda lib, name=name, args=args: getattr(leaf(lib), name)(*args),
        ]
        for name, args in {
            "squeeze_": (0,),
            "unsqueeze_": (-1,),
            "transpose_": (0, 1),
            "swapaxes_": (0, 1),
            "swapdims_": (0, 1),
            "t_": (),
        }.items()
    },
    **{
        f"torch.{name}Tensor": [
            lambda lib, name=name: getattr(lib, f"{name}Tensor")([1, 0]),
            lambda lib, name=name: getattr(lib, f"{name}Tensor")(2, 3).shape,
            lambda lib, name=name: getattr(lib, f"{name}Tensor")(),
        ]
        for name in ("Float", "Double", "Long", "Short", "Char", "Int", "Byte", "Bool")
    },
    "torch.frombuffer": [
        lambda lib: lib.frombuffer(bytearray(range(8)), dtype=lib.int16),
        lambda lib: lib.frombuffer(bytearray(range(8)), dtype=lib.int16, count=1, offset=4),
        lambda lib: lib.frombuffer(bytearray(range(7)), dtype=lib.int16),
        lambda lib: lib.frombuffer(bytearray(range(8)), dtype=lib.int16, count=9),
    ],
    "Tensor.apply_": [
        lambda lib: after(x(lib), lambda t: t.apply_(lambda value: value + 1)),
        lambda lib: leaf(lib).apply_(abs),
    ],
    "Tensor.fill_diagonal_": [
        lambda lib: lib.zeros(5, 2).fill_diagonal_(3),
        lambda lib: lib.zeros(5, 2).fill_diagonal_(3, wrap=True),
        lambda lib: lib.zeros(2, 2, 2).fill_diagonal_(3),
        lambda lib: lib.zeros(2).fill_diagonal_(3),
    ],
    "torch.is_signed": [lambda lib: [lib.is_signed(x(lib)), lib.is_signed(x(lib) > 0)]],
    "Tensor.is_signed": [lambda lib: lib.zeros(1, dtype=lib.uint8).is_signed()],
    "torch.is_same_size": [lambda lib: lib.is_same_size(x(lib), lib.zeros(2, 3))],
    "Tensor.is_same_size": [lambda lib: x(lib).is_same_size(lib.zeros(3, 2))],
    "torch.get_device": [lambda lib: lib.get_device(x(lib))],
    "Tensor.get_device": [lambda lib: x(lib).get_device()],
    "torch.is_conj": [lambda lib: lib.is_conj(x(lib))],
    "Tensor.is_conj": [lambda lib: x(lib).is_conj()],
    "torch.is_neg": [lambda lib: lib.is_neg(x(lib))],
    "Tensor.is_neg": [lambda lib: x(lib).is_neg()],
    "torch.row_stack": [lambda lib: lib.row_stack([x(lib), lib.ones(3)])],
    "Tensor.real": [lambda lib: x(lib).real],
    "Tensor.H": [lambda lib: x(lib).H, lambda lib: lib.ones(3).H],
    "Tensor.mH": [lambda lib: lib.zeros(2, 3, 4).mH, lambda lib: lib.ones(3).mH],
    "torch.vander": [
        lambda lib: lib.vander(x(lib)[0]),
        lambda lib: lib.vander(lib.arange(3), 2, increasing=True),
        lambda lib: lib.vander(x(lib)),
    ],
    "torch.pdist": [lambda lib: lib.pdist(x(lib)), lambda lib: lib.pdist(lib.ones(2))],
    "torch.poisson": [
        lambda lib: moments(lib.poisson(many(lib, 4.0))),
        lambda lib: lib.poisson(-x(lib)),
        lambda lib: lib.poisson(lib.arange(2)),
    ],
    "Tensor.geometric_": [
        lambda lib: moments(many(lib).geometric_(0.5)),
        lambda lib: x(lib).geometric_(2.0),
    ],
    "Tensor.log_normal_": [
        lambda lib: moments(many(lib).log_normal_(0.0, 0.5).log()),
        lambda lib: x(lib).log_normal_(0.0, -1.0),
        lambda lib: lib.arange(2).log_normal_(),
    ],
    "Tensor.cauchy_": [
        lambda lib: moments(many(lib).cauchy_(1.0, 2.0).sub(1).div(2).atan()),
        lambda lib: x(lib).cauchy_(0.0, -1.0),
    ],
    "torch.slogdet": [lambda lib: lib.slogdet(lib.tensor([[2.0, 1.0], [1.0, -3.0]]))],
    "Tensor.slogdet": [lambda lib: lib.tensor([[2.0, 1.0], [1.0, -3.0]]).slogdet()],
    "torch.chain_matmul": [lambda lib: lib.chain_matmul(x(lib), x(lib).t(), x(lib))],
    "linalg.LinAlgError": [singular],
    # Where they are real; PyTorch's are complex even then.
    "linalg.eigvals": [
        lambda lib: lib.linalg.eigvals(lib.tensor([[2.0, 1.0], [0.5, -3.0]])).real.sort().values,
        lambda lib: lib.linalg.eigvals(x(lib)),
    ],
    "linalg.eig": [
        lambda lib: lib.linalg.eig(lib.tensor([[2.0, 1.0], [0.5, -3.0]]))[1].real.abs(),
        lambda lib: lib.linalg.eig(lib.arange(4).reshape(2, 2)),
    ],
    "autograd.Function": [doubling],
    "autograd.backward": [
        lambda lib: gradient_of(lib, lambda t: lib.autograd.backward((t * t).sum())),
        lambda lib: gradient_of(
            lib, lambda t: lib.autograd.backward([t * t, t.exp()], [x(lib)] * 2)
        ),
    ],
    "autograd.grad": [
        lambda lib: lib.autograd.grad((t := leaf(lib)).exp().sum(), t),
        lambda lib: lib.autograd.grad(leaf(lib).exp().sum(), leaf(lib)),
        lambda lib: lib.autograd.grad(leaf(lib).exp().sum(), leaf(lib), allow_unused=True),
        lambda lib: lib.autograd.grad((t := leaf(lib)).exp(), t),
        lambda lib: lib.autograd.grad((t := leaf(lib)).exp(), t, x(lib)),
    ],
    "autograd.no_grad": [lambda lib: with_mode(lib, lambda lib: lib.autograd.no_grad())],
    "autograd.enable_grad": [lambda lib: with_mode(lib, lambda lib: lib.autograd.enable_grad())],
    "autograd.inference_mode": [
        lambda lib: with_mode(lib, lambda lib: lib.autograd.inference_mode())
    ],
    "autograd.set_grad_enabled": [
        lambda lib: with_mode(lib, lambda lib: lib.autograd.set_grad_enabled(True))
    ],
}
