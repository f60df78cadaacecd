"""Generators: seeds, states, independence from NumPy's global generator."""

import threading

import numpy as np
import pytest

import minigrad as mg
from minigrad.random import Generator, default_generator, seeded

# Of seed 0, wherever it runs.
EXPECTED_UNIFORM = [0.011546754286331562, 0.24154919656271812, 0.11142585551493822]
EXPECTED_INTEGERS = [18, 56, 53, 50, 90]


def draws():
    return [
        mg.rand(3).tolist(),
        mg.randn(2, dtype=mg.float64).tolist(),
        mg.randint(1000, (3,), dtype=mg.int32).tolist(),
        mg.randperm(5).tolist(),
        mg.multinomial(mg.ones(5), 2).tolist(),
        default_generator.next_philox(),
    ]


def test_a_seed_fixes_what_is_drawn():
    mg.manual_seed(7)
    first = draws()
    assert draws() != first
    assert mg.manual_seed(7) is default_generator
    assert draws() == first
    assert mg.initial_seed() == 7


def test_numbers_of_a_seed_never_change():
    g = Generator().manual_seed(0)
    np.testing.assert_array_equal(mg.rand(3, generator=g, dtype=mg.float64).array, EXPECTED_UNIFORM)
    np.testing.assert_array_equal(mg.randint(100, (5,), generator=g).array, EXPECTED_INTEGERS)


def test_a_state_restores_exactly():
    mg.manual_seed(3)
    mg.rand(3)  # an odd number of float32: half a 64-bit number is left over
    default_generator.next_philox()
    state = mg.get_rng_state()
    assert state.dtype == mg.uint8
    expected = draws()
    mg.manual_seed(4)
    mg.set_rng_state(state)
    assert draws() == expected
    assert mg.initial_seed() == 3
    mg.set_rng_state(state.numpy())
    assert draws() == expected
    other = Generator()
    assert other.set_state(state) is other
    np.testing.assert_array_equal(other.get_state().array, state.array)


def test_a_state_is_a_copy():
    state = mg.get_rng_state()
    before = state.array.copy()
    draws()
    np.testing.assert_array_equal(state.array, before)


@pytest.mark.parametrize(
    ("state", "error"),
    [(np.zeros(120, np.int64), TypeError), (np.zeros(119, np.uint8), RuntimeError)],
)
def test_a_wrong_state_is_refused(state, error):
    with pytest.raises(error):
        mg.set_rng_state(state)


def test_streams_of_one_seed_differ():
    g = Generator().manual_seed(5)
    assert [g.next_philox() for _ in range(3)] == [(5, 0), (5, 1), (5, 2)]


def test_generators_are_independent():
    a, b = Generator(), Generator()
    assert mg.rand(3, generator=a).tolist() == mg.rand(3, generator=b).tolist()
    before = mg.get_rng_state().array.copy()
    mg.randn(5, generator=a)
    np.testing.assert_array_equal(mg.get_rng_state().array, before)


def test_seeds_from_the_system_differ():
    g = Generator()
    first = g.seed()
    assert g.initial_seed() == first
    assert g.seed() != first


def test_negative_seeds_wrap_and_huge_ones_are_refused():
    assert Generator().manual_seed(-1).initial_seed() == 2**64 - 1
    with pytest.raises(RuntimeError, match="seed"):
        mg.manual_seed(2**64)


def test_fork_rng_leaves_no_trace():
    mg.manual_seed(1)
    expected = draws()
    mg.manual_seed(1)
    with mg.fork_rng():
        draws()
        mg.manual_seed(99)
    assert draws() == expected
    state = mg.get_rng_state().array.copy()
    with mg.fork_rng(enabled=False):
        draws()
    assert not np.array_equal(mg.get_rng_state().array, state)


def test_numpys_global_generator_is_left_alone():
    np.random.seed(0)
    before = np.random.get_state()[1].copy()
    draws()
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    mg.manual_seed(1)
    expected = draws()
    mg.manual_seed(1)
    np.random.seed(5)
    assert draws() == expected


def test_there_is_only_the_cpu():
    with pytest.raises(RuntimeError, match="CPU alone"):
        Generator("cuda")


def test_seeded_stands_in_for_the_default_generator_in_one_thread():
    mg.manual_seed(1)
    state = mg.get_rng_state().tolist()
    with seeded(5):
        assert mg.initial_seed() == 5
        first = draws()
        with seeded(6):
            assert draws() != first
        elsewhere = []
        thread = threading.Thread(target=lambda: elsewhere.append(mg.initial_seed()))
        thread.start()
        thread.join()
        assert elsewhere == [1]
        mg.manual_seed(5)
        assert draws() == first
    assert mg.get_rng_state().tolist() == state and mg.initial_seed() == 1
    with pytest.raises(KeyError), seeded(5):
        raise KeyError
    assert mg.initial_seed() == 1


def test_seeds_for_other_generators_differ():
    a, b = Generator().manual_seed(1), Generator().manual_seed(2)
    seeds = [g.next_seed() for g in (a, b) for _ in range(100)]
    assert len(set(seeds)) == 200 and 2**63 < max(seeds) < 2**64
    assert Generator().manual_seed(1).next_seed() == seeds[0]
