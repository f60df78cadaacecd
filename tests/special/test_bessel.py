"""Bessel functions: known values (scipy.special's), gradients, and where they end."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import special
from minigrad.testing import check_op

inf, nan = math.inf, math.nan

PLACES = [0.001, 0.5, 1.0, 2.5, 10.0, 24.0, 26.0, 300.0]
KNOWN = {
    "bessel_j0": [
        0.9999997500000155,
        0.938469807240813,
        0.7651976865579665,
        -0.04838377646819804,
        -0.24593576445134832,
        -0.05623027416685942,
        0.15599931552242116,
        -0.033298554876306494,
    ],
    "bessel_j1": [
        0.0004999999375000026,
        0.24226845767487387,
        0.44005058574493355,
        0.497094102464274,
        0.04347274616886141,
        -0.1540380651831213,
        0.01504573058691597,
        -0.03188743137749927,
    ],
    "bessel_y0": [
        -4.471416611375923,
        -0.4445187335067066,
        0.08825696421567697,
        0.498070359615232,
        0.05567116728359961,
        -0.15283402879758776,
        0.012044625860755468,
        -0.03183188973000254,
    ],
    "bessel_y1": [
        -636.6221672311395,
        -1.4714723926702433,
        -0.7812128213002888,
        0.14591813796678577,
        0.24901542420695388,
        0.053059776121202024,
        -0.1557965532296027,
        0.033245548121310864,
    ],
    "i0e": [
        0.9990007495835156,
        0.64503527044915,
        0.46575960759364043,
        0.27004644161220276,
        0.1278333371634286,
        0.0818682883340306,
        0.07862365204001373,
        0.02304255841508546,
    ],
    "i1e": [
        0.0004995003123542213,
        0.15642080318487173,
        0.2079104153497085,
        0.20658464953126654,
        0.1212626813844555,
        0.08014413927653474,
        0.07709652456966624,
        0.02300412204026895,
    ],
    "scaled_modified_bessel_k0": [
        7.030716002378253,
        1.5241093857739092,
        1.1444630798068947,
        0.7595486903280996,
        0.39163193443659866,
        0.25452917420902205,
        0.24463801494155152,
        0.0723300317396073,
    ],
    "scaled_modified_bessel_k1": [
        1000.9967345590684,
        2.7310097082117855,
        1.636153486263258,
        0.9001744239078779,
        0.4107665705957887,
        0.2597787923956998,
        0.24929899875354783,
        0.0724504816672584,
    ],
}
FEW_PLACES = [0.5, 2.5, 24.0, 26.0, 100.0]
KNOWN_IN_FEW = {
    "i0": [
        1.0634833707413234,
        3.289839144050123,
        2168619088.2413764,
        15388976705.660812,
        1.0737517071310738e42,
    ],
    "i1": [
        0.25789430539089636,
        2.5167162452886984,
        2122947893.287314,
        15090072642.341646,
        1.0683693903381625e42,
    ],
    "modified_bessel_k0": [
        0.9244190712276656,
        0.062347553200366196,
        9.608818780833115e-12,
        1.2498773979850727e-12,
        4.6566282291759025e-45,
    ],
    "modified_bessel_k1": [
        1.6564411200033007,
        0.07389081634774705,
        9.806998930441146e-12,
        1.2736907792389238e-12,
        4.67985373563691e-45,
    ],
}


@pytest.mark.parametrize("name", [*KNOWN, *KNOWN_IN_FEW])
def test_known_values_and_gradients(name):
    function, places = getattr(special, name), np.array(PLACES if name in KNOWN else FEW_PLACES)
    np.testing.assert_allclose(function(places), {**KNOWN, **KNOWN_IN_FEW}[name], rtol=2e-13)
    assert function(mg.tensor(places).float()).dtype == mg.float32
    check_op(function, np.array([[0.3, 0.9, 1.7], [4.0, 9.5, 24.9]]))


def test_odd_even_and_ends():
    x = np.array([0.5, 30.0])
    for even, odd in (("bessel_j0", "bessel_j1"), ("i0", "i1"), ("i0e", "i1e")):
        even, odd = getattr(special, even), getattr(special, odd)
        assert np.array_equal(even(-x), even(x)) and np.array_equal(odd(-x), -odd(x))
        assert even(mg.tensor([0, 3]))[0] == 1 and odd(mg.tensor([0, 3]))[0] == 0
    ends = mg.tensor([-1.0, 0.0, inf, nan])
    np.testing.assert_array_equal(special.bessel_j0(ends[2:]), [0, nan])
    for name in ("bessel_y0", "bessel_y1"):
        np.testing.assert_array_equal(getattr(special, name)(ends), [nan, -inf, 0, nan])
    for name in ("modified_bessel_k0", "scaled_modified_bessel_k1"):
        np.testing.assert_array_equal(getattr(special, name)(ends), [nan, inf, 0, nan])
    np.testing.assert_array_equal(special.i0(ends[2:]), [inf, nan])
    np.testing.assert_array_equal(special.i1(mg.tensor([-inf])), [-inf])
    assert math.isfinite(special.i0(np.array(712.0)))  # where e^712 is not


@pytest.mark.parametrize("name", ["bessel_j1", "i1"])
def test_the_slope_at_zero_is_a_half(name):
    x = mg.tensor([0.0], requires_grad=True)
    getattr(special, name)(x).backward()
    assert x.grad.item() == 0.5


def test_names_on_tensors():
    x = mg.tensor([0.5, 1.0])
    assert mg.equal(mg.i0(x), x.i0()) and mg.equal(x.clone().i0_(), x.i0())
    assert special.modified_bessel_i0 is special.i0 and special.modified_bessel_i1 is special.i1


def test_spherical_bessel_j0():
    check_op(
        special.spherical_bessel_j0, np.array([[-2.0, 0.4, 7]]), reference=lambda x: np.sin(x) / x
    )
    ends = special.spherical_bessel_j0(mg.tensor([0.0, inf, -inf, nan]))
    np.testing.assert_array_equal(ends, [1, 0, 0, nan])


def test_airy_ai():
    x = [-60.0, -5.0, -1.5, -0.5, 0.0, 0.5, 1.5, 20.0]
    known = [
        0.07778782447711619,
        0.3507610090241142,
        0.46425657774886947,
        0.4757280916105395,
        0.3550280538878172,
        0.23169360648083343,
        0.07174949700810529,
        1.691672868670544e-27,
    ]
    np.testing.assert_allclose(special.airy_ai(np.array(x)), known, rtol=1e-13)
    np.testing.assert_array_equal(special.airy_ai(mg.tensor([inf, -inf, nan])), [0, 0, nan])
    step = 1e-3  # y'' = x y
    places = np.array([[-9.0], [-1.2], [0.3], [1.1], [4.0]]) + step * np.arange(-1, 2)
    y = special.airy_ai(places)
    bend = (y[:, 0] - 2 * y[:, 1] + y[:, 2]) / step**2
    np.testing.assert_allclose(bend, places[:, 1] * y[:, 1], rtol=1e-5)
