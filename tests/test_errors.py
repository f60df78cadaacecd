"""The parts that error messages share."""

from minigrad.errors import did_you_mean


def test_did_you_mean_the_nearest_name() -> None:
    assert did_you_mean("wieght", ["bias", "weight"]) == ' (did you mean "weight"?)'
    assert did_you_mean("momentum", ["lr", "eps"]) == ""
    assert did_you_mean("lr", []) == ""
