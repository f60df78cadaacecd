"""What a type checker sees of Tensors. `make lint` has mypy read it; nothing runs it."""

import numpy as np
from typing_extensions import assert_type

import minigrad as mg

x = mg.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x * x.exp() + 1).sum(0, keepdim=True) / 2
assert_type(y, mg.Tensor)
assert_type(x[0] @ mg.stack([x, 1 - x]), mg.Tensor)
assert_type(x > 0, mg.Tensor)
assert_type(x.shape, tuple[int, ...])
assert_type(x.grad, mg.Tensor | None)
assert_type(x.requires_grad, bool)
assert_type(x.topk(2).values, mg.Tensor)
assert_type(mg.sort(x), mg.return_types.sort)
assert_type(mg.linalg.svd(x).S, mg.Tensor)
assert_type(x.numpy(), np.ndarray)
assert_type(mg.linalg.norm(x), mg.Tensor)
assert_type(mg.special.expit(x), mg.Tensor)
assert_type(mg.nn.functional.softplus(x), mg.Tensor)
# An `ignore` that is not needed is an error: names that do not exist are seen.
mistaken = x.gradient, mg.tensro  # type: ignore[attr-defined]


@mg.no_grad()
def shrink(x: mg.Tensor, times: int = 2) -> mg.Tensor:
    return x / times


@mg.inference_mode  # the parentheses may be missing
def double(x: mg.Tensor) -> mg.Tensor:
    return x * 2


assert_type(shrink(x, times=2), mg.Tensor)
assert_type(double(x), mg.Tensor)
shrink("x")  # type: ignore[arg-type]
with mg.no_grad(), mg.inference_mode(), mg.set_grad_enabled(False):
    x.add_(1)
