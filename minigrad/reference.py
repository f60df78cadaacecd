"""The kernels in readable NumPy: same names, same arguments (outputs first, written into), no
sizes. The tests compare every kernel with its twin here; MINIGRAD_KERNELS=reference runs on them.
"""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray

# ---- elementwise.c -------------------------------------------------------------------------------


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


def softplus(y: Array, x: Array, beta: float, threshold: float) -> None:
    z = beta * x
    y[...] = np.where(z > threshold, x, (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta)


def softplus_backward(dx: Array, grad: Array, x: Array, beta: float, threshold: float) -> None:
    z = beta * x
    dx[...] = np.where(z > threshold, 1, _sigmoid(z)) * grad


# ---- philox.h ------------------------------------------------------------------------------------


def philox4x32(counter: Array, key: Array) -> Array:
    """Philox4x32-10: counter (..., 4) and key (..., 2) to random words (..., 4), all uint32.

    Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011."""
    c0, c1, c2, c3 = np.moveaxis(counter.astype(np.uint64), -1, 0)
    k0, k1 = np.moveaxis(key.astype(np.uint64), -1, 0)
    mask, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & mask, (p0 >> half) ^ c3 ^ k1, p0 & mask
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & mask, (k1 + np.uint64(0xBB67AE85)) & mask
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def philox(seed: int, stream: int, n: int) -> Array:
    """The first n uint32 numbers of a stream, in the order of csrc/philox.h: number i is word
    (i % 64) / 16 of the output for the counter 16 * (i / 64) + i % 16."""
    blocks = -(-n // 64)
    lanes = np.arange(16 * blocks, dtype=np.uint64)
    counter = np.empty((16 * blocks, 4), np.uint64)
    counter[:, 0], counter[:, 1] = lanes & np.uint64(0xFFFFFFFF), lanes >> np.uint64(32)
    counter[:, 2], counter[:, 3] = stream & 0xFFFFFFFF, stream >> 32
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64)
    words = philox4x32(counter, key)  # (16 blocks, 4)
    return words.reshape(blocks, 16, 4).transpose(0, 2, 1).reshape(-1)[:n]
