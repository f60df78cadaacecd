/* Update rules of the optimisers: in place, one pass over memory and one parallel region for all
 * parameters of a group.
 *
 * A kernel gets arrays of `count` pointers, one a parameter (the parameter, its gradient, its
 * state), and `sizes`, the elements of each. A rule is a struct of scalars and a function that
 * updates n elements; the kernel walks it over all parameters with EACH_CHUNK. Scalars come as
 * double and are rounded to T once. In all rules
 *
 *   g = sign grad + decay p        sign is -1 to maximise, decay the coupled weight decay
 */
#include "mg.h"

/* Elements a thread takes at a time, for threads to share a layer of a few thousand evenly. */
enum { CHUNK = 1024 };

/* The statements for every stretch start ... start + n - 1 of every parameter k. The threads do not
 * wait for each other between parameters. cost: see mg_threads. */
#define EACH_CHUNK(cost, ...)                                              \
    do {                                                                   \
        size_t total = 0;                                                  \
        for (size_t k = 0; k < count; k++) total += sizes[k];              \
        const int threads = mg_threads(total * (cost));                    \
        if (threads == 1) {                                                \
            for (size_t k = 0; k < count; k++) {                           \
                const size_t start = 0, n = sizes[k];                      \
                __VA_ARGS__;                                               \
            }                                                              \
        } else {                                                           \
            MG_PRAGMA(omp parallel num_threads(threads))                   \
            for (size_t k = 0; k < count; k++) {                           \
                MG_PRAGMA(omp for schedule(static) nowait)                 \
                for (size_t start = 0; start < sizes[k]; start += CHUNK) { \
                    const size_t n = mg_min(CHUNK, sizes[k] - start);      \
                    __VA_ARGS__;                                           \
                }                                                          \
            }                                                              \
        }                                                                  \
    } while (0)

/* ---- SGD ------------------------------------------------------------------------------------ */

typedef struct {
    T step, decay, sign; /* without momentum, only these */
    T momentum, gain, ahead, look;
} SGD;

static void sgd(T *p, const T *grad, SGD s, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = MG_FMA(s.decay, p[i], s.sign * grad[i]);
        p[i] = MG_FMA(s.step, g, p[i]);
    }
}

/* p <- p + step g */
void MG(sgd)(T *const *params, const T *const *grads, double step, double decay, double sign,
             const size_t *sizes, size_t count) {
    const SGD s = {.step = (T)step, .decay = (T)decay, .sign = (T)sign};
    EACH_CHUNK(2, sgd(params[k] + start, grads[k] + start, s, n));
}

static void sgd_momentum(T *p, T *buf, const T *grad, SGD s, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = MG_FMA(s.decay, p[i], s.sign * grad[i]);
        const T moved = MG_FMA(s.momentum, buf[i], s.gain * g);
        buf[i] = moved;
        p[i] = MG_FMA(s.step, MG_FMA(s.look, moved, s.ahead * g), p[i]);
    }
}

/* buf <- momentum buf + gain g;  p <- p + step (ahead g + look buf)
 *
 * The forms of momentum in use, m being the momentum and buf 0 at the start:
 *   PyTorch's  gain = 1 - dampening (1 at the first step), step = -lr
 *   average    gain = 1 - m, step = -lr
 *   velocity   gain = -lr, step = 1
 * each with ahead = 0 and look = 1; Nesterov's is PyTorch's with ahead = 1 and look = m. */
void MG(sgd_momentum)(T *const *params, T *const *bufs, const T *const *grads, double momentum,
                      double gain, double step, double ahead, double look, double decay,
                      double sign, const size_t *sizes, size_t count) {
    const SGD s = {(T)step, (T)decay, (T)sign, (T)momentum, (T)gain, (T)ahead, (T)look};
    EACH_CHUNK(3, sgd_momentum(params[k] + start, bufs[k] + start, grads[k] + start, s, n));
}

/* ---- Adam ----------------------------------------------------------------------------------- */

typedef struct {
    T beta1, rest1, beta2, rest2; /* rest = 1 - beta */
    T step, unbias, eps, decay, shrink, sign;
} Adam;

/* top is NULL for Adam without amsgrad. */
static MG_INLINE void adam(T *p, T *avg, T *sq, T *top, const T *grad, Adam a, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T shrunk = a.shrink * p[i], g = MG_FMA(a.decay, shrunk, a.sign * grad[i]);
        const T mean = MG_FMA(a.rest1, g, a.beta1 * avg[i]);
        T square = MG_FMA(a.rest2 * g, g, a.beta2 * sq[i]);
        avg[i] = mean;
        sq[i] = square;
        if (top) top[i] = square = square < top[i] ? top[i] : square;
        p[i] = shrunk + a.step * mean / MG_FMA(a.unbias, MG_SQRT(square), a.eps);
    }
}

static void adam_plain(T *p, T *avg, T *sq, const T *grad, Adam a, size_t n) {
    adam(p, avg, sq, NULL, grad, a, n);
}
static void adam_top(T *p, T *avg, T *sq, T *top, const T *grad, Adam a, size_t n) {
    adam(p, avg, sq, top, grad, a, n);
}

/* p <- shrink p;  avg <- beta1 avg + (1 - beta1) g;  sq <- beta2 sq + (1 - beta2) g g
 * p <- p + step avg / (unbias sqrt(sq) + eps)
 *
 * with step = -lr / (1 - beta1^t) and unbias = 1 / sqrt(1 - beta2^t) at the t-th step. Adam has
 * shrink = 1; AdamW has decay = 0 and shrink = 1 - lr times its weight decay. amsgrad divides by
 * the root of the largest sq so far:  top <- max(top, sq). tops is NULL, or has `count` pointers.
 */
void MG(adam)(T *const *params, T *const *avgs, T *const *sqs, T *const *tops,
              const T *const *grads, double beta1, double beta2, double step, double unbias,
              double eps, double decay, double shrink, double sign, const size_t *sizes,
              size_t count) {
    const Adam a = {(T)beta1,  (T)(1 - beta1), (T)beta2, (T)(1 - beta2), (T)step,
                    (T)unbias, (T)eps,         (T)decay, (T)shrink,      (T)sign};
    if (tops)
        EACH_CHUNK(7, adam_top(params[k] + start, avgs[k] + start, sqs[k] + start, tops[k] + start,
                               grads[k] + start, a, n));
    else
        EACH_CHUNK(6, adam_plain(params[k] + start, avgs[k] + start, sqs[k] + start,
                                 grads[k] + start, a, n));
}
