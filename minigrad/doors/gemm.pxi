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


def matmul_arguments(a, b, bias):
    """The arguments of matmul for c = a b + bias, with a new c, if a, b and bias (or None) can be
    handed to it as they lie in memory; None if they cannot, or do not fit each other."""
    cdef int a_by_columns = layout(a), b_by_columns = layout(b)
    if a_by_columns < 0 or b_by_columns < 0:
        return None
    cdef cnp.ndarray left = a, right = b
    cdef cnp.npy_intp[2] dims
    dims[0], dims[1] = cnp.PyArray_DIM(left, 0), cnp.PyArray_DIM(right, 1)
    cdef int kind = cnp.PyArray_TYPE(left)
    if cnp.PyArray_TYPE(right) != kind or cnp.PyArray_DIM(left, 1) != cnp.PyArray_DIM(right, 0):
        return None
    if bias is not None and not (
        is_plain(bias)
        and cnp.PyArray_TYPE(<cnp.ndarray>bias) == kind
        and cnp.PyArray_NDIM(<cnp.ndarray>bias) == 1
        and cnp.PyArray_DIM(<cnp.ndarray>bias, 0) == dims[1]
    ):
        return None
    return (
        new(2, dims, PyArray_DESCR(left)),
        cnp.PyArray_Transpose(left, NULL) if a_by_columns else left,
        cnp.PyArray_Transpose(right, NULL) if b_by_columns else right,
        bias,
        a_by_columns,
        b_by_columns,
        0,
    )


def matmul(cnp.ndarray c, cnp.ndarray a, cnp.ndarray b, cnp.ndarray bias, int transpose_a,
         int transpose_b, int add_to_c):
    cdef size_t m = cnp.PyArray_DIM(c, 0), n = cnp.PyArray_DIM(c, 1)
    cdef size_t k = cnp.PyArray_DIM(a, 0 if transpose_a else 1)
    cdef PyThreadState *gil = release(m * n * k // 8)
    kernels(c).matmul(data(c), data(a), data(b), data_or_null(bias), transpose_a, transpose_b,
                    add_to_c, m, n, k)
    restore(gil)
