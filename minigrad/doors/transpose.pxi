# The door to csrc/transpose.c: two dimensions exchanged.

def transpose(cnp.ndarray y, cnp.ndarray x):
    """x (batch, rows, cols, inner)."""
    cdef cnp.npy_intp *s = cnp.PyArray_DIMS(x)
    cdef PyThreadState *gil = release(size(y))
    kernels(y).transpose(data(y), data(x), s[0], s[1], s[2], s[3])
    restore(gil)


def exchanged(cnp.ndarray x):
    """The memory of x as it lies, (batch, rows, cols, inner), where x shows its rows and its columns
    exchanged: x.T, images with their channels last, the heads of attention. None if x is not so."""
    cdef int kind = cnp.PyArray_TYPE(x), i, n = 0
    cdef cnp.npy_intp item = cnp.PyArray_ITEMSIZE(x), length, step
    cdef cnp.npy_intp[5] sizes, steps
    if not (kind == cnp.NPY_FLOAT or kind == cnp.NPY_DOUBLE) or not cnp.PyArray_ISBEHAVED_RO(x):
        return None
    sizes[0] = steps[0] = 1
    for i in range(cnp.PyArray_NDIM(x)):  # dimensions that are one in memory become one
        length, step = cnp.PyArray_DIM(x, i), cnp.PyArray_STRIDE(x, i)
        if length == 1:
            continue
        if n and steps[n] == step * length:
            sizes[n], steps[n] = sizes[n] * length, step
        elif n == 4:
            return None
        else:
            n += 1
            sizes[n], steps[n] = length, step
    cdef cnp.npy_intp inner = 1
    if n and steps[n] == item:
        inner = sizes[n]
        n -= 1
    if n < 2 or n > 3:
        return None
    cdef cnp.npy_intp cols = sizes[n - 1], rows = sizes[n], image = rows * cols * inner * item
    if steps[n - 1] != inner * item or steps[n] != cols * inner * item:
        return None
    if n == 3 and steps[1] != image:
        return None
    cdef cnp.npy_intp[4] dims = [sizes[n - 2], rows, cols, inner]
    Py_INCREF(<object>PyArray_DESCR(x))
    whole = PyArray_NewFromDescr(cnp.ndarray, PyArray_DESCR(x), 4, dims, NULL, data(x), 0, None)
    Py_INCREF(x)
    PyArray_SetBaseObject(whole, x)
    return whole
