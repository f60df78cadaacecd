# Doors to csrc/gather.c: rows of tables by index.

def gather_rows(cnp.ndarray y, cnp.ndarray table, cnp.ndarray index):
    cdef size_t n = size(y), rows = size(index)
    cdef PyThreadState *gil = release(n)
    kernels(y).gather_rows(data(y), data(table), <int64_t *>data(index), rows,
                           n // rows if rows else 0)
    restore(gil)


def gather_rows_u8(cnp.ndarray y, cnp.ndarray table, cnp.ndarray index, cnp.ndarray values):
    cdef size_t n = size(y), rows = size(index)
    cdef PyThreadState *gil = release(n)
    kernels(y).gather_rows_u8(data(y), <uint8_t *>data(table), <int64_t *>data(index), data(values),
                              rows, n // rows if rows else 0)
    restore(gil)


def scatter_add_rows(cnp.ndarray table, cnp.ndarray values, cnp.ndarray index):
    cdef size_t n = size(values), rows = size(index)
    cdef PyThreadState *gil = release(n)
    kernels(table).scatter_add_rows(data(table), data(values), <int64_t *>data(index), rows,
                                    n // rows if rows else 0)
    restore(gil)


def check_index(cnp.ndarray place, cnp.ndarray index, int64_t limit, int64_t ignore):
    (<int64_t *>data(place))[0] = first_outside(index, limit, ignore)


cpdef int64_t first_outside(cnp.ndarray index, int64_t limit, int64_t ignore):
    """What check_index finds, without an array to put it into."""
    cdef int64_t place
    mg_kernels[0].check_index(&place, <int64_t *>data(index), limit, ignore, size(index))
    return place


cdef inline bint is_index(object x) noexcept:
    """Whether x is a C-contiguous ndarray of native int64."""
    return (
        cnp.PyArray_CheckExact(x)
        and cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x)
        and cnp.PyArray_TYPE(<cnp.ndarray>x) == cnp.NPY_INT64
    )


def is_index_within(index, int64_t limit, int64_t ignore):
    """Whether index is a C-contiguous array of int64, all of it in [0, limit) or `ignore`."""
    if limit == 0 or not is_index(index):
        return False
    return <size_t>first_outside(index, limit, ignore) == size(<cnp.ndarray>index)
