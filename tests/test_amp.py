"""Mixed precision is taken, and changes nothing."""

import minigrad as mg
from minigrad import nn


def test_a_program_with_autocast_and_scaler_is_the_program_without() -> None:
    layer = nn.Linear(2, 1)
    plain = nn.Linear(2, 1)
    plain.load_state_dict(layer.state_dict())
    scaler = mg.amp.GradScaler("cuda", enabled=True, init_scale=8.0)
    optimizers = [mg.optim.SGD(net.parameters(), lr=0.1) for net in (layer, plain)]
    with mg.autocast(device_type="cuda", dtype=mg.float16):
        loss = layer(mg.ones(3, 2)).square().mean()
    assert loss.dtype == mg.float32
    scaler.scale(loss).backward()
    scaler.unscale_(optimizers[0])
    scaler.step(optimizers[0])
    scaler.update()
    plain(mg.ones(3, 2)).square().mean().backward()
    optimizers[1].step()
    assert (layer.weight == plain.weight).all()
    assert (scaler.get_scale(), scaler.is_enabled(), scaler.state_dict()) == (1.0, False, {})
    scaler.load_state_dict({})


def test_autocast_decorates() -> None:
    @mg.amp.autocast("cpu")
    def twice(x: mg.Tensor) -> mg.Tensor:
        return x * 2

    assert twice(mg.ones(1)).tolist() == [2]
    assert mg.cuda.amp.autocast is mg.amp.autocast
