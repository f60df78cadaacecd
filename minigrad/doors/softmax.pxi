# Doors to csrc/softmax.c: softmax and cross-entropy.

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


def are_rows_and_labels(x, labels):
    """Whether x (rows, cols) and labels (rows) can be handed to cross_entropy as they are."""
    return (
        is_plain(x)
        and is_index(labels)
        and cnp.PyArray_NDIM(<cnp.ndarray>x) == 2
        and cnp.PyArray_NDIM(<cnp.ndarray>labels) == 1
        and cnp.PyArray_DIM(<cnp.ndarray>x, 0) == cnp.PyArray_DIM(<cnp.ndarray>labels, 0)
    )


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
