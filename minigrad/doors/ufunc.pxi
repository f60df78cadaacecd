# The door to csrc/ufunc.c: NumPy's loops on all threads.

cdef extern from "ufunc.h":
    ctypedef void (*mg_ufunc_loop)(char **, const ptrdiff_t *, const ptrdiff_t *, void *) noexcept nogil
    enum: MG_UFUNC_ARRAYS
    void mg_ufunc(mg_ufunc_loop loop, void *data, int arrays, char **at, const ptrdiff_t *steps,
                  size_t n) noexcept nogil


def run_ufunc(cnp.ufunc function, cnp.ndarray y, tuple operands):
    """Whether function(*operands, out=y) has been computed: for contiguous arrays of one float type
    and of y's shape, and Python numbers, where NumPy has a loop for that type. Loops of floats alone,
    because others may raise errors."""
    cdef int count = function.nin, kind = -1, i, k
    if function.nout != 1 or count != len(operands) or count >= MG_UFUNC_ARRAYS:
        return False
    for x in operands:
        if is_plain(x):
            if not cnp.PyArray_SAMESHAPE(<cnp.ndarray>x, y):
                return False
            if kind >= 0 and cnp.PyArray_TYPE(<cnp.ndarray>x) != kind:
                return False
            kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
        elif type(x) is not float and type(x) is not int:
            return False
    cdef int found = -1, result = cnp.PyArray_TYPE(y)
    if kind < 0 or not (result == kind or result == cnp.NPY_BOOL):
        return False
    for k in range(function.ntypes):
        for i in range(count):
            if function.types[k * (count + 1) + i] != kind:
                break
        else:
            if function.types[k * (count + 1) + count] == result:
                found = k
                break
    if found < 0:
        return False
    cdef double[MG_UFUNC_ARRAYS] doubles
    cdef float[MG_UFUNC_ARRAYS] floats
    cdef (char *)[MG_UFUNC_ARRAYS] at
    cdef ptrdiff_t[MG_UFUNC_ARRAYS] steps
    for i in range(count):
        x = operands[i]
        if cnp.PyArray_CheckExact(x):
            at[i] = <char *>data(<cnp.ndarray>x)
            steps[i] = cnp.PyArray_ITEMSIZE(<cnp.ndarray>x)
        else:
            doubles[i] = x
            floats[i] = <float>doubles[i]
            at[i] = <char *>&floats[i] if kind == cnp.NPY_FLOAT else <char *>&doubles[i]
            steps[i] = 0
    at[count], steps[count] = <char *>data(y), cnp.PyArray_ITEMSIZE(y)
    cdef size_t n = size(y)
    cdef PyThreadState *gil = release(n)
    # void *: NumPy's type of a loop does not say that loops of floats need no GIL.
    mg_ufunc(<mg_ufunc_loop><void *>function.functions[found], function.data[found], count + 1, at, steps,
             n)
    restore(gil)
    return True
