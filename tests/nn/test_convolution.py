"""The convolution modules: what they compute, their state, their start, their reprs."""

import numpy as np
import pytest

from minigrad import nn, tensor
from minigrad.nn import functional as F
from minigrad.testing import assert_close

IMAGES = tensor(np.random.default_rng(0).normal(size=(2, 4, 7, 6)).astype(np.float32))


@pytest.mark.parametrize(
    ("net", "shape", "text"),
    [
        (nn.Conv1d(4, 6, 3), (6, 4, 3), "Conv1d(4, 6, kernel_size=(3,), stride=(1,))"),
        (
            nn.Conv2d(4, 6, 3, padding="same", groups=2, bias=False, dilation=2),
            (6, 2, 3, 3),
            "Conv2d(4, 6, kernel_size=(3, 3), stride=(1, 1), padding=same, dilation=(2, 2), groups=2, "
            "bias=False)",
        ),
        (
            nn.Conv2d(4, 6, (3, 5), stride=2, padding=1, padding_mode="reflect"),
            (6, 4, 3, 5),
            "Conv2d(4, 6, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), padding_mode=reflect)",
        ),
        (
            nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=1, groups=2),
            (4, 3, 3, 3),
            "ConvTranspose2d(4, 6, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1), groups=2)",
        ),
        (
            nn.ConvTranspose1d(4, 6, 3),
            (4, 6, 3),
            "ConvTranspose1d(4, 6, kernel_size=(3,), stride=(1,))",
        ),
        (
            nn.Conv3d(4, 6, (1, 2, 3), groups=2, padding=(0, 1, 1)),
            (6, 2, 1, 2, 3),
            "Conv3d(4, 6, kernel_size=(1, 2, 3), stride=(1, 1, 1), padding=(0, 1, 1), groups=2)",
        ),
        (
            nn.ConvTranspose3d(4, 6, 2, 2, bias=False),
            (4, 6, 2, 2, 2),
            "ConvTranspose3d(4, 6, kernel_size=(2, 2, 2), stride=(2, 2, 2), bias=False)",
        ),
    ],
)
def test_state_start_and_repr(net, shape, text):
    assert repr(net) == text
    assert net.weight.shape == shape
    assert [*net.state_dict()] == (["weight"] if net.bias is None else ["weight", "bias"])
    bound = 1 / np.sqrt(np.prod(shape[1:]))
    assert 0.5 * bound < np.abs(net.weight.array).max() <= bound
    if net.bias is not None:
        assert net.bias.shape == (6,)
        assert 0 < np.abs(net.bias.array).max() <= bound


def test_they_are_their_functions():
    net = nn.Conv2d(4, 6, 3, 2, 1, groups=2)
    assert_close(net(IMAGES), F.conv2d(IMAGES, net.weight, net.bias, 2, 1, 1, 2))
    net = nn.Conv1d(4, 2, 3, dilation=2)
    assert_close(net(IMAGES[:, :, 0]), F.conv1d(IMAGES[:, :, 0], net.weight, net.bias, dilation=2))
    net = nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, 2)
    want = F.conv_transpose2d(IMAGES, net.weight, net.bias, 2, 1, 1, 2)
    assert_close(net(IMAGES), want)
    net = nn.ConvTranspose1d(4, 2, 3, bias=False, dtype=np.float64)
    x = IMAGES[:, :, 0].double()
    assert_close(net(x), F.conv_transpose1d(x, net.weight))
    assert_close(nn.Unfold(3)(IMAGES), F.unfold(IMAGES, 3))
    columns = nn.Unfold((2, 3), stride=2)(IMAGES)
    assert_close(
        nn.Fold((7, 6), (2, 3), stride=2)(columns), F.fold(columns, (7, 6), (2, 3), stride=2)
    )
    assert (
        repr(nn.Fold(4, 2)) == "Fold(output_size=4, kernel_size=2, dilation=1, padding=0, stride=1)"
    )


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [(1, 2), "same", "valid"])
def test_padding_modes(mode, padding):
    net = nn.Conv2d(4, 2, (4, 3), padding=padding, padding_mode=mode)
    widths = {"same": (1, 1, 1, 2), "valid": (0, 0, 0, 0), (1, 2): (2, 2, 1, 1)}[padding]
    want = F.conv2d(F.pad(IMAGES, widths, mode), net.weight, net.bias)
    assert_close(net(IMAGES), want)


def test_volumes():
    x = IMAGES[:, :, None].expand(2, 4, 3, 7, 6)
    down, up = nn.Conv3d(4, 3, 3, 2, 1), nn.ConvTranspose3d(3, 4, 3, 2, 1)
    assert_close(down(x), F.conv3d(x, down.weight, down.bias, 2, 1))
    y = down(x)
    assert_close(up(y), F.conv_transpose3d(y, up.weight, up.bias, 2, 1))
    assert up(y, x.shape).shape == x.shape
    net = nn.Conv3d(4, 2, 3, padding=1, padding_mode="replicate")
    want = F.conv3d(F.pad(x, (1,) * 6, "replicate"), net.weight, net.bias)
    assert_close(net(x), want)


def test_transposed_finds_the_padding_for_a_size():
    down, up = nn.Conv2d(4, 3, 3, stride=2, padding=1), nn.ConvTranspose2d(3, 4, 3, 2, 1)
    assert up(down(IMAGES), IMAGES.shape).shape == IMAGES.shape
    assert up(down(IMAGES), (8, 6)).shape == (2, 4, 8, 6)
    for size in ((9, 6), (6, 6), (7, 6, 1)):
        with pytest.raises(ValueError, match=r"range from \[7, 5\] to \[8, 6\]"):
            up(down(IMAGES), size)


def test_errors_say_what_the_sizes_are():
    with pytest.raises(RuntimeError, match="batch=2, channels=4, height=7, width=6"):
        nn.Conv2d(3, 4, 3)(IMAGES)
    with pytest.raises(RuntimeError, match="batch=4, channels=7, length=6"):
        nn.Conv1d(4, 4, 3)(IMAGES[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels must be divisible by groups"),
        (lambda: nn.Conv2d(4, 4, 3, groups=0), "groups must be a positive integer"),
        (lambda: nn.Conv2d(3, 4, 3, padding="same", stride=2), "not supported for strided"),
        (lambda: nn.Conv2d(3, 4, 3, padding="x"), "Invalid padding string 'x'"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="x"), "padding_mode must be one of"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), 'Only "zeros"'),
    ],
)
def test_what_does_not_fit(make, message):
    with pytest.raises(ValueError, match=message):
        make()
