"""The expected strings are PyTorch's, with `torch.` replaced by `minigrad.`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import minigrad as mg

NAN, INF = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    yield
    mg.set_printoptions(profile="default")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (3.0, "tensor(3.)"),
        ([1.0, 2.0, 3.0], "tensor([1., 2., 3.])"),
        ([1.5, -2.25], "tensor([ 1.5000, -2.2500])"),
        ([0.0, -0.0], "tensor([0., -0.])"),
        ([1e10, 1.0], "tensor([1.0000e+10, 1.0000e+00])"),
        ([1000000000.0], "tensor([1.0000e+09])"),
        ([1e-5, 1.0], "tensor([1.0000e-05, 1.0000e+00])"),
        ([0.0001, 0.05], "tensor([1.0000e-04, 5.0000e-02])"),
        ([1234.5, 0.5], "tensor([1.2345e+03, 5.0000e-01])"),
        ([NAN, 1.0], "tensor([nan, 1.])"),
        ([NAN, 1.5, INF], "tensor([   nan, 1.5000,    inf])"),
        ([-INF], "tensor([-inf])"),
        (5, "tensor(5)"),
        ([1, -20, 300], "tensor([  1, -20, 300])"),
        (True, "tensor(True)"),
        ([[True, False]], "tensor([[ True, False]])"),
        ([], "tensor([])"),
        ([[], []], "tensor([], size=(2, 0))"),
        ([[1.0, 2.0], [3.0, 4.5]], "tensor([[1.0000, 2.0000],\n        [3.0000, 4.5000]])"),
        ([[[1, 2]], [[3, 4]]], "tensor([[[1, 2]],\n\n        [[3, 4]]])"),
    ],
)
def test_values(data, expected) -> None:
    assert repr(mg.tensor(data)) == expected
    assert str(mg.tensor(data)) == expected


def test_long_rows_are_broken() -> None:
    assert repr(mg.arange(30) * 1000) == (
        "tensor([    0,  1000,  2000,  3000,  4000,  5000,  6000,  7000,  8000,  9000,\n"
        "        10000, 11000, 12000, 13000, 14000, 15000, 16000, 17000, 18000, 19000,\n"
        "        20000, 21000, 22000, 23000, 24000, 25000, 26000, 27000, 28000, 29000])"
    )


def test_four_dimensions() -> None:
    assert repr(mg.ones(2, 1, 2, 2)) == (
        "tensor([[[[1., 1.],\n"
        "          [1., 1.]]],\n"
        "\n"
        "\n"
        "        [[[1., 1.],\n"
        "          [1., 1.]]]])"
    )


def test_more_than_a_thousand_elements_are_summarised() -> None:
    assert repr(mg.arange(1000)).count("\n") > 10
    assert repr(mg.arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])"
    row = "[0., 0., 0.,  ..., 0., 0., 0.]"
    assert repr(mg.zeros(8, 200)) == (
        f"tensor([{row},\n        {row},\n        {row},\n        ...,\n"
        f"        {row},\n        {row},\n        {row}])"
    )
    assert repr(mg.arange(2000.0).reshape(2, 1000) / 4) == (
        "tensor([[0.0000e+00, 2.5000e-01, 5.0000e-01,  ..., 2.4925e+02, 2.4950e+02,\n"
        "         2.4975e+02],\n"
        "        [2.5000e+02, 2.5025e+02, 2.5050e+02,  ..., 4.9925e+02, 4.9950e+02,\n"
        "         4.9975e+02]])"
    )


def test_dtypes_are_named_unless_they_are_the_usual_ones() -> None:
    assert repr(mg.tensor([1.0], dtype=mg.float64)) == "tensor([1.], dtype=minigrad.float64)"
    assert repr(mg.tensor([1], dtype=mg.int32)) == "tensor([1], dtype=minigrad.int32)"
    assert repr(mg.tensor([], dtype=mg.int64)) == "tensor([], dtype=minigrad.int64)"
    empty = mg.zeros(2, 0, dtype=mg.float64)
    assert repr(empty) == "tensor([], size=(2, 0), dtype=minigrad.float64)"
    mg.set_default_dtype(mg.float64)
    try:
        assert repr(mg.tensor([1.0])) == "tensor([1.])"
        assert repr(mg.tensor([1.0], dtype=mg.float32)) == "tensor([1.], dtype=minigrad.float32)"
    finally:
        mg.set_default_dtype(mg.float32)


def test_requires_grad_and_grad_fn() -> None:
    x = mg.tensor([0.5], requires_grad=True)
    assert repr(x) == "tensor([0.5000], requires_grad=True)"
    assert repr(x * 2) == "tensor([1.], grad_fn=<MulBackward0>)"
    with mg.no_grad():
        assert repr(x * 2) == "tensor([1.])"
    wide = mg.full((2, 7), 2.7183, requires_grad=True) * 1
    row = "[" + ", ".join(["2.7183"] * 7) + "]"
    assert repr(wide) == f"tensor([{row},\n        {row}],\n       grad_fn=<MulBackward0>)"


def test_printing_records_nothing_and_changes_nothing() -> None:
    x = mg.tensor([[0.5, 1.0]], requires_grad=True)
    node = x.node
    repr(x.T)
    assert x.node is node and x._version == 0


def test_options() -> None:
    x = mg.tensor([1.23456789, 100.0])
    mg.set_printoptions(precision=2)
    assert repr(x) == "tensor([  1.23, 100.00])"
    mg.set_printoptions(sci_mode=True)
    assert repr(x) == "tensor([1.23e+00, 1.00e+02])"
    mg.set_printoptions(profile="default", sci_mode=False)
    assert repr(mg.tensor([1e-9, 1.0])) == "tensor([0.0000, 1.0000])"
    mg.set_printoptions(threshold=5, edgeitems=1)
    assert repr(mg.arange(6)) == "tensor([0,  ..., 5])"
    mg.set_printoptions(profile="full", linewidth=20)
    assert repr(mg.arange(6)) == "tensor([0, 1, 2, 3,\n        4, 5])"
    assert "..." not in repr(mg.zeros(2000))
    with pytest.raises(ValueError, match="profile 'tiny' is none of 'default', 'short', 'full'"):
        mg.set_printoptions(profile="tiny")


def test_format_of_a_single_number() -> None:
    loss = mg.tensor(0.123456, requires_grad=True)
    assert f"{loss:.3f}" == "0.123"
    assert f"{mg.tensor(7):04d}" == "0007"
    assert f"{mg.tensor(2.0)}" == "2.0"
    assert f"{mg.tensor([2.0])}" == "tensor([2.])"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{mg.tensor([2.0]):.3f}"
