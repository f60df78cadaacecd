# The door to csrc/broadcast.c: arithmetic with an array that is repeated.

cdef bint is_repeated(cnp.ndarray x, cnp.ndarray c, size_t *sizes) noexcept:
    """Whether c broadcasts to x's shape by being repeated before and behind its own dimensions:
    sizes[0] times before, sizes[1] elements, sizes[2] times behind."""
    cdef int i, part = 2, shift = cnp.PyArray_NDIM(x) - cnp.PyArray_NDIM(c)
    cdef cnp.npy_intp n, m
    sizes[0] = sizes[1] = sizes[2] = 1
    if shift < 0:
        return False
    for i in range(cnp.PyArray_NDIM(x) - 1, -1, -1):
        n = cnp.PyArray_DIM(x, i)
        m = cnp.PyArray_DIM(c, i - shift) if i >= shift else 1
        if n == 1 and m == 1:
            continue
        if part == 2 and m != 1:
            part = 1
        elif part == 1 and m == 1:
            part = 0
        if m != (n if part == 1 else 1):
            return False
        sizes[part] *= n
    return True


def repeats(a, b):
    """Whether a and b are C-contiguous arrays of one float type and b is repeated as broadcast wants
    it, to make up a's shape."""
    cdef size_t[3] sizes
    return (
        is_plain(a)
        and is_plain(b)
        and cnp.PyArray_TYPE(<cnp.ndarray>a) == cnp.PyArray_TYPE(<cnp.ndarray>b)
        and is_repeated(a, b, sizes)
    )


def broadcast(cnp.ndarray y, cnp.ndarray x, cnp.ndarray c, int operation):
    """c broadcasts to the shape of x and y, as `repeats` wants it."""
    cdef size_t[3] sizes
    is_repeated(x, c, sizes)
    cdef PyThreadState *gil = release(size(y))
    kernels(y).broadcast(data(y), data(x), data(c), operation, sizes[0], sizes[1], sizes[2])
    restore(gil)
