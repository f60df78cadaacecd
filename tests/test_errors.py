"""The parts that error messages share."""

import pytest

import minigrad as mg
from minigrad.errors import did_you_mean, named_shape


def test_did_you_mean_the_nearest_name() -> None:
    assert did_you_mean("wieght", ["bias", "weight"]) == ' (did you mean "weight"?)'
    assert did_you_mean("momentum", ["lr", "eps"]) == ""
    assert did_you_mean("lr", []) == ""


def test_named_shape_says_what_dimensions_mean() -> None:
    assert named_shape((64, 784), ("batch", "features")) == "[64, 784] (batch=64, features=784)"
    assert named_shape((2, 3, 4), ("batch", "", "features")) == "[2, 3, 4] (batch=2, features=4)"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("view_as_complex", "complex numbers"),
        ("cfloat", "complex numbers"),
        ("sparse_coo_tensor", "sparse layouts"),
        ("jit", "TorchScript"),
        ("quantize_per_tensor", "quantised numbers"),
    ],
)
def test_what_there_is_nothing_of_is_named(name: str, what: str) -> None:
    with pytest.raises(AttributeError, match=f"has no attribute '{name}': minigrad has no {what}"):
        getattr(mg, name)
    with pytest.raises(AttributeError, match=f"'Tensor' object has no .* {what}"):
        getattr(mg.ones(1), name)
    with pytest.raises(AttributeError, match=r"has no attribute 'sum_of'$"):
        mg.sum_of  # noqa: B018


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("stft", "minigrad has no complex numbers"),
        ("hspmm", "minigrad has no sparse layouts"),
        ("wait", "minigrad has no TorchScript"),
        ("from_file", "instead: from_numpy"),
        ("is_storage", "minigrad has no memory apart from its tensors"),
        ("distributions", "minigrad has no distributions"),
        ("nn.SyncBatchNorm", "minigrad has no training in several processes"),
        ("nn.functional.conv_tbc", "instead: conv1d"),
        ("optim.SparseAdam", "minigrad has no sparse layouts"),
        ("linalg.ldl_factor", "instead: linalg.lu_factor"),
    ],
)
def test_modules_too_say_why_a_name_is_missing(name: str, why: str) -> None:
    *path, last = name.split(".")
    home = mg
    for part in path:
        home = getattr(home, part)
    with pytest.raises(AttributeError, match=f"has no attribute '{last}'.*{why}") as caught:
        getattr(home, last)
    assert caught.value.obj is home  # so that Python tells what is near


def test_what_tensors_lack_is_named() -> None:
    with pytest.raises(AttributeError, match="no memory apart from its tensors"):
        mg.ones(1).resize_(2)
