# Doors to csrc/rnn.c: all steps of a recurrent layer.

def rnn(cnp.ndarray h, cnp.ndarray h0, cnp.ndarray w_hh, int transpose_w, int relu, int reverse):
    cdef PyThreadState *gil = release(size(h))
    kernels(h).rnn(data(h), data(h0), data(w_hh), transpose_w, relu, reverse, h.shape[0],
                   h.shape[1], h.shape[2])
    restore(gil)


def rnn_backward(cnp.ndarray da, cnp.ndarray dstate, cnp.ndarray dh, cnp.ndarray h,
                 cnp.ndarray w_hh, int relu, int reverse):
    cdef PyThreadState *gil = release(size(h))
    kernels(h).rnn_backward(data(da), data(dstate), data(dh), data(h), data(w_hh), relu, reverse,
                            h.shape[0], h.shape[1], h.shape[2])
    restore(gil)


def lstm(cnp.ndarray h, cnp.ndarray c, cnp.ndarray gates, cnp.ndarray h0, cnp.ndarray c0,
         cnp.ndarray w_hh, int transpose_w, int reverse):
    cdef PyThreadState *gil = release(size(gates))
    kernels(h).lstm(data(h), data(c), data(gates), data(h0), data(c0), data(w_hh), transpose_w,
                    reverse, h.shape[0], h.shape[1], h.shape[2])
    restore(gil)


def lstm_backward(cnp.ndarray da, cnp.ndarray dstate, cnp.ndarray dc, cnp.ndarray dh,
                  cnp.ndarray gates, cnp.ndarray c, cnp.ndarray c0, cnp.ndarray w_hh, int reverse):
    cdef PyThreadState *gil = release(size(gates))
    kernels(c).lstm_backward(data(da), data(dstate), data(dc), data(dh), data(gates), data(c),
                             data(c0), data(w_hh), reverse, c.shape[0], c.shape[1], c.shape[2])
    restore(gil)


def gru(cnp.ndarray h, cnp.ndarray b, cnp.ndarray gates, cnp.ndarray h0, cnp.ndarray w_hh,
        cnp.ndarray b_hh, int transpose_w, int reverse):
    cdef PyThreadState *gil = release(size(gates))
    kernels(h).gru(data(h), data(b), data(gates), data(h0), data(w_hh), data_or_null(b_hh),
                   transpose_w, reverse, h.shape[0], h.shape[1], h.shape[2])
    restore(gil)


def gru_backward(cnp.ndarray da, cnp.ndarray db, cnp.ndarray dstate, cnp.ndarray dh,
                 cnp.ndarray gates, cnp.ndarray b, cnp.ndarray h, cnp.ndarray h0, cnp.ndarray w_hh,
                 int reverse):
    cdef PyThreadState *gil = release(size(gates))
    kernels(h).gru_backward(data(da), data(db), data(dstate), data(dh), data(gates), data(b),
                            data(h), data(h0), data(w_hh), reverse, h.shape[0], h.shape[1],
                            h.shape[2])
    restore(gil)
