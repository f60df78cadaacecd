"""The adaptive softmax: one distribution over all classes, of which forward looks up the targets."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.testing import assert_close


def made(**options):
    mg.manual_seed(0)
    return nn.AdaptiveLogSoftmaxWithLoss(8, 12, [3, 7], div_value=2.0, **options)


def test_log_prob_is_what_the_weights_say():
    net, x = made(), mg.randn(5, 8)
    head, first, second = (
        (w - np.log(np.exp(w).sum(1, keepdims=True)))
        for w in (
            x.numpy() @ net.head.weight.detach().numpy().T,
            *(tail(x).detach().numpy() for tail in net.tail),
        )
    )
    expected = np.concatenate([head[:, :3], head[:, 3:4] + first, head[:, 4:] + second], 1)
    assert_close(net.log_prob(x), expected)
    assert_close(net.log_prob(x).exp().sum(1), np.ones(5, np.float32))
    assert net.predict(x).tolist() == expected.argmax(1).tolist()
    assert {name: tuple(p.shape) for name, p in net.named_parameters()} == {
        **{"head.weight": (5, 8), "tail.0.0.weight": (4, 8), "tail.0.1.weight": (4, 4)},
        **{"tail.1.0.weight": (2, 8), "tail.1.1.weight": (5, 2)},
    }


def test_forward_looks_up_the_targets():
    net, x = made(head_bias=True), mg.randn(13, 8)
    target = mg.tensor([*range(12), 5])
    output, loss = net(x, target)
    assert_close(output, net.log_prob(x)[range(13), target])
    assert_close(loss, -output.detach().numpy().mean())
    loss.backward()
    gradients = [p.grad.clone() for p in net.parameters()]
    net.zero_grad()
    nn.functional.nll_loss(net.log_prob(x), target).backward()
    assert_close([p.grad for p in net.parameters()], gradients)
    alone = net(x[4], target[4])
    assert alone.output.shape == () and alone.output.item() == pytest.approx(output[4].item())


def test_what_does_not_fit_is_refused():
    for cutoffs in ([], [3, 2], [0, 2], [12], [2.5]):
        with pytest.raises(ValueError, match="cutoffs should be a sequence"):
            nn.AdaptiveLogSoftmaxWithLoss(8, 12, cutoffs)
    with pytest.raises(RuntimeError, match=r"not \[2, 8\] and \[3\]"):
        made()(mg.ones(2, 8), mg.tensor([1, 2, 3]))
    with pytest.raises(RuntimeError, match=r"in \[0, 11\], but values in range \[1, 12\]"):
        made()(mg.ones(2, 8), mg.tensor([1, 12]))
