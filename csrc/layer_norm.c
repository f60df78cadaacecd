/* Normalisation within a sample: layer, group and root-mean-square normalisation.
 *
 *   y = h weight + bias,   h = (x - mean) rstd,   rstd = 1 / sqrt(var + eps)
 *
 * x (samples, groups, channels, space), contiguous; mean and var are taken over channels and space,
 * m = channels * space neighbouring elements; weight and bias are (groups, channels), or NULL, then
 * they are 1 and 0. Layer normalisation has one group and space 1. Without centring (mean NULL)
 * mean is 0 and var the mean square: root-mean-square normalisation.
 *
 * A thread takes whole stretches of m elements, and does all passes over one while it stays in its
 * cache. Sums are taken in T over at most PART additions a lane, and those added up in double.
 * Moments take two passes: the second, around the mean found by the first, brings back what
 * rounding that mean to T left out.
 */
#include "lanes.h"

enum { PART = 64 };

/* Adds to sums: u and u d with d = x - mean, u = g weight; and d. g NULL: u = d. weight NULL: 1,
 * else it has `step` 1, one for each j, or 0, one for all. */
static MG_INLINE void add_sums(double sums[3], const T *g, const T *x, const T *weight, size_t step,
                               T mean, size_t n) {
    for (size_t start = 0; start < n; start += PART * LANES) {
        T a[LANES] = {0}, b[LANES] = {0}, rest[LANES] = {0};
        MG_LANES_EACH(k, l, mg_min(PART * LANES, n - start), {
            const size_t j = start + k;
            const T d = x[j] - mean, u = !g ? d : weight ? g[j] * weight[j * step] : g[j];
            a[l] += u;
            b[l] = MG_FMA(u, d, b[l]);
            if (g) rest[l] += d;
        });
        sums[0] += mg_fold(a), sums[1] += mg_fold(b);
        if (g) sums[2] += mg_fold(rest);
    }
}

/* y, mean and rstd from x; mean NULL: without centring.
 * y and x (samples, groups, channels, space), mean and rstd (samples, groups), weight and bias
 * (groups, channels); y may be x */
void MG(layer_norm)(T *y, T *mean, T *rstd, const T *x, const T *weight, const T *bias, double eps,
                    size_t samples, size_t groups, size_t channels, size_t space) {
    const size_t m = channels * space;
    MG_EACH_BLOCK(row, samples * groups, 1, 8 * m, {
        const T *xs = x + row * m;
        double center = 0, squares, sums[3] = {0};
        if (mean) {
            add_sums(sums, NULL, xs, NULL, 0, 0, m);
            center = (T)(sums[0] / (double)m);
            sums[0] = sums[1] = 0;
        }
        const T near = (T)center;
        add_sums(sums, NULL, xs, NULL, 0, near, m);
        squares = sums[1];
        if (mean) {
            center += sums[0] / (double)m;
            squares -= sums[0] * sums[0] / (double)m;
            mean[row] = (T)center;
        }
        const double slope = 1 / sqrt((squares > 0 ? squares : 0 * squares) / (double)m + eps);
        const T q = rstd[row] = (T)slope, r = (T)((near - center) * slope);
        const size_t at = row % groups * channels;
        const T *w = weight ? weight + at : NULL, *b = bias ? bias + at : NULL;
        T *ys = y + row * m;
        if (space == 1) {
            MG_SIMD for (size_t j = 0; j < m; j++) {
                const T h = MG_FMA(xs[j] - near, q, r);
                ys[j] = MG_FMA(h, w ? w[j] : 1, b ? b[j] : 0);
            }
        } else {
            for (size_t c = 0; c < channels; c++) {
                const T scale = w ? w[c] : 1, shift = b ? b[c] : 0;
                MG_SIMD for (size_t j = c * space; j < (c + 1) * space; j++) ys[j] =
                    MG_FMA(MG_FMA(xs[j] - near, q, r), scale, shift);
            }
        }
    });
}

/* With u = grad weight:  dx = rstd (u - sum u / m - h sum u h / m), without the first sum if mean
 * is NULL. dweight = sum grad h and dbias = sum grad over the samples; in `parts`, part p those of
 * samples p * ceil(samples / parts) on, so that threads need not wait for each other.
 * dx, grad and x (samples, groups, channels, space), dweight and dbias (parts, groups, channels),
 * mean and rstd (samples, groups), weight (groups, channels); dx is not grad or x */
void MG(layer_norm_backward)(T *dx, T *dweight, T *dbias, const T *grad, const T *x, const T *mean,
                             const T *rstd, const T *weight, size_t parts, size_t samples,
                             size_t groups, size_t channels, size_t space) {
    const size_t m = channels * space, each = (samples + parts - 1) / parts;
    MG_EACH_BLOCK(first, parts * groups, 1, 10 * each * m, {
        const size_t part = first / groups, group = first % groups, at = group * channels;
        const T *w = weight ? weight + at : NULL;
        T *dw = dweight + part * groups * channels + at,
          *db = dbias + part * groups * channels + at;
        memset(dw, 0, channels * sizeof(T));
        memset(db, 0, channels * sizeof(T));
        for (size_t i = part * each; i < mg_min(samples, (part + 1) * each); i++) {
            const size_t row = i * groups + group;
            const T *xs = x + row * m, *gs = grad + row * m;
            T *ds = dx + row * m;
            const T near = mean ? mean[row] : 0, q = rstd[row];
            double sums[3] = {0};
            if (space == 1) {
                add_sums(sums, gs, xs, w, 1, near, m);
            } else {
                for (size_t c = 0; c < channels; c++)
                    add_sums(sums, gs + c * space, xs + c * space, w ? w + c : NULL, 0, near,
                             space);
            }
            /* h = d q + r brings back what the rounded mean left out. */
            const double rest = mean ? sums[2] / (double)m : 0;
            const double dot = (sums[1] - rest * sums[0]) * q;
            const T r = (T)(-rest * q), tilt = (T)(dot / (double)m);
            const T shift = (T)(mean ? sums[0] / (double)m : 0);
            if (space == 1) {
                MG_SIMD for (size_t j = 0; j < m; j++) {
                    const T h = MG_FMA(xs[j] - near, q, r), u = w ? gs[j] * w[j] : gs[j];
                    ds[j] = q * (MG_FMA(-h, tilt, u) - shift);
                    dw[j] = MG_FMA(gs[j], h, dw[j]);
                    db[j] += gs[j];
                }
                continue;
            }
            for (size_t c = 0; c < channels; c++) {
                const T scale = w ? w[c] : 1;
                T a[LANES] = {0}, b[LANES] = {0};
                MG_LANES_EACH(k, l, space, {
                    const size_t j = c * space + k;
                    const T h = MG_FMA(xs[j] - near, q, r), g = gs[j];
                    ds[j] = q * (MG_FMA(-h, tilt, g * scale) - shift);
                    a[l] = MG_FMA(g, h, a[l]);
                    b[l] += g;
                });
                dw[c] += mg_fold(a), db[c] += mg_fold(b);
            }
        }
    });
}
