from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import interop
from minigrad.testing import assert_close


def leaf(*values: float, dtype: np.dtype = mg.float64) -> mg.Tensor:
    return mg.tensor(values, dtype=dtype).requires_grad_()


RNG = np.random.default_rng(0)
A = RNG.uniform(0.1, 0.9, size=(3, 4))
B = RNG.uniform(0.1, 0.9, size=(3, 4))


# NumPy


def test_asarray_is_the_array_itself() -> None:
    for t in (mg.zeros(2, 3), leaf(1, 2), leaf(1, 2) * 2):
        assert np.asarray(t) is t.array
    assert np.asarray(mg.tensor(2.0)).shape == ()


def test_array_respects_dtype_and_copy() -> None:
    t = mg.tensor([1.0, 2.0])
    assert np.asarray(t, dtype=np.float64).dtype == np.float64
    assert not np.shares_memory(np.array(t), t.array)
    assert np.shares_memory(np.array(t, copy=False), t.array)
    with pytest.raises(ValueError, match="copy"):
        np.array(t, dtype=np.float64, copy=False)
    assert np.array([leaf(1, 2), leaf(3, 4)]).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "expression",
    [
        lambda a, t: a + t,
        lambda a, t: a - t,
        lambda a, t: a * t,
        lambda a, t: a / t,
        lambda a, t: a**t,
        lambda a, t: a @ t.T,
        lambda a, t: a // t,
        lambda a, t: a % t,
        lambda a, t: t + a,
        lambda a, t: t / a,
        lambda a, t: t.T @ a,
        lambda a, t: np.float64(2) * t,
        lambda a, t: t / np.float64(2),
        lambda a, t: np.exp(a * t),
    ],
)
def test_operators_between_arrays_and_tensors_are_recorded(expression) -> None:
    t = mg.tensor(B, requires_grad=True)
    result = expression(A, t)
    assert isinstance(result, mg.Tensor) and result.requires_grad
    assert_close(result.detach(), expression(A, B))


@pytest.mark.parametrize("compare", [np.less, np.greater_equal, np.equal, np.not_equal])
def test_comparisons(compare) -> None:
    result = compare(A, mg.tensor(B))
    assert isinstance(result, mg.Tensor)
    assert_close(result, compare(A, B))
    assert isinstance(A < mg.tensor(B), mg.Tensor)  # noqa: SIM300 - the array first


def test_a_numpy_scalar_does_not_widen() -> None:
    assert (np.float64(2) * mg.tensor([1.0])).dtype == mg.float32
    assert (np.float32(2) * mg.tensor([1.0], dtype=mg.float64)).dtype == mg.float64


@pytest.mark.parametrize("ufunc", interop._UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_ufuncs_apply_their_twins(ufunc: np.ufunc) -> None:
    arrays = (A, B)[: ufunc.nin]
    if ufunc is np.matmul:
        arrays = (A, B.T)
    if ufunc is np.arccosh:
        arrays = (1 + A,)
    if "bitwise" in ufunc.__name__ or ufunc is np.invert:
        arrays = tuple(a > 0.5 for a in arrays)
    if ufunc in (np.gcd, np.lcm, np.left_shift, np.right_shift):
        arrays = tuple((10 * a).astype(np.int64) for a in arrays)
    if ufunc is np.ldexp:
        arrays = (A, (10 * B).astype(np.int64))
    result, expected = ufunc(*map(mg.tensor, arrays)), ufunc(*arrays)
    if ufunc.nout == 1:  # frexp makes two
        result, expected = (result,), (expected,)
    for array, twin in zip(result, expected, strict=True):
        assert isinstance(array, mg.Tensor)
        assert_close(array, twin)


CALLS = {
    np.argsort: [lambda f, x: f(x), lambda f, x: f(x, axis=0)],
    np.broadcast_to: [lambda f, x: f(x, (2, 3, 4))],
    np.clip: [lambda f, x: f(x, 0.3, 0.6), lambda f, x: f(x, a_min=0.3, a_max=None)],
    np.concatenate: [lambda f, x: f([x, x]), lambda f, x: f((x, x), axis=1)],
    np.cumprod: [lambda f, x: f(x, axis=1)],
    np.cumsum: [lambda f, x: f(x, 0)],
    np.diag: [lambda f, x: f(x, 1), lambda f, x: f(x[0])],
    np.diagonal: [lambda f, x: f(x), lambda f, x: f(x, 1)],
    np.dot: [lambda f, x: f(x, x[0]), lambda f, x: f(x, x.T), lambda f, x: f(x, 2.0)],
    np.einsum: [lambda f, x: f("ij,kj->ik", x, x)],
    np.expand_dims: [lambda f, x: f(x, 1), lambda f, x: f(x, axis=-1)],
    np.flip: [lambda f, x: f(x, axis=1), lambda f, x: f(x, (0, 1))],
    np.linalg.norm: [lambda f, x: f(x), lambda f, x: f(x, axis=1), lambda f, x: f(x[0])],
    np.moveaxis: [lambda f, x: f(x, 0, 1)],
    np.outer: [lambda f, x: f(x[0], x[1])],
    np.ravel: [lambda f, x: f(x)],
    np.reshape: [lambda f, x: f(x, (4, 3)), lambda f, x: f(x, -1)],
    np.roll: [lambda f, x: f(x, 1), lambda f, x: f(x, 2, axis=1)],
    np.round: [lambda f, x: f(x), lambda f, x: f(x, 2), lambda f, x: f(x, decimals=1)],
    np.sort: [lambda f, x: f(x), lambda f, x: f(x, axis=0)],
    np.squeeze: [lambda f, x: f(x[:1]), lambda f, x: f(x[:1], axis=0)],
    np.std: [lambda f, x: f(x), lambda f, x: f(x, axis=0, ddof=1)],
    np.swapaxes: [lambda f, x: f(x, 0, 1)],
    np.tile: [lambda f, x: f(x, 2), lambda f, x: f(x, (2, 1))],
    np.transpose: [lambda f, x: f(x), lambda f, x: f(x, (1, 0)), lambda f, x: f(x, axes=(0, 1))],
    np.tril: [lambda f, x: f(x), lambda f, x: f(x, k=1)],
    np.triu: [lambda f, x: f(x), lambda f, x: f(x, 1)],
    np.where: [lambda f, x: f(x > 0.5, x, 0.0)],
}
CALLS[np.var] = CALLS[np.std]
CALLS[np.stack] = CALLS[np.hstack] = CALLS[np.vstack] = [lambda f, x: f([x, x])]
for _f in interop._FUNCTIONS:
    CALLS.setdefault(_f, [lambda f, x: f(x), lambda f, x: f(x, axis=1, keepdims=True)])


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_functions_apply_their_twins(function) -> None:
    assert function in interop._FUNCTIONS
    for call in CALLS[function]:
        for x in (A, A > 0.5) if function in (np.all, np.any) else (A,):
            result = call(function, mg.tensor(x))
            assert isinstance(result, mg.Tensor)
            assert_close(result, np.asarray(call(function, x)))


def test_functions_are_recorded() -> None:
    x = leaf(1, 2, 3)
    np.sum(
        np.where(np.asarray([True, False, True]), np.square(x), np.concatenate([x])), axis=0
    ).backward()
    assert_close(x.grad, [2, 1, 6])


def test_without_a_twin_or_with_its_options_the_values_are_used() -> None:
    x = leaf(1, 2, 3)
    for result, expected in [
        (np.cbrt(x), np.cbrt([1.0, 2, 3])),
        (np.add.reduce(x), 6.0),
        (np.add(x, 1.0, dtype=np.float32), [2.0, 3, 4]),
        (np.median(x), 2.0),
        (np.sum(x, initial=10.0), 16.0),
        (np.interp(1.5, x, x), 1.5),
        (np.histogram(x, bins=2)[0], [1, 2]),
    ]:
        assert not isinstance(result, mg.Tensor)
        np.testing.assert_allclose(result, expected)


def test_results_with_named_parts_are_taken() -> None:
    x = mg.tensor([[2.0, 1.0], [0.0, 3.0]])
    assert_close(np.linalg.multi_dot(mg.linalg.qr(x)), x.numpy())


def test_an_array_changed_in_place_by_a_tensor_stays_an_array() -> None:
    array = np.ones(3)
    same = array
    array += leaf(1, 2, 3)
    assert array is same and array.tolist() == [2, 3, 4]
    with pytest.raises(TypeError, match=r"np\.add cannot write to a Tensor"):
        np.add(array, 1, out=mg.zeros(3))


# DLPack


def test_dlpack_shares_memory_both_ways() -> None:
    t = mg.zeros(2, 3)
    array = np.from_dlpack(t)
    array_from_slice = np.from_dlpack(t[:, ::2])
    t.add_(1)
    assert (array == 1).all() and (array_from_slice == 1).all()
    back = mg.from_dlpack(np.zeros((2, 3), np.float32))
    again = mg.from_dlpack(back)
    back.add_(5)
    assert isinstance(again, mg.Tensor) and again.tolist() == [[5] * 3] * 2
    assert t.__dlpack_device__() == (1, 0)


def test_dlpack_keeps_the_memory_alive() -> None:
    t = mg.tensor(np.arange(100_000.0))
    view = np.from_dlpack(t)
    tensor = weakref.ref(t)
    del t
    assert tensor() is None
    junk = [mg.ones(100_000, dtype=mg.float64) for _ in range(3)]
    assert (view == np.arange(100_000.0)).all()
    del junk


def test_dlpack_refuses_tensors_that_require_grad() -> None:
    for t in (leaf(1, 2), leaf(1, 2) * 2):
        with pytest.raises(BufferError, match="detach"):
            np.from_dlpack(t)
    assert np.from_dlpack(leaf(1, 2).detach()).tolist() == [1, 2]


# Copies


def test_pickle_keeps_values_and_requires_grad_only() -> None:
    x = leaf(1, 2)
    (x * 2).sum().backward()
    for original in (x, x * 3, mg.tensor([[1, 2]]).T, mg.tensor(True)):
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            restored = pickle.loads(pickle.dumps(original, protocol))
            assert_close(restored.detach(), original.detach())
            assert restored.requires_grad == original.requires_grad
            assert restored.is_leaf and restored.grad is None


def test_deepcopy_of_a_leaf() -> None:
    x = leaf(1, 2)
    (x * 2).sum().backward()
    first, second = copy.deepcopy([x, x])
    assert first is second and first is not x
    assert first.is_leaf and first.requires_grad
    assert not np.shares_memory(first.array, x.array)
    assert not np.shares_memory(first.grad.array, x.grad.array)
    assert_close(first.grad, x.grad)
    (first * 5).sum().backward()
    assert_close(first.grad, [7, 7])
    assert_close(x.grad, [2, 2])


def test_deepcopy_of_a_computed_tensor_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"graph leaves.*detach\(\).clone\(\)"):
        copy.deepcopy(leaf(1, 2) * 2)


def test_copy_is_another_leaf_over_the_same_memory() -> None:
    x = leaf(1, 2)
    y = copy.copy(x)
    assert y is not x and y.requires_grad and y.is_leaf
    assert np.shares_memory(x.array, y.array)


def test_copies_keep_the_class_and_its_attributes() -> None:
    class Named(mg.Tensor):
        pass

    x = Named([1.0, 2.0])
    x.name = ["weight"]
    for duplicate in (copy.deepcopy(x), copy.copy(x)):
        assert type(duplicate) is Named and duplicate.name == ["weight"]
    assert copy.deepcopy(x).name is not x.name
    parameter = copy.deepcopy(mg.nn.Parameter(mg.ones(2)))
    assert type(parameter) is mg.nn.Parameter and parameter.requires_grad


def test_copies_do_not_keep_the_original_alive() -> None:
    gc.disable()
    try:
        x = leaf(1, 2)
        duplicate = copy.deepcopy(x)
        original = weakref.ref(x)
        del x
        assert original() is None and duplicate.tolist() == [1, 2]
    finally:
        gc.enable()
