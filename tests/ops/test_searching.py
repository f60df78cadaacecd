"""Sets and sorted sequences against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

NOT_DIFFERENTIABLE = [
    *("argwhere", "bucketize", "isin", "searchsorted", "unique", "unique_consecutive"),
]

SMALL = st.lists(st.integers(-3, 3), min_size=1, max_size=12)


@given(SMALL, SMALL)
def test_isin(a, b):
    found = mg.isin(mg.tensor(a), mg.tensor(b))
    assert found.tolist() == [x in b for x in a]
    assert mg.isin(mg.tensor(a), mg.tensor(b), invert=True).tolist() == [x not in b for x in a]


@given(SMALL, SMALL, st.booleans())
def test_searchsorted(sequence, values, right):
    sequence = sorted(sequence)
    side = "right" if right else "left"
    expected = np.searchsorted(sequence, values, side).tolist()
    assert mg.searchsorted(mg.tensor(sequence), mg.tensor(values), right=right).tolist() == expected
    assert mg.searchsorted(mg.tensor(sequence), mg.tensor(values), side=side).tolist() == expected
    assert mg.bucketize(mg.tensor(values), mg.tensor(sequence), right=right).tolist() == expected
    rows = mg.searchsorted(mg.tensor([sequence] * 2), mg.tensor([values] * 2), right=right)
    assert rows.tolist() == [expected] * 2


def test_searchsorted_in_an_order():
    sequence = mg.tensor([3, 1, 2])
    found = mg.searchsorted(sequence, mg.tensor(2), sorter=mg.tensor([1, 2, 0]), out_int32=True)
    assert found.item() == 1 and found.dtype == mg.int32


@given(SMALL)
def test_unique(values):
    found, inverse, counts = mg.unique(mg.tensor(values), return_inverse=True, return_counts=True)
    assert found.tolist() == sorted(set(values))
    assert found[inverse].tolist() == values
    assert counts.tolist() == [values.count(v) for v in sorted(set(values))]


@given(SMALL)
def test_unique_consecutive(values):
    x = mg.tensor(values)
    found, inverse, counts = mg.unique_consecutive(x, True, True)
    assert mg.repeat_interleave(found, counts).tolist() == values
    assert found[inverse].tolist() == values
    assert all(a != b for a, b in zip(found.tolist(), found.tolist()[1:], strict=False))


def test_along_a_dimension():
    x = mg.tensor([[1, 1, 2], [1, 1, 2], [0, 0, 2]])
    assert mg.unique(x, dim=1).tolist() == [[1, 2], [1, 2], [0, 2]]
    assert mg.unique_consecutive(x, dim=0).tolist() == [[1, 1, 2], [0, 0, 2]]
    found, inverse = x.unique(return_inverse=True)
    assert found[inverse].tolist() == x.tolist()


def test_argwhere():
    assert mg.argwhere(mg.tensor([[0, 2], [3, 0]])).tolist() == [[0, 1], [1, 0]]


def test_what_does_not_fit():
    with pytest.raises(RuntimeError, match="first N-1 dimensions"):
        mg.searchsorted(mg.tensor([[1], [2]]), mg.tensor([1]))
    with pytest.raises(RuntimeError, match="opposites"):
        mg.searchsorted(mg.tensor([1]), mg.tensor([1]), right=True, side="left")
    with pytest.raises(RuntimeError, match="boundaries tensor must be 1 dimension"):
        mg.bucketize(mg.tensor([1]), mg.tensor([[1]]))
