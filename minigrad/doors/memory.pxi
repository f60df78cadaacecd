# Arrays in recycled memory (csrc/memory.c), and whether arrays are fit for a kernel.

cdef extern from "memory.h":
    ctypedef struct mg_memory_stats:
        size_t in_use, idle, limit, reused, fresh
    mg_memory_stats mg_memory
    void *mg_take(size_t bytes, size_t *capacity)
    void mg_give_back(void *block, size_t capacity)
    void mg_empty_cache()
    void mg_memory_init()

cdef extern from "numpy/arrayobject.h":
    ctypedef struct PyArray_Descr
    PyArray_Descr *PyArray_DESCR(cnp.ndarray x)
    object PyArray_NewFromDescr(type subtype, PyArray_Descr *descr, int nd, const cnp.npy_intp *dims,
                                const cnp.npy_intp *strides, void *data, int flags, object obj)
    int PyArray_SetBaseObject(cnp.ndarray array, object base) except -1
    int PyArray_IntpConverter(object shape, cnp.PyArray_Dims *dims) except 0
    int PyArray_DescrConverter(object dtype, PyArray_Descr **descr) except 0
    void PyDimMem_FREE(cnp.npy_intp *dims)
    int PyDataType_REFCHK(PyArray_Descr *descr)
    cnp.npy_intp PyDataType_ELSIZE(PyArray_Descr *descr)

# Bytes from which an array's memory is recycled; below, NumPy's own small-block cache and malloc's
# arenas do not page-fault either, and an array with a base of its own costs 60 ns more.
cdef size_t RECYCLE_FROM = 16384


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class _Block:
    """The memory of one array, given back when the last view of it dies."""
    cdef void *memory
    cdef size_t capacity

    def __dealloc__(self):
        if self.memory != NULL:
            mg_give_back(self.memory, self.capacity)


cdef object new(int nd, const cnp.npy_intp *dims, PyArray_Descr *descr):
    cdef size_t bytes = <size_t>PyDataType_ELSIZE(descr)
    cdef int i
    for i in range(nd):
        if dims[i] < 0 or (dims[i] != 0 and bytes > (<size_t>1 << 62) // <size_t>dims[i]):
            raise ValueError(f"cannot make an array of shape {tuple([dims[i] for i in range(nd)])}")
        bytes *= <size_t>dims[i]
    Py_INCREF(<object>descr)  # PyArray_NewFromDescr takes over one reference
    if bytes < RECYCLE_FROM or PyDataType_REFCHK(descr):
        return PyArray_NewFromDescr(cnp.ndarray, descr, nd, dims, NULL, NULL, 0, None)
    cdef _Block block = _Block.__new__(_Block)
    block.memory = mg_take(bytes, &block.capacity)
    if block.memory == NULL:
        raise MemoryError(f"no memory for an array of {bytes} bytes")
    array = PyArray_NewFromDescr(cnp.ndarray, descr, nd, dims, NULL, block.memory,
                                 cnp.NPY_ARRAY_CARRAY, None)
    Py_INCREF(block)  # PyArray_SetBaseObject takes over one reference
    PyArray_SetBaseObject(array, block)
    return array


def empty(shape, dtype=np.float32):
    """A C-contiguous array with undefined contents, in recycled memory if it is large."""
    cdef cnp.PyArray_Dims dims
    cdef PyArray_Descr *descr = NULL
    dims.ptr = NULL
    try:
        PyArray_DescrConverter(dtype, &descr)
        PyArray_IntpConverter(shape, &dims)
        return new(dims.len, dims.ptr, descr)
    finally:
        PyDimMem_FREE(dims.ptr)
        Py_XDECREF(<PyObject *>descr)


def empty_like(cnp.ndarray x):
    """empty(x.shape, x.dtype)."""
    return new(cnp.PyArray_NDIM(x), cnp.PyArray_DIMS(x), PyArray_DESCR(x))


cdef inline bint is_plain(object x) noexcept:
    """Whether x is a C-contiguous ndarray of native float32 or float64."""
    if not cnp.PyArray_CheckExact(x) or not cnp.PyArray_ISCARRAY_RO(<cnp.ndarray>x):
        return False
    cdef int kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
    return kind == cnp.NPY_FLOAT or kind == cnp.NPY_DOUBLE


cdef inline bint are_alike(object a, object b) noexcept:
    return (
        is_plain(a)
        and is_plain(b)
        and cnp.PyArray_TYPE(<cnp.ndarray>a) == cnp.PyArray_TYPE(<cnp.ndarray>b)
        and cnp.PyArray_SAMESHAPE(<cnp.ndarray>a, <cnp.ndarray>b)
    )


def alike(object a, object b):
    """Whether a and b can be handed to a kernel as they are: C-contiguous arrays of one float type
    and one shape. One call, because each attribute that Python looks at costs 30 ns."""
    return are_alike(a, b)


def replaces(object x, object like):
    """Whether x could take the place of `like`: alike, and writable memory of its own."""
    return (
        are_alike(x, like)
        and cnp.PyArray_ISWRITEABLE(<cnp.ndarray>x)
        and not isinstance(cnp.get_array_base(<cnp.ndarray>x), cnp.ndarray)
    )


def plain(*arrays):
    """Whether all are C-contiguous arrays of the same one of float32 and float64."""
    cdef object x, first = arrays[0]
    for x in arrays:
        if not is_plain(x) or (
            cnp.PyArray_TYPE(<cnp.ndarray>x) != cnp.PyArray_TYPE(<cnp.ndarray>first)
        ):
            return False
    return True


def like(object a, object b=...):
    """empty_like(a) if a is a C-contiguous array of float32 or float64, and alike(a, b) if there is
    a b; None if not."""
    if is_plain(a) if b is ... else are_alike(a, b):
        return empty_like(a)
    return None


def empty_cache():
    """Returns the memory kept for reuse to the system."""
    mg_empty_cache()


def memory_stats():
    """Bytes in use and idle, the limit on idle ones, and how many blocks were reused or fresh."""
    return mg_memory
