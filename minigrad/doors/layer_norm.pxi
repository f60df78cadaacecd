# Doors to csrc/layer_norm.c: normalisation within a sample.

def layer_norm(cnp.ndarray y, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray x,
               cnp.ndarray weight, cnp.ndarray bias, double eps):
    """x (samples, groups, channels, space)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).layer_norm(data(y), data_or_null(mean), data(rstd), data(x), data_or_null(weight),
                          data_or_null(bias), eps, s[0], s[1], s[2], s[3])
    restore(gil)


def layer_norm_backward(cnp.ndarray dx, cnp.ndarray dweight, cnp.ndarray dbias, cnp.ndarray grad,
                        cnp.ndarray x, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray weight):
    """x (samples, groups, channels, space), dweight (parts, groups, channels)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(dx).layer_norm_backward(data(dx), data(dweight), data(dbias), data(grad), data(x),
                                    data_or_null(mean), data(rstd), data_or_null(weight),
                                    cnp.PyArray_DIM(dweight, 0), s[0], s[1], s[2], s[3])
    restore(gil)
