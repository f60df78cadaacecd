from __future__ import annotations

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import Op, backward, grad
from minigrad.testing import assert_close, gradgradcheck


def leaf(*values: float, dtype: np.dtype = mg.float64) -> mg.Tensor:
    return mg.tensor(values, dtype=dtype).requires_grad_()


class TwoParts(Op):
    """x -> (2 x, x^2): several results."""

    __slots__ = ()

    def forward(self, x):
        self.inputs = (x,)
        return 2 * x, x * x

    def backward(self, double, square):
        (x,) = self.inputs
        total = 0 * x
        if double is not None:
            total = total + 2 * double
        if square is not None:
            total = total + 2 * x * square
        return total


class Failing(Op):
    """Raises in forward or in backward."""

    __slots__ = ("where",)

    def __init__(self, where):
        self.where = where

    def forward(self, x):
        if self.where == "forward":
            raise ValueError("no forward today")
        return x + 1

    def backward(self, grad):
        raise ValueError("no backward today")


# backward


def test_backward_of_a_small_expression() -> None:
    a, b = leaf(2, -1), leaf(3, 5)
    ((a * b + a) / b).sum().backward()
    assert_close(a.grad, [(3 + 1) / 3, (5 + 1) / 5])
    assert_close(b.grad, [-2 / 9, 1 / 25])


def test_a_value_used_many_times_collects_all_its_gradients() -> None:
    x = leaf(3)
    y = x * x
    (y * y + y + x + x).sum().backward()
    assert_close(x.grad, [4 * 27 + 6 + 2])


def test_gradients_accumulate_in_place_until_they_are_cleared() -> None:
    x = leaf(1, 2)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    assert x.grad is first
    assert_close(first, [5, 5])
    x.grad = None
    (x * 4).sum().backward()
    assert_close(x.grad, [4, 4])


def test_gradient_argument() -> None:
    x = leaf(1, 2)
    for gradient in (mg.tensor([1.0, 10.0], dtype=mg.float64), np.array([1.0, 10.0])):
        x.grad = None
        (x * x).backward(gradient)
        assert_close(x.grad, [2, 40])


def test_gradient_argument_takes_the_dtype_of_the_result() -> None:
    x = leaf(1, 2, dtype=mg.float32)
    (x * 2).backward(mg.tensor([1.0, 1.0], dtype=mg.float64))
    assert x.grad.dtype == mg.float32


def test_a_gradient_of_the_wrong_shape_or_missing_is_refused() -> None:
    y = leaf(1, 2) * 2
    with pytest.raises(RuntimeError, match=r"\[3\] and the output \[2\]"):
        y.backward(mg.tensor([1.0, 1.0, 1.0]))
    with pytest.raises(RuntimeError, match=r"only for scalar outputs.*\[2\].*sum\(\)"):
        y.backward()
    with pytest.raises(RuntimeError, match="2 tensors and 1 gradients"):
        backward([y, y], [mg.tensor([1.0, 1.0])])


def test_without_a_graph_there_is_no_backward() -> None:
    with pytest.raises(RuntimeError, match="does not require grad"):
        mg.tensor([1.0]).backward()


def test_backward_from_several_tensors() -> None:
    x = leaf(1, 2)
    y = x * x
    backward([y.sum(), (y * x).sum()])
    assert_close(x.grad, [2 + 3, 4 + 12])
    x.grad = None
    backward([x * 2, x * 3], [np.array([1.0, 0.0]), np.array([0.0, 1.0])])
    assert_close(x.grad, [2, 3])


def test_backward_of_a_leaf() -> None:
    x = leaf(5)
    x.backward()
    x.backward(mg.tensor([2.0], dtype=mg.float64))
    assert_close(x.grad, [3])


def test_inputs_restricts_where_gradients_are_accumulated() -> None:
    a, b = leaf(2), leaf(3)
    middle = a * b
    (middle * a).sum().backward(inputs=[a, middle])
    assert_close(a.grad, [12])
    assert_close(middle.grad, [2])
    assert b.grad is None
    (a * b).sum().backward(inputs=[b, b])
    assert_close(b.grad, [2])
    assert_close(a.grad, [12])
    with pytest.raises(RuntimeError, match=r"`inputs` argument to `backward\(\)` cannot be empty"):
        (a * b).sum().backward(inputs=[])


def test_multiple_results() -> None:
    x = leaf(3, 4)
    double, square = TwoParts()(x)
    assert (double.output_nr, square.output_nr) == (0, 1)
    square.sum().backward(retain_graph=True)
    assert_close(x.grad, [6, 8])
    x.grad = None
    (double * square).sum().backward()
    assert_close(x.grad, [6 * 9, 6 * 16])
    assert gradgradcheck(lambda x: TwoParts()(x), leaf(3, 4))


# freeing and retaining


def test_a_second_backward_says_where_the_first_was() -> None:
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(
        RuntimeError, match=r"(?s)second time.*test_engine\.py:\d+.*retain_graph=True"
    ):
        y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward(create_graph=True)


def test_retain_graph() -> None:
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert_close(x.grad, [4, 8])


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_graph_that_saved_nothing_can_be_used_again(create_graph: bool) -> None:
    x, y = leaf(1, 2), leaf(3, 4)
    total = x + y
    total.backward(np.ones(2))
    total.backward(np.ones(2), create_graph=create_graph)
    assert_close(x.grad.detach(), [2, 2])


def test_backward_frees_what_was_saved() -> None:
    class Saving(Op):
        __slots__ = ()

        def forward(self, x):
            self.inputs = (x * 2,)
            kept.append(weakref.ref(self.inputs[0]))
            return x * 2

        def backward(self, grad):
            return grad * self.inputs[0]

    kept: list = []
    y = Saving()(leaf(1, 2))
    y.backward(np.ones(2))
    assert kept[0]() is None


# grad()


def test_grad_leaves_every_grad_alone() -> None:
    x, w = leaf(2), leaf(3)
    y = x * w
    (dx,) = grad((y * w).sum(), x)
    assert_close(dx, [9])
    assert not dx.requires_grad
    assert x.grad is None and w.grad is None and y.grad is None


def test_grad_of_inner_values_and_of_the_output_itself() -> None:
    x = leaf(2)
    y = x * x
    z = y * 3
    dz, dy, dx = grad(z.sum(), [z, y, x])
    assert_close([dz, dy, dx], [np.array([v]) for v in (1.0, 3.0, 12.0)])


def test_grad_of_several_outputs_with_weights() -> None:
    x = leaf(1, 2)
    (dx,) = grad([x * x, x * 3], [x], [np.array([1.0, 2.0]), np.array([1.0, 1.0])])
    assert_close(dx, [5, 11])


def test_an_unused_input_is_an_error_none_or_zeros() -> None:
    x, other = leaf(1, 2), leaf(1, 2, 3)
    with pytest.raises(RuntimeError, match=r"input 1, of shape \[3\].*allow_unused=True"):
        grad((x * 2).sum(), [x, other])
    assert grad((x * 2).sum(), [x, other], allow_unused=True)[1] is None
    assert_close(grad((x * 2).sum(), [x, other], materialize_grads=True)[1], [0, 0, 0])


def test_only_what_leads_to_the_inputs_is_computed() -> None:
    x, y = leaf(1), leaf(2)
    failing = Failing("backward")(y)
    (dx,) = grad((x * 3 + failing).sum(), x)
    assert_close(dx, [3])


# higher orders


def test_third_derivative_of_tanh() -> None:
    x = leaf(-0.7, 0.0, 1.3)
    y = mg.tanh(x)
    for _ in range(3):
        (y,) = grad(y.sum(), x, create_graph=True)
    t = np.tanh(x.detach().numpy())
    assert_close(y.detach(), -2 * (1 - t**2) * (1 - 3 * t**2))


def test_backward_with_create_graph_gives_a_grad_that_can_be_differentiated() -> None:
    x = leaf(2)
    (x * x * x).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    x.grad = None
    first.sum().backward()
    assert_close(x.grad, [12])


def test_grad_flows_into_grad_outputs() -> None:
    x, v = leaf(1, 2), leaf(3, 4)
    (product,) = grad(x * x, x, v, create_graph=True)
    product.sum().backward()
    assert_close(v.grad, [2, 4])
    assert_close(x.grad, [6, 8])


# memory


def test_gradients_of_two_leaves_never_share_memory() -> None:
    a, b, given = leaf(1, 2), leaf(3, 4), np.ones(2)
    (a + b).backward(given)
    assert not np.shares_memory(a.grad.array, b.grad.array)
    assert not np.shares_memory(a.grad.array, given)
    assert not np.shares_memory(b.grad.array, given)
    x = leaf(1, 2)
    x.backward(given)
    assert not np.shares_memory(x.grad.array, given)


def test_the_results_of_grad_never_share_memory() -> None:
    a, b, given = leaf(1, 2), leaf(3, 4), np.ones(2)
    da, db, again = grad(a + b, [a, b, a], given)
    arrays = [da.array, db.array, again.array, given]
    for i in range(4):
        for j in range(i):
            assert not np.shares_memory(arrays[i], arrays[j])


def test_accumulating_into_a_grad_that_a_graph_has_saved_is_noticed() -> None:
    x, w = leaf(1, 2), leaf(3, 4)
    (x * x).sum().backward()
    y = (x.grad * w).sum()
    (x * x).sum().backward()
    with pytest.raises(RuntimeError, match=r"inplace operation: backward at .*test_engine\.py:"):
        y.backward()


def test_a_second_backward_is_told_where_the_first_one_was() -> None:
    x = leaf(1, 2)
    for first in (mg.Tensor.backward, mg.autograd.backward, lambda y: mg.autograd.grad(y, x)):
        y = (x * x).sum()
        first(y)
        with pytest.raises(RuntimeError, match=r"freed by the backward at .*test_engine\.py:"):
            y.backward()


def test_graphs_die_without_the_garbage_collector() -> None:
    gc.disable()
    try:
        x = leaf(1, 2)
        for create_graph in (False, True):
            y = mg.tanh(x * x)
            y.retain_grad()
            y.register_hook(lambda grad: grad * 2)
            nodes = [weakref.ref(y.grad_fn), weakref.ref(y.grad_fn.edges[0])]
            (first,) = grad(y.sum(), x, create_graph=create_graph)
            del y, first
            assert [node() for node in nodes] == [None, None]
        result = weakref.ref(x)
        x.backward(np.ones(2))
        del x
        assert result() is None
    finally:
        gc.enable()


def test_a_leaf_that_is_gone_gets_no_gradient() -> None:
    y = leaf(1, 2) * leaf(3, 4)
    y.sum().backward()


@pytest.mark.parametrize("build", ["chain", "wide"])
def test_a_graph_of_a_million_nodes(build: str) -> None:
    count = 1_000_000 if build == "chain" else 100_000
    x = leaf(1.0)
    one = np.ones(1)
    gc.disable()
    blocks = sys.getallocatedblocks()
    try:
        if build == "chain":
            y = x
            for _ in range(count):
                y = y + one
        else:
            parts = [x + one for _ in range(count)]
            y = parts.pop()
            while parts:
                y = y + parts.pop()
        last = weakref.ref(y.grad_fn)
        y.backward()
        assert_close(x.grad, [1.0 if build == "chain" else count])
        del y
        assert last() is None
        assert sys.getallocatedblocks() - blocks < count // 50
    finally:
        gc.enable()


# errors and threads


def test_an_operation_that_raises_leaves_nothing_behind() -> None:
    x = leaf(1, 2)
    with pytest.raises(ValueError, match="no forward today"):
        Failing("forward")(x)
    y = (Failing("backward")(x) * 2).sum()
    with pytest.raises(ValueError, match="no backward today"):
        y.backward()
    with pytest.raises(ValueError, match="no backward today"):
        grad((Failing("backward")(x) * 2).sum(), x, create_graph=True)
    assert mg.is_grad_enabled() and x.grad is None
    (x * 2).sum().backward()
    assert_close(x.grad, [2, 2])


def test_the_number_of_gradients_is_checked() -> None:
    class Wrong(Op):
        __slots__ = ()

        def forward(self, a, b):
            return a + b

        def backward(self, grad):
            return grad

    with pytest.raises(RuntimeError, match=r"Wrong.backward returned 1 gradients for 2 inputs"):
        Wrong()(leaf(1), leaf(2)).backward()


def test_a_gradient_of_the_wrong_shape_names_the_leaf() -> None:
    class Wrong(Op):
        __slots__ = ()

        def forward(self, a):
            return a + 1

        def backward(self, grad):
            return grad[:1]

    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match=r"shape \[1\] arrived at a leaf of shape \[2\]"):
        Wrong()(x).backward(np.ones(2))


def test_threads_record_and_differentiate_at_once() -> None:
    failures: list[object] = []

    def work(seed: int) -> None:
        x = leaf(*np.random.default_rng(seed).normal(size=5))
        for _ in range(200):
            x.grad = None
            y = x
            for _ in range(5):
                y = y * x
            y.sum().backward()
            expected = 6 * x.detach().numpy() ** 5
            if not np.allclose(x.grad.numpy(), expected):
                failures.append((seed, x.grad, expected))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_gradient_that_nobody_else_holds_becomes_the_grad_without_a_copy() -> None:
    made = []

    class Double(Op):
        def forward(self, x: np.ndarray) -> np.ndarray:
            return 2 * x

        def backward(self, grad: np.ndarray) -> np.ndarray:
            dx = 2 * grad
            made.append(dx.ctypes.data)
            return dx

    x = mg.ones(1000, requires_grad=True)
    Double()(x).sum().backward()
    assert x.grad.array.ctypes.data == made[0]


def test_grad_takes_pytorchs_options_in_their_order() -> None:
    x = mg.tensor([2.0], requires_grad=True)
    unused = mg.tensor([1.0], requires_grad=True)
    found = mg.autograd.grad(x * x, (x, unused), mg.tensor([1.0]), True, False, True, True)
    assert found[0].tolist() == [4] and found[1] is None
    assert mg.autograd.gradcheck(lambda t: t * t, mg.ones(2, dtype=mg.float64, requires_grad=True))


def test_what_is_no_tensor_has_no_gradient() -> None:
    x = mg.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"`inputs` argument to `grad\(\)` cannot be empty"):
        grad(x.sum(), [])
    for call in (lambda: grad(x.sum(), 3.0), lambda: backward([3.0]), lambda: backward(None)):
        with pytest.raises(TypeError, match="gradients are of Tensors"):
            call()
