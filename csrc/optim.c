/* Update rules of the optimisers: in place, one pass over memory and one parallel region for all
 * parameters of a group.
 *
 * A kernel gets arrays of `count` pointers, one a parameter (the parameter, its gradient, its
 * state), and `sizes`, the elements of each. A rule is a struct of scalars and a function that
 * updates n elements; the kernel walks it over all parameters with EACH_STRETCH. Scalars come as
 * double and are rounded to T once. In all rules
 *
 *   g = sign grad + decay p        sign is -1 to maximise, decay the coupled weight decay
 */
#include "mg.h"

/* Elements that a thread's share is a multiple of: some cache lines. */
enum { UNIT = 64 };

/* The statements for stretches start ... start + n - 1 of parameters k that together are all of
 * them. Each thread has an equal share of all elements in a row, wherever in which parameter that
 * begins and ends: a net of many small layers is divided as evenly as one large layer. cost: see
 * mg_threads. */
#define EACH_STRETCH(cost, ...)                                                              \
    do {                                                                                     \
        size_t total = 0;                                                                    \
        for (size_t k = 0; k < count; k++) total += sizes[k];                                \
        const int threads = mg_threads(total * (cost));                                      \
        if (threads == 1) {                                                                  \
            for (size_t k = 0; k < count; k++) {                                             \
                const size_t start = 0, n = sizes[k];                                        \
                __VA_ARGS__;                                                                 \
            }                                                                                \
        } else {                                                                             \
            const size_t units = threads * UNIT, share = (total + units - 1) / units * UNIT; \
            MG_PARALLEL(threads) for (int t = 0; t < threads; t++) {                         \
                size_t skip = t * share, left = share; /* elements before and in it */       \
                for (size_t k = 0; k < count && left; k++) {                                 \
                    const size_t start = mg_min(skip, sizes[k]);                             \
                    const size_t n = mg_min(left, sizes[k] - start);                         \
                    skip -= start;                                                           \
                    left -= n;                                                               \
                    if (n) {                                                                 \
                        __VA_ARGS__;                                                         \
                    }                                                                        \
                }                                                                            \
            }                                                                                \
        }                                                                                    \
    } while (0)

/* Where the stretch begins in the k-th array of a list that may be absent. */
#define PART(list) ((list) ? (list)[k] + start : NULL)

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
    EACH_STRETCH(2, sgd(params[k] + start, grads[k] + start, s, n));
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
    EACH_STRETCH(3, sgd_momentum(params[k] + start, bufs[k] + start, grads[k] + start, s, n));
}

/* ---- Adagrad, RMSprop, Adadelta ------------------------------------------------------------- */

typedef struct {
    T keep, gain, inside, outside, momentum, step, decay, sign;
} RMSprop;

static MG_INLINE void rmsprop_loop(T *p, T *sq, T *avg, T *buf, const T *grad, RMSprop r,
                                   size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = MG_FMA(r.decay, p[i], r.sign * grad[i]);
        T square = MG_FMA(r.gain * g, g, r.keep * sq[i]);
        sq[i] = square;
        if (avg) {
            const T mean = MG_FMA(r.gain, g, r.keep * avg[i]);
            avg[i] = mean;
            square = MG_FMA(-mean, mean, square);
            square = square < 0 ? 0 : square; /* by rounding, where all g were alike */
        }
        T move = g / (MG_SQRT(square + r.inside) + r.outside);
        if (buf) buf[i] = move = MG_FMA(r.momentum, buf[i], move);
        p[i] = MG_FMA(r.step, move, p[i]);
    }
}

static void rmsprop(T *p, T *sq, T *avg, T *buf, const T *grad, RMSprop r, size_t n) {
    if (avg && buf)
        rmsprop_loop(p, sq, avg, buf, grad, r, n);
    else if (avg)
        rmsprop_loop(p, sq, avg, NULL, grad, r, n);
    else if (buf)
        rmsprop_loop(p, sq, NULL, buf, grad, r, n);
    else
        rmsprop_loop(p, sq, NULL, NULL, grad, r, n);
}

/* sq <- keep sq + gain g g;  move = g / (sqrt(sq + inside) + outside);  p <- p + step move
 *
 * RMSprop has keep = alpha, gain = 1 - alpha; Adagrad keep = gain = 1. One of inside and outside is
 * eps, the other 0. With avgs (or NULL): avg <- keep avg + gain g, and sq - avg avg, the variance,
 * takes sq's place under the root. With bufs (or NULL): buf <- momentum buf + move, and buf takes
 * move's place. */
void MG(rmsprop)(T *const *params, T *const *sqs, T *const *avgs, T *const *bufs,
                 const T *const *grads, double keep, double gain, double inside, double outside,
                 double momentum, double step, double decay, double sign, const size_t *sizes,
                 size_t count) {
    const RMSprop r = {(T)keep,     (T)gain, (T)inside, (T)outside,
                       (T)momentum, (T)step, (T)decay,  (T)sign};
    EACH_STRETCH(6, rmsprop(params[k] + start, sqs[k] + start, PART(avgs), PART(bufs),
                            grads[k] + start, r, n));
}

typedef struct {
    T rho, rest, eps, step, decay, sign; /* rest = 1 - rho */
} Adadelta;

static void adadelta(T *p, T *sq, T *acc, const T *grad, Adadelta a, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = MG_FMA(a.decay, p[i], a.sign * grad[i]);
        const T square = MG_FMA(a.rest * g, g, a.rho * sq[i]);
        const T move = MG_SQRT(acc[i] + a.eps) / MG_SQRT(square + a.eps) * g;
        sq[i] = square;
        acc[i] = MG_FMA(a.rest * move, move, a.rho * acc[i]);
        p[i] = MG_FMA(a.step, move, p[i]);
    }
}

/* sq <- rho sq + (1 - rho) g g;  move = g sqrt(acc + eps) / sqrt(sq + eps)
 * acc <- rho acc + (1 - rho) move move;  p <- p + step move */
void MG(adadelta)(T *const *params, T *const *sqs, T *const *accs, const T *const *grads,
                  double rho, double eps, double step, double decay, double sign,
                  const size_t *sizes, size_t count) {
    const Adadelta a = {(T)rho, (T)(1 - rho), (T)eps, (T)step, (T)decay, (T)sign};
    EACH_STRETCH(
        8, adadelta(params[k] + start, sqs[k] + start, accs[k] + start, grads[k] + start, a, n));
}

/* ---- Adam and its kin ----------------------------------------------------------------------- */

typedef struct {
    T beta1, rest1, beta2, rest2; /* rest = 1 - beta */
    T step, ahead, unbias, eps, decay, shrink, sign;
} Adam;

static MG_INLINE void adam_loop(T *p, T *avg, T *sq, T *top, const T *grad, Adam a, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T shrunk = a.shrink * p[i], g = MG_FMA(a.decay, shrunk, a.sign * grad[i]);
        const T mean = MG_FMA(a.rest1, g, a.beta1 * avg[i]);
        T square = MG_FMA(a.rest2 * g, g, a.beta2 * sq[i]);
        avg[i] = mean;
        sq[i] = square;
        if (top) top[i] = square = square < top[i] ? top[i] : square;
        p[i] =
            shrunk + MG_FMA(a.ahead, g, a.step * mean) / MG_FMA(a.unbias, MG_SQRT(square), a.eps);
    }
}

static void adam(T *p, T *avg, T *sq, T *top, const T *grad, Adam a, size_t n) {
    if (top)
        adam_loop(p, avg, sq, top, grad, a, n);
    else
        adam_loop(p, avg, sq, NULL, grad, a, n);
}

/* p <- shrink p;  avg <- beta1 avg + (1 - beta1) g;  sq <- beta2 sq + (1 - beta2) g g
 * p <- p + (step avg + ahead g) / (unbias sqrt(sq) + eps)
 *
 * with step = -lr / (1 - beta1^t), ahead = 0 and unbias = 1 / sqrt(1 - beta2^t) at the t-th step.
 * Adam has shrink = 1; AdamW has decay = 0 and shrink = 1 - lr times its weight decay. amsgrad
 * divides by the root of the largest sq so far:  top <- max(top, sq). tops is NULL, or has `count`
 * pointers. NAdam looks ahead; RAdam divides by 1 (unbias = 0, eps = 1) in its first steps. */
void MG(adam)(T *const *params, T *const *avgs, T *const *sqs, T *const *tops,
              const T *const *grads, double beta1, double beta2, double step, double ahead,
              double unbias, double eps, double decay, double shrink, double sign,
              const size_t *sizes, size_t count) {
    const Adam a = {(T)beta1,  (T)(1 - beta1), (T)beta2, (T)(1 - beta2), (T)step, (T)ahead,
                    (T)unbias, (T)eps,         (T)decay, (T)shrink,      (T)sign};
    EACH_STRETCH(6, adam(params[k] + start, avgs[k] + start, sqs[k] + start, PART(tops),
                         grads[k] + start, a, n));
}

typedef struct {
    T beta1, rest1, beta2, step, eps, decay, sign;
} Adamax;

static void adamax(T *p, T *avg, T *top, const T *grad, Adamax a, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = MG_FMA(a.decay, p[i], a.sign * grad[i]);
        const T mean = MG_FMA(a.rest1, g, a.beta1 * avg[i]);
        const T size = (g < 0 ? -g : g) + a.eps, past = a.beta2 * top[i];
        const T largest = size < past ? past : size;
        avg[i] = mean;
        top[i] = largest;
        p[i] += a.step * mean / largest;
    }
}

/* avg <- beta1 avg + (1 - beta1) g;  top <- max(beta2 top, |g| + eps);  p <- p + step avg / top
 * with step = -lr / (1 - beta1^t) at the t-th step */
void MG(adamax)(T *const *params, T *const *avgs, T *const *tops, const T *const *grads,
                double beta1, double beta2, double step, double eps, double decay, double sign,
                const size_t *sizes, size_t count) {
    const Adamax a = {(T)beta1, (T)(1 - beta1), (T)beta2, (T)step, (T)eps, (T)decay, (T)sign};
    EACH_STRETCH(
        5, adamax(params[k] + start, avgs[k] + start, tops[k] + start, grads[k] + start, a, n));
}

typedef struct {
    T beta1, rest1, beta2, rest2, step, shrink, sign;
} Lion;

static void lion(T *p, T *avg, const T *grad, Lion l, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T g = l.sign * grad[i], mean = avg[i];
        const T way = MG_FMA(l.rest1, g, l.beta1 * mean);
        avg[i] = MG_FMA(l.rest2, g, l.beta2 * mean);
        p[i] = MG_FMA(l.step, way > 0 ? 1 : way < 0 ? -1 : way, l.shrink * p[i]); /* NaN stays */
    }
}

/* p <- shrink p + step sign(beta1 avg + (1 - beta1) g);  avg <- beta2 avg + (1 - beta2) g
 * with step = -lr, shrink = 1 - lr times the weight decay, and g = sign grad */
void MG(lion)(T *const *params, T *const *avgs, const T *const *grads, double beta1, double beta2,
              double step, double shrink, double sign, const size_t *sizes, size_t count) {
    const Lion l = {(T)beta1, (T)(1 - beta1), (T)beta2, (T)(1 - beta2),
                    (T)step,  (T)shrink,      (T)sign};
    EACH_STRETCH(3, lion(params[k] + start, avgs[k] + start, grads[k] + start, l, n));
}

/* ---- After the step ------------------------------------------------------------------------- */

static void soft_threshold(T *p, T threshold, size_t n) {
    MG_SIMD for (size_t i = 0; i < n; i++) {
        const T x = p[i];
        p[i] = x - (x > threshold ? threshold : x < -threshold ? -threshold : x); /* NaN stays */
    }
}

/* p <- sign(p) max(|p| - threshold, 0), the proximal operator of threshold |p|. threshold >= 0 */
void MG(soft_threshold)(T *const *params, double threshold, const size_t *sizes, size_t count) {
    EACH_STRETCH(1, soft_threshold(params[k] + start, (T)threshold, n));
}
