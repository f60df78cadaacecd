"""New tensors: values, dtypes, shared memory."""

import numpy as np
import pytest

import minigrad as mg

COVERED: list[str] = []
NOT_DIFFERENTIABLE = [
    *("BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "IntTensor"),
    *("LongTensor", "ShortTensor"),
    "frombuffer",
    "scalar_tensor",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1, mg.int64),
        (1.5, mg.float32),
        (True, mg.bool),
        ([[1, 2], [3, 4]], mg.int64),
        ([1, 2.5], mg.float32),
        (np.float64(1.0), mg.float64),
        (np.arange(3, dtype=np.int16), mg.int16),
    ],
)
def test_dtype_of_data(data, dtype):
    assert mg.tensor(data).dtype == dtype
    np.testing.assert_array_equal(mg.tensor(data).array, np.asarray(data))


def test_tensor_copies_and_the_others_share():
    a = np.zeros(3, np.float32)
    assert not np.shares_memory(mg.tensor(a).array, a)
    for share in (mg.from_numpy, mg.as_tensor, mg.asarray):
        share(a)[0] += 1
    assert a[0] == 3
    t = mg.tensor(a)
    assert mg.as_tensor(t) is t
    assert mg.as_tensor(a, dtype=mg.float64).dtype == mg.float64
    assert not np.shares_memory(mg.asarray(a, copy=True).array, a)
    with pytest.raises(ValueError, match="without a copy"):
        mg.asarray([1.0], copy=False)
    with pytest.raises(TypeError, match=r"expected np\.ndarray"):
        mg.from_numpy([1.0])


def test_byte_order_is_converted_or_refused():
    big = np.array([1, 2], ">i4")
    assert mg.tensor(big).array.dtype.isnative
    assert mg.as_tensor(big).tolist() == [1, 2]
    with pytest.raises(ValueError, match="byte order"):
        mg.from_numpy(big)


@pytest.mark.parametrize("data", ["text", [1j], [None]])
def test_data_that_is_no_numbers(data):
    with pytest.raises(TypeError):
        mg.tensor(data)


def test_filled():
    assert mg.zeros(2, 3).shape == mg.ones((2, 3)).shape == mg.empty([2, 3]).shape == (2, 3)
    assert mg.zeros().shape == ()
    assert mg.ones(2, dtype=mg.int64).tolist() == [1, 1]
    assert mg.full((2,), 7).dtype == mg.int64
    assert mg.full((2,), 7.0).dtype == mg.float32
    assert mg.full((), True).item() is True
    assert mg.full((2,), 7, dtype=mg.float64).tolist() == [7.0, 7.0]
    np.testing.assert_array_equal(mg.eye(2, 3).array, np.eye(2, 3, dtype=np.float32))
    assert mg.zeros(1, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError, match="CPU alone"):
        mg.zeros(1, device="cuda")
    with pytest.raises(RuntimeError, match="floating point"):
        mg.zeros(1, dtype=mg.int64, requires_grad=True)


def test_the_default_dtype_is_used():
    mg.set_default_dtype(mg.float64)
    try:
        made = [mg.zeros(1), mg.rand(1), mg.tensor(1.0), mg.linspace(0, 1, 2), mg.arange(0.0, 1.0)]
        assert {t.dtype for t in made} == {mg.float64}
    finally:
        mg.set_default_dtype(mg.float32)


def test_like_and_new():
    x = mg.zeros(2, 3, dtype=mg.float64)
    for like in (mg.zeros_like, mg.ones_like, mg.empty_like):
        assert (like(x).shape, like(x).dtype) == (x.shape, x.dtype)
        assert like(x, dtype=mg.float32).dtype == mg.float32
    assert mg.full_like(x, 3).tolist() == [[3.0] * 3] * 2
    assert x.new_zeros(2).dtype == x.new_ones((2,)).dtype == x.new_empty(1).dtype == mg.float64
    assert x.new_full((2,), 5).tolist() == [5.0, 5.0]
    assert x.new_tensor([1, 2]).dtype == mg.float64


@pytest.mark.parametrize("create", [mg.zeros, mg.ones, mg.empty, mg.rand, mg.randn])
def test_lengths_are_not_negative(create):
    with pytest.raises(RuntimeError, match=r"negative length: \[2, -1\]"):
        create(2, -1)
    with pytest.raises(RuntimeError, match="negative length"):
        mg.eye(2, -1)


def test_scalar_tensor():
    x = mg.scalar_tensor(3)
    assert (x.dtype, x.shape, x.item()) == (mg.float32, (), 3)
    assert mg.scalar_tensor(3, dtype=mg.int64).dtype == mg.int64
    assert mg.scalar_tensor(3, requires_grad=True).requires_grad


def test_frombuffer_shares_the_memory():
    buffer = bytearray(8)
    numbers = mg.frombuffer(buffer, dtype=mg.int32)
    numbers[1] = 1
    assert bytes(buffer) == bytes([0, 0, 0, 0, 1, 0, 0, 0])
    assert mg.frombuffer(buffer, dtype=mg.int32, count=1, offset=4).tolist() == [1]
    for options in ({"count": 0}, {"count": 3}, {"offset": 8}, {"offset": 1}):
        with pytest.raises(ValueError, match="do not hold"):
            mg.frombuffer(buffer, dtype=mg.int32, **options)


def test_typed_tensors_convert():
    assert mg.LongTensor([1.7, 2.2]).tolist() == [1, 2]
    assert (mg.ShortTensor([1]).dtype, mg.CharTensor(2).dtype) == (mg.int16, mg.int8)
    assert mg.FloatTensor(np.ones(2)).dtype == mg.float32
    assert mg.DoubleTensor(2, 3).shape == (2, 3) and mg.IntTensor().shape == (0,)
    assert mg.BoolTensor([0, 1]).tolist() == [False, True]
    assert mg.ByteTensor([3]).dtype == mg.uint8


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (None, "NoneType"),
        ([1, None], "NoneType"),
        ({}, "dict"),
        ([1, 2**64], "integers of more than 64"),
    ],
)
def test_what_no_tensor_holds(data, what):
    with pytest.raises(TypeError, match=f"integers or booleans, not {what}"):
        mg.tensor(data)


@pytest.mark.parametrize("value", [300, -1, float("nan"), float("inf")])
def test_what_a_dtype_cannot_hold_is_refused(value):
    for make in (
        lambda: mg.tensor([value], dtype=mg.uint8),
        lambda: mg.full((2,), value, dtype=mg.uint8),
    ):
        with pytest.raises(RuntimeError, match="cannot be converted to uint8 without overflow"):
            make()
    with pytest.raises(ValueError, match=r"cannot make a tensor of this: \(invalid literal"):
        mg.tensor(["a"], dtype=mg.uint8)
