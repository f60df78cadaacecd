"""The parts that error messages share."""

from minigrad.errors import did_you_mean, named_shape


def test_did_you_mean_the_nearest_name() -> None:
    assert did_you_mean("wieght", ["bias", "weight"]) == ' (did you mean "weight"?)'
    assert did_you_mean("momentum", ["lr", "eps"]) == ""
    assert did_you_mean("lr", []) == ""


def test_named_shape_says_what_dimensions_mean() -> None:
    assert named_shape((64, 784), ("batch", "features")) == "[64, 784] (batch=64, features=784)"
    assert named_shape((2, 3, 4), ("batch", "", "features")) == "[2, 3, 4] (batch=2, features=4)"
