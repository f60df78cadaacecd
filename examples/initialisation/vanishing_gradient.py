"""Why gradients vanish behind sigmoids: python -m examples.initialisation.vanishing_gradient"""

from __future__ import annotations

import minigrad as mg
from examples.experiment import Run, experiment
from examples.initialisation._common import deep
from minigrad import nn

SAMPLES, WIDTH, DEPTH = 500, 100, 20
NETWORKS = {
    "sigmoid, Xavier": (nn.Sigmoid, nn.init.xavier_normal_),
    "ReLU, He": (nn.ReLU, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
}


def gradient_norms(model: nn.Sequential) -> list[float]:
    """Return the norm of the gradient by each layer's weight, of a random linear loss."""
    (model(mg.randn(SAMPLES, WIDTH)) * mg.randn(SAMPLES, WIDTH)).mean().backward()
    return [p.grad.norm().item() for p in model.parameters()]


@experiment(
    "A sigmoid passes on at most a quarter of a gradient, so none reaches the first of 20 layers.",
    source="004: sigmoid and its gradient over arange(-8, 8, 0.1); vanishing gradients",
)
def main(run: Run) -> None:
    """The gradient of a sigmoid, and the gradients in two networks of twenty layers of 100."""
    x = mg.arange(-8.0, 8.0, 0.1, requires_grad=True)
    y = mg.sigmoid(x)
    y.backward(mg.ones_like(x))
    slope = x.grad.numpy()
    norms = {name: gradient_norms(deep(WIDTH, DEPTH, *how)) for name, how in NETWORKS.items()}
    for layer in range(DEPTH):
        run.row(layer=layer + 1, **{name: norm[layer] for name, norm in norms.items()})

    left, right = run.axes(1, 2)
    left.plot(x.detach().numpy(), y.detach().numpy(), label="sigmoid")
    left.plot(x.detach().numpy(), slope, label="its gradient")
    left.set(title="sigmoid", xlabel="x", ylabel="value")
    left.legend()
    for name, norm in norms.items():
        right.semilogy(range(1, DEPTH + 1), norm, marker="o", markersize=3, label=name)
    right.set(title="gradient by layer", xlabel="layer, from the input", ylabel="norm")
    right.set_xticks(range(1, DEPTH + 1, 3))
    right.legend(loc="center right")

    run.check("largest gradient of the sigmoid", slope.max(), near=0.25, tolerance=1e-6)
    run.check("where it is", x.detach().numpy()[slope.argmax()], near=0, tolerance=1e-5)
    run.check("gradient at -8", slope[0], near=3.35e-4, tolerance=1e-6)
    ratio = {name: norm[0] / norm[-1] for name, norm in norms.items()}
    run.check("first layer / last, sigmoid", ratio["sigmoid, Xavier"], at_most=0.25 ** (DEPTH / 2))
    run.check("first layer / last, ReLU", ratio["ReLU, He"], at_least=0.1, at_most=10)


if __name__ == "__main__":
    main()
