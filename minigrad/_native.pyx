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
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
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
        Unary accumulate, neg, square, sign, sqrt, exp, log, tanh, sigmoid, erf, relu, selu, gelu, \
            gelu_tanh, silu, mish, hardswish
        Unary1 leaky_relu, elu
        Unary2 affine, softplus, clamp, huber
        Binary add, sub, mul, div, square_backward, sqrt_backward, tanh_backward, \
            sigmoid_backward, erf_backward, relu_backward, selu_backward, gelu_backward, \
            gelu_tanh_backward, silu_backward, mish_backward, hardswish_backward
        Binary1 leaky_relu_backward, elu_backward
        Binary2 softplus_backward, clamp_backward
        void (*where)(void *, const uint8_t *, const void *, const void *, size_t) noexcept nogil
        void (*broadcast)(void *, const void *, const void *, int, size_t, size_t,
                          size_t) noexcept nogil
        void (*transpose)(void *, const void *, size_t, size_t, size_t, size_t) noexcept nogil
        void (*softmax)(void *, const void *, size_t, size_t) noexcept nogil
        void (*softmax_backward)(void *, const void *, const void *, size_t, size_t) noexcept nogil
        void (*log_softmax)(void *, const void *, size_t, size_t) noexcept nogil
        void (*log_softmax_backward)(void *, const void *, const void *, size_t,
                                     size_t) noexcept nogil
        void (*cross_entropy)(void *, void *, void *, void *, const void *, const int64_t *,
                              const void *, double, int64_t, size_t, size_t) noexcept nogil
        void (*cross_entropy_backward)(void *, const void *, const void *, const void *,
                                       const int64_t *, const void *, double, int64_t, size_t,
                                       size_t, size_t) noexcept nogil
        void (*nll)(void *, void *, void *, const void *, const int64_t *, const void *, int64_t,
                    size_t, size_t) noexcept nogil
        void (*nll_backward)(void *, const void *, const void *, const int64_t *, const void *,
                             int64_t, size_t, size_t, size_t) noexcept nogil
        void (*matmul)(void *, const void *, const void *, const void *, int, int, int,
                       const size_t *, size_t, size_t, size_t, size_t, size_t,
                       size_t) noexcept nogil
        void (*linear_backward)(void *, void *, void *, const void *, const void *, const void *,
                                size_t, size_t, size_t) noexcept nogil
        void (*conv)(void *, const void *, const void *, const void *, const int64_t *, size_t, size_t,
                     size_t, size_t, size_t, size_t, size_t, size_t, size_t, size_t) noexcept nogil
        void (*conv_transpose)(void *, const void *, const void *, const void *, const int64_t *,
                               size_t, size_t, size_t, size_t, size_t, size_t, size_t, size_t, size_t,
                               size_t) noexcept nogil
        void (*conv_weight)(void *, void *, const void *, const void *, const int64_t *, size_t,
                            size_t, size_t, size_t, size_t, size_t, size_t, size_t, size_t,
                            size_t) noexcept nogil
        void (*max_pool)(void *, int32_t *, const void *, const int64_t *, const int64_t *, int64_t,
                         int64_t, size_t, size_t, size_t, size_t, size_t) noexcept nogil
        void (*max_pool_backward)(void *, const void *, const int32_t *, size_t, size_t,
                                  size_t) noexcept nogil
        void (*avg_pool)(void *, const void *, const int64_t *, const int64_t *, double, size_t,
                         size_t, size_t, size_t, size_t) noexcept nogil
        void (*avg_pool_backward)(void *, const void *, const int64_t *, const int64_t *, double,
                                  size_t, size_t, size_t, size_t, size_t) noexcept nogil
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
        void (*layer_norm)(void *, void *, void *, const void *, const void *, const void *, double,
                           size_t, size_t, size_t, size_t) noexcept nogil
        void (*layer_norm_backward)(void *, void *, void *, const void *, const void *, const void *,
                                    const void *, const void *, size_t, size_t, size_t, size_t,
                                    size_t) noexcept nogil
        void (*sum)(void *, const void *, size_t, size_t, size_t) noexcept nogil
        void (*cumsum)(void *, const void *, int, size_t, size_t, size_t) noexcept nogil
        void (*resample)(void *, const void *, const int64_t *, const int64_t *, const void *, size_t,
                         size_t, size_t, size_t) noexcept nogil
        void (*dropout)(void *, const void *, double, uint64_t, uint64_t, uint64_t,
                        size_t) noexcept nogil
        void (*sgd)(void **, const void *const *, double, double, double, const size_t *,
                    size_t) noexcept nogil
        void (*sgd_momentum)(void **, void **, const void *const *, double, double, double, double,
                             double, double, double, const size_t *, size_t) noexcept nogil
        void (*rmsprop)(void **, void **, void **, void **, const void *const *, double, double,
                        double, double, double, double, double, double, const size_t *,
                        size_t) noexcept nogil
        void (*adadelta)(void **, void **, void **, const void *const *, double, double, double,
                         double, double, const size_t *, size_t) noexcept nogil
        void (*adam)(void **, void **, void **, void **, const void *const *, double, double, double,
                     double, double, double, double, double, double, const size_t *,
                     size_t) noexcept nogil
        void (*adamax)(void **, void **, void **, const void *const *, double, double, double, double,
                       double, double, const size_t *, size_t) noexcept nogil
        void (*lion)(void **, void **, const void *const *, double, double, double, double, double,
                     const size_t *, size_t) noexcept nogil
        void (*soft_threshold)(void **, double, const size_t *, size_t) noexcept nogil
        void (*gather_rows)(void *, const void *, const int64_t *, size_t, size_t) noexcept nogil
        void (*gather_rows_u8)(void *, const uint8_t *, const int64_t *, const void *, size_t,
                               size_t) noexcept nogil
        void (*scatter_add_rows)(void *, const void *, const int64_t *, size_t, size_t) noexcept nogil
        void (*rnn)(void *, const void *, const void *, int, int, int, size_t, size_t,
                    size_t) noexcept nogil
        void (*rnn_backward)(void *, void *, const void *, const void *, const void *, int, int,
                             size_t, size_t, size_t) noexcept nogil
        void (*lstm)(void *, void *, void *, const void *, const void *, const void *, int, int, size_t,
                     size_t, size_t) noexcept nogil
        void (*lstm_backward)(void *, void *, void *, const void *, const void *, const void *,
                              const void *, const void *, int, size_t, size_t,
                              size_t) noexcept nogil
        void (*gru)(void *, void *, void *, const void *, const void *, const void *, int, int, size_t,
                    size_t, size_t) noexcept nogil
        void (*gru_backward)(void *, void *, void *, const void *, const void *, const void *,
                             const void *, const void *, const void *, int, size_t, size_t,
                             size_t) noexcept nogil
        void (*check_index)(int64_t *, const int64_t *, int64_t, int64_t, size_t) noexcept nogil
        void (*warp_affine)(void *, const void *, const void *, double, size_t, size_t, size_t, size_t,
                            size_t, size_t) noexcept nogil
        void (*crop)(void *, const void *, const int64_t *, double, size_t, size_t, size_t, size_t,
                     size_t, size_t) noexcept nogil
        void (*erase)(void *, const void *, const int64_t *, double, size_t, size_t, size_t,
                      size_t) noexcept nogil
        void (*uniform)(void *, uint64_t, uint64_t, size_t) noexcept nogil
        void (*gaussian_noise)(void *, const void *, double, double, double, double, uint64_t,
                               uint64_t, size_t) noexcept nogil

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


# ---- the doors, by family as in csrc -------------------------------------------------------------

include "doors/elementwise.pxi"
include "doors/broadcast.pxi"
include "doors/ufunc.pxi"
include "doors/transpose.pxi"
include "doors/gemm.pxi"
include "doors/gather.pxi"
include "doors/conv.pxi"
include "doors/pool.pxi"
include "doors/softmax.pxi"
include "doors/norm.pxi"
include "doors/layer_norm.pxi"
include "doors/reduce.pxi"
include "doors/resample.pxi"
include "doors/dropout.pxi"
include "doors/optim.pxi"
include "doors/augment.pxi"
include "doors/rnn.pxi"
include "doors/threads.pxi"
include "doors/memory.pxi"


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


# ---- at import -----------------------------------------------------------------------------------

mg_threads_init()
mg_memory_init()
_forced = os.environ.get("MINIGRAD_SIMD")
try:
    set_simd(_forced or list(simd_variants()).pop())
except ValueError as error:
    raise ImportError(f"MINIGRAD_SIMD={_forced}: {error}") from None
