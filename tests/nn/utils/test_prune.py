"""Pruning: which elements go, that they stay 0 in training, and what remains of it all."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn.utils import prune

WEIGHT = [[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]]


def layer():
    made = nn.Linear(3, 2)
    made.weight.data, made.bias.data = mg.tensor(WEIGHT), mg.tensor([1.0, -3.0])
    return made


def test_the_smallest_elements_go():
    net = layer()
    assert prune.l1_unstructured(net, "weight", amount=2) is net
    assert net.weight.tolist() == [[0, 0, 3], [-4, 5, -6]]
    assert sorted(net.state_dict()) == ["bias", "weight_mask", "weight_orig"]
    assert [name for name, _ in net.named_parameters()] == ["bias", "weight_orig"]
    assert net.weight_orig.tolist() == WEIGHT and prune.is_pruned(nn.Sequential(net))
    prune.l1_unstructured(net, "weight", amount=0.25)  # of the 4 that are left
    assert net.weight.tolist() == [[0, 0, 0], [-4, 5, -6]]
    prune.l1_unstructured(net, "weight", amount=np.float32(0.5))  # of 3: a 5 goes, and a -4
    assert net.weight.tolist() == [[0, 0, 0], [0, 0, -6]]
    prune.l1_unstructured(net, "weight", amount=np.int64(1))
    assert not net.weight.any()
    scores = mg.tensor([1.0, 2.0])
    assert prune.l1_unstructured(net, "bias", 1, scores).bias.tolist() == [0, -3]


def test_what_is_pruned_stays_zero_in_training_and_afterwards():
    net = prune.l1_unstructured(layer(), "weight", amount=2)
    optimizer = mg.optim.SGD(net.parameters(), lr=0.5)
    trained = net.weight_orig
    for _ in range(2):
        net(mg.ones(1, 3)).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    assert net(mg.ones(1, 3)).tolist() == [[2 + 0, -8 - 4]]
    assert net.weight.tolist() == [[0, 0, 2], [-5, 4, -7]]
    assert prune.remove(net, "weight") is net and not prune.is_pruned(net)
    assert net.weight is trained and sorted(net.state_dict()) == ["bias", "weight"]
    assert net.weight.tolist() == [[0, 0, 2], [-5, 4, -7]]


def test_channels_go_as_one():
    net = prune.ln_structured(layer(), "weight", amount=1, n=1, dim=1)
    assert net.weight_mask.tolist() == [[0, 1, 1], [0, 1, 1]]
    prune.ln_structured(net, "weight", amount=0.5, n=float("inf"), dim=-1)  # of the 2 left
    assert net.weight_mask.tolist() == [[0, 0, 1], [0, 0, 1]]
    prune.ln_structured(net, "weight", amount=1, n="fro", dim=0)
    assert net.weight_mask.tolist() == [[0, 0, 0], [0, 0, 1]]


def test_at_random():
    net = prune.random_unstructured(nn.Linear(10, 10), "weight", 0.25)
    assert net.weight_mask.sum() == 75
    prune.random_structured(net, "weight", amount=3, dim=0)
    assert (net.weight_mask.sum(1) == 0).sum() == 3


def test_several_parameters_as_one():
    a, b = layer(), layer()
    b.weight.data *= 10
    pairs = [(a, "weight"), (b, "weight"), (a, "bias")]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=5)
    assert (a.weight_mask.sum(), b.weight_mask.sum(), a.bias_mask.sum()) == (3, 6, 0)
    prune.global_unstructured(
        iter(pairs),
        pruning_method=prune.L1Unstructured,
        importance_scores={(b, "weight"): mg.zeros(2, 3)},
        amount=0.5,
    )
    assert (a.weight_mask.sum(), b.weight_mask.sum()) == (3, 2)  # 4 of the 9 that were left


def test_masks_and_methods_of_ones_own():
    net = prune.custom_from_mask(layer(), "bias", mask=mg.tensor([0, 1]))
    assert net.bias.tolist() == [0, -3] and net.bias_mask.dtype == mg.float32

    class EverySecond(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    EverySecond.apply(net, "weight")
    EverySecond.apply(net, "weight")  # of what is left
    assert net.weight_mask.tolist() == [[0, 0, 0], [1, 0, 0]]
    assert EverySecond().prune(mg.ones(3)).tolist() == [0, 1, 0]
    EverySecond.PRUNING_TYPE = "no such"
    with pytest.raises(ValueError, match="Unrecognized PRUNING_TYPE no such"):
        EverySecond.apply(net, "weight")


def test_a_state_dict_finds_its_masks_again():
    pruned, other = prune.l1_unstructured(layer(), "weight", 3), prune.identity(layer(), "weight")
    assert other.weight.tolist() == WEIGHT
    other.load_state_dict(pruned.state_dict())
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    assert (other(mg.tensor(x)) == pruned(mg.tensor(x))).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda net: prune.remove(net, "weight"), ValueError, "has to be pruned before"),
        (lambda net: prune.l1_unstructured(net, "weight", 7), ValueError, "amount=7 should be sm"),
        (
            lambda net: prune.l1_unstructured(net, "weight", 1.5),
            ValueError,
            "amount=1.5 should eit",
        ),
        (lambda net: prune.l1_unstructured(net, "weight", "a"), TypeError, "type for amount: a"),
        (lambda net: prune.l1_unstructured(net, "nope", 1), AttributeError, "nope"),
        (
            lambda net: prune.l1_unstructured(net, "weight", 1, mg.ones(2)),
            AssertionError,
            r"shape \[2\] are for a parameter of shape \[2, 3\]",
        ),
        (lambda net: prune.ln_structured(net, "weight", 1, 2, 5), IndexError, "Invalid index 5"),
        (lambda net: prune.ln_structured(net, "bias", 1, 2, 0), ValueError, "multidimensional"),
        (
            lambda net: prune.custom_from_mask(net, "weight", mg.ones(3)),
            AssertionError,
            r"the mask has shape \[3\], the parameter \[2, 3\]",
        ),
        (
            lambda net: prune.global_unstructured(
                [(net, "weight")], prune.LnStructured, amount=1, n=1
            ),
            TypeError,
            'Only "unstructured"',
        ),
        (
            lambda net: prune.global_unstructured(net, prune.L1Unstructured, amount=1),
            TypeError,
            "parameters is not an Iterable",
        ),
        (
            lambda net: prune.global_unstructured(
                [(net, "weight")], prune.L1Unstructured, [mg.ones(2, 3)], amount=1
            ),
            TypeError,
            "importance_scores must be of type dict",
        ),
        (
            lambda _: prune.l1_unstructured(nn.Linear(3, 2, bias=False), "bias", 1),
            TypeError,
            "Linear.bias is None: there is nothing to prune",
        ),
    ],
)
def test_what_does_not_fit_leaves_the_module_as_it_was(change, error, message):
    net = layer()
    with pytest.raises(error, match=message):
        change(net)
    assert not prune.is_pruned(net) and sorted(net.state_dict()) == ["bias", "weight"]
