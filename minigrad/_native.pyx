# cython: language_level=3, binding=False, boundscheck=False, wraparound=False, embedsignature=True
"""The doors to csrc: arrays become pointers and sizes. Outputs first. Nothing is checked here:
arrays must be C-contiguous, of one float type, and of the shapes that csrc names; minigrad.kernels
sees to it. (`from minigrad import kernels` is what the rest of the library uses.)
"""

import os

import numpy as np

cimport cython
cimport numpy as cnp
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cnp.import_array()


# ---- the kernels' signatures, one type for each shape of a door ---------------------------------

ctypedef void (*Unary)(void *y, const void *x, size_t n) noexcept nogil
ctypedef void (*Unary1)(void *y, const void *x, double p, size_t n) noexcept nogil
ctypedef void (*Unary2)(void *y, const void *x, double p, double q, size_t n) noexcept nogil
ctypedef void (*Binary)(void *y, const void *a, const void *b, size_t n) noexcept nogil
ctypedef void (*Binary1)(void *y, const void *a, const void *b, double p, size_t n) noexcept nogil
ctypedef void (*Binary2)(void *y, const void *a, const void *b, double p, double q,
                         size_t n) noexcept nogil

cdef extern from "dispatch.h":
    ctypedef struct mg_table:
        Unary accumulate, neg, square, sqrt, exp, log, tanh, sigmoid, erf, relu, selu, gelu, \
            gelu_tanh, silu
        Unary1 leaky_relu, elu
        Unary2 affine, softplus
        Binary add, sub, mul, div, square_backward, sqrt_backward, tanh_backward, \
            sigmoid_backward, erf_backward, relu_backward, selu_backward, gelu_backward, \
            gelu_tanh_backward, silu_backward
        Binary1 leaky_relu_backward, elu_backward
        Binary2 softplus_backward
        void (*softmax)(void *, const void *, size_t, size_t) noexcept nogil
        void (*softmax_backward)(void *, const void *, const void *, size_t, size_t) noexcept nogil
        void (*log_softmax)(void *, const void *, size_t, size_t) noexcept nogil
        void (*log_softmax_backward)(void *, const void *, const void *, size_t,
                                     size_t) noexcept nogil
        void (*cross_entropy)(void *, void *, void *, const void *, const int64_t *, int64_t, size_t,
                              size_t) noexcept nogil
        void (*cross_entropy_backward)(void *, const void *, const void *, const int64_t *, int64_t,
                                       size_t, size_t, size_t) noexcept nogil
        void (*matmul)(void *, const void *, const void *, const void *, int, int, int, size_t, size_t,
                     size_t) noexcept nogil
        void (*batch_norm)(void *, void *, void *, void *, void *, const void *, const void *,
                           const void *, double, double, size_t, size_t, size_t) noexcept nogil
        void (*batch_norm_backward)(void *, void *, void *, const void *, const void *, const void *,
                                    const void *, const void *, size_t, size_t,
                                    size_t) noexcept nogil
        void (*batch_norm_eval)(void *, const void *, const void *, const void *, const void *,
                                const void *, double, size_t, size_t, size_t) noexcept nogil
        void (*batch_norm_eval_backward)(void *, void *, void *, const void *, const void *,
                                         const void *, const void *, const void *, double, size_t,
                                         size_t, size_t) noexcept nogil
        void (*dropout)(void *, const void *, double, uint64_t, uint64_t, uint64_t,
                        size_t) noexcept nogil
        void (*sgd)(void **, const void *const *, double, double, double, const size_t *,
                    size_t) noexcept nogil
        void (*sgd_momentum)(void **, void **, const void *const *, double, double, double, double,
                             double, double, double, const size_t *, size_t) noexcept nogil
        void (*adam)(void **, void **, void **, void **, const void *const *, double, double, double,
                     double, double, double, double, double, const size_t *, size_t) noexcept nogil
        void (*gather_rows)(void *, const void *, const int64_t *, size_t, size_t) noexcept nogil
        void (*gather_rows_u8)(void *, const uint8_t *, const int64_t *, const void *, size_t,
                               size_t) noexcept nogil
        void (*check_index)(int64_t *, const int64_t *, int64_t, int64_t, size_t) noexcept nogil

    ctypedef struct mg_signature:
        const char *name
        const char *parameters

    const mg_table *mg_kernels[2]
    const mg_signature mg_signatures[]
    const char *mg_simd_name(int i)
    int mg_simd_supported(int i)
    int mg_simd()
    void mg_set_simd(int i)


# ---- what every door does ------------------------------------------------------------------------

cdef extern from "Python.h":
    ctypedef struct PyThreadState
    PyThreadState *PyEval_SaveThread()
    void PyEval_RestoreThread(PyThreadState *)

# Elements from which a door releases the GIL. Doing so costs about 20 ns when nobody wants it, but
# up to a thread switch (5 ms) to get it back when somebody does.
cdef size_t RELEASE_FROM = 16384


cdef inline PyThreadState *release(size_t n) noexcept:
    """Releases the GIL if n elements are worth it; NULL if not."""
    return PyEval_SaveThread() if n >= RELEASE_FROM else NULL


cdef inline void restore(PyThreadState *state) noexcept:
    if state != NULL:
        PyEval_RestoreThread(state)


cdef inline const mg_table *kernels(cnp.ndarray y) noexcept:
    """The table for y's float type."""
    return mg_kernels[cnp.PyArray_TYPE(y) == cnp.NPY_DOUBLE]


cdef inline void *data(cnp.ndarray x) noexcept:
    return cnp.PyArray_DATA(x)


cdef inline size_t size(cnp.ndarray x) noexcept:
    return <size_t>cnp.PyArray_SIZE(x)


cdef inline void unary(Unary kernel, cnp.ndarray y, cnp.ndarray x) noexcept:
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernel(data(y), data(x), n)
    restore(gil)


cdef inline void binary(Binary kernel, cnp.ndarray y, cnp.ndarray a, cnp.ndarray b) noexcept:
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernel(data(y), data(a), data(b), n)
    restore(gil)


# ---- elementwise.c -------------------------------------------------------------------------------

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


# ---- gemm.c --------------------------------------------------------------------------------------

cdef inline int layout(object x) noexcept:
    """0 if the matrix x lies in memory by rows, 1 if by columns, -1 if neither or no matrix."""
    if not cnp.PyArray_CheckExact(x) or cnp.PyArray_NDIM(<cnp.ndarray>x) != 2:
        return -1
    cdef int kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
    if kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE:
        return -1
    if cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x):
        return 0
    return 1 if cnp.PyArray_ISFARRAY_RO(<cnp.ndarray>x) else -1


def layouts(a, b):
    """Whether matmul can multiply a and b as they lie in memory: bit 0 is set if a lies by columns,
    bit 1 if b does; -1 if it cannot."""
    cdef int of_a = layout(a), of_b = layout(b)
    if of_a < 0 or of_b < 0 or cnp.PyArray_TYPE(<cnp.ndarray>a) != cnp.PyArray_TYPE(<cnp.ndarray>b):
        return -1
    return of_a | of_b << 1


def matmul(cnp.ndarray c, cnp.ndarray a, cnp.ndarray b, cnp.ndarray bias, int transpose_a,
         int transpose_b, int add_to_c):
    cdef size_t m = cnp.PyArray_DIM(c, 0), n = cnp.PyArray_DIM(c, 1)
    cdef size_t k = cnp.PyArray_DIM(a, 0 if transpose_a else 1)
    cdef PyThreadState *gil = release(m * n * k // 8)
    kernels(c).matmul(data(c), data(a), data(b), data_or_null(bias), transpose_a, transpose_b,
                    add_to_c, m, n, k)
    restore(gil)


# ---- softmax.c -----------------------------------------------------------------------------------

cdef inline size_t cols(cnp.ndarray x) noexcept:
    """The length of a row: of the last dimension, 1 for 0-d arrays. Never 0."""
    cdef int last = cnp.PyArray_NDIM(x) - 1
    return <size_t>cnp.PyArray_DIM(x, last) or 1 if last >= 0 else 1


def softmax(cnp.ndarray y, cnp.ndarray x):
    cdef size_t n = size(x), width = cols(x)
    cdef PyThreadState *gil = release(n)
    kernels(y).softmax(data(y), data(x), n // width, width)
    restore(gil)


def softmax_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    cdef size_t n = size(y), width = cols(y)
    cdef PyThreadState *gil = release(n)
    kernels(dx).softmax_backward(data(dx), data(grad), data(y), n // width, width)
    restore(gil)


def log_softmax(cnp.ndarray y, cnp.ndarray x):
    cdef size_t n = size(x), width = cols(x)
    cdef PyThreadState *gil = release(n)
    kernels(y).log_softmax(data(y), data(x), n // width, width)
    restore(gil)


def log_softmax_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray y):
    cdef size_t n = size(y), width = cols(y)
    cdef PyThreadState *gil = release(n)
    kernels(dx).log_softmax_backward(data(dx), data(grad), data(y), n // width, width)
    restore(gil)


def cross_entropy(cnp.ndarray total, cnp.ndarray loss, cnp.ndarray p, cnp.ndarray x,
                  cnp.ndarray labels, int64_t ignore):
    cdef size_t n = size(x), rows = size(labels)
    cdef PyThreadState *gil = release(n)
    kernels(p).cross_entropy(data(total), data(loss), data(p), data(x), <int64_t *>data(labels),
                             ignore, rows, cols(x))
    restore(gil)


def cross_entropy_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray p, cnp.ndarray labels,
                           int64_t ignore):
    cdef size_t n = size(p), rows = size(labels)
    cdef PyThreadState *gil = release(n)
    kernels(dx).cross_entropy_backward(data(dx), data(grad), data(p), <int64_t *>data(labels),
                                       ignore, size(grad) > 1, rows, cols(p))
    restore(gil)


# ---- norm.c --------------------------------------------------------------------------------------

cdef inline void *data_or_null(cnp.ndarray x) noexcept:
    return NULL if x is None else data(x)


cdef struct Shape:
    size_t n, channels, space


cdef inline Shape shape_of(cnp.ndarray x) noexcept:
    """x as (n, channels, space): dimensions 0, 1 and all others."""
    cdef Shape s
    cdef int i
    s.n, s.channels, s.space = cnp.PyArray_DIM(x, 0), cnp.PyArray_DIM(x, 1), 1
    for i in range(2, cnp.PyArray_NDIM(x)):
        s.space *= <size_t>cnp.PyArray_DIM(x, i)
    return s


def batch_norm(cnp.ndarray y, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray running_mean,
               cnp.ndarray running_var, cnp.ndarray x, cnp.ndarray weight, cnp.ndarray bias,
               double momentum, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).batch_norm(data(y), data(mean), data(rstd), data_or_null(running_mean),
                          data_or_null(running_var), data(x), data_or_null(weight),
                          data_or_null(bias), momentum, eps, s.n, s.channels, s.space)
    restore(gil)


def batch_norm_backward(cnp.ndarray dx, cnp.ndarray dweight, cnp.ndarray dbias, cnp.ndarray grad,
                        cnp.ndarray x, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray weight):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(dx).batch_norm_backward(data(dx), data(dweight), data(dbias), data(grad), data(x),
                                    data(mean), data(rstd), data_or_null(weight), s.n, s.channels,
                                    s.space)
    restore(gil)


def batch_norm_eval(cnp.ndarray y, cnp.ndarray x, cnp.ndarray mean, cnp.ndarray var,
                    cnp.ndarray weight, cnp.ndarray bias, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).batch_norm_eval(data(y), data(x), data(mean), data(var), data_or_null(weight),
                               data_or_null(bias), eps, s.n, s.channels, s.space)
    restore(gil)


def batch_norm_eval_backward(cnp.ndarray dx, cnp.ndarray dweight, cnp.ndarray dbias,
                             cnp.ndarray grad, cnp.ndarray x, cnp.ndarray mean, cnp.ndarray var,
                             cnp.ndarray weight, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(dx).batch_norm_eval_backward(data(dx), data(dweight), data(dbias), data(grad), data(x),
                                         data(mean), data(var), data_or_null(weight), eps, s.n,
                                         s.channels, s.space)
    restore(gil)


# ---- dropout.c -----------------------------------------------------------------------------------

def dropout(cnp.ndarray y, cnp.ndarray x, double scale, uint64_t bound, uint64_t seed,
            uint64_t stream):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).dropout(data(y), data(x), scale, bound, seed, stream, n)
    restore(gil)


# ---- optim.c: lists of arrays, one a parameter ---------------------------------------------------

cdef class _Pointers:
    """The arrays of some lists of equal length as one block of pointers, list after list, and
    behind them the sizes of the first list's arrays. The lists keep the arrays alive."""
    cdef void **first
    cdef size_t count, total

    def __cinit__(self, list params, *others):
        cdef size_t k, i = 0
        cdef list arrays
        self.count, self.total = <size_t>len(params), 0
        self.first = <void **>malloc((len(others) + 2) * self.count * sizeof(void *) + 1)
        if self.first == NULL:
            raise MemoryError("no memory for the pointers to the parameters")
        for k in range(self.count):
            self.first[k] = data(<cnp.ndarray>params[k])
        for arrays in others:
            i += self.count
            for k in range(self.count):
                self.first[i + k] = data(<cnp.ndarray>arrays[k])
        for k in range(self.count):
            self.first[i + self.count + k] = <void *>size(<cnp.ndarray>params[k])
            self.total += size(<cnp.ndarray>params[k])

    def __dealloc__(self):
        free(self.first)

    cdef inline void **list(self, size_t i) noexcept:
        return self.first + i * self.count

    cdef inline const void *const *inputs(self, size_t i) noexcept:
        return <const void *const *>self.list(i)


def sgd(list params, list grads, double step, double decay, double sign):
    cdef _Pointers p = _Pointers(params, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).sgd(p.list(0), p.inputs(1), step, decay, sign, <size_t *>p.list(2), p.count)
    restore(gil)


def sgd_momentum(list params, list bufs, list grads, double momentum, double gain, double step,
                 double ahead, double look, double decay, double sign):
    cdef _Pointers p = _Pointers(params, bufs, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).sgd_momentum(p.list(0), p.list(1), p.inputs(2), momentum, gain, step, ahead,
                                    look, decay, sign, <size_t *>p.list(3), p.count)
    restore(gil)


def adam(list params, list avgs, list sqs, list tops, list grads, double beta1, double beta2,
         double step, double unbias, double eps, double decay, double shrink, double sign):
    # without tops, avgs stand in their place and NULL is what the kernel sees
    cdef _Pointers p = _Pointers(params, avgs, sqs, avgs if tops is None else tops, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).adam(p.list(0), p.list(1), p.list(2), NULL if tops is None else p.list(3),
                            p.inputs(4), beta1, beta2, step, unbias, eps, decay, shrink, sign,
                            <size_t *>p.list(5), p.count)
    restore(gil)


def updatable(list grads, *states):
    """Whether an update rule can be called on them as they are: lists of one length (or None), all
    k-th arrays alike, all of one float type, those of the states writable."""
    cdef Py_ssize_t k, count = len(grads)
    cdef list arrays
    cdef int kind = -1
    for arrays in states:
        if arrays is None:
            continue
        if len(arrays) != count:
            return False
        for k in range(count):
            if not are_alike(arrays[k], grads[k]):
                return False
            if not cnp.PyArray_ISWRITEABLE(<cnp.ndarray>arrays[k]):
                return False
            if kind < 0:
                kind = cnp.PyArray_TYPE(<cnp.ndarray>arrays[k])
            elif kind != cnp.PyArray_TYPE(<cnp.ndarray>arrays[k]):
                return False
    return True


# ---- gather.c ------------------------------------------------------------------------------------

def gather_rows(cnp.ndarray y, cnp.ndarray table, cnp.ndarray index):
    cdef size_t n = size(y), rows = size(index)
    cdef PyThreadState *gil = release(n)
    kernels(y).gather_rows(data(y), data(table), <int64_t *>data(index), rows,
                           n // rows if rows else 0)
    restore(gil)


def gather_rows_u8(cnp.ndarray y, cnp.ndarray table, cnp.ndarray index, cnp.ndarray values):
    cdef size_t n = size(y), rows = size(index)
    cdef PyThreadState *gil = release(n)
    kernels(y).gather_rows_u8(data(y), <uint8_t *>data(table), <int64_t *>data(index), data(values),
                              rows, n // rows if rows else 0)
    restore(gil)


def check_index(cnp.ndarray place, cnp.ndarray index, int64_t limit, int64_t ignore):
    (<int64_t *>data(place))[0] = first_outside(index, limit, ignore)


cpdef int64_t first_outside(cnp.ndarray index, int64_t limit, int64_t ignore):
    """What check_index finds, without an array to put it into."""
    cdef int64_t place
    mg_kernels[0].check_index(&place, <int64_t *>data(index), limit, ignore, size(index))
    return place


# ---- the table and the instruction sets -----------------------------------------------------------

def table():
    """{kernel: its parameters in C}, as in csrc/kernels.def."""
    cdef dict lines = {}
    cdef int i = 0
    while mg_signatures[i].name != NULL:
        lines[mg_signatures[i].name.decode()] = mg_signatures[i].parameters.decode()
        i += 1
    return lines


def simd_variants():
    """The compiled instruction sets that this CPU can run, slowest first."""
    cdef list names = []
    cdef int i = 0
    while mg_simd_name(i) != NULL:
        if mg_simd_supported(i):
            names.append(mg_simd_name(i).decode())
        i += 1
    return names


def simd():
    """The instruction set in use."""
    return mg_simd_name(mg_simd()).decode()


def set_simd(str name):
    """Uses the kernels compiled for this instruction set; ValueError if this CPU or build has none."""
    cdef int i = 0
    while mg_simd_name(i) != NULL:
        if mg_simd_name(i).decode() == name and mg_simd_supported(i):
            mg_set_simd(i)
            return
        i += 1
    raise ValueError(f"no kernels for {name!r} here; this build and CPU have {simd_variants()}")


# ---- threads -------------------------------------------------------------------------------------

cdef extern from "threads.h":
    int mg_num_threads
    void mg_threads_init()
    void mg_set_num_threads(int n)
    const char *mg_threads_reason()
    int mg_has_openmp()


def get_num_threads():
    """Threads that a large enough kernel uses."""
    return mg_num_threads


def set_num_threads(int n):
    """Lets kernels use n >= 1 threads (stays at one in a forked child, or without OpenMP)."""
    if n < 1:
        raise ValueError(f"set_num_threads: expected a positive number of threads, got {n}")
    mg_set_num_threads(n)


def threads_reason():
    """get_num_threads(), and why it is that: "2 threads: 2 CPUs in the affinity mask"."""
    cdef str threads = "1 thread" if mg_num_threads == 1 else f"{mg_num_threads} threads"
    return f"{threads}: {mg_threads_reason().decode()}"


def has_openmp():
    """Whether the kernels were compiled with OpenMP."""
    return bool(mg_has_openmp())


# ---- recycled memory -----------------------------------------------------------------------------

cdef extern from "memory.h":
    ctypedef struct mg_memory_stats:
        size_t in_use, idle, limit, reused, fresh
    mg_memory_stats mg_memory
    void *mg_take(size_t bytes, size_t *capacity)
    void mg_give_back(void *block, size_t capacity)
    void mg_empty_cache()
    void mg_memory_init()

cdef extern from "numpy/arrayobject.h":
    ctypedef struct PyArray_Descr
    PyArray_Descr *PyArray_DESCR(cnp.ndarray x)
    object PyArray_NewFromDescr(type subtype, PyArray_Descr *descr, int nd, const cnp.npy_intp *dims,
                                const cnp.npy_intp *strides, void *data, int flags, object obj)
    int PyArray_SetBaseObject(cnp.ndarray array, object base) except -1
    int PyArray_IntpConverter(object shape, cnp.PyArray_Dims *dims) except 0
    int PyArray_DescrConverter(object dtype, PyArray_Descr **descr) except 0
    void PyDimMem_FREE(cnp.npy_intp *dims)
    int PyDataType_REFCHK(PyArray_Descr *descr)
    cnp.npy_intp PyDataType_ELSIZE(PyArray_Descr *descr)

# Bytes from which an array's memory is recycled; below, NumPy's own small-block cache and malloc's
# arenas do not page-fault either, and an array with a base of its own costs 60 ns more.
cdef size_t RECYCLE_FROM = 16384


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class _Block:
    """The memory of one array, given back when the last view of it dies."""
    cdef void *memory
    cdef size_t capacity

    def __dealloc__(self):
        if self.memory != NULL:
            mg_give_back(self.memory, self.capacity)


cdef object new(int nd, const cnp.npy_intp *dims, PyArray_Descr *descr):
    cdef size_t bytes = <size_t>PyDataType_ELSIZE(descr)
    cdef int i
    for i in range(nd):
        if dims[i] < 0 or (dims[i] != 0 and bytes > (<size_t>1 << 62) // <size_t>dims[i]):
            raise ValueError(f"cannot make an array of shape {tuple([dims[i] for i in range(nd)])}")
        bytes *= <size_t>dims[i]
    Py_INCREF(<object>descr)  # PyArray_NewFromDescr takes over one reference
    if bytes < RECYCLE_FROM or PyDataType_REFCHK(descr):
        return PyArray_NewFromDescr(cnp.ndarray, descr, nd, dims, NULL, NULL, 0, None)
    cdef _Block block = _Block.__new__(_Block)
    block.memory = mg_take(bytes, &block.capacity)
    if block.memory == NULL:
        raise MemoryError(f"no memory for an array of {bytes} bytes")
    array = PyArray_NewFromDescr(cnp.ndarray, descr, nd, dims, NULL, block.memory,
                                 cnp.NPY_ARRAY_CARRAY, None)
    Py_INCREF(block)  # PyArray_SetBaseObject takes over one reference
    PyArray_SetBaseObject(array, block)
    return array


def empty(shape, dtype=np.float32):
    """A C-contiguous array with undefined contents, in recycled memory if it is large."""
    cdef cnp.PyArray_Dims dims
    cdef PyArray_Descr *descr = NULL
    dims.ptr = NULL
    try:
        PyArray_DescrConverter(dtype, &descr)
        PyArray_IntpConverter(shape, &dims)
        return new(dims.len, dims.ptr, descr)
    finally:
        PyDimMem_FREE(dims.ptr)
        Py_XDECREF(<PyObject *>descr)


def empty_like(cnp.ndarray x):
    """empty(x.shape, x.dtype)."""
    return new(cnp.PyArray_NDIM(x), cnp.PyArray_DIMS(x), PyArray_DESCR(x))


cdef inline bint is_plain(object x) noexcept:
    """Whether x is a C-contiguous ndarray of native float32 or float64."""
    if not cnp.PyArray_CheckExact(x) or not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x):
        return False
    cdef int kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
    return kind == cnp.NPY_FLOAT or kind == cnp.NPY_DOUBLE


cdef inline bint are_alike(object a, object b) noexcept:
    return (
        is_plain(a)
        and is_plain(b)
        and cnp.PyArray_TYPE(<cnp.ndarray>a) == cnp.PyArray_TYPE(<cnp.ndarray>b)
        and cnp.PyArray_SAMESHAPE(<cnp.ndarray>a, <cnp.ndarray>b)
    )


def alike(object a, object b):
    """Whether a and b can be handed to a kernel as they are: C-contiguous arrays of one float type
    and one shape. One call, because each attribute that Python looks at costs 30 ns."""
    return are_alike(a, b)


def plain(*arrays):
    """Whether all are C-contiguous arrays of the same one of float32 and float64."""
    cdef object x, first = arrays[0]
    for x in arrays:
        if not is_plain(x) or (
            cnp.PyArray_TYPE(<cnp.ndarray>x) != cnp.PyArray_TYPE(<cnp.ndarray>first)
        ):
            return False
    return True


def like(object a, object b=...):
    """empty_like(a) if a is a C-contiguous array of float32 or float64, and alike(a, b) if there is
    a b; None if not."""
    if is_plain(a) if b is ... else are_alike(a, b):
        return empty_like(a)
    return None


def empty_cache():
    """Returns the memory kept for reuse to the system."""
    mg_empty_cache()


def memory_stats():
    """Bytes in use and idle, the limit on idle ones, and how many blocks were reused or fresh."""
    return mg_memory


# ---- at import -----------------------------------------------------------------------------------

mg_threads_init()
mg_memory_init()
_forced = os.environ.get("MINIGRAD_SIMD")
try:
    set_simd(_forced or list(simd_variants()).pop())
except ValueError as error:
    raise ImportError(f"MINIGRAD_SIMD={_forced}: {error}") from None
