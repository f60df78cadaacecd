# Doors to csrc/gemm.c: matrix products.

cdef inline int layout(object x) noexcept:
    """0 if the matrix x lies in memory by rows, 1 if by columns, -1 if neither or no matrix."""
    if not cnp.PyArray_CheckExact(x) or cnp.PyArray_NDIM(<cnp.ndarray>x) != 2:
        return -1
    cdef int kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
    if kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE:
        return -1
    if cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x):
        return 0
    return 1 if cnp.PyArray_ISFARRAY_RO(<cnp.ndarray>x) else -1


def layouts(a, b):
    """Whether matmul can multiply a and b as they lie in memory: bit 0 is set if a lies by columns,
    bit 1 if b does; -1 if it cannot."""
    cdef int of_a = layout(a), of_b = layout(b)
    if of_a < 0 or of_b < 0 or cnp.PyArray_TYPE(<cnp.ndarray>a) != cnp.PyArray_TYPE(<cnp.ndarray>b):
        return -1
    return of_a | of_b << 1


def matmul(cnp.ndarray c, cnp.ndarray a, cnp.ndarray b, cnp.ndarray bias, int transpose_a,
         int transpose_b, int add_to_c):
    cdef size_t m = cnp.PyArray_DIM(c, 0), n = cnp.PyArray_DIM(c, 1)
    cdef size_t k = cnp.PyArray_DIM(a, 0 if transpose_a else 1)
    cdef PyThreadState *gil = release(m * n * k // 8)
    kernels(c).matmul(data(c), data(a), data(b), data_or_null(bias), transpose_a, transpose_b,
                    add_to_c, m, n, k)
    restore(gil)
