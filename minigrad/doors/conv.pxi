# Doors to csrc/conv.c, csrc/conv_weight.c: convolutions of images. `x`, `y` and `weight` give all sizes.

cdef struct ConvShape:
    size_t n, groups, channels, filters, height, width, out_height, out_width, kernel_h, kernel_w


cdef inline ConvShape conv_shape(cnp.ndarray x, cnp.ndarray weight, cnp.ndarray y) noexcept:
    cdef ConvShape s
    s.n, s.channels = cnp.PyArray_DIM(x, 0), cnp.PyArray_DIM(weight, 1)
    s.groups = <size_t>cnp.PyArray_DIM(x, 1) // s.channels if s.channels else 1
    s.filters = <size_t>cnp.PyArray_DIM(weight, 0) // s.groups if s.groups else 0
    s.height, s.width = cnp.PyArray_DIM(x, 2), cnp.PyArray_DIM(x, 3)
    s.out_height, s.out_width = cnp.PyArray_DIM(y, 2), cnp.PyArray_DIM(y, 3)
    s.kernel_h, s.kernel_w = cnp.PyArray_DIM(weight, 2), cnp.PyArray_DIM(weight, 3)
    return s


def conv(cnp.ndarray y, cnp.ndarray x, cnp.ndarray weight, cnp.ndarray bias, cnp.ndarray geometry):
    cdef ConvShape s = conv_shape(x, weight, y)
    cdef PyThreadState *gil = release(size(y) * s.channels * s.kernel_h * s.kernel_w // 8)
    kernels(y).conv(data(y), data(x), data(weight), data_or_null(bias),
                    <int64_t *>data(geometry), s.n, s.groups, s.channels, s.filters, s.height,
                    s.width, s.out_height, s.out_width, s.kernel_h, s.kernel_w)
    restore(gil)


def conv_transpose(cnp.ndarray x, cnp.ndarray y, cnp.ndarray weight, cnp.ndarray bias,
                   cnp.ndarray geometry):
    cdef ConvShape s = conv_shape(x, weight, y)
    cdef PyThreadState *gil = release(size(y) * s.channels * s.kernel_h * s.kernel_w // 8)
    kernels(x).conv_transpose(data(x), data(y), data(weight), data_or_null(bias),
                              <int64_t *>data(geometry), s.n, s.groups, s.channels, s.filters, s.height,
                              s.width, s.out_height, s.out_width, s.kernel_h, s.kernel_w)
    restore(gil)


def conv_weight(cnp.ndarray dweight, cnp.ndarray dbias, cnp.ndarray dy, cnp.ndarray x,
                cnp.ndarray geometry):
    cdef ConvShape s = conv_shape(x, dweight, dy)
    cdef PyThreadState *gil = release(size(dy) * s.channels * s.kernel_h * s.kernel_w // 8)
    kernels(x).conv_weight(data(dweight), data_or_null(dbias), data(dy), data(x),
                           <int64_t *>data(geometry), s.n, s.groups, s.channels, s.filters,
                           s.height, s.width, s.out_height, s.out_width, s.kernel_h, s.kernel_w)
    restore(gil)
