"""The CPU under PyTorch's names, and what there is not."""

import copy
import pickle

import pytest

import minigrad as mg
from minigrad import nn


def test_programs_that_choose_a_device_choose_the_cpu():
    device = mg.device("cuda" if mg.cuda.is_available() else "cpu")
    assert device == "cpu" == mg.ones(1).device and device.type == "cpu" and device.index is None
    if mg.backends.mps.is_available() or mg.accelerator.is_available():
        raise AssertionError
    assert not mg.backends.mps.is_built() and not mg.backends.cudnn.is_available()
    assert mg.accelerator.current_accelerator() is None
    mg.backends.cudnn.benchmark, mg.backends.cuda.matmul.allow_tf32 = False, True
    mg.cuda.manual_seed_all(3)
    x = mg.ones(2, device=device).to(device)
    assert nn.Linear(2, 1).to(device)(x).device.type == "cpu"
    assert mg.zeros_like(x, device=x.device).shape == (2,)


def test_device_as_pytorch_has_it():
    second = mg.device("cuda", 1)
    assert second == mg.device("cuda:1") and second.type == "cuda" and second.index == 1
    assert repr(second) == "device(type='cuda', index=1)" and str(second) == "cuda:1"
    assert repr(mg.device("cpu")) == "device(type='cpu')"
    assert mg.device(second) == second
    for twin in (copy.deepcopy(second), pickle.loads(pickle.dumps(second))):
        assert twin == second and twin.index == 1


def test_names_that_are_no_device():
    for name, message in [
        ("bogus", "Expected one of cpu, cuda.*: 'bogus'"),
        ("", "Expected one of"),
        ("CPU", "Expected one of"),
        ("cuda:x", "Invalid device string: 'cuda:x'"),
        ("cuda:01", "Invalid device string"),
        ("cpu:", "Invalid device string"),
    ]:
        with pytest.raises(RuntimeError, match=message):
            mg.device(name)
    with pytest.raises(RuntimeError, match="must not include an index"):
        mg.device("cuda:0", 1)
    with pytest.raises(RuntimeError, match="must not be negative"):
        mg.device("cuda", -1)
    with pytest.raises(TypeError, match="takes a name"):
        mg.device(0.5)


def test_what_an_absent_device_is_asked_for_names_it():
    with pytest.raises(AttributeError, match=r"no cuda.synchronize; ask cuda.is_available\(\)"):
        mg.cuda.synchronize()


def test_other_devices_are_refused_where_they_are_used():
    for use in (lambda d: mg.ones(1, device=d), lambda d: mg.ones(1).to(d)):
        with pytest.raises(RuntimeError, match="no device 'cuda:1'"):
            use(mg.device("cuda", 1))
