"""Functions of each element."""

from __future__ import annotations

import math

import numpy as np

__all__ = [
    "accumulate",
    "add",
    "affine",
    "clamp",
    "clamp_backward",
    "div",
    "elu",
    "elu_backward",
    "erf",
    "erf_backward",
    "exp",
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "hardswish",
    "hardswish_backward",
    "huber",
    "leaky_relu",
    "leaky_relu_backward",
    "log",
    "mish",
    "mish_backward",
    "mul",
    "neg",
    "relu",
    "relu_backward",
    "selu",
    "selu_backward",
    "sigmoid",
    "sigmoid_backward",
    "sign",
    "silu",
    "silu_backward",
    "softplus",
    "softplus_backward",
    "sqrt",
    "sqrt_backward",
    "square",
    "square_backward",
    "sub",
    "tanh",
    "tanh_backward",
    "where",
]

Array = np.ndarray


def add(y: Array, a: Array, b: Array) -> None:
    np.add(a, b, out=y)


def sub(y: Array, a: Array, b: Array) -> None:
    np.subtract(a, b, out=y)


def mul(y: Array, a: Array, b: Array) -> None:
    np.multiply(a, b, out=y)


def div(y: Array, a: Array, b: Array) -> None:
    np.divide(a, b, out=y)


def accumulate(y: Array, x: Array) -> None:
    y += x


def neg(y: Array, x: Array) -> None:
    np.negative(x, out=y)


def square(y: Array, x: Array) -> None:
    np.square(x, out=y)


def square_backward(dx: Array, grad: Array, x: Array) -> None:
    dx[...] = 2 * x * grad


def sign(y: Array, x: Array) -> None:
    np.sign(x, out=y)


def sqrt(y: Array, x: Array) -> None:
    np.sqrt(x, out=y)


def sqrt_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = grad / (2 * y)


def exp(y: Array, x: Array) -> None:
    np.exp(x, out=y)


def log(y: Array, x: Array) -> None:
    np.log(x, out=y)


def tanh(y: Array, x: Array) -> None:
    np.tanh(x, out=y)


def tanh_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = (1 - y * y) * grad


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))  # never overflows
    return np.where(x < 0, e, 1) / (1 + e)


def sigmoid(y: Array, x: Array) -> None:
    y[...] = _sigmoid(x)


def sigmoid_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = y * (1 - y) * grad


def _erf(x: Array) -> Array:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=x.dtype)


def erf(y: Array, x: Array) -> None:
    y[...] = _erf(x)


def erf_backward(dx: Array, grad: Array, x: Array) -> None:
    dx[...] = 2 / math.sqrt(math.pi) * np.exp(-x * x) * grad


def relu(y: Array, x: Array) -> None:
    np.maximum(x, 0, out=y)


def relu_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = np.where(y > 0, grad, 0)


def affine(y: Array, x: Array, scale: float, shift: float) -> None:
    y[...] = x * scale + shift


def leaky_relu(y: Array, x: Array, slope: float) -> None:
    y[...] = np.where(x > 0, x, slope * x)


def leaky_relu_backward(dx: Array, grad: Array, x: Array, slope: float) -> None:
    dx[...] = np.where(x > 0, grad, slope * grad)


def elu(y: Array, x: Array, alpha: float) -> None:
    y[...] = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_backward(dx: Array, grad: Array, x: Array, alpha: float) -> None:
    dx[...] = np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))) * grad


# Klambauer et al., 2017
SELU_ALPHA = 1.6732632423543772848
SELU_SCALE = 1.0507009873554804934


def selu(y: Array, x: Array) -> None:
    elu(y, x, SELU_ALPHA)
    y *= SELU_SCALE


def selu_backward(dx: Array, grad: Array, x: Array) -> None:
    elu_backward(dx, grad, x, SELU_ALPHA)
    dx *= SELU_SCALE


def _normal_cdf(x: Array) -> Array:
    return 0.5 * (1 + _erf(x / math.sqrt(2)))


def gelu(y: Array, x: Array) -> None:
    y[...] = x * _normal_cdf(x)


def gelu_backward(dx: Array, grad: Array, x: Array) -> None:
    pdf = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    dx[...] = (_normal_cdf(x) + x * pdf) * grad


# (1 + tanh u) / 2 = sigmoid(2 u) does not cancel where u is negative.
def gelu_tanh(y: Array, x: Array) -> None:
    y[...] = x * _sigmoid(2 * math.sqrt(2 / math.pi) * x * (1 + 0.044715 * x * x))


def gelu_tanh_backward(dx: Array, grad: Array, x: Array) -> None:
    s = _sigmoid(2 * math.sqrt(2 / math.pi) * x * (1 + 0.044715 * x * x))
    du = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    dx[...] = (s + x * s * (1 - s) * 2 * du) * grad


def silu(y: Array, x: Array) -> None:
    y[...] = x * _sigmoid(x)


def silu_backward(dx: Array, grad: Array, x: Array) -> None:
    s = _sigmoid(x)
    dx[...] = s * (1 + x * (1 - s)) * grad


def mish(y: Array, x: Array) -> None:
    y[...] = x * np.tanh(np.logaddexp(x, 0))


def mish_backward(dx: Array, grad: Array, x: Array) -> None:
    t = np.tanh(np.logaddexp(x, 0))
    dx[...] = (t + x * (1 - t * t) * _sigmoid(x)) * grad


def hardswish(y: Array, x: Array) -> None:
    y[...] = x * (np.clip(x + 3, 0, 6) / 6)


def hardswish_backward(dx: Array, grad: Array, x: Array) -> None:
    dx[...] = np.where(x <= -3, 0, np.where(x >= 3, grad, grad * (x / 3 + 0.5)))


def softplus(y: Array, x: Array, beta: float, threshold: float) -> None:
    z = beta * x
    y[...] = np.where(z > threshold, x, (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta)


def softplus_backward(dx: Array, grad: Array, x: Array, beta: float, threshold: float) -> None:
    z = beta * x
    dx[...] = np.where(z > threshold, 1, _sigmoid(z)) * grad


def clamp(y: Array, x: Array, low: float, high: float) -> None:
    np.minimum(np.maximum(x, low), high, out=y)


def clamp_backward(dx: Array, grad: Array, x: Array, low: float, high: float) -> None:
    dx[...] = np.where((x >= low) & (x <= high), grad, 0)


def huber(y: Array, x: Array, delta: float, scale: float) -> None:
    c = np.clip(x, -delta, delta)
    y[...] = c * (x - c / 2) * scale


def where(y: Array, condition: Array, a: Array | None, b: Array | None) -> None:
    y[...] = np.where(condition, 0 if a is None else a, 0 if b is None else b)
