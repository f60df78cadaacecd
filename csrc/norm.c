/* Batch normalisation: each channel is brought to mean 0 and variance 1, then scaled and shifted.
 *
 *   y = (x - mean) rstd weight + bias,   rstd = 1 / sqrt(var + eps)
 *
 * x (n, channels, space), contiguous; space is 1 for the output of a Linear layer. mean and var are
 * taken over n and space, m = n * space elements, var with divisor m. weight and bias may be NULL,
 * then they are 1 and 0.
 *
 * Two ways through memory. By channels: a thread takes LANES neighbouring channels (where space is
 * 1; else one), does all passes over them while they stay in its cache, and needs no help. By
 * slices: where there are many rows, a column of x is scattered over more cache lines than a cache
 * of few ways keeps (1024 channels: 4096 bytes apart, all in the same sets), so threads take slices
 * of rows, and the slices' sums are put together in order. Both give a sum the same way for any
 * number of threads.
 *
 * Sums are taken in T over at most PART additions a lane, and those added up in double. Moments
 * take two passes: the second, around the mean found by the first, also sums x - mean, and so
 * brings back what rounding that mean to T left out. Slices are joined by Chan's formula, which
 * only adds positive terms. Data of mean 1e4 and standard deviation 1 comes out to 6 digits.
 */
#include <stdlib.h>

#include "lanes.h"

enum { PART = 64, SLICE = 64, BY_SLICES_FROM = 2 * SLICE };

/* ---- sums ----------------------------------------------------------------------------------- */

/* Of one channel, or of `width` neighbouring ones in arrays of LANES: with d = x - mean,
 * a = sum u and b = sum u d, where u is g; or d, if g is NULL. rest = sum d, if g is not NULL. */
typedef struct {
    double a[LANES], b[LANES], rest[LANES];
} Sums;

/* The statements for `width` neighbouring columns in strips from column c on, whose width is the
 * constant `strip`: loops over them become a few registers. */
#define EACH_STRIP(c, strip, width, ...)                \
    do {                                                \
        size_t c = 0;                                   \
        STRIPS(c, strip, LANES, width, __VA_ARGS__)     \
        STRIPS(c, strip, LANES / 2, width, __VA_ARGS__) \
        STRIPS(c, strip, LANES / 4, width, __VA_ARGS__) \
        STRIPS(c, strip, LANES / 8, width, __VA_ARGS__) \
        STRIPS(c, strip, 1, width, __VA_ARGS__)         \
    } while (0)
#define STRIPS(c, strip, size, width, ...)       \
    for (; c + (size) <= (width); c += (size)) { \
        enum { strip = (size) };                 \
        __VA_ARGS__;                             \
    }

/* Columns first ... first + width - 1 of a group with space 1: rows are `step` apart. */
static MG_INLINE void sum_columns(Sums *s, const T *g, const T *x, const T *mean, size_t rows,
                                  size_t step, size_t first, size_t width) {
    g = g ? g + first : NULL, x += first, mean += first;
    for (size_t start = 0; start < rows; start += PART) {
        T a[LANES] = {0}, b[LANES] = {0}, rest[LANES] = {0};
        for (size_t i = start * step; i < mg_min(start + PART, rows) * step; i += step)
            for (size_t c = 0; c < width; c++) {
                const T d = x[i + c] - mean[c], u = g ? g[i + c] : d;
                a[c] += u;
                b[c] = MG_FMA(u, d, b[c]);
                if (g) rest[c] += d;
            }
        for (size_t c = 0; c < width; c++) {
            s->a[first + c] += a[c];
            s->b[first + c] += b[c];
            s->rest[first + c] += rest[c];
        }
    }
}

/* One channel: n stretches of `space` neighbours, `step` apart. */
static MG_INLINE void sum_stretches(Sums *s, const T *g, const T *x, T mean, size_t n, size_t step,
                                    size_t space) {
    for (size_t stretch = 0; stretch < n * step; stretch += step)
        for (size_t start = 0; start < space; start += PART * LANES) {
            const T *xs = x + stretch + start, *gs = g ? g + stretch + start : NULL;
            T a[LANES] = {0}, b[LANES] = {0}, rest[LANES] = {0};
            MG_LANES_EACH(j, l, mg_min(PART * LANES, space - start), {
                const T d = xs[j] - mean, u = g ? gs[j] : d;
                a[l] += u;
                b[l] = MG_FMA(u, d, b[l]);
                if (g) rest[l] += d;
            });
            s->a[0] += mg_fold(a), s->b[0] += mg_fold(b);
            if (g) s->rest[0] += mg_fold(rest);
        }
}

/* Either, of a group. */
static MG_INLINE void sum_group(Sums *s, const T *g, const T *x, const T *mean, size_t n,
                                size_t channels, size_t space, size_t width) {
    memset(s, 0, sizeof *s);
    if (space > 1)
        sum_stretches(s, g, x, *mean, n, channels * space, space);
    else
        EACH_STRIP(c, strip, width, sum_columns(s, g, x, mean, n, channels, c, strip));
}

/* mean and squares = sum (x - mean)^2, of a group. */
static void moments(double mean[LANES], double squares[LANES], const T *x, size_t n,
                    size_t channels, size_t space, size_t width) {
    const double m = (double)n * (double)space;
    Sums s;
    T near[LANES] = {0};
    sum_group(&s, NULL, x, near, n, channels, space, width);
    for (size_t c = 0; c < width; c++) near[c] = (T)(s.a[c] / m);
    sum_group(&s, NULL, x, near, n, channels, space, width);
    for (size_t c = 0; c < width; c++) {
        mean[c] = near[c] + s.a[c] / m;
        squares[c] = s.b[c] - s.a[c] * s.a[c] / m;
    }
}

static void sums_backward(Sums *s, const T *g, const T *x, const T *mean, size_t n, size_t channels,
                          size_t space, size_t width) {
    sum_group(s, g, x, mean, n, channels, space, width);
}

/* ---- y = (x - mean) q + r + g p ------------------------------------------------------------- */

/* Of `width` neighbouring channels with space 1; without the last term if g is NULL. */
static MG_INLINE void combine_columns(T *y, const T *g, const T *p, const T *x, const T *mean,
                                      const T *q, const T *r, size_t n, size_t step, size_t width) {
    for (size_t i = 0; i < n * step; i += step) MG_SIMD for (size_t c = 0; c < width; c++) {
            const T affine = MG_FMA(x[i + c] - mean[c], q[c], r[c]);
            y[i + c] = g ? MG_FMA(g[i + c], p[c], affine) : affine;
        }
}

/* Of a group, or of all channels with space 1. */
static MG_INLINE void combine(T *y, const T *g, const T *p, const T *x, const T *mean, const T *q,
                              const T *r, size_t n, size_t channels, size_t space, size_t width) {
    const size_t step = channels * space;
    if (space > 1) {
        for (size_t i = 0; i < n * step; i += step) MG_SIMD for (size_t j = i; j < i + space; j++) {
                const T affine = MG_FMA(x[j] - *mean, *q, *r);
                y[j] = g ? MG_FMA(g[j], *p, affine) : affine;
            }
    } else if (width > LANES) {
        combine_columns(y, g, p, x, mean, q, r, n, step, width);
    } else {
        EACH_STRIP(c, strip, width,
                   combine_columns(y + c, g ? g + c : NULL, g ? p + c : NULL, x + c, mean + c,
                                   q + c, r + c, n, step, strip));
    }
}

static void affine(T *y, const T *x, const T *mean, const T *q, const T *r, size_t n,
                   size_t channels, size_t space, size_t width) {
    combine(y, NULL, NULL, x, mean, q, r, n, channels, space, width);
}

static void affine_backward(T *dx, const T *g, const T *p, const T *x, const T *mean, const T *q,
                            const T *r, size_t n, size_t channels, size_t space, size_t width) {
    combine(dx, g, p, x, mean, q, r, n, channels, space, width);
}

/* ---- loops ---------------------------------------------------------------------------------- */

/* The statements for every group of `count` channels, the first at x + at. cost: of an element. */
#define EACH_GROUP(cost, ...)                                                    \
    MG_EACH_BLOCK(first, channels, space == 1 ? LANES : 1, (cost) * n * space, { \
        const size_t at = first * space;                                         \
        __VA_ARGS__;                                                             \
    })

/* The statements for every slice of `count` rows, the first at x + at; slice is its number. */
#define EACH_SLICE(cost, ...)                           \
    MG_EACH_BLOCK(first, n, SLICE, (cost) * channels, { \
        const size_t at = first * channels;             \
        __VA_ARGS__;                                    \
    })

/* What the slices leave for each other: `terms` doubles a slice and channel, then three T a
 * channel. NULL if x should be gone through by channels. */
static double *slices_scratch(size_t n, size_t channels, size_t space, size_t terms) {
    if (space > 1 || n < BY_SLICES_FROM) return NULL;
    const size_t slices = (n + SLICE - 1) / SLICE;
    return malloc((terms * slices * sizeof(double) + 3 * sizeof(T)) * channels);
}

/* ---- training ------------------------------------------------------------------------------- */

typedef struct {
    T *mean, *rstd, *running_mean, *running_var;
    const T *weight, *bias;
    double momentum, eps, m;
} Forward;

/* From the mean of channel i and the sum of its squared distances: all that is kept of it, and the
 * coefficients of y = (x - f.mean) q + r. */
static MG_INLINE void settle(Forward f, size_t i, double mean, double squares, T *q, T *r) {
    const double var = squares > 0 ? squares / f.m : 0 * squares; /* NaN stays NaN */
    const double rstd = 1 / sqrt(var + f.eps), slope = f.weight ? f.weight[i] * rstd : rstd;
    f.mean[i] = (T)mean;
    f.rstd[i] = (T)rstd;
    *q = (T)slope;
    *r = (T)((f.bias ? f.bias[i] : 0) - (mean - f.mean[i]) * slope);
    if (f.running_mean) {
        const double keep = 1 - f.momentum, unbiased = squares / (f.m - 1);
        f.running_mean[i] = (T)(keep * f.running_mean[i] + f.momentum * mean);
        f.running_var[i] = (T)(keep * f.running_var[i] + f.momentum * unbiased);
    }
}

/* y from the batch's own mean and var, and  running <- (1 - momentum) running + momentum stat  with
 * the unbiased variance (divisor m - 1), unless running_mean and running_var are NULL.
 * y and x (n, channels, space), all else (channels); y is not x */
void MG(batch_norm)(T *y, T *mean, T *rstd, T *running_mean, T *running_var, const T *x,
                    const T *weight, const T *bias, double momentum, double eps, size_t n,
                    size_t channels, size_t space) {
    const Forward f = {mean,        rstd,   running_mean,
                       running_var, weight, bias,
                       momentum,    eps,    (double)n * (double)space};
    double *scratch = slices_scratch(n, channels, space, 2);
    if (!scratch) {
        EACH_GROUP(8, {
            double means[LANES], squares[LANES];
            T q[LANES], r[LANES];
            moments(means, squares, x + at, n, channels, space, count);
            MG_SIMD for (size_t c = 0; c < count; c++)
                settle(f, first + c, means[c], squares[c], &q[c], &r[c]);
            affine(y + at, x + at, mean + first, q, r, n, channels, space, count);
        });
        return;
    }
    const size_t slices = (n + SLICE - 1) / SLICE;
    T *q = (T *)(scratch + 2 * slices * channels), *r = q + channels;
    EACH_SLICE(6, {
        double *means = scratch + 2 * (first / SLICE) * channels, *squares = means + channels;
        for (size_t c = 0; c < channels; c += LANES)
            moments(means + c, squares + c, x + at + c, count, channels, 1,
                    mg_min(LANES, channels - c));
    });
    for (size_t c = 0; c < channels; c++) {
        double total = 0, squares = 0;
        for (size_t s = 0; s < slices; s++)
            total += (double)mg_min(SLICE, n - s * SLICE) * scratch[2 * s * channels + c];
        for (size_t s = 0; s < slices; s++) {
            const double off = scratch[2 * s * channels + c] - total / f.m;
            squares += scratch[(2 * s + 1) * channels + c];
            squares += (double)mg_min(SLICE, n - s * SLICE) * off * off;
        }
        settle(f, c, total / f.m, squares, &q[c], &r[c]);
    }
    EACH_SLICE(2, affine(y + at, x + at, mean, q, r, count, channels, 1, channels));
    free(scratch);
}

typedef struct {
    T *dweight, *dbias;
    const T *rstd, *weight;
    double m;
} Backward;

/* From the sums of channel i: its parameters' gradients, and the coefficients of
 * dx = g p + (x - mean) q + r. rest is what the rounded mean left out. */
static MG_INLINE void settle_backward(Backward f, size_t i, double sum_g, double sum_gd,
                                      double sum_d, T *p, T *q, T *r) {
    const double rest = sum_d / f.m, dot = sum_gd - rest * sum_g;
    const double rstd = f.rstd[i], slope = f.weight ? f.weight[i] * rstd : rstd;
    const double tilt = -slope * rstd * rstd * dot / f.m;
    f.dweight[i] = (T)(dot * rstd);
    f.dbias[i] = (T)sum_g;
    *p = (T)slope;
    *q = (T)tilt;
    *r = (T)(-slope * sum_g / f.m - tilt * rest);
}

/* With h = (x - mean) rstd:  dweight = sum grad h,  dbias = sum grad,
 * dx = weight rstd (grad - dbias / m - h dweight / m).
 * dx, grad and x (n, channels, space), all else (channels); dx is not grad or x */
void MG(batch_norm_backward)(T *dx, T *dweight, T *dbias, const T *grad, const T *x, const T *mean,
                             const T *rstd, const T *weight, size_t n, size_t channels,
                             size_t space) {
    const Backward f = {dweight, dbias, rstd, weight, (double)n * (double)space};
    double *scratch = slices_scratch(n, channels, space, 3);
    if (!scratch) {
        EACH_GROUP(8, {
            Sums s;
            T p[LANES], q[LANES], r[LANES];
            sums_backward(&s, grad + at, x + at, mean + first, n, channels, space, count);
            MG_SIMD for (size_t c = 0; c < count; c++)
                settle_backward(f, first + c, s.a[c], s.b[c], s.rest[c], &p[c], &q[c], &r[c]);
            affine_backward(dx + at, grad + at, p, x + at, mean + first, q, r, n, channels, space,
                            count);
        });
        return;
    }
    const size_t slices = (n + SLICE - 1) / SLICE;
    T *p = (T *)(scratch + 3 * slices * channels), *q = p + channels, *r = q + channels;
    EACH_SLICE(5, {
        double *sums = scratch + 3 * (first / SLICE) * channels;
        for (size_t c = 0; c < channels; c += LANES) {
            const size_t width = mg_min(LANES, channels - c), bytes = width * sizeof(double);
            Sums s;
            sums_backward(&s, grad + at + c, x + at + c, mean + c, count, channels, 1, width);
            memcpy(sums + c, s.a, bytes);
            memcpy(sums + channels + c, s.b, bytes);
            memcpy(sums + 2 * channels + c, s.rest, bytes);
        }
    });
    for (size_t c = 0; c < channels; c++) {
        double sum[3] = {0};
        for (size_t s = 0; s < slices; s++)
            for (size_t term = 0; term < 3; term++)
                sum[term] += scratch[(3 * s + term) * channels + c];
        settle_backward(f, c, sum[0], sum[1], sum[2], &p[c], &q[c], &r[c]);
    }
    EACH_SLICE(3, affine_backward(dx + at, grad + at, p, x + at, mean, q, r, count, channels, 1,
                                  channels));
    free(scratch);
}

/* ---- evaluation ----------------------------------------------------------------------------- */

/* y from a given mean and var.
 * y and x (n, channels, space), all else (channels) */
void MG(batch_norm_eval)(T *y, const T *x, const T *mean, const T *var, const T *weight,
                         const T *bias, double eps, size_t n, size_t channels, size_t space) {
    EACH_GROUP(2, {
        T q[LANES], r[LANES];
        for (size_t c = 0; c < count; c++) {
            q[c] = (T)((weight ? weight[first + c] : 1) / sqrt(var[first + c] + eps));
            r[c] = bias ? bias[first + c] : 0;
        }
        affine(y + at, x + at, mean + first, q, r, n, channels, space, count);
    });
}

/* dx = grad weight rstd,  dweight = sum grad (x - mean) rstd,  dbias = sum grad.
 * dx, grad and x (n, channels, space), all else (channels) */
void MG(batch_norm_eval_backward)(T *dx, T *dweight, T *dbias, const T *grad, const T *x,
                                  const T *mean, const T *var, const T *weight, double eps,
                                  size_t n, size_t channels, size_t space) {
    EACH_GROUP(4, {
        Sums s;
        T q[LANES], zero[LANES] = {0};
        sums_backward(&s, grad + at, x + at, mean + first, n, channels, space, count);
        for (size_t c = 0; c < count; c++) {
            const double rstd = 1 / sqrt(var[first + c] + eps);
            dweight[first + c] = (T)(s.b[c] * rstd);
            dbias[first + c] = (T)s.a[c];
            q[c] = (T)((weight ? weight[first + c] : 1) * rstd);
        }
        affine(dx + at, grad + at, zero, q, zero, n, channels, space, count);
    });
}
