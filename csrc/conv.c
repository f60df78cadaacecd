/* Convolutions of images, and their two gradients.
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
#include "mg.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#include "memory.h"
#include "simd.h"

#define INLINE static inline __attribute__((always_inline))

/* A tile of results that stays in registers while the taps pass: up to MR planes of them by NR
 * positions, two vectors. */
enum { MR = V_TILE, NR = 2 * V_LANES };

/* COPY_BYTES  of copies at a time, so that they stay in L2
 * MIN_COPY    positions that are worth a copy of their own
 * TASKS       to divide a call into: more than there are threads
 * PARTIAL     sums at most that a gradient of weights is divided into */
enum { COPY_BYTES = 1 << 18, MIN_COPY = 256, TASKS = 16, PARTIAL = 1 << 20 };

static size_t parts(size_t whole, size_t part) { return (whole + part - 1) / part; }

static size_t round_up(size_t n, size_t to) { return parts(n, to) * to; }

static size_t mg_max(size_t a, size_t b) { return a > b ? a : b; }

static int thread_number(void) {
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

static size_t halo_of(const Axis *a) { return (a->kernel - 1) * a->dilation / a->stride; }

static Line forward(const Axis *a) {
    return (Line){a->x, a->y, a->y, halo_of(a), a->stride, 1, -(ptrdiff_t)a->pad, 0};
}

static Line backward(const Axis *a) {
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
static void inside(Cut c, size_t count, size_t *low, size_t *high) {
    const ptrdiff_t step = (ptrdiff_t)c.step, room = (ptrdiff_t)c.size - c.first;
    *low = c.first < 0 ? mg_min(count, (size_t)((step - 1 - c.first) / step)) : 0;
    *high = room > 0 ? mg_max(*low, mg_min(count, (size_t)((room + step - 1) / step))) : *low;
}

/* to (rows, pitch) = the elements of from (h.size, w.size) at both cuts, zero outside. May write up
 * to V_LANES elements more. */
static void lay_out(T *to, size_t rows, size_t pitch, const T *from, Cut h, Cut w) {
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

/* The elements of to (h.size, w.size) at both cuts = from (rows, cols), rows `pitch` apart. */
static void take_out(T *to, const T *from, size_t rows, size_t cols, size_t pitch, Cut h, Cut w) {
    size_t top, bottom, low, high;
    inside(h, rows, &top, &bottom);
    inside(w, cols, &low, &high);
    for (size_t r = top; r < bottom; r++) {
        T *row = to + ((ptrdiff_t)(r * h.step) + h.first) * (ptrdiff_t)w.size + w.first;
        const T *values = from + r * pitch;
        size_t j = low;
        if (w.step == 1) {
            for (; j + V_LANES <= high; j += V_LANES) v_store(row + j, v_load(values + j));
            if (j < high) v_store_part(row + j, v_load(values + j), high - j);
        } else {
            for (; j < high; j++) row[j * w.step] = values[j];
        }
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
static Layout layout(const Shape *s, int transposed, size_t planes, size_t least) {
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
static void copy_band(T *to, size_t size, const T *plane, const Layout *l, size_t b) {
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
static size_t find_taps(Tap *taps, const Shape *s, const Layout *l, size_t a, size_t b,
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

/* ---- y and dx ----------------------------------------------------------------------------------
 */

/* out (rows, NR), rows `pitch` apart = bias + sum_k w_k,row in[offset_k ... + NR];  w (taps, MR).
 */
INLINE void tile_of(int rows, T *out, size_t pitch, const T *in, const Tap *tap, size_t taps,
                    const T *w, const T *bias) {
    V sum[MR][2];
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = bias ? v_all(bias[i]) : (V){0};
    for (size_t k = 0; k < taps; k++, w += rows) {
        const T *from = in + tap[k].offset;
        const V x0 = v_load(from), x1 = v_load(from + V_LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            const V factor = v_all(w[i]);
            sum[i][0] = v_fma(factor, x0, sum[i][0]);
            sum[i][1] = v_fma(factor, x1, sum[i][1]);
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
        v_store(out + i * pitch, sum[i][0]);
        v_store(out + i * pitch + V_LANES, sum[i][1]);
    }
}

static void tile(size_t rows, T *out, size_t pitch, const T *in, const Tap *tap, size_t taps,
                 const T *w, const T *bias) {
#define ROWS(r)                                         \
    case r:                                             \
        tile_of(r, out, pitch, in, tap, taps, w, bias); \
        break;
    switch (rows) { V_EACH_TILE(ROWS) }
#undef ROWS
}

/* A pass: `in` planes to `out` planes in each group, `rows` of them in a tile. Each thread has
 * `room` elements for its copies, and behind them for the results of a tile, `positions` each. */
typedef struct {
    const Shape *s;
    Layout l;
    T *y;
    const T *x, *weight, *bias;
    size_t in, out, rows, tiles, taps, positions, copies, room;
    Tap *tap;     /* (taps): those of each phase of the result behind those of the last one */
    size_t *last; /* (phases of the result): where its taps end */
    T *packed;    /* (groups, tiles, taps, rows) */
    T *rooms;     /* (threads, room) */
} Pass;

/* The weights of a tile of `rows`, those of a tap side by side. */
static void pack(const Pass *p, size_t group, size_t first, size_t rows) {
    const size_t area = p->s->h.kernel * p->s->w.kernel;
    const size_t step = area * (p->l.transposed ? 1 : p->s->channels);
    const T *from = p->weight + group * p->in * p->out * area + first * step;
    T *to = p->packed + (group * p->tiles * p->rows + first) * p->taps;
    for (size_t k = 0; k < p->taps; k++)
        for (size_t r = 0; r < rows; r++) *to++ = from[r * step + p->tap[k].weight];
}

/* A band of all planes of a group of an image. */
static void convolve(const Pass *p, size_t image, size_t group, size_t band, T *copies) {
    const Line *h = &p->l.h, *w = &p->l.w;
    const size_t pitch = p->l.pitch, first = band * p->l.band;
    const size_t height = mg_min(p->l.band, h->length - first);
    const size_t positions = (height - 1) * pitch + w->length;
    image = image * p->s->groups + group;
    for (size_t c = 0; c < p->in; c++)
        copy_band(copies + c * p->l.phases * p->l.plane, p->l.plane,
                  p->x + (image * p->in + c) * h->in * w->in, &p->l, band);
    T *results = copies + p->copies;
    for (size_t row = 0; row < p->out; row += p->rows) {
        const size_t rows = mg_min(p->rows, p->out - row);
        const T *weight = p->packed + (group * p->tiles * p->rows + row) * p->taps;
        const T *bias = p->bias ? p->bias + group * p->out + row : 0;
        for (size_t phase = 0, k = 0; phase < h->to * w->to; k = p->last[phase++]) {
            for (size_t t = 0; t < positions; t += NR)
                tile(rows, results + t, p->positions, copies + t, p->tap + k, p->last[phase] - k,
                     weight + k * rows, bias);
            for (size_t r = 0; r < rows; r++)
                take_out(
                    p->y + (image * p->out + row + r) * h->out * w->out, results + r * p->positions,
                    height, w->length, pitch,
                    (Cut){(ptrdiff_t)(first * h->to + phase / w->to) + h->start, h->to, h->out},
                    (Cut){(ptrdiff_t)(phase % w->to) + w->start, w->to, w->out});
        }
    }
}

/* Run by all threads of a parallel region, or by one outside of any. */
static void pass(const Pass *p) {
    MG_PRAGMA(omp for schedule(static))
    for (size_t u = 0; u < p->s->groups * p->tiles; u++) {
        const size_t first = u % p->tiles * p->rows;
        pack(p, u / p->tiles, first, mg_min(p->rows, p->out - first));
    }
    T *room = p->rooms + (size_t)thread_number() * p->room;
    MG_PRAGMA(omp for schedule(static))
    for (size_t u = 0; u < p->s->n * p->s->groups * p->l.bands; u++)
        convolve(p, u / p->l.bands / p->s->groups, u / p->l.bands % p->s->groups, u % p->l.bands,
                 room);
}

/* Work in the unit of mg_threads: 16 multiply-adds are about one. */
static int threads_for(const Shape *s) {
    return mg_threads(s->n * s->groups * s->filters * s->channels * s->h.kernel * s->w.kernel *
                      s->h.y * s->w.y / 16);
}

static void run(const Shape *s, int transposed, T *y, const T *x, const T *weight, const T *bias) {
    Pass p = {.s = s, .y = y, .x = x, .weight = weight, .bias = bias};
    p.in = transposed ? s->filters : s->channels;
    p.out = transposed ? s->channels : s->filters;
    if (s->n * s->groups * p.out * s->h.x * s->w.x == 0) return;
    p.l = layout(s, transposed, p.in, parts(TASKS, s->n * s->groups));
    p.rows = parts(p.out, parts(p.out, MR));
    p.tiles = parts(p.out, p.rows);
    p.taps = p.in * s->h.kernel * s->w.kernel;
    p.positions = round_up((p.l.band - 1) * p.l.pitch + p.l.w.length, NR);
    p.copies = round_up(p.in * p.l.phases * p.l.plane + NR, V_LANES);
    p.room = p.copies + p.rows * p.positions;
    const int threads = threads_for(s);
    const size_t phases = p.l.h.to * p.l.w.to;
    const size_t weights = round_up(s->groups * p.tiles * p.rows * p.taps, V_LANES);
    p.rooms = mg_scratch((p.room * (size_t)threads + weights) * sizeof(T) + p.taps * sizeof(Tap) +
                         phases * sizeof(size_t));
    p.packed = p.rooms + p.room * (size_t)threads;
    p.tap = (Tap *)(p.packed + weights);
    p.last = (size_t *)(p.tap + p.taps);
    for (size_t phase = 0, k = 0; phase < phases; phase++) {
        k += find_taps(p.tap + k, s, &p.l, phase / p.l.w.to, phase % p.l.w.to, p.in, p.l.plane);
        p.last[phase] = k;
    }
    if (threads == 1) {
        pass(&p);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        pass(&p);
    }
}

#define SHAPE                                                             \
    const size_t *g_ = (const size_t *)geometry;                          \
    const Shape s = {n,                                                   \
                     groups,                                              \
                     channels,                                            \
                     filters,                                             \
                     {height, out_height, kernel_h, g_[0], g_[4], g_[2]}, \
                     {width, out_width, kernel_w, g_[1], g_[5], g_[3]}}

/* geometry: stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w. */
void MG(conv)(T *y, const T *x, const T *weight, const T *bias, const int64_t *geometry, size_t n,
              size_t groups, size_t channels, size_t filters, size_t height, size_t width,
              size_t out_height, size_t out_width, size_t kernel_h, size_t kernel_w) {
    SHAPE;
    run(&s, 0, y, x, weight, bias);
}

/* x = bias + the gradient that arrives at x if y is the gradient of conv's result; bias (groups
 * channels) or NULL. */
void MG(conv_transpose)(T *x, const T *y, const T *weight, const T *bias, const int64_t *geometry,
                        size_t n, size_t groups, size_t channels, size_t filters, size_t height,
                        size_t width, size_t out_height, size_t out_width, size_t kernel_h,
                        size_t kernel_w) {
    SHAPE;
    run(&s, 1, x, y, weight, bias);
}

/* ---- the gradient of the weights ----------------------------------------------------------------
 *
 * dweight_ocpq = sum_t dy_o[t] x[t + offset_cpq], with dy laid out like x and zeros between its
 * rows: dot products. V_LANES sums of DOT_ROWS filters x DOT_COLS taps are kept in V_LANES
 * registers.
 */
#if V_LANES == 16
enum { DOT_ROWS = 4, DOT_COLS = 4 };
#elif V_LANES == 8
enum { DOT_ROWS = 2, DOT_COLS = 4 };
#elif V_LANES == 4
enum { DOT_ROWS = 2, DOT_COLS = 2 };
#else
enum { DOT_ROWS = 1, DOT_COLS = 2 };
#endif

/* result (DOT_ROWS, DOT_COLS) = sums of the products of rows and columns, length of them. */
INLINE V dots(const T *const *row, const T *const *col, size_t length) {
    V sum[V_LANES], x[DOT_COLS];
#pragma GCC unroll 16
    for (int i = 0; i < V_LANES; i++) sum[i] = (V){0};
    for (size_t t = 0; t < length; t += V_LANES) {
#pragma GCC unroll 4
        for (int j = 0; j < DOT_COLS; j++) x[j] = v_load(col[j] + t);
#pragma GCC unroll 4
        for (int i = 0; i < DOT_ROWS; i++) {
            const V y = v_load(row[i] + t);
#pragma GCC unroll 4
            for (int j = 0; j < DOT_COLS; j++)
                sum[i * DOT_COLS + j] = v_fma(y, x[j], sum[i * DOT_COLS + j]);
        }
    }
    return v_sums(sum);
}

/* The gradient of the weights: bands of images, one behind the other, are divided into `blocks`,
 * and the channels of a group into parts of `chunk`; `together` bands are copied at a time. */
typedef struct {
    const Shape *s;
    Layout l;
    T *dweight, *dbias;
    const T *dy, *x;
    size_t blocks, chunk, chunks, together, x_size, dy_size, room;
    T *partial; /* (blocks, weights), then (blocks, filters of all groups) */
    T *rooms;   /* (threads, room) */
    Tap *tap;   /* (chunk kernel_h kernel_w) */
} Weights;

static size_t filters_of(const Shape *s) { return s->groups * s->filters; }

static size_t weights_of(const Shape *s) {
    return filters_of(s) * s->channels * s->h.kernel * s->w.kernel;
}

/* Adds to (or, the first time, makes) a block's part of the gradients of a group for some channels,
 * from `count` bands on. */
static void add_bands(const Weights *g, size_t block, size_t group, size_t channel, size_t band,
                      size_t count, int first, T *x_copy) {
    const Shape *s = g->s;
    const Layout *l = &g->l;
    const size_t area = s->h.kernel * s->w.kernel,
                 channels = mg_min(g->chunk, s->channels - channel);
    const size_t length = count * l->plane - l->h.halo * l->pitch - l->w.halo;
    T *dy_copy = x_copy + g->chunk * l->phases * g->x_size;
    for (size_t c = 0; c < channels; c++) {
        T *to = x_copy + c * l->phases * g->x_size;
        for (size_t b = 0; b < count; b++) {
            const size_t image = (band + b) / l->bands * s->groups + group;
            copy_band(to + b * l->plane, g->x_size,
                      g->x + (image * s->channels + channel + c) * s->h.x * s->w.x, l,
                      (band + b) % l->bands);
        }
        for (size_t phase = 0; phase < l->phases; phase++)
            v_store(to + phase * g->x_size + count * l->plane, (V){0});
    }
    for (size_t o = 0; o < s->filters; o++) {
        T *to = dy_copy + o * g->dy_size;
        for (size_t b = 0; b < count; b++) {
            const size_t image = (band + b) / l->bands * s->groups + group;
            const size_t top = (band + b) % l->bands * l->band;
            lay_out(to + b * l->plane, l->band + l->h.halo, l->pitch,
                    g->dy + (image * s->filters + o) * s->h.y * s->w.y,
                    (Cut){(ptrdiff_t)top, 1, mg_min(s->h.y, top + l->band)}, (Cut){0, 1, s->w.y});
        }
        v_store(to + count * l->plane, (V){0});
        if (g->dbias && channel == 0) {
            T *sum = g->partial + g->blocks * weights_of(s) + block * filters_of(s) +
                     group * s->filters + o;
            V sums = {0};
            for (size_t t = 0; t < length; t += V_LANES) sums += v_load(to + t);
            if (first) *sum = 0;
            for (size_t i = 0; i < V_LANES; i++) *sum += sums[i];
        }
    }
    const size_t taps = channels * area, step = s->channels * area;
    T *to = g->partial + block * weights_of(s) + group * s->filters * step + channel * area;
    for (size_t o = 0; o < s->filters; o += DOT_ROWS)
        for (size_t k = 0; k < taps; k += DOT_COLS) {
            const T *row[DOT_ROWS], *col[DOT_COLS]; /* beyond the edge: the last one, not stored */
            for (size_t i = 0; i < DOT_ROWS; i++)
                row[i] = dy_copy + mg_min(o + i, s->filters - 1) * g->dy_size;
            for (size_t j = 0; j < DOT_COLS; j++)
                col[j] = x_copy + g->tap[mg_min(k + j, taps - 1)].offset;
            T result[V_LANES];
            v_store(result, dots(row, col, length));
            for (size_t i = 0; i < mg_min(DOT_ROWS, s->filters - o); i++)
                for (size_t j = 0; j < mg_min(DOT_COLS, taps - k); j++) {
                    T *sum = to + (o + i) * step + k + j;
                    *sum = (first ? 0 : *sum) + result[i * DOT_COLS + j];
                }
        }
}

/* to_i = sum over the blocks of partial_i */
static void add_blocks(T *to, const T *partial, size_t blocks, size_t size) {
    MG_PRAGMA(omp for schedule(static))
    for (size_t i = 0; i < size; i++) {
        T sum = partial[i];
        for (size_t b = 1; b < blocks; b++) sum += partial[b * size + i];
        to[i] = sum;
    }
}

/* Run by all threads of a parallel region, or by one outside of any. */
static void weight_gradient(const Weights *g) {
    const Shape *s = g->s;
    const size_t bands = s->n * g->l.bands;
    T *room = g->rooms + (size_t)thread_number() * g->room;
    MG_PRAGMA(omp for schedule(static))
    for (size_t u = 0; u < g->blocks * s->groups * g->chunks; u++) {
        const size_t block = u / g->chunks / s->groups, group = u / g->chunks % s->groups;
        const size_t first = block * bands / g->blocks, end = (block + 1) * bands / g->blocks;
        for (size_t band = first; band < end; band += g->together)
            add_bands(g, block, group, u % g->chunks * g->chunk, band,
                      mg_min(g->together, end - band), band == first, room);
    }
    add_blocks(g->dweight, g->partial, g->blocks, weights_of(s));
    if (g->dbias)
        add_blocks(g->dbias, g->partial + g->blocks * weights_of(s), g->blocks, filters_of(s));
}

/* The gradients of weight and bias (or NULL) for dy, that of conv's result. */
void MG(conv_weight)(T *dweight, T *dbias, const T *dy, const T *x, const int64_t *geometry,
                     size_t n, size_t groups, size_t channels, size_t filters, size_t height,
                     size_t width, size_t out_height, size_t out_width, size_t kernel_h,
                     size_t kernel_w) {
    SHAPE;
    if (n * filters == 0) {
        memset(dweight, 0, weights_of(&s) * sizeof(T));
        if (dbias) memset(dbias, 0, filters_of(&s) * sizeof(T));
        return;
    }
    Weights g = {.s = &s, .dweight = dweight, .dbias = dbias, .dy = dy, .x = x};
    g.l = layout(&s, 0, channels, parts(TASKS, n));
    const size_t bands = n * g.l.bands;
    /* Blocks for all threads, unless their parts would need much memory; then by channels. */
    g.blocks = mg_min(bands, mg_max(1, mg_min(TASKS, PARTIAL / mg_max(1, weights_of(&s)))));
    g.chunks = mg_max(1, mg_min(channels, parts(TASKS, g.blocks * groups)));
    g.chunk = mg_max(1, parts(channels, g.chunks));
    g.chunks = mg_max(1, parts(channels, g.chunk));
    const size_t planes = g.chunk * g.l.phases + filters;
    g.together = mg_max(1, COPY_BYTES / sizeof(T) / (planes * g.l.plane));
    g.together = mg_min(g.together, parts(bands, g.blocks));
    g.x_size = g.dy_size = round_up(g.together * g.l.plane + V_LANES, V_LANES);
    g.room = planes * g.x_size + V_LANES;
    const int threads = threads_for(&s);
    const size_t sums = g.blocks * (weights_of(&s) + filters_of(&s));
    g.rooms = mg_scratch((g.room * (size_t)threads + round_up(sums, V_LANES)) * sizeof(T) +
                         g.chunk * kernel_h * kernel_w * sizeof(Tap));
    g.partial = g.rooms + g.room * (size_t)threads;
    g.tap = (Tap *)(g.partial + round_up(sums, V_LANES));
    find_taps(g.tap, &s, &g.l, 0, 0, g.chunk, g.x_size);
    if (threads == 1) {
        weight_gradient(&g);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        weight_gradient(&g);
    }
}
