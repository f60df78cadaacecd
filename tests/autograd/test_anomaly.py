"""Anomaly detection: nan is found where it arises, and only when asked for."""

from typing import Any

import pytest

import minigrad as mg


def nan_at_zero() -> mg.Tensor:
    return (mg.zeros(2, requires_grad=True) * 2).sqrt() * 0


def test_the_operation_whose_backward_gives_nan_is_named() -> None:
    for look in (
        mg.autograd.detect_anomaly(),
        mg.autograd.set_detect_anomaly(True),
    ):
        with (
            look,
            pytest.raises(RuntimeError, match=r"'SqrtBackward0' returned nan .* shape \[2\]"),
        ):
            nan_at_zero().sum().backward()
        with mg.autograd.set_detect_anomaly(True):
            (mg.ones(2, requires_grad=True) * 2).sqrt().sum().backward()


def test_a_function_of_ones_own_is_named_too() -> None:
    class Lost(mg.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: mg.Tensor) -> mg.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: mg.Tensor) -> mg.Tensor:
            return grad * float("nan")

    with mg.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="'LostBackward' returned"):
        Lost.apply(mg.ones(2, requires_grad=True)).sum().backward()


def test_nothing_is_looked_for_otherwise() -> None:
    with mg.autograd.detect_anomaly():
        pass
    nan_at_zero().sum().backward()
    with mg.autograd.detect_anomaly(check_nan=False):
        nan_at_zero().sum().backward()
    mg.autograd.set_detect_anomaly(True)
    with pytest.raises(RuntimeError, match="returned nan"):
        nan_at_zero().sum().backward()
    mg.autograd.set_detect_anomaly(False)
    nan_at_zero().sum().backward()
