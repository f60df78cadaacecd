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


def philox(seed: int, stream: int, n: int, block: int = 0) -> Array:
    """The n uint32 numbers of a stream from number 64 * block on, in the order of csrc/philox.h:
    number i is word (i % 64) / 16 of the output for the counter 16 * (i / 64) + i % 16."""
    blocks = -(-n // 64)
    lanes = np.arange(16 * block, 16 * (block + blocks), dtype=np.uint64)
    counter = np.empty((16 * blocks, 4), np.uint64)
    counter[:, 0], counter[:, 1] = lanes & np.uint64(0xFFFFFFFF), lanes >> np.uint64(32)
    counter[:, 2], counter[:, 3] = stream & 0xFFFFFFFF, stream >> 32
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint64)
    words = philox4x32(counter, key)  # (16 blocks, 4)
    return words.reshape(blocks, 16, 4).transpose(0, 2, 1).reshape(-1)[:n]


# ---- softmax.c -----------------------------------------------------------------------------------


# ---- gemm.c --------------------------------------------------------------------------------------


def matmul(
    c: Array,
    a: Array,
    b: Array,
    bias: Array | None,
    transpose_a: int,
    transpose_b: int,
    add_to_c: int,
) -> None:
    """c = op(a) op(b) + bias, or c += op(a) op(b); op transposes where the flag says so."""
    product = (a.T if transpose_a else a) @ (b.T if transpose_b else b)
    if add_to_c:
        c += product
    else:
        c[...] = product if bias is None else product + bias


def softmax(y: Array, x: Array) -> None:
    e = np.exp(x - x.max(-1, keepdims=True, initial=-np.inf))
    y[...] = e / e.sum(-1, keepdims=True)


def softmax_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = y * (grad - (grad * y).sum(-1, keepdims=True))


def log_softmax(y: Array, x: Array) -> None:
    z = x - x.max(-1, keepdims=True, initial=-np.inf)
    y[...] = z - np.log(np.exp(z).sum(-1, keepdims=True))


def log_softmax_backward(dx: Array, grad: Array, y: Array) -> None:
    dx[...] = grad - np.exp(y) * grad.sum(-1, keepdims=True)


def cross_entropy(
    total: Array, loss: Array, p: Array, x: Array, labels: Array, ignore: int
) -> None:
    kept = labels != ignore
    log_p = np.empty_like(x)
    log_softmax(log_p, x)
    p[...] = np.exp(log_p)
    loss[...] = np.where(kept, -log_p[np.arange(len(x)), np.where(kept, labels, 0)], 0)
    with np.errstate(invalid="ignore"):  # no row kept: nan
        total[...] = np.divide(loss.sum(), kept.sum()), kept.sum()


def cross_entropy_backward(dx: Array, grad: Array, p: Array, labels: Array, ignore: int) -> None:
    kept = labels != ignore
    onehot = np.eye(p.shape[1])[np.where(kept, labels, 0)]
    dx[...] = np.where(kept, grad, 0)[:, None] * (p - onehot)


# ---- norm.c: x is (n, channels, *space) ----------------------------------------------------------


def _channels_last(x: Array) -> Array:
    return np.moveaxis(x, 1, -1)


def _channel_sum(x: Array) -> Array:
    return _channels_last(x).reshape(-1, x.shape[1]).sum(0, dtype=np.float64)


def batch_norm(
    y: Array,
    mean: Array,
    rstd: Array,
    running_mean: Array | None,
    running_var: Array | None,
    x: Array,
    weight: Array | None,
    bias: Array | None,
    momentum: float,
    eps: float,
) -> None:
    m = x.size // x.shape[1]
    exact_mean = _channel_sum(x) / m
    centred = _channels_last(x) - exact_mean
    var = np.square(centred).reshape(m, -1).mean(0)
    mean[...], rstd[...] = exact_mean, 1 / np.sqrt(var + eps)
    if running_mean is not None and running_var is not None:
        running_mean[...] = (1 - momentum) * running_mean + momentum * exact_mean
        running_var[...] = (1 - momentum) * running_var + momentum * var * m / (m - 1)
    scaled = centred / np.sqrt(var + eps) * (1 if weight is None else weight)
    _channels_last(y)[...] = scaled + (0 if bias is None else bias)


def batch_norm_backward(
    dx: Array,
    dweight: Array,
    dbias: Array,
    grad: Array,
    x: Array,
    mean: Array,
    rstd: Array,
    weight: Array | None,
) -> None:
    m = x.size // x.shape[1]
    exact_mean = _channel_sum(x) / m  # more digits than `mean` has
    h = (_channels_last(x) - exact_mean) * rstd
    dweight[...] = (_channels_last(grad) * h).reshape(m, -1).sum(0)
    dbias[...] = _channel_sum(grad)
    slope = rstd if weight is None else rstd * weight
    _channels_last(dx)[...] = slope * (_channels_last(grad) - dbias / m - h * (dweight / m))


def batch_norm_eval(
    y: Array,
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
) -> None:
    slope = (1 if weight is None else weight) / np.sqrt(var + eps)
    _channels_last(y)[...] = (_channels_last(x) - mean) * slope + (0 if bias is None else bias)


def batch_norm_eval_backward(
    dx: Array,
    dweight: Array,
    dbias: Array,
    grad: Array,
    x: Array,
    mean: Array,
    var: Array,
    weight: Array | None,
    eps: float,
) -> None:
    rstd = 1 / np.sqrt(var + eps)
    dweight[...] = _channel_sum(np.moveaxis(_channels_last(x) - mean, -1, 1) * grad) * rstd
    dbias[...] = _channel_sum(grad)
    _channels_last(dx)[...] = _channels_last(grad) * rstd * (1 if weight is None else weight)


# ---- dropout.c -----------------------------------------------------------------------------------


def _mask_bits(seed: int, stream: int, n: int) -> Array:
    """32 random bits for each of n elements. Elements e and e + 64 of a span of 128 share number e
    of a block; the lower 16 bits come from the blocks 2^56 further on."""
    spans = -(-n // 128)

    def halves(block: int) -> Array:
        numbers = philox(seed, stream, 64 * spans, block).reshape(spans, 64)
        return np.concatenate([numbers & 0xFFFF, numbers >> 16], axis=1).reshape(-1)[:n]

    return halves(0) << 16 | halves(2**56)


def dropout(y: Array, x: Array, scale: float, bound: int, seed: int, stream: int) -> None:
    kept = _mask_bits(seed, stream, x.size).reshape(x.shape) < bound
    y[...] = x * np.where(kept, x.dtype.type(scale), x.dtype.type(0))


# ---- optim.c: lists of arrays, one a parameter; all but grads are updated in place ---------------

Arrays = list[np.ndarray]


def sgd(params: Arrays, grads: Arrays, step: float, decay: float, sign: float) -> None:
    for p, grad in zip(params, grads, strict=True):
        p += step * (sign * grad + decay * p)


def sgd_momentum(
    params: Arrays,
    bufs: Arrays,
    grads: Arrays,
    momentum: float,
    gain: float,
    step: float,
    ahead: float,
    look: float,
    decay: float,
    sign: float,
) -> None:
    for p, buf, grad in zip(params, bufs, grads, strict=True):
        g = sign * grad + decay * p
        buf[...] = momentum * buf + gain * g
        p += step * (ahead * g + look * buf)


def adam(
    params: Arrays,
    avgs: Arrays,
    sqs: Arrays,
    tops: Arrays | None,
    grads: Arrays,
    beta1: float,
    beta2: float,
    step: float,
    unbias: float,
    eps: float,
    decay: float,
    shrink: float,
    sign: float,
) -> None:
    for k, (p, avg, sq, grad) in enumerate(zip(params, avgs, sqs, grads, strict=True)):
        p *= shrink
        g = sign * grad + decay * p
        avg[...] = beta1 * avg + (1 - beta1) * g
        sq[...] = beta2 * sq + (1 - beta2) * g * g
        square = sq
        if tops is not None:
            square = np.maximum(tops[k], sq, out=tops[k])
        p += step * avg / (unbias * np.sqrt(square) + eps)


# ---- gather.c ------------------------------------------------------------------------------------


def gather_rows(y: Array, table: Array, index: Array) -> None:
    y[...] = table[index]


def gather_rows_u8(y: Array, table: Array, index: Array, values: Array) -> None:
    y[...] = values[table[index]]


def check_index(place: Array, index: Array, limit: int, ignore: int) -> None:
    bad = ((index < 0) | (index >= limit)) & (index != ignore)
    place[0] = bad.argmax() if bad.any() else index.size
