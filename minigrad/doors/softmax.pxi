# Doors to csrc/softmax.c: softmax, cross-entropy and negative log-likelihood.

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


def are_rows_and_labels(x, labels, weight):
    """Whether x (rows, cols), labels (rows) and weight (cols), or None, can be handed to
    cross_entropy and nll as they are."""
    return (
        is_plain(x)
        and is_index(labels)
        and cnp.PyArray_NDIM(<cnp.ndarray>x) == 2
        and cnp.PyArray_NDIM(<cnp.ndarray>labels) == 1
        and cnp.PyArray_DIM(<cnp.ndarray>x, 0) == cnp.PyArray_DIM(<cnp.ndarray>labels, 0)
        and (
            weight is None
            or is_plain(weight)
            and cnp.PyArray_TYPE(<cnp.ndarray>weight) == cnp.PyArray_TYPE(<cnp.ndarray>x)
            and cnp.PyArray_NDIM(<cnp.ndarray>weight) == 1
            and cnp.PyArray_DIM(<cnp.ndarray>weight, 0) == cnp.PyArray_DIM(<cnp.ndarray>x, 1)
        )
    )


def cross_entropy(cnp.ndarray mean, cnp.ndarray divisor, cnp.ndarray loss, cnp.ndarray p,
                  cnp.ndarray x, cnp.ndarray labels, cnp.ndarray weight, double smoothing,
                  int64_t ignore):
    cdef size_t n = size(x), rows = size(labels)
    cdef PyThreadState *gil = release(n)
    kernels(p).cross_entropy(data(mean), data(divisor), data(loss), data(p), data(x),
                             <int64_t *>data(labels), data_or_null(weight), smoothing, ignore, rows,
                             cols(x))
    restore(gil)


def cross_entropy_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray divisor, cnp.ndarray p,
                           cnp.ndarray labels, cnp.ndarray weight, double smoothing,
                           int64_t ignore):
    cdef size_t n = size(p), rows = size(labels)
    cdef PyThreadState *gil = release(n)
    kernels(dx).cross_entropy_backward(data(dx), data(grad), data_or_null(divisor), data(p),
                                       <int64_t *>data(labels), data_or_null(weight), smoothing,
                                       ignore, size(grad) > 1, rows, cols(p))
    restore(gil)


def nll(cnp.ndarray mean, cnp.ndarray divisor, cnp.ndarray loss, cnp.ndarray x, cnp.ndarray labels,
        cnp.ndarray weight, int64_t ignore):
    cdef size_t rows = size(labels)
    cdef PyThreadState *gil = release(rows)
    kernels(x).nll(data(mean), data(divisor), data(loss), data(x), <int64_t *>data(labels),
                   data_or_null(weight), ignore, rows, cols(x))
    restore(gil)


def nll_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray divisor, cnp.ndarray labels,
                 cnp.ndarray weight, int64_t ignore):
    cdef size_t n = size(dx), rows = size(labels)
    cdef PyThreadState *gil = release(n)
    kernels(dx).nll_backward(data(dx), data(grad), data_or_null(divisor), <int64_t *>data(labels),
                             data_or_null(weight), ignore, size(grad) > 1, rows, cols(dx))
    restore(gil)
