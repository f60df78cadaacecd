# Doors to csrc/norm.c: normalisation.

cdef inline void *data_or_null(cnp.ndarray x) noexcept:
    return NULL if x is None else data(x)


cdef struct Shape:
    size_t n, channels, space


cdef inline Shape shape_of(cnp.ndarray x) noexcept:
    """x as (n, channels, space): dimensions 0, 1 and all others."""
    cdef Shape s
    cdef int i
    s.n, s.channels, s.space = cnp.PyArray_DIM(x, 0), cnp.PyArray_DIM(x, 1), 1
    for i in range(2, cnp.PyArray_NDIM(x)):
        s.space *= <size_t>cnp.PyArray_DIM(x, i)
    return s


def are_channels(x, *values):
    """Whether x (n, channels, ...) and each of `values`, which has one number a channel or is None,
    can be handed to a kernel as they are."""
    if not is_plain(x) or cnp.PyArray_NDIM(<cnp.ndarray>x) < 2:
        return False
    for v in values:
        if v is not None and not (
            is_plain(v)
            and cnp.PyArray_TYPE(<cnp.ndarray>v) == cnp.PyArray_TYPE(<cnp.ndarray>x)
            and cnp.PyArray_NDIM(<cnp.ndarray>v) == 1
            and cnp.PyArray_DIM(<cnp.ndarray>v, 0) == cnp.PyArray_DIM(<cnp.ndarray>x, 1)
        ):
            return False
    return True


def batch_norm(cnp.ndarray y, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray running_mean,
               cnp.ndarray running_var, cnp.ndarray x, cnp.ndarray weight, cnp.ndarray bias,
               double momentum, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).batch_norm(data(y), data(mean), data(rstd), data_or_null(running_mean),
                          data_or_null(running_var), data(x), data_or_null(weight),
                          data_or_null(bias), momentum, eps, s.n, s.channels, s.space)
    restore(gil)


def batch_norm_backward(cnp.ndarray dx, cnp.ndarray dweight, cnp.ndarray dbias, cnp.ndarray grad,
                        cnp.ndarray x, cnp.ndarray mean, cnp.ndarray rstd, cnp.ndarray weight):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(dx).batch_norm_backward(data(dx), data(dweight), data(dbias), data(grad), data(x),
                                    data(mean), data(rstd), data_or_null(weight), s.n, s.channels,
                                    s.space)
    restore(gil)


def batch_norm_eval(cnp.ndarray y, cnp.ndarray x, cnp.ndarray mean, cnp.ndarray var,
                    cnp.ndarray weight, cnp.ndarray bias, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(y).batch_norm_eval(data(y), data(x), data(mean), data(var), data_or_null(weight),
                               data_or_null(bias), eps, s.n, s.channels, s.space)
    restore(gil)


def batch_norm_eval_backward(cnp.ndarray dx, cnp.ndarray dweight, cnp.ndarray dbias,
                             cnp.ndarray grad, cnp.ndarray x, cnp.ndarray mean, cnp.ndarray var,
                             cnp.ndarray weight, double eps):
    cdef Shape s = shape_of(x)
    cdef PyThreadState *gil = release(size(x))
    kernels(dx).batch_norm_eval_backward(data(dx), data(dweight), data(dbias), data(grad), data(x),
                                         data(mean), data(var), data_or_null(weight), eps, s.n,
                                         s.channels, s.space)
    restore(gil)
