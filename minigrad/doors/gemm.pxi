# Doors to csrc/gemm.c: matrix products.

cdef inline int layout(object x) noexcept:
    """0 if the matrices of the stack x lie in memory by rows, 1 if by columns, -1 if neither, or if x
    is no such stack."""
    if not cnp.PyArray_CheckExact(x) or not cnp.PyArray_ISBEHAVED_RO(<cnp.ndarray>x):
        return -1
    cdef int ndim = cnp.PyArray_NDIM(<cnp.ndarray>x), kind = cnp.PyArray_TYPE(<cnp.ndarray>x), i
    if ndim < 2 or (kind != cnp.NPY_FLOAT and kind != cnp.NPY_DOUBLE):
        return -1
    if cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x):
        return 0
    cdef cnp.npy_intp item = cnp.PyArray_ITEMSIZE(<cnp.ndarray>x)
    cdef const cnp.npy_intp *shape = cnp.PyArray_DIMS(<cnp.ndarray>x)
    cdef const cnp.npy_intp *step = cnp.PyArray_STRIDES(<cnp.ndarray>x)
    for i in range(ndim):
        if step[i] < 0 or step[i] % item:
            return -1
    if step[ndim - 1] == item or shape[ndim - 1] == 1:
        return 0
    return 1 if step[ndim - 2] == item or shape[ndim - 2] == 1 else -1


def matmul_arguments(a, b, bias, c):
    """The arguments of matmul for c = a b + bias, where c is None for a new array, or for c += a b,
    if a, b and bias (or None) can be handed to it as they lie in memory; None if they cannot, or do
    not fit each other."""
    cdef int a_by_columns = layout(a), b_by_columns = layout(b)
    if a_by_columns < 0 or b_by_columns < 0:
        return None
    cdef cnp.ndarray left = a, right = b
    cdef int kind = cnp.PyArray_TYPE(left), of_a = cnp.PyArray_NDIM(left), i
    cdef int of_b = cnp.PyArray_NDIM(right), ndim = max(of_a, of_b)
    cdef cnp.npy_intp[64] dims
    cdef cnp.npy_intp d, e
    if (
        cnp.PyArray_TYPE(right) != kind
        or cnp.PyArray_DIM(left, of_a - 1) != cnp.PyArray_DIM(right, of_b - 2)
    ):
        return None
    for i in range(ndim - 2):
        d = cnp.PyArray_DIM(left, i - ndim + of_a) if i >= ndim - of_a else 1
        e = cnp.PyArray_DIM(right, i - ndim + of_b) if i >= ndim - of_b else 1
        if d != e and d != 1 and e != 1:
            return None
        dims[i] = d if e == 1 else e
    dims[ndim - 2] = cnp.PyArray_DIM(left, of_a - 2)
    dims[ndim - 1] = cnp.PyArray_DIM(right, of_b - 1)
    if bias is not None and not (
        is_plain(bias)
        and cnp.PyArray_TYPE(<cnp.ndarray>bias) == kind
        and cnp.PyArray_NDIM(<cnp.ndarray>bias) == 1
        and cnp.PyArray_DIM(<cnp.ndarray>bias, 0) == dims[ndim - 1]
    ):
        return None
    return (
        new(ndim, dims, PyArray_DESCR(left)) if c is None else c,
        rows_and_columns_exchanged(left) if a_by_columns else left,
        rows_and_columns_exchanged(right) if b_by_columns else right,
        bias,
        a_by_columns,
        b_by_columns,
        c is not None,
    )


cdef inline cnp.ndarray rows_and_columns_exchanged(cnp.ndarray x):
    cdef int ndim = cnp.PyArray_NDIM(x)
    return cnp.PyArray_SwapAxes(x, ndim - 2, ndim - 1)


cdef void place(size_t *at, cnp.ndarray c, cnp.ndarray x) noexcept:
    """at[2 s] = where the matrix of x lies that belongs to the s-th of c, in elements."""
    cdef int ndim = cnp.PyArray_NDIM(c) - 2, missing = cnp.PyArray_NDIM(c) - cnp.PyArray_NDIM(x), i
    cdef size_t s, rest, count = 1, at_s, item = cnp.PyArray_ITEMSIZE(x)
    for i in range(ndim):
        count *= cnp.PyArray_DIM(c, i)
    for s in range(count):
        rest = s
        at_s = 0
        for i in range(ndim - 1, missing - 1, -1):
            if cnp.PyArray_DIM(x, i - missing) != 1:
                at_s += rest % <size_t>cnp.PyArray_DIM(c, i) * cnp.PyArray_STRIDE(x, i - missing)
            rest //= <size_t>cnp.PyArray_DIM(c, i)
        at[2 * s] = at_s // item


def matmul(cnp.ndarray c, cnp.ndarray a, cnp.ndarray b, cnp.ndarray bias, int transpose_a,
         int transpose_b, int add_to_c):
    cdef int ndim = cnp.PyArray_NDIM(c)
    cdef size_t m = cnp.PyArray_DIM(c, ndim - 2), n = cnp.PyArray_DIM(c, ndim - 1)
    cdef size_t k = cnp.PyArray_DIM(a, cnp.PyArray_NDIM(a) - (2 if transpose_a else 1))
    cdef size_t lda = cnp.PyArray_STRIDE(a, cnp.PyArray_NDIM(a) - 2) // cnp.PyArray_ITEMSIZE(a)
    cdef size_t ldb = cnp.PyArray_STRIDE(b, cnp.PyArray_NDIM(b) - 2) // cnp.PyArray_ITEMSIZE(b)
    cdef size_t count = 1
    cdef size_t *at = NULL
    if ndim > 2 and cnp.PyArray_NDIM(b) == 2 and cnp.PyArray_ISCARRAY_RO(a) and not transpose_a:
        m = size(c) // n if n else 0  # all of them times one matrix are one tall one
        lda = k  # and not the stride of a matrix of one row, which NumPy lets be anything
    elif ndim > 2:
        count = size(c) // (m * n) if m and n else 0
        at = <size_t *>malloc(2 * count * sizeof(size_t) + 1)
        if at == NULL:
            raise MemoryError(f"no memory for the places of {count} matrices")
        if count:
            place(at, c, a)
            place(at + 1, c, b)
    cdef PyThreadState *gil = release(count * m * n * k // 8)
    kernels(c).matmul(data(c), data(a), data(b), data_or_null(bias), transpose_a, transpose_b,
                    add_to_c, at, count, m, n, k, lda, ldb)
    restore(gil)
    free(at)


def linear_backward(cnp.ndarray dx, cnp.ndarray dw, cnp.ndarray db, cnp.ndarray dy, cnp.ndarray x,
                    cnp.ndarray w):
    cdef cnp.ndarray inner = w if x is None else x
    cdef size_t rows = cnp.PyArray_DIM(dy, 0), outs = cnp.PyArray_DIM(dy, 1)
    cdef size_t ins = 0 if inner is None else cnp.PyArray_DIM(inner, 1)
    cdef PyThreadState *gil = release(rows * outs * ins // 4)
    kernels(dy).linear_backward(data_or_null(dx), data_or_null(dw), data_or_null(db), data(dy),
                                data_or_null(x), data_or_null(w), rows, outs, ins)
    restore(gil)


def linear_backward_arguments(dy, x, w, bint need_db):
    """The arguments of linear_backward for dx (unless w is None), dw (unless x is None) and, if need
    be, db; None if the arrays cannot be handed to it as they lie in memory, or do not fit."""
    if not is_plain(dy) or cnp.PyArray_NDIM(<cnp.ndarray>dy) != 2:
        return None
    cdef cnp.ndarray grad = dy
    cdef cnp.npy_intp[2] dims = [cnp.PyArray_DIM(grad, 1), 0]
    for other, along in ((x, 0), (w, 1)):
        if other is not None and not (
            is_plain(other)
            and cnp.PyArray_NDIM(<cnp.ndarray>other) == 2
            and cnp.PyArray_TYPE(<cnp.ndarray>other) == cnp.PyArray_TYPE(grad)
            and cnp.PyArray_DIM(<cnp.ndarray>other, 0) == cnp.PyArray_DIM(grad, along)
        ):
            return None
    dx = dw = db = None
    if need_db:
        db = new(1, dims, PyArray_DESCR(grad))
    if x is not None:
        dims[1] = cnp.PyArray_DIM(<cnp.ndarray>x, 1)
        dw = new(2, dims, PyArray_DESCR(grad))
    if w is not None:
        dims[0], dims[1] = cnp.PyArray_DIM(grad, 0), cnp.PyArray_DIM(<cnp.ndarray>w, 1)
        dx = new(2, dims, PyArray_DESCR(grad))
    return dx, dw, db, dy, x, w
