"""NumPy: the formulas, forward and backward, as one writes them down."""

from __future__ import annotations

import numpy as np

from . import Timed
from .batches import normal, rng


class Contestant:
    def product(self, layout: str, batch: int, n_in: int, n_out: int) -> Timed:
        x, dy, w = normal(batch, n_in), normal(batch, n_out), normal(n_out, n_in)
        if layout == "x W^T":
            return lambda: x @ w.T
        if layout == "dy W":
            return lambda: dy @ w
        return lambda: dy.T @ x

    def optimizer(self, optimizer: str, parameters: int) -> Timed:
        p, grad = normal(parameters), normal(parameters)
        m, v = np.zeros_like(p), np.zeros_like(p)

        def adam(step: int = 1000) -> None:
            m[:] = 0.9 * m + 0.1 * grad
            v[:] = 0.999 * v + 0.001 * grad * grad
            p[:] -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)

        def momentum() -> None:
            m[:] = 0.9 * m + grad
            p[:] -= 0.01 * m

        def rmsprop() -> None:
            v[:] = 0.99 * v + 0.01 * grad * grad
            p[:] -= 0.01 * grad / (np.sqrt(v) + 1e-8)

        def adagrad() -> None:
            v[:] += grad * grad
            p[:] -= 0.01 * grad / (np.sqrt(v) + 1e-10)

        rules = {"adam": adam, "momentum": momentum, "rmsprop": rmsprop, "adagrad": adagrad}
        return rules[optimizer]

    def batch_norm(self, shape: list[int]) -> Timed:
        x, grad = normal(*shape), np.ones(shape, np.float32)
        dims = (0, *range(2, len(shape)))
        gamma = np.ones((shape[1], *[1] * (len(shape) - 2)), np.float32)
        beta = np.zeros_like(gamma)

        def both() -> np.ndarray:
            rstd = 1 / np.sqrt(x.var(dims, keepdims=True) + 1e-5)
            normalised = (x - x.mean(dims, keepdims=True)) * rstd
            _ = gamma * normalised + beta
            mean_dy = grad.mean(dims, keepdims=True)
            mean_dy_x = (grad * normalised).mean(dims, keepdims=True)
            return gamma * rstd * (grad - mean_dy - normalised * mean_dy_x)

        return both

    def dropout(self, elements: int) -> Timed:
        x, grad = normal(elements), np.ones(elements, np.float32)

        def both() -> np.ndarray:
            mask = (rng.random(elements, dtype=np.float32) >= 0.5) * np.float32(2)
            _ = x * mask
            return grad * mask

        return both

    def cross_entropy(self, rows: int, classes: int) -> Timed:
        x, labels = normal(rows, classes), rng.integers(0, classes, rows)
        each = np.arange(rows)

        def both() -> np.ndarray:
            p = np.exp(x - x.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            _ = -np.log(p[each, labels]).mean()
            p[each, labels] -= 1
            return p / rows

        return both

    def unary(self, function: str, elements: int) -> Timed | None:
        x, grad = normal(elements), np.ones(elements, np.float32)

        def relu() -> np.ndarray:
            return grad * (np.maximum(x, 0) > 0)

        def sigmoid() -> np.ndarray:
            y = 1 / (1 + np.exp(-x))
            return grad * y * (1 - y)

        def tanh() -> np.ndarray:
            y = np.tanh(x)
            return grad * (1 - y * y)

        def exp() -> np.ndarray:
            return grad * np.exp(x)

        # It has no erf, so no gelu.
        return {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "exp": exp}.get(function)
