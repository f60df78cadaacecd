"""minigrad.save and load: bit-exact, atomic, and nothing is ever unpickled."""

import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad.autograd.op import wrap


def assert_same(actual, expected):
    """Equal in type, structure, order and, for arrays, dtype, shape and every bit."""
    assert type(actual) is type(expected)
    if isinstance(expected, dict):
        assert list(actual) == list(expected)
        assert [type(key) for key in actual] == [type(key) for key in expected]
        for key in expected:
            assert_same(actual[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected)
        for a, e in zip(actual, expected, strict=True):
            assert_same(a, e)
    elif isinstance(expected, (mg.Tensor, np.ndarray, np.generic)):
        a, e = (np.asarray(getattr(x, "array", x)) for x in (actual, expected))
        assert (a.dtype, a.shape) == (e.dtype, e.shape)
        assert a.tobytes() == e.tobytes()
    else:
        assert repr(actual) == repr(expected)


def round_trip(value, path):
    mg.save(value, path)
    return mg.load(path)


arrays = hnp.arrays(
    st.sampled_from(["f2", "f4", "f8", "u1", "i1", "i4", "i8", "?", ">f4", "c8"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
keys = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.none())
plain = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
nested = st.recursive(
    st.one_of(plain, arrays, arrays.map(np.transpose), arrays.map(lambda a: wrap(a.real))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nested)
def test_round_trip_is_bit_exact(tmp_path, value):
    assert_same(round_trip(value, tmp_path / "x.npz"), value)


def test_random_bits_survive_as_floats(tmp_path):
    bits = np.random.default_rng(0).integers(0, 2**32, 1000, np.uint32)
    bits[:2] = 0x7FC12345, 0xFF800001  # a quiet NaN with a payload, a signalling one
    (loaded,) = round_trip([wrap(bits.view(np.float32))], tmp_path / "x.pt")
    assert (loaded.array.view(np.uint32) == bits).all()


def test_views_are_saved_as_what_they_show(tmp_path):
    x = np.arange(24.0).reshape(4, 6)
    for view in (x.T, x[::2, 1::3], x[::-1], x[:, :0], np.broadcast_to(x[:1], (3, 6))):
        loaded = round_trip(wrap(view), tmp_path / "x.npz").array
        assert (loaded == view).all() and loaded.flags.c_contiguous and loaded.flags.writeable


def test_optimizer_state_keeps_integer_keys_and_order(tmp_path):
    moment = mg.tensor([[1.0, 2.0]])
    state = {
        "state": {1: {"step": 3, "exp_avg": moment}, 0: {"step": 3}},
        "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "params": [0, 1], "foreach": None}],
    }
    assert_same(round_trip(state, tmp_path / "adam.npz"), state)


def test_the_random_state_continues_where_it_was(tmp_path):
    generator = mg.Generator().manual_seed(7)
    generator.numpy.random(3)
    mg.save(generator.get_state(), tmp_path / "rng.npz")
    expected = generator.numpy.random(5)
    generator.set_state(mg.load(tmp_path / "rng.npz"))
    assert (generator.numpy.random(5) == expected).all()


def test_no_gradient_and_no_graph_is_saved(tmp_path):
    w = mg.tensor([1.0], requires_grad=True)
    loaded = round_trip({"w": w, "y": w * w}, tmp_path / "x.npz")
    assert not loaded["w"].requires_grad and loaded["y"].is_leaf


def test_numpy_reads_the_arrays_by_name(tmp_path):
    mg.save({"fc.weight": mg.tensor([1.0]), "opt": {0: mg.tensor([2.0])}}, tmp_path / "x.npz")
    with np.load(tmp_path / "x.npz", allow_pickle=False) as archive:
        assert archive["fc.weight"] == [1.0] and archive["opt/0"] == [2.0]


def test_keys_that_look_alike_do_not_collide(tmp_path):
    value = {
        "a/b": mg.tensor(1),
        "a": {"b": mg.tensor(2)},
        1: mg.tensor(3),
        "1": mg.tensor(4),
        "\0x": mg.tensor(5),
        "\0y": mg.tensor(6),
        "file": mg.tensor(7),
        "long" * 100: mg.tensor(8),
        "long" * 101: mg.tensor(9),
        "../../etc": mg.tensor(10),
        "structure.json": mg.tensor(11),
        "a (2)": mg.tensor(12),
    }
    assert_same(round_trip(value, tmp_path / "x.npz"), value)


def test_the_same_values_make_the_same_bytes(tmp_path):
    value = {"w": mg.tensor([1.0, 2.0]), "n": 1}
    mg.save(value, tmp_path / "a.npz")
    mg.save(value, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (object(), "the object is of type object"),
        ({"a": [1, {"b": {1, 2}}]}, r"\['a'\]\[1\]\['b'\] is of type set"),
        ({"a": {"f": print}}, r"\['a'\]\['f'\] is of type builtin"),
        ({"x": np.array([None])}, r"\['x'\] is of dtype object"),
        ({"x": {(1, 2): 0}}, r"key \(1, 2\) in \['x'\]"),
        ([b"bytes"], r"\[0\] is of type bytes"),
    ],
)
def test_what_cannot_be_saved_is_named(tmp_path, value, where):
    with pytest.raises(TypeError, match=where):
        mg.save(value, tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
@pytest.mark.parametrize("stage", ["fsync", "replace"])
def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch, suffix, stage):
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    path = tmp_path / f"x.{suffix}"
    mg.save({"w": mg.tensor([1.0])}, path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, stage, interrupt)
    with pytest.raises(KeyboardInterrupt):
        mg.save({"w": mg.tensor([2.0])}, path)
    assert mg.load(path)["w"].item() == 1.0
    assert list(tmp_path.iterdir()) == [path]


def test_saving_keeps_links_and_takes_the_usual_permissions(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.npz"
    link.symlink_to(tmp_path / "real" / "x.npz")
    mg.save(1, link)
    assert link.is_symlink() and mg.load(tmp_path / "real" / "x.npz") == 1
    other = tmp_path / "other"
    other.touch()
    assert (tmp_path / "real" / "x.npz").stat().st_mode == other.stat().st_mode


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def foreign_files():
    def zipped(**members):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("__", "."), content)
        return file.getvalue()

    objects, arrays = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array(objects, np.array([Bomb()], object), allow_pickle=True)
    np.savez(arrays, w=np.ones(3))
    structure = json.dumps({"tensor": "w"})
    return {
        "empty": (b"", "starts with b''"),
        "text": (b"hello world", "starts with b'hell'"),
        "pickle": (pickle.dumps(Bomb()), "starts with b'"),
        "torch": (zipped(**{"archive/data.pkl": pickle.dumps(Bomb())}), "holds a pickle"),
        "foreign npz": (arrays.getvalue(), "holds no structure.json"),
        "array of objects": (
            zipped(structure__json=structure, w__npy=objects.getvalue()),
            "allow_pickle=False",
        ),
        "missing member": (zipped(structure__json=structure), "no item named 'w.npy'"),
        "not json": (zipped(structure__json="{"), "Expecting property name"),
        "unknown kind": (zipped(structure__json='{"code": "w"}'), "holds 'code'"),
    }


@pytest.mark.parametrize("kind", foreign_files())
def test_foreign_files_are_refused(tmp_path, kind):
    content, reason = foreign_files()[kind]
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=reason) as refusal:
        mg.load(path)
    assert str(path) in str(refusal.value)


def test_truncated_files_are_refused_wherever_they_end(tmp_path):
    path = tmp_path / "x.npz"
    mg.save({"w": mg.tensor([1.0, 2.0]), "b": [1, None]}, path)
    content = path.read_bytes()
    for end in range(0, len(content), 7):
        path.write_bytes(content[:end])
        with pytest.raises(ValueError, match=r"x\.npz: cannot be loaded"):
            mg.load(path)


def test_a_flipped_bit_is_refused_or_harmless(tmp_path):
    path = tmp_path / "x.npz"
    value = {"w": mg.tensor([1.0, 2.0]), "b": [1, None]}
    mg.save(value, path)
    content = path.read_bytes()
    refused = 0
    for i in range(len(content)):
        path.write_bytes(content[:i] + bytes([content[i] ^ 16]) + content[i + 1 :])
        try:
            loaded = mg.load(path)
        except ValueError:
            refused += 1
        else:
            assert_same(loaded, value)
    assert refused > len(content) // 2


def test_open_files_and_pytorchs_options(tmp_path):
    value, buffer = {"w": mg.tensor([1.0, 2.0]), "n": 3}, io.BytesIO()
    mg.save(value, buffer)
    buffer.seek(0)
    assert_same(mg.load(buffer, "cpu", weights_only=False), value)
    with open(tmp_path / "x.pt", "wb") as file:
        mg.save(value, file)
    with open(tmp_path / "x.pt", "rb") as file:
        assert_same(mg.load(file, map_location=lambda storage, _: storage), value)
    with pytest.raises(RuntimeError, match="no device 'cuda'"):
        mg.load(tmp_path / "x.pt", map_location="cuda")
    with pytest.raises(ValueError, match="the open file: cannot be loaded: minigrad"):
        mg.load(io.BytesIO(b"something"))
    with pytest.raises(TypeError, match=r"type Linear; .*; of this object its state_dict\(\)"):
        mg.save(mg.nn.Linear(1, 1), buffer)


def test_what_is_neither_path_nor_file_is_refused():
    with pytest.raises(AttributeError, match=r"save: expected a path, or an open file .* not None"):
        mg.save(mg.ones(2), None)
    with pytest.raises(AttributeError, match=r"load: expected a path, or an open file .* not 3"):
        mg.load(3)


def test_of_several_in_one_open_file_none_is_taken_for_another():
    buffer = io.BytesIO()
    mg.save({"n": 1}, buffer)
    last = buffer.tell()
    mg.save({"n": 2}, buffer)
    buffer.seek(0)
    with pytest.raises(ValueError, match="several archives"):
        mg.load(buffer)
    buffer.seek(last)
    assert mg.load(buffer) == {"n": 2}


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        mg.load(tmp_path / "x.npz")


class TestSafetensors:
    @pytest.fixture(autouse=True)
    def _installed(self):
        pytest.importorskip("safetensors")

    def test_round_trip(self, tmp_path):
        x = np.arange(6, dtype=np.float32).reshape(2, 3)
        value = {"t": wrap(x.T), "0d": mg.tensor(1.5), "none": wrap(x[:0]), "b": wrap(x > 2)}
        loaded = round_trip(value, tmp_path / "x.safetensors")
        assert set(loaded) == set(value)
        for name in value:
            assert_same(loaded[name], value[name])

    def test_it_takes_flat_dicts_of_tensors_only(self, tmp_path):
        with pytest.raises(TypeError, match=r"\['step'\] is of type int"):
            mg.save({"step": 1}, tmp_path / "x.safetensors")
        with pytest.raises(TypeError, match="not a list"):
            mg.save([mg.tensor(1)], tmp_path / "x.safetensors")

    def test_damaged_files_are_refused(self, tmp_path):
        path = tmp_path / "x.safetensors"
        mg.save({"w": mg.tensor([1.0])}, path)
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(ValueError, match=r"x\.safetensors: cannot be loaded"):
            mg.load(path)


def test_without_safetensors_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    with pytest.raises(ModuleNotFoundError, match=r"minigrad\[safetensors\]"):
        mg.save({}, tmp_path / "x.safetensors")


@pytest.mark.parametrize("name", ["a.npz", "a.safetensors"])
def test_a_missing_folder_is_named(tmp_path, name):
    if name.endswith("safetensors"):
        pytest.importorskip("safetensors", reason="pip install minigrad[safetensors]")
    with pytest.raises(
        FileNotFoundError, match=rf"the folder of .*{name} does not exist: .*missing'"
    ):
        mg.save({"a": mg.ones(1)}, tmp_path / "missing" / name)
