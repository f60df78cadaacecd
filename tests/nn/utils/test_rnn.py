"""Padded and packed sequences: there and back, and networks that run over them."""

import numpy as np
import pytest

from minigrad import nn
from minigrad.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)
from minigrad.ops.creation import tensor
from minigrad.testing import assert_close, check_op

RNG = np.random.default_rng(0)
LENGTHS = [2, 5, 1, 5, 3]
SEQUENCES = [RNG.normal(size=(n, 3)) for n in LENGTHS]


def test_pad_sequence():
    a, b = tensor([1.0, 2.0, 3.0]), tensor([4.0])
    assert pad_sequence([a, b]).tolist() == [[1, 4], [2, 0], [3, 0]]
    assert pad_sequence([a, b], True, -1.0).tolist() == [[1, 2, 3], [4, -1, -1]]
    assert pad_sequence([a, b], True, padding_side="left").tolist() == [[1, 2, 3], [0, 0, 4]]
    check_op(
        lambda *x: pad_sequence(x),
        *SEQUENCES[:3],
        reference=lambda *x: np.stack([np.pad(a, ((0, 5 - len(a)), (0, 0))) for a in x], 1),
    )


@pytest.mark.parametrize("batch_first", [False, True])
def test_there_and_back(batch_first):
    sequences = [tensor(x) for x in SEQUENCES]
    padded = pad_sequence(sequences, batch_first)
    assert_close(unpad_sequence(padded, LENGTHS, batch_first), SEQUENCES)
    packed = pack_padded_sequence(padded, tensor(LENGTHS), batch_first, enforce_sorted=False)
    assert packed.data.shape == (sum(LENGTHS), 3)
    assert packed.batch_sizes.tolist() == [5, 4, 3, 2, 2]
    assert packed.sorted_indices.tolist() == [1, 3, 4, 0, 2]
    assert packed.unsorted_indices.tolist() == [3, 0, 4, 1, 2]
    again, lengths = pad_packed_sequence(packed, batch_first)
    assert_close(again, padded)
    assert lengths.tolist() == LENGTHS
    longer, _ = pad_packed_sequence(packed, batch_first, 7.0, total_length=6)
    assert (longer.select(int(batch_first), 5).array == 7).all()
    assert_close(unpack_sequence(packed.to(np.float32)), [x.astype(np.float32) for x in SEQUENCES])


def test_in_order_nothing_is_sorted():
    packed = pack_sequence([tensor([1, 2, 3]), tensor([4, 5])])
    assert packed.data.tolist() == [1, 4, 2, 5, 3] and packed.batch_sizes.tolist() == [2, 2, 1]
    assert packed.sorted_indices is packed.unsorted_indices is None


def test_gradients():
    def there_and_back(x):
        packed = pack_padded_sequence(x, [3, 1, 4], enforce_sorted=False)
        return packed.data, pad_packed_sequence(packed)[0]

    check_op(there_and_back, RNG.normal(size=(4, 3, 2)))


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_packed_batch_is_each_sequence_alone(kind, bidirectional):
    net = kind(3, 4, num_layers=2, bidirectional=bidirectional).double()
    count = 4 if bidirectional else 2
    start = [tensor(RNG.normal(size=(count, len(LENGTHS), 4))) for _ in net.states]

    def states(i):
        parts = [s if i is None else s[:, i] for s in start]
        return tuple(parts) if kind is nn.LSTM else parts[0]

    def results(y, last):
        return [y, *last] if kind is nn.LSTM else [y, last]

    alone = [results(*net(tensor(x), states(i))) for i, x in enumerate(SEQUENCES)]
    sum(part.square().sum() for found in alone for part in found).backward()
    expected = [p.grad.array for p in net.parameters()]
    net.zero_grad()
    output, last = net(pack_sequence([tensor(x) for x in SEQUENCES], False), states(None))
    assert isinstance(output, PackedSequence)
    y, *last = results(output.data, last)
    assert_close(unpack_sequence(output), [found[0] for found in alone])
    for i, state in enumerate(last, 1):
        assert_close([state[:, j] for j in range(5)], [found[i] for found in alone])
    sum(part.square().sum() for part in (y, *last)).backward()
    assert_close([p.grad.array for p in net.parameters()], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: pack_padded_sequence(x, [1, 2]), RuntimeError, "must be sorted in decreasing"),
        (lambda x: pack_padded_sequence(x, [2, 0]), RuntimeError, "greater than 0.*2, 0"),
        (lambda x: pack_padded_sequence(x, [9, 1]), RuntimeError, "at most the 4 steps"),
        (lambda x: pack_padded_sequence(x, [2]), RuntimeError, "batch_size=2"),
        (
            lambda x: pad_packed_sequence(pack_padded_sequence(x, [4, 1]), total_length=3),
            ValueError,
            "total_length=3 and max sequence length being 4",
        ),
        (lambda x: pad_sequence([]), RuntimeError, "empty list"),
        (lambda x: pad_sequence([x], padding_side="top"), RuntimeError, "'top'"),
        (lambda x: nn.RNN(5, 2)(pack_sequence([x[:, 0]])), RuntimeError, "Expected 5, got 3"),
    ],
)
def test_what_does_not_fit(call, error, message):
    with pytest.raises(error, match=message):
        call(tensor(np.ones((4, 2, 3), np.float32)))
