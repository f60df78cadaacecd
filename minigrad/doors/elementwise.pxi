# Doors to csrc/elementwise.c: functions of each element.

def add(cnp.ndarray y, cnp.ndarray a, cnp.ndarray b):
    binary(kernels(y).add, y, a, b)


def sub(cnp.ndarray y, cnp.ndarray a, cnp.ndarray b):
    binary(kernels(y).sub, y, a, b)


def mul(cnp.ndarray y, cnp.ndarray a, cnp.ndarray b):
    binary(kernels(y).mul, y, a, b)


def div(cnp.ndarray y, cnp.ndarray a, cnp.ndarray b):
    binary(kernels(y).div, y, a, b)


def accumulate(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).accumulate, y, x)


def neg(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).neg, y, x)


def square(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).square, y, x)


def square_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).square_backward, dx, grad, x)


def sign(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).sign, y, x)


def sqrt(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).sqrt, y, x)


def sqrt_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    binary(kernels(dx).sqrt_backward, dx, grad, y)


def exp(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).exp, y, x)


def log(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).log, y, x)


def tanh(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).tanh, y, x)


def tanh_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    binary(kernels(dx).tanh_backward, dx, grad, y)


def sigmoid(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).sigmoid, y, x)


def sigmoid_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    binary(kernels(dx).sigmoid_backward, dx, grad, y)


def erf(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).erf, y, x)


def erf_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).erf_backward, dx, grad, x)


def relu(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).relu, y, x)


def relu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    binary(kernels(dx).relu_backward, dx, grad, y)


def affine(cnp.ndarray y, cnp.ndarray x, double scale, double shift):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).affine(data(y), data(x), scale, shift, n)
    restore(gil)


def leaky_relu(cnp.ndarray y, cnp.ndarray x, double slope):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).leaky_relu(data(y), data(x), slope, n)
    restore(gil)


def leaky_relu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x, double slope):
    cdef size_t n = size(dx)
    cdef PyThreadState *gil = release(n)
    kernels(dx).leaky_relu_backward(data(dx), data(grad), data(x), slope, n)
    restore(gil)


def elu(cnp.ndarray y, cnp.ndarray x, double alpha):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).elu(data(y), data(x), alpha, n)
    restore(gil)


def elu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x, double alpha):
    cdef size_t n = size(dx)
    cdef PyThreadState *gil = release(n)
    kernels(dx).elu_backward(data(dx), data(grad), data(x), alpha, n)
    restore(gil)


def selu(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).selu, y, x)


def selu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).selu_backward, dx, grad, x)


def gelu(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).gelu, y, x)


def gelu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).gelu_backward, dx, grad, x)


def gelu_tanh(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).gelu_tanh, y, x)


def gelu_tanh_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).gelu_tanh_backward, dx, grad, x)


def silu(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).silu, y, x)


def silu_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).silu_backward, dx, grad, x)


def mish(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).mish, y, x)


def mish_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).mish_backward, dx, grad, x)


def hardswish(cnp.ndarray y, cnp.ndarray x):
    unary(kernels(y).hardswish, y, x)


def hardswish_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x):
    binary(kernels(dx).hardswish_backward, dx, grad, x)


def softplus(cnp.ndarray y, cnp.ndarray x, double beta, double threshold):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).softplus(data(y), data(x), beta, threshold, n)
    restore(gil)


def softplus_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x, double beta, double threshold):
    cdef size_t n = size(dx)
    cdef PyThreadState *gil = release(n)
    kernels(dx).softplus_backward(data(dx), data(grad), data(x), beta, threshold, n)
    restore(gil)


def clamp(cnp.ndarray y, cnp.ndarray x, double low, double high):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).clamp(data(y), data(x), low, high, n)
    restore(gil)


def clamp_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray x, double low, double high):
    cdef size_t n = size(dx)
    cdef PyThreadState *gil = release(n)
    kernels(dx).clamp_backward(data(dx), data(grad), data(x), low, high, n)
    restore(gil)


def huber(cnp.ndarray y, cnp.ndarray x, double delta, double scale):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).huber(data(y), data(x), delta, scale, n)
    restore(gil)


def where(cnp.ndarray y, cnp.ndarray condition, cnp.ndarray a, cnp.ndarray b):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).where(data(y), <uint8_t *>data(condition), data_or_null(a), data_or_null(b), n)
    restore(gil)
