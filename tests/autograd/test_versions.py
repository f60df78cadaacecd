from __future__ import annotations

import gc
import inspect

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import versions
from minigrad.testing import assert_close


def leaf(*values: float) -> mg.Tensor:
    return mg.tensor(values, dtype=mg.float64).requires_grad_()


def line() -> int:
    return inspect.currentframe().f_back.f_lineno


def test_a_changed_value_that_backward_needs_is_refused_with_its_place() -> None:
    y = leaf(1, 2) * 1
    z = y * y
    changed_at = line() + 1
    y.add_(5)
    with pytest.raises(
        RuntimeError,
        match=rf"(?s)Mul needs.*shape \[2\].*inplace operation: add_ at .*test_versions\.py:"
        rf"{changed_at} .*version 1.*clone\(\)",
    ):
        z.sum().backward()


def test_the_result_that_an_operation_has_saved_is_guarded_too() -> None:
    y = mg.exp(leaf(1, 2))
    y.mul_(2)
    with pytest.raises(RuntimeError, match=r"Exp needs.*mul_"):
        y.sum().backward()


def test_a_change_before_the_operation_or_of_what_it_does_not_need_is_fine() -> None:
    x = leaf(1, 2)
    y = x * 1
    y.add_(5)
    (y * y).sum().backward()
    assert_close(x.grad, [12, 14])
    y = x * 1
    z = y + 3
    y.mul_(100)
    z.sum().backward()
    assert_close(x.grad, [13, 15])


def test_a_change_through_a_view_or_an_alias_counts() -> None:
    for change in (
        lambda y: y.detach().mul_(2),
        lambda y: y.data.mul_(2),
        lambda y: y[:1].detach().mul_(2),
        lambda y: y.view(2, 1).detach().mul_(2),
    ):
        y = leaf(1, 2) * 1
        z = (y * y).sum()
        change(y)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            z.backward()


def test_changes_are_counted() -> None:
    x = mg.tensor([1.0, 2.0])
    assert x._version == 0
    x.add_(1)
    x[0] = 5.0
    assert x._version == 2
    assert x.detach()._version == 2
    assert (x * 1)._version == 0


def test_changes_without_recording_count_as_well() -> None:
    w = leaf(1, 2)
    y = (w * w).sum()
    with mg.no_grad():
        w.sub_(1)
    with pytest.raises(RuntimeError, match="sub_"):
        y.backward()


def test_the_books_are_kept_only_while_the_memory_lives() -> None:
    gc.disable()
    try:
        before = len(versions._changes)
        x = mg.tensor(np.zeros(3))
        x.add_(1)
        assert len(versions._changes) == before + 1
        del x
        assert len(versions._changes) == before
    finally:
        gc.enable()
