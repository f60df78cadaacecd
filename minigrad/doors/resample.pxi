# The door to csrc/resample.c: places as weighted sums of places.

def resample(cnp.ndarray y, cnp.ndarray x, cnp.ndarray starts, cnp.ndarray index,
             cnp.ndarray weights):
    """y (outer, new, inner), x (outer, old, inner)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(y) + size(x))
    kernels(y).resample(data(y), data(x), <int64_t *>data(starts), <int64_t *>data(index),
                        data(weights), s[0], s[1], cnp.PyArray_DIM(y, 1), s[2])
    restore(gil)
