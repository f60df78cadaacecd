# Doors to csrc/reduce.c: sums, running ones too.

def sum(cnp.ndarray y, cnp.ndarray x):
    """x (outer, n, inner)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).sum(data(y), data(x), s[0], s[1], s[2])
    restore(gil)


def cumsum(cnp.ndarray y, cnp.ndarray x, bint reverse):
    """x and y (outer, n, inner)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).cumsum(data(y), data(x), reverse, s[0], s[1], s[2])
    restore(gil)


def sum_arguments(x, dims):
    """The arguments of sum for the sum of x, contiguous float32 or float64, over `dims`, neighbours
    in ascending order (None: over all); None for another x or other dims."""
    if not is_plain(x):
        return None
    cdef cnp.ndarray whole = x
    cdef int ndim = cnp.PyArray_NDIM(whole), first = 0, end = ndim, i
    cdef const cnp.npy_intp *shape = cnp.PyArray_DIMS(whole)
    if dims is not None:
        if len(dims) == 0:
            return None
        first, end = dims[0], dims[0] + len(dims)
        if first < 0 or end > ndim:
            return None
        for i in range(first, end):
            if dims[i - first] != i:
                return None
    cdef cnp.npy_intp[3] sizes = [1, 1, 1]
    cdef cnp.npy_intp[64] left
    for i in range(ndim):
        sizes[0 if i < first else 1 if i < end else 2] *= shape[i]
        if i < first:
            left[i] = shape[i]
        elif i >= end:
            left[first + i - end] = shape[i]
    cdef cnp.PyArray_Dims three
    three.ptr, three.len = sizes, 3
    return (
        new(ndim - (end - first), left, PyArray_DESCR(whole)),
        cnp.PyArray_Newshape(whole, &three, cnp.NPY_CORDER),
    )
