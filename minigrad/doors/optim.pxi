# Doors to csrc/optim.c: update rules: lists of arrays, one a parameter.

cdef class _Pointers:
    """The arrays of some lists of equal length as one block of pointers, list after list, and
    behind them the sizes of the first list's arrays. A list may be None: NULL is what the kernel
    sees. The lists keep the arrays alive."""
    cdef void **first
    cdef size_t count, total, lists
    cdef unsigned absent  # bit i: the i-th list is None

    def __cinit__(self, list params, *others):
        cdef size_t k, i = 0
        cdef list arrays
        self.count, self.total, self.absent = <size_t>len(params), 0, 0
        self.lists = len(others) + 1
        self.first = <void **>malloc((self.lists + 1) * self.count * sizeof(void *) + 1)
        if self.first == NULL:
            raise MemoryError("no memory for the pointers to the parameters")
        for k in range(self.count):
            self.first[k] = data(<cnp.ndarray>params[k])
        for arrays in others:
            i += 1
            if arrays is None:
                self.absent |= 1u << i
                continue
            for k in range(self.count):
                self.first[i * self.count + k] = data(<cnp.ndarray>arrays[k])
        for k in range(self.count):
            self.first[self.lists * self.count + k] = <void *>size(<cnp.ndarray>params[k])
            self.total += size(<cnp.ndarray>params[k])

    def __dealloc__(self):
        free(self.first)

    cdef inline void **list(self, size_t i) noexcept:
        return NULL if self.absent >> i & 1 else self.first + i * self.count

    cdef inline const void *const *inputs(self, size_t i) noexcept:
        return <const void *const *>self.list(i)

    cdef inline const size_t *sizes(self) noexcept:
        return <const size_t *>(self.first + self.lists * self.count)


def sgd(list params, list grads, double step, double decay, double sign):
    cdef _Pointers p = _Pointers(params, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).sgd(p.list(0), p.inputs(1), step, decay, sign, p.sizes(), p.count)
    restore(gil)


def sgd_momentum(list params, list bufs, list grads, double momentum, double gain, double step,
                 double ahead, double look, double decay, double sign):
    cdef _Pointers p = _Pointers(params, bufs, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).sgd_momentum(p.list(0), p.list(1), p.inputs(2), momentum, gain, step, ahead,
                                    look, decay, sign, p.sizes(), p.count)
    restore(gil)


def rmsprop(list params, list sqs, list avgs, list bufs, list grads, double keep, double gain,
            double inside, double outside, double momentum, double step, double decay, double sign):
    cdef _Pointers p = _Pointers(params, sqs, avgs, bufs, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).rmsprop(p.list(0), p.list(1), p.list(2), p.list(3), p.inputs(4), keep, gain,
                               inside, outside, momentum, step, decay, sign, p.sizes(), p.count)
    restore(gil)


def adadelta(list params, list sqs, list accs, list grads, double rho, double eps, double step,
             double decay, double sign):
    cdef _Pointers p = _Pointers(params, sqs, accs, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).adadelta(p.list(0), p.list(1), p.list(2), p.inputs(3), rho, eps, step, decay,
                                sign, p.sizes(), p.count)
    restore(gil)


def adam(list params, list avgs, list sqs, list tops, list grads, double beta1, double beta2,
         double step, double ahead, double unbias, double eps, double decay, double shrink,
         double sign):
    cdef _Pointers p = _Pointers(params, avgs, sqs, tops, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).adam(p.list(0), p.list(1), p.list(2), p.list(3), p.inputs(4), beta1, beta2,
                            step, ahead, unbias, eps, decay, shrink, sign, p.sizes(), p.count)
    restore(gil)


def adamax(list params, list avgs, list tops, list grads, double beta1, double beta2, double step,
           double eps, double decay, double sign):
    cdef _Pointers p = _Pointers(params, avgs, tops, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).adamax(p.list(0), p.list(1), p.list(2), p.inputs(3), beta1, beta2, step, eps,
                              decay, sign, p.sizes(), p.count)
    restore(gil)


def lion(list params, list avgs, list grads, double beta1, double beta2, double step, double shrink,
         double sign):
    cdef _Pointers p = _Pointers(params, avgs, grads)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).lion(p.list(0), p.list(1), p.inputs(2), beta1, beta2, step, shrink, sign,
                            p.sizes(), p.count)
    restore(gil)


def soft_threshold(list params, double threshold):
    cdef _Pointers p = _Pointers(params)
    cdef PyThreadState *gil = release(p.total)
    kernels(params[0]).soft_threshold(p.list(0), threshold, p.sizes(), p.count)
    restore(gil)


def updatable(list grads, *states):
    """Whether an update rule can be called on them as they are: lists of one length (or None), all
    k-th arrays alike, all of one float type, those of the states writable."""
    cdef Py_ssize_t k, count = len(grads)
    cdef list arrays
    cdef int kind = -1
    for arrays in states:
        if arrays is None:
            continue
        if len(arrays) != count:
            return False
        for k in range(count):
            if not are_alike(arrays[k], grads[k]):
                return False
            if not cnp.PyArray_ISWRITEABLE(<cnp.ndarray>arrays[k]):
                return False
            if kind < 0:
                kind = cnp.PyArray_TYPE(<cnp.ndarray>arrays[k])
            elif kind != cnp.PyArray_TYPE(<cnp.ndarray>arrays[k]):
                return False
    return True
