"""PyTorch and minigrad: the same program, with one or the other imported."""

from __future__ import annotations

import itertools
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from . import Timed
from .batches import batches, normal, rng


class Contestant:
    """framework: the package's name; fused: the optimisers' option; compiled: by its `compile`."""

    def __init__(self, framework: str, fused: bool = False, compiled: bool = False) -> None:
        self.framework: Any = import_module(framework)
        self.data: Any = import_module(
            "minigrad.data" if framework == "minigrad" else "torch.utils.data"
        )
        self.nn = self.framework.nn
        self.functional = self.nn.functional
        self.fused = {"fused": True} if fused else {}
        self.compiled = compiled

    def leaf(self, *shape: int) -> Any:
        return self.framework.tensor(normal(*shape), requires_grad=True)

    def optimizer_of(self, name: str, parameters: Any) -> Any:
        optim = self.framework.optim
        if name == "adam":
            return optim.Adam(parameters, lr=1e-3, **self.fused)
        if name == "adagrad":
            return optim.Adagrad(parameters, lr=0.01, **self.fused)
        if name == "rmsprop":  # fused: PyTorch has none, foreach is what is nearest
            return optim.RMSprop(parameters, lr=0.01, foreach=True if self.fused else None)
        momentum = 0.9 if name == "momentum" else 0
        return optim.SGD(parameters, lr=0.01, momentum=momentum, **self.fused)

    # ---- whole steps, a whole program ------------------------------------------------------------

    def step(
        self,
        sizes: list[int],
        batch: int,
        optimizer: str,
        batch_norm: bool = False,
        dropout: float = 0,
    ) -> Timed:
        nn = self.nn
        layers = [nn.Dropout(dropout)] if dropout else []
        for n_in, n_out in itertools.pairwise(sizes[:-1]):
            layers.append(nn.Linear(n_in, n_out))
            if batch_norm:
                layers.append(nn.BatchNorm1d(n_out))
            layers.append(nn.ReLU())
            if dropout:
                layers.append(nn.Dropout(dropout))
        net = nn.Sequential(*layers, nn.Linear(*sizes[-2:]))
        return self.training(
            net, optimizer, batches(batch, sizes[0], sizes[-1], self.framework.tensor)
        )

    def lenet(self, batch: int) -> Timed:
        nn = self.nn
        net = nn.Sequential(
            *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        )
        data = batches(batch, (1, 28, 28), 10, self.framework.tensor)
        return self.training(net, "momentum", data)

    def training(self, net: Any, optimizer: str, data: Any) -> Timed:
        """One step of `net`: zero_grad, forward, cross-entropy, backward, optimiser."""
        step = self.step_of(net, self.optimizer_of(optimizer, net.parameters()))
        return lambda: step(*next(data))

    def step_of(self, net: Any, update: Any) -> Any:
        """Return a training step on images and labels. Compiled, all of it by minigrad; by PyTorch, which would run
        most of the rest as it is, the loss."""

        def loss_of(x: Any, labels: Any) -> Any:
            return self.functional.cross_entropy(net(x), labels)

        def step(x: Any, labels: Any) -> None:
            update.zero_grad()
            loss_of(x, labels).backward()
            update.step()

        if self.compiled and self.framework.__name__ == "minigrad":
            return self.framework.compile(step)
        if self.compiled:
            loss_of = self.framework.compile(loss_of)
        return step

    def program(self, folder: str) -> Timed:
        loader = self.data.DataLoader(self.normalised(folder), batch_size=32, shuffle=True)
        nn = self.nn
        net = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        step = self.step_of(net, self.optimizer_of("adam", net.parameters()))

        def epoch() -> None:
            for x, labels in loader:
                step(x.view(x.size(0), -1), labels)

        return epoch

    def normalised(self, folder: str) -> Any:
        """MNIST between -1 and 1: from bytes for each batch with minigrad; with torch made before the clock starts,
        since a transform for each image, as torchvision has it, would take longer than the training."""
        images, labels = (np.load(Path(folder, f"{name}.npy")) for name in ("images", "labels"))
        if self.framework.__name__ == "minigrad":
            transforms = import_module("minigrad.data.transforms")
            transform = [transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
            return import_module("minigrad.data.datasets").ImageDataset(
                images, labels, transforms.Compose(transform)
            )
        floats = ((images / 255 - 0.5) / 0.5).astype(np.float32)[:, None]
        return self.data.TensorDataset(self.framework.tensor(floats), self.framework.tensor(labels))

    # ---- single kernels --------------------------------------------------------------------------

    def product(self, layout: str, batch: int, n_in: int, n_out: int) -> Timed:
        x, dy, w = (
            self.framework.tensor(normal(*shape))
            for shape in ((batch, n_in), (batch, n_out), (n_out, n_in))
        )
        if layout == "x W^T":
            return lambda: x @ w.T
        if layout == "dy W":
            return lambda: dy @ w
        return lambda: dy.T @ x

    def optimizer(self, optimizer: str, parameters: int) -> Timed:
        p = self.nn.Parameter(self.framework.tensor(normal(parameters)))
        p.grad = self.framework.tensor(normal(parameters))
        return self.optimizer_of(optimizer, [p]).step

    def forward_backward(self, function: Any, x: Any) -> Timed:
        """function(x), and its backward from a gradient of ones."""
        grad = self.framework.ones(tuple(x.shape))

        def both() -> None:
            x.grad = None
            function(x).backward(grad)

        return both

    def batch_norm(self, shape: list[int]) -> Timed:
        layer = self.nn.BatchNorm1d if len(shape) == 2 else getattr(self.nn, "BatchNorm2d", None)
        if layer is None:
            return None
        return self.forward_backward(layer(shape[1]), self.leaf(*shape))

    def convolution(self, shape: list[int], filters: int, kernel: int) -> Timed:
        layer = self.nn.Conv2d(shape[1], filters, kernel, padding=kernel // 2)
        x, grad = self.leaf(*shape), self.framework.tensor(normal(shape[0], filters, *shape[2:]))

        def both() -> None:
            x.grad = layer.weight.grad = layer.bias.grad = None
            layer(x).backward(grad)

        return both

    def dropout(self, elements: int) -> Timed:
        return self.forward_backward(self.nn.Dropout(0.5), self.leaf(elements))

    def unary(self, function: str, elements: int) -> Timed:
        home = self.functional if function == "gelu" else self.framework
        return self.forward_backward(getattr(home, function), self.leaf(elements))

    def cross_entropy(self, rows: int, classes: int) -> Timed:
        x = self.leaf(rows, classes)
        labels = self.framework.tensor(rng.integers(0, classes, rows))

        def both() -> None:
            x.grad = None
            self.functional.cross_entropy(x, labels).backward()

        return both

    # ---- what one operation costs beside its arithmetic; batches -----------------------------------

    def overhead(self, operation: str) -> Timed:
        a, b = self.leaf(4, 4), self.leaf(4, 4)
        if operation == "add":
            return lambda: a + b
        if operation == "matmul":
            return lambda: a @ b

        def chain() -> None:
            a.grad = b.grad = None
            z = a
            for _ in range(100):
                z = z * b
            z.sum().backward()

        return chain

    def loader(self, source: str, images: int, batch: int) -> Timed:
        pixels = rng.integers(0, 256, (images, 28, 28), dtype=np.uint8)
        labels = rng.integers(0, 10, images)
        if source == "floats":
            floats = self.framework.tensor((pixels / 255).astype(np.float32))
            dataset = self.data.TensorDataset(floats, self.framework.tensor(labels))
        elif self.framework.__name__ == "minigrad":
            to_tensor = import_module("minigrad.data.transforms").ToTensor()
            dataset = import_module("minigrad.data.datasets").ImageDataset(
                pixels, labels, to_tensor
            )
        else:
            dataset = TransformedImages(self.framework, pixels, labels)
        loader = self.data.DataLoader(dataset, batch_size=batch, shuffle=True)

        def epoch() -> None:
            for _ in loader:
                pass

        return epoch

    def augmentation(self, what: str, shape: tuple[int, int, int, int]) -> Timed:
        transforms = import_module("minigrad.data.transforms")
        images = self.framework.tensor(rng.random(shape, np.float32))
        change = {
            "affine": transforms.RandomAffine(20, (0.07, 0.07), (0.9, 1.1), (-10, 10)),
            "crop": transforms.RandomCrop(shape[2], padding=4),
            "flip": transforms.RandomHorizontalFlip(),
            "noise": transforms.GaussianNoise(0.0, 0.1, clip=False),
            "cutout": transforms.Cutout(8),
        }[what]
        return lambda: change.batch(images)


class TransformedImages:
    """Bytes made floats image by image, as torchvision's datasets do it."""

    def __init__(self, torch: Any, pixels: np.ndarray, labels: np.ndarray) -> None:
        self.torch = torch
        self.pixels = torch.tensor(pixels)
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        image = self.pixels[index].to(self.torch.float32).div(255)
        return image.unsqueeze(0), int(self.labels[index])
