# Doors to csrc/dropout.c: dropout.

def dropout(cnp.ndarray y, cnp.ndarray x, double scale, uint64_t bound, uint64_t seed,
            uint64_t stream):
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    kernels(y).dropout(data(y), data(x), scale, bound, seed, stream, n)
    restore(gil)
