/* Convolutions of images: sizes, the copies that the kernels work with, and the taps that read
 * them.
 *
 * x (n, groups channels, height, width), weight (groups filters, channels, kernel_h, kernel_w),
 * y (n, groups filters, out_height, out_width). A filter sees the channels of its own group:
 *
 *     y_oij = bias_o + sum_cpq weight_ocpq x_cuv,  u = i stride_h - pad_h + p dilation_h, v
 * likewise
 *
 * where x is zero outside of its bounds. What padding there is behind the end, the size of y says.
 *
 * An image is copied, with its padding, and taken apart into phases: phase (a, b) has the rows a,
 * a + stride_h, ... and the columns b, b + stride_w, .... If the rows of the result are made as
 * long as those of the copy, a tap (c, p, q) reads, for the result at t, the copy at t +
 * offset_cpq: for all rows at once, in whole vectors, whatever the stride. What is computed for the
 * few positions between the rows is not used. The copy is the size of the image; im2col would be as
 * many times that as the kernel has elements.
 *
 * The gradient of x is the same with the sides exchanged: the gradient of y is copied with padding,
 * and each phase of dx is a convolution of it with those taps that reach this phase.
 *
 * Sums are made in an order that depends on the sizes alone.
 */
#ifndef MG_CONV_H
#define MG_CONV_H

#include "mg.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include "memory.h"
#include "rows.h"

/* COPY_BYTES  of copies at a time, so that they stay in L2
 * MIN_COPY    positions that are worth a copy of their own
 * TASKS       to divide a call into: more than there are threads
 * PARTIAL     sums at most that a gradient of weights is divided into */
enum { COPY_BYTES = 1 << 18, MIN_COPY = 256, TASKS = 16, PARTIAL = 1 << 20 };

static inline size_t parts(size_t whole, size_t part) { return (whole + part - 1) / part; }

static inline size_t round_up(size_t n, size_t to) { return parts(n, to) * to; }

static inline size_t mg_max(size_t a, size_t b) { return a > b ? a : b; }

static inline int thread_number(void) {
#ifdef _OPENMP
    return omp_get_thread_num();
#else
    return 0;
#endif
}

/* ---- Geometry ----------------------------------------------------------------------------------
 */

/* One dimension of a convolution: the sizes of x, y and kernel, and what lies between them. */
typedef struct {
    size_t x, y, kernel, stride, dilation, pad;
} Axis;

typedef struct {
    size_t n, groups, channels, filters;
    Axis h, w;
} Shape;

/* One dimension of a pass, whose input is `in` long and its result `out`. The result is computed
 * for `length` positions in each of its `to` phases, and the copy is `halo` longer in each of its
 * `from` phases; one of the two numbers is the stride, the other is 1. Element i of phase a is i
 * from + a + first of the input, i to + a + start of the result. */
typedef struct {
    size_t in, out, length, halo, from, to;
    ptrdiff_t first, start;
} Line;

static inline size_t halo_of(const Axis *a) { return (a->kernel - 1) * a->dilation / a->stride; }

static inline Line forward(const Axis *a) {
    return (Line){a->x, a->y, a->y, halo_of(a), a->stride, 1, -(ptrdiff_t)a->pad, 0};
}

static inline Line backward(const Axis *a) {
    const size_t outside = a->pad / a->stride; /* elements that are padding in every phase */
    return (Line){a->y,
                  a->x,
                  (a->x - 1 + a->pad) / a->stride + 1 - outside,
                  halo_of(a),
                  1,
                  a->stride,
                  (ptrdiff_t)outside - (ptrdiff_t)halo_of(a),
                  (ptrdiff_t)(outside * a->stride) - (ptrdiff_t)a->pad};
}

/* Elements first, first + step, ... of a row or column of `size`; some may be outside. */
typedef struct {
    ptrdiff_t first;
    size_t step, size;
} Cut;

/* Those of the first `count` elements that are inside: *low <= i < *high. */
static inline void inside(Cut c, size_t count, size_t *low, size_t *high) {
    const ptrdiff_t step = (ptrdiff_t)c.step, room = (ptrdiff_t)c.size - c.first;
    *low = c.first < 0 ? mg_min(count, (size_t)((step - 1 - c.first) / step)) : 0;
    *high = room > 0 ? mg_max(*low, mg_min(count, (size_t)((room + step - 1) / step))) : *low;
}

/* to (rows, pitch) = the elements of from (h.size, w.size) at both cuts, zero outside. May write up
 * to V_LANES elements more. */
static inline void lay_out(T *to, size_t rows, size_t pitch, const T *from, Cut h, Cut w) {
    size_t top, bottom, low, high;
    inside(h, rows, &top, &bottom);
    inside(w, pitch, &low, &high);
    for (size_t r = 0; r < rows; r++, to += pitch) {
        size_t j = 0;
        if (r >= top && r < bottom) {
            const T *row = from + ((ptrdiff_t)(r * h.step) + h.first) * (ptrdiff_t)w.size + w.first;
            for (; j < low; j += V_LANES) v_store(to + j, (V){0});
            j = low;
            if (w.step == 1) {
                for (; j + V_LANES <= high; j += V_LANES) v_store(to + j, v_load(row + j));
                if (j < high) {
                    v_store(to + j, v_load_part(row + j, high - j));
                    j += V_LANES;
                }
            } else {
                for (; j < high; j++) to[j] = row[j * w.step];
            }
        }
        for (; j < pitch; j += V_LANES) v_store(to + j, (V){0});
    }
}

/* Both lines of a pass, and the bands of rows that are copied at a time: `plane` elements for each
 * phase of each plane of the input. */
typedef struct {
    int transposed;
    Line h, w;
    size_t phases, pitch, band, bands, plane;
} Layout;

/* At least `least` bands, and so many that the copies of all planes in one have COPY_BYTES, unless
 * they would be too small. */
static inline Layout layout(const Shape *s, int transposed, size_t planes, size_t least) {
    const Line h = (transposed ? backward : forward)(&s->h);
    const Line w = (transposed ? backward : forward)(&s->w);
    Layout l = {transposed, h, w, h.from * w.from, w.length + w.halo, 0, 0, 0};
    const size_t fit = COPY_BYTES / sizeof(T) / mg_max(1, planes * l.phases * l.pitch);
    l.bands = mg_max(least, parts(h.length, fit > h.halo ? fit - h.halo : 1));
    l.band = mg_max(parts(h.length, l.bands), parts(MIN_COPY, l.pitch));
    l.band = mg_min(l.band, h.length);
    l.bands = parts(h.length, l.band);
    l.plane = (l.band + h.halo) * l.pitch;
    return l;
}

/* Copies band `b` of a plane of the input, its phases `size` apart. */
static inline void copy_band(T *to, size_t size, const T *plane, const Layout *l, size_t b) {
    const size_t first = b * l->band, rows = mg_min(l->band, l->h.length - first) + l->h.halo;
    for (size_t phase = 0; phase < l->phases; phase++)
        lay_out(to + phase * size, rows, l->pitch, plane,
                (Cut){(ptrdiff_t)(first * l->h.from + phase / l->w.from) + l->h.first, l->h.from,
                      l->h.in},
                (Cut){(ptrdiff_t)(phase % l->w.from) + l->w.first, l->w.from, l->w.in});
}

/* Where a tap reads, from the beginning of the copies on; which weight it has, from the first of
 * its filter on (transposed: of its channel). */
typedef struct {
    size_t offset, weight;
} Tap;

/* The taps of `planes` copied planes that reach phase (a, b) of the result, in the order of their
 * sum. The phases of the copies are `size` apart. Returns how many taps they are. */
static inline size_t find_taps(Tap *taps, const Shape *s, const Layout *l, size_t a, size_t b,
                               size_t planes, size_t size) {
    const size_t area = s->h.kernel * s->w.kernel;
    size_t count = 0;
    for (size_t plane = 0; plane < planes; plane++)
        for (size_t p = 0; p < s->h.kernel; p++)
            for (size_t q = 0; q < s->w.kernel; q++) {
                const size_t u = p * s->h.dilation, v = q * s->w.dilation;
                if (u % l->h.to != a || v % l->w.to != b) continue;
                const size_t phase = u % l->h.from * l->w.from + v % l->w.from;
                const size_t down = u / s->h.stride, right = v / s->w.stride;
                const size_t shift = l->transposed
                                         ? (l->h.halo - down) * l->pitch + l->w.halo - right
                                         : down * l->pitch + right;
                taps[count].offset = (plane * l->phases + phase) * size + shift;
                taps[count].weight =
                    plane * area * (l->transposed ? s->channels : 1) + p * s->w.kernel + q;
                count++;
            }
    return count;
}

/* ---- Channels side by side ----------------------------------------------------------------------
 */

/* to (rows, cols, width) = from (planes, height, line) from row `top` and column `left` on, zero
 * outside of it, with the planes side by side; width: planes, rounded up to whole vectors. */
static inline void channels_last(T *to, size_t rows, size_t cols, size_t width, const T *from,
                                 size_t planes, size_t height, size_t line, ptrdiff_t top,
                                 ptrdiff_t left) {
    size_t first, end, low, high;
    inside((Cut){top, 1, height}, rows, &first, &end);
    inside((Cut){left, 1, line}, cols, &low, &high);
    if (end - first < rows || high - low < cols) memset(to, 0, rows * cols * width * sizeof(T));
    for (size_t plane = 0; plane < width; plane += V_LANES)
        for (size_t r = first; r < end; r++)
            for (size_t j = low; j < high; j += V_LANES) {
                const size_t count = mg_min(V_LANES, high - j);
                const T *in = from + (plane * height + (size_t)((ptrdiff_t)r + top)) * line +
                              (size_t)((ptrdiff_t)j + left);
                V x[V_LANES];
                v_load_rows(x, in, height * line, mg_min(V_LANES, planes - plane), count);
                v_transpose(x);
                v_store_rows(to + (r * cols + j) * width + plane, x, width, count, V_LANES);
            }
}

/* Work in the unit of mg_threads: 16 multiply-adds are about one. */
static inline int threads_for(const Shape *s) {
    return mg_threads(s->n * s->groups * s->filters * s->channels * s->h.kernel * s->w.kernel *
                      s->h.y * s->w.y / 16);
}

/* ---- Kernels of 3x3 ----------------------------------------------------------------------------
 */

/* Whether planes are so many that three quarters of the lanes of their vectors are used. */
static inline int fills_vectors(size_t planes) {
    return planes >= V_LANES && 4 * planes >= 3 * round_up(planes, V_LANES);
}

/* Whether a convolution is one for winograd.c. Transforming its weights is worth it from some
 * hundred positions on; if they are many, what is made of them does not stay in the caches, nor do
 * (WINOGRAD_SUMS) the sums that their gradient is made of, nor a row of many tiles and planes
 * (WINOGRAD_ROW), which is the least that is worked on at a time. */
enum { WINOGRAD_WEIGHTS = 1 << 17, WINOGRAD_SUMS = 1 << 14, WINOGRAD_ROW = 1 << 17 };

static inline int winograd_serves(const Shape *s, size_t weights) {
    const Axis *h = &s->h, *w = &s->w;
    return h->kernel == 3 && w->kernel == 3 && h->stride == 1 && w->stride == 1 &&
           h->dilation == 1 && w->dilation == 1 && h->pad <= 2 && w->pad <= 2 && h->y >= 4 &&
           w->y >= 4 && s->n * h->y * w->y >= 256 && s->channels * s->filters <= weights &&
           mg_max(w->x, w->y) * mg_max(s->channels, s->filters) <= WINOGRAD_ROW &&
           fills_vectors(s->channels) && fills_vectors(s->filters);
}

/* y, or, transposed, the gradient of x; the gradients of weight and bias (or NULL). */
void MG(winograd)(const Shape *s, int transposed, T *y, const T *x, const T *weight, const T *bias);
void MG(winograd_weight)(const Shape *s, T *dweight, T *dbias, const T *dy, const T *x);

#define SHAPE                                                             \
    const size_t *g_ = (const size_t *)geometry;                          \
    const Shape s = {n,                                                   \
                     groups,                                              \
                     channels,                                            \
                     filters,                                             \
                     {height, out_height, kernel_h, g_[0], g_[4], g_[2]}, \
                     {width, out_width, kernel_w, g_[1], g_[5], g_[3]}}

#endif
