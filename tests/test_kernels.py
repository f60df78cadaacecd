"""Every kernel of the table against its NumPy twin: each CPU variant, float type, thread count.

The cases come from the table itself (csrc/kernels.def). A kernel whose only size is n gets arrays
of n elements, and its scalars by name from SCALARS; any other needs an entry in kernel_cases.py.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from kernel_cases import CASES, IN_OUT

from minigrad import _native, kernels, reference

TABLE: dict[str, str] = _native.table()
DTYPES = [np.float32, np.float64]
# From empty to past the size at which more threads take part.
LENGTHS = [0, 1, 7, 100, 70_001]
SCALARS = {
    "low": -0.8,
    "high": 1.1,
    "scale": -1.5,
    "shift": 0.3,
    "slope": 0.01,
    "alpha": 0.7,
    "beta": 1.5,
    "threshold": 4.0,
    "delta": 0.9,
}
IN_OUT |= {"accumulate": {"y"}}

# Units of the float type's epsilon, relative and absolute, unless a kernel says otherwise.
TOLERANCE = 16
# Sums of hundreds of terms of either sign, which cancel; places in an image, a hundred pixels wide,
# times the slope there.
TOLERANCES = dict.fromkeys(
    (
        "matmul",
        "linear_backward",
        "conv",
        "conv_transpose",
        "conv_weight",
        "batch_norm_backward",
        "batch_norm_eval_backward",
        "layer_norm_backward",
        "sum",
        "cumsum",
        "warp_affine",
        "scatter_add_rows",
        "rnn",
        "rnn_backward",
        "lstm",
        "lstm_backward",
        "gru",
        "gru_backward",
    ),
    1024,
)


def parameters(kernel: str) -> list[tuple[str, str]]:
    """(C type, name) of the door's parameters: those of the table without the sizes."""
    pairs = [re.fullmatch(r"(.*?)(\w+)", p.strip()).groups() for p in TABLE[kernel].split(",")]
    return [(c_type.strip(), name) for c_type, name in pairs if "size_t" not in c_type]


def is_output(c_type: str) -> bool:
    return "*" in c_type and not c_type.startswith("const")


def plain_cases(kernel: str, rng: np.random.Generator, dtype: type) -> list[dict[str, Any]]:
    """Arguments for a kernel whose arrays all have n elements."""
    sizes = re.findall(r"size_t (\w+)", TABLE[kernel])
    assert sizes == ["n"], f"{kernel} has sizes {sizes}: it needs an entry in CASES"
    cases = []
    for n in LENGTHS:
        case: dict[str, Any] = {}
        for c_type, name in parameters(kernel):
            if "*" in c_type:
                assert "T" in c_type.split(), f"{kernel}: {c_type}{name} needs an entry in CASES"
                case[name] = (rng.standard_normal(n) * 3).astype(dtype)
            else:
                assert name in SCALARS, f"{kernel}: {name} needs a value in SCALARS"
                case[name] = SCALARS[name]
        cases.append(case)
    return cases


def cases_of(kernel: str, dtype: type) -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    if kernel in CASES:
        return CASES[kernel](rng, dtype)
    return plain_cases(kernel, rng, dtype)


def call(module: Any, kernel: str, case: dict[str, Any], widen: bool = False) -> list[np.ndarray]:
    """The outputs of a kernel, with every input and output array copied (to float64, if asked)."""

    def copy(x: Any) -> Any:
        if isinstance(x, (list, tuple)):
            return [copy(item) for item in x]
        if not isinstance(x, np.ndarray):
            return x
        return x.astype(np.float64) if widen and x.dtype.kind == "f" else x.copy()

    arguments = {name: copy(case[name]) for _, name in parameters(kernel)}
    with np.errstate(all="ignore"):
        getattr(module, kernel)(*arguments.values())
    outputs = []
    for c_type, name in parameters(kernel):
        if is_output(c_type):
            value = arguments[name]
            outputs += value if isinstance(value, list) else [] if value is None else [value]
    return outputs


@pytest.fixture(params=_native.simd_variants())
def simd(request: pytest.FixtureRequest) -> Any:
    before = _native.simd()
    _native.set_simd(request.param)
    yield request.param
    _native.set_simd(before)


@pytest.fixture
def threads() -> Any:
    before = _native.get_num_threads()
    yield _native.set_num_threads
    _native.set_num_threads(before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", TABLE)
def test_native_agrees_with_reference(kernel: str, dtype: type, simd: str, threads: Any) -> None:
    epsilon = TOLERANCES.get(kernel, TOLERANCE) * np.finfo(dtype).eps
    for case in cases_of(kernel, dtype):
        for c_type, name in parameters(kernel):
            fresh = is_output(c_type) and name not in IN_OUT.get(kernel, ())
            if fresh and case[name] is not None:
                case[name][...] = 77  # an element that is not written shows
        expected = call(reference, kernel, case, widen=True)
        results = []
        for count in (1, 2, 4):
            threads(count)
            results.append(call(_native, kernel, case))
        for i, y in enumerate(results[0]):
            with np.errstate(over="ignore"):
                want = expected[i].astype(y.dtype)
            np.testing.assert_allclose(y, want, rtol=epsilon, atol=epsilon)
            for more in results[1:]:
                assert y.tobytes() == more[i].tobytes(), "the bits depend on the thread count"


@pytest.mark.parametrize("kernel", TABLE)
def test_door_and_twin_take_the_tables_parameters(kernel: str) -> None:
    names = [name for _, name in parameters(kernel)]
    assert hasattr(_native, kernel), f"{kernel} has no door in minigrad/doors"
    assert hasattr(reference, kernel), f"{kernel} has no twin in minigrad/reference"
    signature = getattr(_native, kernel).__doc__.splitlines()[0]
    inside = re.fullmatch(r"\w+\((.*)\)", signature).group(1)
    assert [p.split()[-1] for p in inside.split(",")] == names
    assert list(inspect.signature(getattr(reference, kernel)).parameters) == names


@pytest.mark.parametrize("kernel", TABLE)
def test_kernels_has_a_function_for_every_kernel(kernel: str) -> None:
    assert callable(getattr(kernels, kernel, None)), f"{kernel} has no entry in minigrad/kernels"


ONE_ARRAY = [
    k for k in TABLE if re.fullmatch(r"T \*y, const T \*x, (double \w+, )*size_t n", TABLE[k])
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kernel", [k for k in ONE_ARRAY if k != "accumulate"])
def test_infinities_nan_zeros_and_denormals(kernel: str, dtype: type, simd: str) -> None:
    info = np.finfo(dtype)
    tiny = info.smallest_subnormal
    edge = [0, tiny, info.tiny, 1e-20, 100, 709.7, 1e4, info.max / 4, np.inf]
    x = np.array([*edge, *(-v for v in edge), np.nan], dtype)
    case = {"y": np.empty_like(x), "x": x} | SCALARS
    (y,) = call(_native, kernel, case)
    (want,) = call(reference, kernel, case)
    np.testing.assert_allclose(y, want, rtol=1e-5, atol=2 * tiny)
    same_sign = np.signbit(y) == np.signbit(want)
    assert same_sign[~np.isnan(want)].all()


def all_magnitudes(dtype: type) -> np.ndarray:
    """Random bit patterns, and more of the numbers near 1 where most of the branches lie."""
    rng = np.random.default_rng(1)
    bits = np.uint32 if dtype is np.float32 else np.uint64
    patterns = rng.integers(0, np.iinfo(bits).max, 400_000, dtype=bits, endpoint=True).view(dtype)
    ranges = [rng.uniform(-r, r, 200_000).astype(dtype) for r in (1, 10, 110, 750)]
    return np.concatenate([patterns, *ranges])


def wide_sigmoid(x: np.ndarray) -> np.ndarray:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


@pytest.mark.parametrize(
    ("dtype", "wide", "ulps"), [(np.float32, np.float64, 2), (np.float64, np.longdouble, 4)]
)
@pytest.mark.parametrize("kernel", ["exp", "log", "tanh", "sigmoid"])
def test_last_places(kernel: str, dtype: type, wide: type, ulps: float, simd: str) -> None:
    if np.finfo(wide).nmant < np.finfo(dtype).nmant + 8:
        pytest.skip("long double is no wider than double on this platform")
    x = all_magnitudes(dtype)
    y = np.empty_like(x)
    getattr(_native, kernel)(y, x)
    with np.errstate(all="ignore"):
        exact = (wide_sigmoid if kernel == "sigmoid" else getattr(np, kernel))(x.astype(wide))
        rounded = exact.astype(dtype)
        np.testing.assert_array_equal(np.isnan(y), np.isnan(rounded))
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(y[np.isinf(rounded)], rounded[np.isinf(rounded)])
        error = np.abs(y[finite].astype(wide) - exact[finite]) / np.spacing(np.abs(rounded[finite]))
    assert error.max() <= ulps, f"{error.max():.2f} at {x[finite][error.argmax()]!r}"


def test_outputs_may_be_inputs(simd: str) -> None:
    x = np.linspace(-3, 3, 70_001, dtype=np.float32)
    y = np.empty_like(x)
    _native.gelu(y, x)
    _native.gelu(x, x)
    np.testing.assert_array_equal(x, y)


# ---- Philox --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # kat_vectors of Random123, the authors' library
        (
            "00000000 00000000 00000000 00000000",
            "00000000 00000000",
            "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        ),
        (
            "ffffffff ffffffff ffffffff ffffffff",
            "ffffffff ffffffff",
            "408f276d 41c83b0e a20bc7c6 6d5451fd",
        ),
        (
            "243f6a88 85a308d3 13198a2e 03707344",
            "a4093822 299f31d0",
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_philox_known_answers(counter: str, key: str, words: str) -> None:
    def parse(text: str) -> np.ndarray:
        return np.array([int(word, 16) for word in text.split()], np.uint32)

    np.testing.assert_array_equal(reference.philox4x32(parse(counter), parse(key)), parse(words))


def test_philox_streams_are_prefixes_of_themselves_and_differ() -> None:
    a = reference.philox(1, 2, 1000)
    np.testing.assert_array_equal(a[:77], reference.philox(1, 2, 77))
    assert not np.array_equal(a, reference.philox(1, 3, 1000))
    assert not np.array_equal(a, reference.philox(2, 2, 1000))


# ---- minigrad.kernels: what it accepts -----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_layout_and_0d(dtype: type) -> None:
    x = np.linspace(-2, 2, 24, dtype=dtype).reshape(4, 6)
    read_only = x.copy()
    read_only.flags.writeable = False
    swapped = x.astype(np.dtype(dtype).newbyteorder())
    for view in (x.T, x[:, ::2], x[::-1], read_only, x[:0], x[1, 1], np.asarray(x[1, 1]), swapped):
        view = np.asarray(view)
        for y in (kernels.exp(view), kernels.mul(view, view), kernels.tanh_backward(view, view)):
            assert type(y) is np.ndarray and y.shape == view.shape
            assert y.dtype == dtype and y.flags.c_contiguous and y.flags.writeable
        np.testing.assert_allclose(kernels.exp(view), np.exp(view), rtol=1e-6)


def test_integers_become_floats_where_fractions_arise() -> None:
    counts = np.array([0, 1, 2])
    assert kernels.exp(counts).dtype == np.float32
    assert kernels.neg(counts).dtype == counts.dtype
    np.testing.assert_array_equal(kernels.square(counts), [0, 1, 4])
    with pytest.raises(TypeError, match="exp: expected float32 or float64, got complex128"):
        kernels.exp(np.array([1j]))
    with pytest.raises(TypeError, match="got float16"):
        kernels.exp(np.zeros(3, np.float16))


@pytest.mark.parametrize("rows", [2, 3000])  # below and above the size whose memory is recycled
def test_arithmetic_broadcasts_and_promotes_as_numpy(rows: int) -> None:
    a = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
    for b in (
        np.arange(3, dtype=np.float32),
        2.5,
        2,
        True,
        np.float64(2),
        a.astype(np.float64),
        np.arange(3),
        a.T.copy().T,
    ):
        for ours, theirs in (
            (kernels.add, np.add),
            (kernels.sub, np.subtract),
            (kernels.mul, np.multiply),
            (kernels.div, np.divide),
        ):
            with np.errstate(all="ignore"):
                for args in ((a, b), (b, a)):
                    want = theirs(*args)
                    y = ours(*args)
                    np.testing.assert_array_equal(y, want)
                    assert y.dtype == want.dtype and type(y) is np.ndarray


def test_ufunc_returns_arrays_of_numpys_type() -> None:
    for n in (0, 3, 10_000):
        x = np.linspace(0, 1, n)
        np.testing.assert_array_equal(kernels.ufunc(np.sin, x), np.sin(x))
        assert kernels.ufunc(np.greater, x, 0.5).dtype == bool
    assert type(kernels.ufunc(np.sin, np.array(0.5))) is np.ndarray


def test_ufuncs_run_on_all_threads_with_the_same_bits(threads: Any) -> None:
    x = np.random.default_rng(0).standard_normal(300_001).astype(np.float32)
    cases = [
        *((function, x) for function in (np.sin, np.abs, np.log1p, np.floor, np.isnan, np.sign)),
        *((np.power, np.abs(x), 2.5), (np.maximum, x, x[::-1].copy()), (np.less, 0, x)),
    ]
    for function, *operands in cases:
        with np.errstate(all="ignore"):
            want = function(*operands)
        for count in (1, 2, 4):
            threads(count)
            y = kernels.ufunc(function, *operands)
            assert y.dtype == want.dtype and y.tobytes() == want.tobytes(), function


def test_ufuncs_that_numpy_runs_itself() -> None:
    x, y = np.ones((50, 200), np.float32), np.empty((50, 200), np.float32)
    for function, *operands in (
        (np.add, x, x[0]),  # broadcasts
        (np.add, x, x.astype(np.float64)),  # of two types
        (np.add, x.astype(np.int64), 1),  # integers may raise errors
        (np.add, x, np.float64(1)),  # which is no Python number
        (np.negative, x[:, ::-1]),
        (np.frompyfunc(abs, 1, 1), x),
        (np.ldexp, x, 1),
        (np.modf, x),  # two results
    ):
        assert not _native.run_ufunc(function, y, tuple(operands))
    assert _native.run_ufunc(np.add, y, (x, 1)) and (y == 2).all()


def test_backward_refuses_another_shape() -> None:
    with pytest.raises(ValueError, match=r"relu_backward: .*\(2,\).*\(3,\)"):
        kernels.relu_backward(np.zeros(2, np.float32), np.zeros(3, np.float32))


def test_accumulate_writes_in_place() -> None:
    y = np.ones((2, 3), np.float32)
    assert kernels.accumulate(y, np.ones((2, 3), np.float32)) is y
    kernels.accumulate(y, np.ones(3))  # another shape and type
    np.testing.assert_array_equal(y, np.full((2, 3), 3))
    count = np.array(2)
    assert kernels.accumulate(count, 1) is count and count == 3


# ---- choosing ------------------------------------------------------------------------------------


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_environment_forces_a_variant() -> None:
    for name in _native.simd_variants():
        done = run("from minigrad import _native; print(_native.simd())", MINIGRAD_SIMD=name)
        assert done.stdout.strip() == name, done.stderr
    done = run("from minigrad import _native", MINIGRAD_SIMD="sse9")
    assert (
        done.returncode != 0 and "MINIGRAD_SIMD=sse9" in done.stderr and "baseline" in done.stderr
    )


def test_environment_chooses_the_reference() -> None:
    code = "from minigrad import kernels; print(kernels.base.doors.__name__)"
    assert run(code, MINIGRAD_KERNELS="reference").stdout.strip() == "minigrad.reference"
    code = "import warnings, minigrad as mg; warnings.simplefilter('error'); mg.zeros(2).log()"
    assert run(code, MINIGRAD_KERNELS="reference").returncode == 0  # silent, as the kernels are
    done = run(code, MINIGRAD_KERNELS="fast")
    assert done.returncode != 0 and "MINIGRAD_KERNELS=fast" in done.stderr
