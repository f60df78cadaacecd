"""Programs for the settings that PyTorch's programs make at their top."""

from __future__ import annotations

from typing import Any

from .tensors import Program, x


def deterministic(lib: Any) -> list[bool]:
    found = []
    for mode, warn_only in ((True, False), (True, True), (False, False)):
        lib.use_deterministic_algorithms(mode, warn_only=warn_only)
        found.append(lib.are_deterministic_algorithms_enabled())
        found.append(lib.is_deterministic_algorithms_warn_only_enabled())
    return found


def precision(lib: Any) -> list[str]:
    found = [lib.get_float32_matmul_precision()]
    for wanted in ("high", "nonsense", "highest"):
        lib.set_float32_matmul_precision(wanted)
        found.append(lib.get_float32_matmul_precision())
    return found


def default_device(lib: Any) -> str:
    lib.set_default_device("cpu")
    return repr(lib.get_default_device())


def identity(lib: Any) -> Any:
    return lib.compile(lambda t: t + 1, backend="eager")(x(lib))


def debug_mode(lib: Any) -> list[int]:
    found = []
    for mode in ("warn", 2, "default"):
        lib.set_deterministic_debug_mode(mode)
        found.append(lib.get_deterministic_debug_mode())
    return found


def warnings_kept(lib: Any) -> list[bool]:
    found = []
    for wanted in (True, False):
        lib.set_warn_always(wanted)
        found.append(lib.is_warn_always_enabled())
    return found


def default_type(lib: Any) -> Any:
    lib.set_default_tensor_type("torch.DoubleTensor")
    wide = lib.zeros(2)
    lib.set_default_tensor_type(lib.FloatTensor)
    return [wide, lib.zeros(2)]


def formatted(lib: Any, name: str) -> list[Any]:
    t, order = x(lib).reshape(1, 2, 3, 1), getattr(lib, name)
    return [str(order), t.to(memory_format=order), t.contiguous(memory_format=order)]


def mixed(lib: Any) -> Any:
    scaler = lib.amp.GradScaler(enabled=False)
    with lib.autocast("cpu", enabled=False):
        product = scaler.scale(x(lib) @ x(lib).mT)
    return [product, scaler.is_enabled(), scaler.get_scale(), scaler.state_dict()]


PROGRAMS: dict[str, list[Program]] = {
    "torch.use_deterministic_algorithms": [deterministic],
    "torch.are_deterministic_algorithms_enabled": [deterministic],
    "torch.is_deterministic_algorithms_warn_only_enabled": [deterministic],
    "torch.set_float32_matmul_precision": [precision],
    "torch.get_float32_matmul_precision": [precision],
    "torch.set_default_device": [default_device, lambda lib: lib.set_default_device("bogus")],
    "torch.get_default_device": [default_device],
    "torch.set_num_interop_threads": [lambda lib: lib.set_num_interop_threads(0)],
    "torch.get_num_interop_threads": [lambda lib: lib.get_num_interop_threads() > 0],
    "torch.set_flush_denormal": [lambda lib: lib.set_flush_denormal(False) in (True, False)],
    "torch.compile": [identity],
    "torch.autocast": [mixed],
    "torch.strided": [lambda lib: str(lib.strided)],
    "torch.channels_last_3d": [lambda lib: str(lib.channels_last_3d)],
    **{
        f"torch.{name}": [lambda lib, name=name: formatted(lib, name)]
        for name in ("channels_last", "contiguous_format")
    },
    "torch.preserve_format": [
        lambda lib: [
            lib.zeros_like(x(lib), memory_format=lib.preserve_format),
            x(lib).clone(memory_format=lib.preserve_format),
        ]
    ],
    "torch.set_deterministic_debug_mode": [
        debug_mode,
        lambda lib: lib.set_deterministic_debug_mode("x"),
        lambda lib: lib.set_deterministic_debug_mode(7),
    ],
    "torch.get_deterministic_debug_mode": [debug_mode],
    "torch.set_warn_always": [warnings_kept],
    "torch.is_warn_always_enabled": [warnings_kept],
    "torch.set_default_tensor_type": [default_type],
}
