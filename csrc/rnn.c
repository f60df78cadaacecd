/* Recurrent layers: all steps of one layer in one direction.
 *
 * What does not wait for the step before, the inputs' share x W_ih^T + b, is one matrix product
 * over all steps, made outside. A step adds the state's share, h W_hh^T, to it, and then passes
 * once over the gates. Arrays of all steps are (steps, batch, ...); in reverse, the last step comes
 * first.
 *
 * w_hh is W_hh (gates hidden, hidden) if transpose_w, else W_hh^T: a batch is few rows, for which
 * the product is twice as fast, and that pays for transposing it once from a few steps on.
 *
 * The backward passes leave the gradient of what was added up in each step; those of x, the weights
 * and the biases are matrix products over all steps of it, made outside as well.
 */
#include "mg.h"
#include "vmath.h"

/* Work of a row of `hidden` elements that pass `functions` sigmoids and tanhs (see mg_threads). */
#define ROW_COST(hidden, functions) ((functions) * 5 * (hidden))

/* Where the step that is number s in time lies. */
static inline size_t place(size_t s, int reverse, size_t steps) {
    return reverse ? steps - 1 - s : s;
}

/* The state before step s, of states (steps, n) and the first one. */
static inline const T *before(const T *states, const T *first, size_t s, int reverse, size_t steps,
                              size_t n) {
    return s ? states + place(s - 1, reverse, steps) * n : first;
}

/* c = x op(w) + bias, or c += x op(w).  x (batch, k), op(w) (k, n) */
static inline void product(T *c, const T *x, const T *w, const T *bias, int transpose_w,
                           int add_to_c, size_t batch, size_t n, size_t k) {
    MG(matmul)(c, x, w, bias, 0, transpose_w, add_to_c, NULL, 1, batch, n, k, k,
               transpose_w ? k : n);
}

/* ---- one gate: h_t = f(a_t + h_(t-1) W_hh^T), f = tanh or relu ---- */

/* h: on entry a, on exit the states.  h (steps, batch, hidden), h0 (batch, hidden) */
void MG(rnn)(T *h, const T *h0, const T *w_hh, int transpose_w, int relu, int reverse, size_t steps,
             size_t batch, size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = 0; s < steps; s++) {
        T *now = h + place(s, reverse, steps) * n;
        product(now, before(h, h0, s, reverse, steps, n), w_hh, NULL, transpose_w, 1, batch, hidden,
                hidden);
        if (relu)
            MG(relu)(now, now, n);
        else
            MG(tanh)(now, now, n);
    }
}

/* da_t = (dh_t + da_(t+1) W_hh) f'(h_t).  dstate (batch, hidden): on entry the gradient of the last
 * state beside that in dh, on exit that of the first. */
void MG(rnn_backward)(T *da, T *dstate, const T *dh, const T *h, const T *w_hh, int relu,
                      int reverse, size_t steps, size_t batch, size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = steps; s-- > 0;) {
        const size_t at = place(s, reverse, steps) * n;
        MG(add)(da + at, dstate, dh + at, n);
        if (relu)
            MG(relu_backward)(da + at, da + at, h + at, n);
        else
            MG(tanh_backward)(da + at, da + at, h + at, n);
        product(dstate, da + at, w_hh, NULL, 0, 0, batch, hidden, hidden);
    }
}

/* ---- LSTM: c_t = f c_(t-1) + i g, h_t = o tanh c_t ----
 * i, f, o are sigmoids and g a tanh of the four parts of a_t + h_(t-1) W_hh^T, in the order i f g
 * o. Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997; forget gate: Gers et al.,
 * 2000.
 */

static void lstm_step(T *h, T *c, T *gates, const T *c_before, size_t batch, size_t hidden) {
    MG_EACH_BLOCK(row, batch, 1, ROW_COST(hidden, 5), {
        T *i = gates + 4 * row * hidden, *f = i + hidden, *g = f + hidden, *o = g + hidden;
        const T *old = c_before + row * hidden;
        T *new = c + row * hidden, *out = h + row * hidden;
        (void)count;
        for (size_t j = 0; j < hidden; j += V_LANES) {
            const size_t some = mg_min(V_LANES, hidden - j);
            const V in = v_sigmoid(v_load_some(i + j, some));
            const V forget = v_sigmoid(v_load_some(f + j, some));
            const V fresh = v_tanh(v_load_some(g + j, some));
            const V open = v_sigmoid(v_load_some(o + j, some));
            const V cell = v_fma(forget, v_load_some(old + j, some), in * fresh);
            v_store_some(i + j, in, some);
            v_store_some(f + j, forget, some);
            v_store_some(g + j, fresh, some);
            v_store_some(o + j, open, some);
            v_store_some(new + j, cell, some);
            v_store_some(out + j, open * v_tanh(cell), some);
        }
    });
}

/* gates: on entry a, on exit the gates.  h, c (steps, batch, hidden), gates (steps, batch,
 * 4 hidden), h0, c0 (batch, hidden) */
void MG(lstm)(T *h, T *c, T *gates, const T *h0, const T *c0, const T *w_hh, int transpose_w,
              int reverse, size_t steps, size_t batch, size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = 0; s < steps; s++) {
        const size_t at = place(s, reverse, steps) * n;
        product(gates + 4 * at, before(h, h0, s, reverse, steps, n), w_hh, NULL, transpose_w, 1,
                batch, 4 * hidden, hidden);
        lstm_step(h + at, c + at, gates + 4 * at, before(c, c0, s, reverse, steps, n), batch,
                  hidden);
    }
}

/* dc: on entry the gradient of c beside what comes by h, on exit that of c_before. */
static void lstm_step_backward(T *da, T *dc, const T *dstate, const T *dh, const T *gates,
                               const T *c, const T *c_before, size_t batch, size_t hidden) {
    MG_EACH_BLOCK(row, batch, 1, ROW_COST(hidden, 3), {
        const size_t at = row * hidden;
        const T *i = gates + 4 * at, *f = i + hidden, *g = f + hidden, *o = g + hidden;
        T *di = da + 4 * at, *df = di + hidden, *dg = df + hidden, *dopen = dg + hidden;
        (void)count;
        for (size_t j = 0; j < hidden; j += V_LANES) {
            const size_t some = mg_min(V_LANES, hidden - j);
            const V in = v_load_some(i + j, some), forget = v_load_some(f + j, some);
            const V fresh = v_load_some(g + j, some), open = v_load_some(o + j, some);
            const V old = v_load_some(c_before + at + j, some);
            const V tanh_c = v_tanh(v_load_some(c + at + j, some));
            const V dout = v_load_some(dstate + at + j, some) + v_load_some(dh + at + j, some);
            const V dcell = v_fma(dout * open, 1 - tanh_c * tanh_c, v_load_some(dc + at + j, some));
            v_store_some(di + j, dcell * fresh * in * (1 - in), some);
            v_store_some(df + j, dcell * old * forget * (1 - forget), some);
            v_store_some(dg + j, dcell * in * (1 - fresh * fresh), some);
            v_store_some(dopen + j, dout * tanh_c * open * (1 - open), some);
            v_store_some(dc + at + j, dcell * forget, some);
        }
    });
}

/* da (steps, batch, 4 hidden); dstate and dc (batch, hidden): on entry the gradients of the last
 * h (beside that in dh) and c, on exit those of h0 and c0. */
void MG(lstm_backward)(T *da, T *dstate, T *dc, const T *dh, const T *gates, const T *c,
                       const T *c0, const T *w_hh, int reverse, size_t steps, size_t batch,
                       size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = steps; s-- > 0;) {
        const size_t at = place(s, reverse, steps) * n;
        lstm_step_backward(da + 4 * at, dc, dstate, dh + at, gates + 4 * at, c + at,
                           before(c, c0, s, reverse, steps, n), batch, hidden);
        product(dstate, da + 4 * at, w_hh, NULL, 0, 0, batch, hidden, 4 * hidden);
    }
}

/* ---- GRU: h_t = (1 - z) n + z h_(t-1) ----
 * r and z are sigmoids of their parts of a_t + b_t, n = tanh(a_n + r b_n), b_t = h_(t-1) W_hh^T +
 * b_hh, in the order r z n.  Source: Cho et al., "Learning phrase representations", 2014, with r
 * applied after the product, as in cuDNN. */

static void gru_step(T *h, T *gates, const T *b, const T *h_before, size_t batch, size_t hidden) {
    MG_EACH_BLOCK(row, batch, 1, ROW_COST(hidden, 3), {
        T *r = gates + 3 * row * hidden, *z = r + hidden, *n = z + hidden;
        const T *br = b + 3 * row * hidden, *bz = br + hidden, *bn = bz + hidden;
        const T *old = h_before + row * hidden;
        T *new = h + row * hidden;
        (void)count;
        for (size_t j = 0; j < hidden; j += V_LANES) {
            const size_t some = mg_min(V_LANES, hidden - j);
            const V reset = v_sigmoid(v_load_some(r + j, some) + v_load_some(br + j, some));
            const V keep = v_sigmoid(v_load_some(z + j, some) + v_load_some(bz + j, some));
            const V fresh =
                v_tanh(v_fma(reset, v_load_some(bn + j, some), v_load_some(n + j, some)));
            v_store_some(r + j, reset, some);
            v_store_some(z + j, keep, some);
            v_store_some(n + j, fresh, some);
            v_store_some(new + j, v_fma(keep, v_load_some(old + j, some) - fresh, fresh), some);
        }
    });
}

/* gates: on entry a, on exit the gates.  h (steps, batch, hidden), gates and b (steps, batch,
 * 3 hidden), h0 (batch, hidden), b_hh (3 hidden) or NULL */
void MG(gru)(T *h, T *b, T *gates, const T *h0, const T *w_hh, const T *b_hh, int transpose_w,
             int reverse, size_t steps, size_t batch, size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = 0; s < steps; s++) {
        const size_t at = place(s, reverse, steps) * n;
        const T *old = before(h, h0, s, reverse, steps, n);
        product(b + 3 * at, old, w_hh, b_hh, transpose_w, 0, batch, 3 * hidden, hidden);
        gru_step(h + at, gates + 3 * at, b + 3 * at, old, batch, hidden);
    }
}

/* dstate: on exit what reaches h_before past the gates. */
static void gru_step_backward(T *da, T *db, T *dstate, const T *dh, const T *gates, const T *b,
                              const T *h_before, size_t batch, size_t hidden) {
    MG_EACH_BLOCK(row, batch, 1, ROW_COST(hidden, 1), {
        const size_t at = row * hidden;
        const T *r = gates + 3 * at, *z = r + hidden, *n = z + hidden;
        const T *bn = b + 3 * at + 2 * hidden;
        T *dar = da + 3 * at, *daz = dar + hidden, *dan = daz + hidden;
        T *dbr = db + 3 * at, *dbz = dbr + hidden, *dbn = dbz + hidden;
        (void)count;
        MG_SIMD for (size_t j = 0; j < hidden; j++) {
            const T out = dstate[at + j] + dh[at + j];
            const T dn = out * (1 - z[j]) * (1 - n[j] * n[j]);
            dbr[j] = dar[j] = dn * bn[j] * r[j] * (1 - r[j]);
            dbz[j] = daz[j] = out * (h_before[at + j] - n[j]) * z[j] * (1 - z[j]);
            dan[j] = dn;
            dbn[j] = dn * r[j];
            dstate[at + j] = out * z[j];
        }
    });
}

/* da and db (steps, batch, 3 hidden); dstate as in rnn_backward. */
void MG(gru_backward)(T *da, T *db, T *dstate, const T *dh, const T *gates, const T *b, const T *h,
                      const T *h0, const T *w_hh, int reverse, size_t steps, size_t batch,
                      size_t hidden) {
    const size_t n = batch * hidden;
    for (size_t s = steps; s-- > 0;) {
        const size_t at = place(s, reverse, steps) * n;
        gru_step_backward(da + 3 * at, db + 3 * at, dstate, dh + at, gates + 3 * at, b + 3 * at,
                          before(h, h0, s, reverse, steps, n), batch, hidden);
        product(dstate, db + 3 * at, w_hh, NULL, 0, 1, batch, hidden, 3 * hidden);
    }
}
