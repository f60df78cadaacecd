# Doors to csrc/pool.c: planes (planes, height, width) and windows of them.

cdef struct Planes:
    size_t planes, height, width, out_height, out_width


cdef inline Planes planes_of(cnp.ndarray x, cnp.ndarray y) noexcept:
    cdef Planes s
    s.planes, s.height, s.width = cnp.PyArray_DIM(x, 0), cnp.PyArray_DIM(x, 1), cnp.PyArray_DIM(x, 2)
    s.out_height, s.out_width = cnp.PyArray_DIM(y, 1), cnp.PyArray_DIM(y, 2)
    return s


def max_pool(cnp.ndarray y, cnp.ndarray index, cnp.ndarray x, cnp.ndarray rows, cnp.ndarray cols,
             int64_t dilation_h, int64_t dilation_w):
    cdef Planes s = planes_of(x, y)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).max_pool(data(y), <int32_t *>data(index), data(x), <int64_t *>data(rows),
                        <int64_t *>data(cols), dilation_h, dilation_w, s.planes, s.height, s.width,
                        s.out_height, s.out_width)
    restore(gil)


def max_pool_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray index):
    cdef Planes s = planes_of(dx, grad)
    cdef PyThreadState *gil = release(size(dx))
    kernels(dx).max_pool_backward(data(dx), data(grad), <int32_t *>data(index), s.planes,
                                  s.height * s.width, s.out_height * s.out_width)
    restore(gil)


def avg_pool(cnp.ndarray y, cnp.ndarray x, cnp.ndarray rows, cnp.ndarray cols, double divisor):
    cdef Planes s = planes_of(x, y)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).avg_pool(data(y), data(x), <int64_t *>data(rows), <int64_t *>data(cols), divisor,
                        s.planes, s.height, s.width, s.out_height, s.out_width)
    restore(gil)


def avg_pool_backward(cnp.ndarray dx, cnp.ndarray grad, cnp.ndarray rows, cnp.ndarray cols,
                      double divisor):
    cdef Planes s = planes_of(dx, grad)
    cdef PyThreadState *gil = release(size(dx))
    kernels(dx).avg_pool_backward(data(dx), data(grad), <int64_t *>data(rows),
                                  <int64_t *>data(cols), divisor, s.planes, s.height, s.width,
                                  s.out_height, s.out_width)
    restore(gil)
