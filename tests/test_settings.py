"""Settings of PyTorch's: kept, where they can be asked for, and without effect."""

import pytest

import minigrad as mg


def test_settings_are_kept():
    mg.use_deterministic_algorithms(True, warn_only=True)
    assert mg.are_deterministic_algorithms_enabled()
    assert mg.is_deterministic_algorithms_warn_only_enabled()
    mg.use_deterministic_algorithms(False)
    assert not mg.are_deterministic_algorithms_enabled()
    assert not mg.is_deterministic_algorithms_warn_only_enabled()
    mg.set_float32_matmul_precision("high")
    assert mg.get_float32_matmul_precision() == "high"
    with pytest.warns(UserWarning, match="has no effect"):
        mg.set_float32_matmul_precision("low")
    mg.set_float32_matmul_precision("highest")
    mg.set_num_interop_threads(1)
    assert mg.get_num_interop_threads() == 1
    with pytest.raises(RuntimeError, match="positive integer"):
        mg.set_num_interop_threads(0)
    assert mg.set_flush_denormal(True) is False


def test_the_default_device_is_the_cpu():
    mg.set_default_device("cpu")
    assert mg.get_default_device() == "cpu"
    with pytest.raises(RuntimeError, match="no device 'cuda'"):
        mg.set_default_device("cuda")


def test_older_settings():
    for mode, number in (("warn", 1), (2, 2), ("default", 0)):
        mg.set_deterministic_debug_mode(mode)
        assert mg.get_deterministic_debug_mode() == number
        assert mg.are_deterministic_algorithms_enabled() == (number > 0)
    with pytest.raises(RuntimeError, match="invalid value of debug_mode"):
        mg.set_deterministic_debug_mode("error!")
    mg.set_warn_always(True)
    assert mg.is_warn_always_enabled()
    mg.set_warn_always(False)
    mg.set_default_tensor_type("torch.DoubleTensor")
    assert mg.zeros(1).dtype == mg.float64
    mg.set_default_tensor_type(mg.FloatTensor)
    assert mg.zeros(1).dtype == mg.float32
    with pytest.raises(TypeError, match="only floating-point types"):
        mg.set_default_tensor_type(mg.LongTensor)
