# Doors to csrc/augment.c: random changes to batches of images.

cdef inline size_t dim(cnp.ndarray x, int i) noexcept:
    return <size_t>cnp.PyArray_DIM(x, i)


def warp_affine(cnp.ndarray y, cnp.ndarray x, cnp.ndarray matrices, double fill):
    cdef PyThreadState *gil = release(size(y))
    kernels(y).warp_affine(data(y), data(x), data(matrices), fill, dim(x, 0), dim(x, 1), dim(x, 2),
                           dim(x, 3), dim(y, 2), dim(y, 3))
    restore(gil)


def crop(cnp.ndarray y, cnp.ndarray x, cnp.ndarray corners, double fill):
    cdef PyThreadState *gil = release(size(y))
    kernels(y).crop(data(y), data(x), <int64_t *>data(corners), fill, dim(x, 0), dim(x, 1),
                    dim(x, 2), dim(x, 3), dim(y, 2), dim(y, 3))
    restore(gil)


def erase(cnp.ndarray y, cnp.ndarray x, cnp.ndarray boxes, double value):
    cdef PyThreadState *gil = release(size(y))
    kernels(y).erase(data(y), data(x), <int64_t *>data(boxes), value, dim(x, 0), dim(x, 1),
                     dim(x, 2), dim(x, 3))
    restore(gil)


def uniform(cnp.ndarray y, uint64_t seed, uint64_t stream):
    cdef PyThreadState *gil = release(size(y))
    kernels(y).uniform(data(y), seed, stream, size(y))
    restore(gil)


def gaussian_noise(cnp.ndarray y, cnp.ndarray x, double mean, double sigma, double low, double high,
                   uint64_t seed, uint64_t stream):
    cdef PyThreadState *gil = release(size(y))
    kernels(y).gaussian_noise(data(y), data(x), mean, sigma, low, high, seed, stream, size(y))
    restore(gil)
