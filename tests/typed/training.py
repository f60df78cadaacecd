"""What a type checker sees of a training program. `make lint` has mypy read it; nothing runs it."""

from typing_extensions import assert_type

import minigrad as mg
from minigrad import nn
from minigrad.data import DataLoader, datasets
from minigrad.data.transforms import ToTensor
from minigrad.nn import functional as F
from minigrad.optim import lr_scheduler


class Net(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, width)
        self.out = nn.Linear(width, 10, bias=False)

    def forward(self, x: mg.Tensor, flat: bool = False) -> mg.Tensor:
        x = x if flat else x.flatten(1)
        hidden = F.relu(self.hidden(x))
        assert_type(hidden, mg.Tensor)
        return F.linear(hidden, self.out.weight)


net = Net(100)
assert_type(net, Net)
assert_type(nn.Sequential(nn.Flatten(), net), nn.Sequential)
assert_type(net.hidden.weight, nn.Parameter)
assert_type(net.hidden.bias, nn.Parameter | None)
assert_type(net.train().eval(), Net)
nn.Linear(784)  # type: ignore[call-arg]

images = datasets.MNIST(train=True, transform=ToTensor())
optimizer = mg.optim.Adam(net.parameters(), lr=1e-3)
scheduler = lr_scheduler.StepLR(optimizer, step_size=2)
for x, labels in DataLoader(images, batch_size=32, shuffle=True):
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), labels)
    assert_type(loss, mg.Tensor)
    loss.backward()
    optimizer.step()
scheduler.step()
mg.save(net.state_dict(), "net.safetensors")
net.load_state_dict(mg.load("net.safetensors"))
history = mg.train.fit(net, F.cross_entropy, optimizer, DataLoader(images), epochs=1)
assert_type(history, mg.train.History)
