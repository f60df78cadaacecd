/* The gradient of a convolution's weights, in two ways: dot products over positions, and, where
 * there are channels for whole vectors, a matrix product. See conv.h. */
#include "conv.h"

/* ---- dot products ------------------------------------------------------------------------------
 *
 * dweight_ocpq = sum_t dy_o[t] x[t + offset_cpq], with dy laid out like x and zeros between its
 * rows: dot products. V_LANES sums of DOT_ROWS filters x DOT_COLS taps are kept in V_LANES
 * registers.
 */
/* result (DOT_ROWS, DOT_COLS) = sums of the products of rows and columns, length of them. */
static MG_INLINE V dots(const T *const *row, const T *const *col, size_t length) {
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

/* ---- the same where there are channels for whole vectors ----------------------------------------
 *
 * dweight_o,pq,c = sum_t dy_o[t] x_c[t + offset_pq] is a matrix product with a row for each filter
 * and a column for each tap and channel. Copied so that the channels of a place lie side by side, x
 * gives vectors of columns and dy factors of rows, as in gemm.c: no sums across lanes, and no
 * positions between the rows.
 */

/* A band of dy (rows, cols, dy_width) and what it meets of x, whose rows are x_row apart and whose
 * places x_step. */
typedef struct {
    const T *dy, *x;
    size_t rows, cols, dy_width, x_row, x_step;
} Band;

/* sum (rows, 2 V_LANES), rows `ld` apart, += sum_t dy_t x_t; or = where `first`. The second vector
 * of x is `apart` behind the first. */
static MG_INLINE void outer_of(int rows, T *to, size_t ld, const Band *b, const T *dy, const T *x,
                               size_t apart, int first) {
    V sum[V_TILE][2];
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++) sum[i][v] = first ? (V){0} : v_load(to + i * ld + v * V_LANES);
    for (size_t r = 0; r < b->rows; r++) {
        const T *place = x + r * b->x_row;
        for (size_t t = 0; t < b->cols; t++, place += b->x_step, dy += b->dy_width) {
            const V x0 = v_load(place), x1 = v_load(place + apart);
            const T *again = v_again(dy);
#pragma GCC unroll 14
            for (int i = 0; i < rows; i++) {
                sum[i][0] = v_fma(v_all(dy[i]), x0, sum[i][0]);
                sum[i][1] = v_fma(v_all(i % 2 ? dy[i] : again[i]), x1, sum[i][1]);
            }
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < 2; v++) v_store(to + i * ld + v * V_LANES, sum[i][v]);
}

static void outer(size_t rows, T *to, size_t ld, const Band *b, const T *dy, const T *x,
                  size_t apart, int first) {
#define ROWS(r)                                      \
    case r:                                          \
        outer_of(r, to, ld, b, dy, x, apart, first); \
        break;
    switch (rows) { V_EACH_TILE(ROWS) }
#undef ROWS
}

/* The sums of the bands of all images are divided into `blocks`; the filters of a group are `tiles`
 * of `rows`, in `chunks`. `columns` vectors of sums for a filter: `vectors` of channels for each
 * tap, and one for nothing if the number is odd. x_rows and x_cols: of the copy of a band. */
typedef struct {
    const Shape *s;
    T *dweight, *dbias;
    const T *dy, *x;
    size_t blocks, band, bands, rows, tiles, chunk, chunks, vectors, columns, x_rows, x_cols, room;
    T *partial; /* (blocks, groups, filters, columns), then (blocks, groups, filters) */
    T *rooms;   /* (threads, room) */
} Outer;

/* Adds to (or, the first time, makes) a block's part of the gradients of some filters. */
static void add_band(const Outer *g, size_t block, size_t group, size_t chunk, size_t band,
                     int first, T *x_copy) {
    const Shape *s = g->s;
    const Axis *h = &s->h, *w = &s->w;
    const size_t image = band / g->bands * s->groups + group, top = band % g->bands * g->band;
    const size_t width = g->vectors * V_LANES, low = g->rows * g->chunk * chunk,
                 filters = mg_min(g->rows * g->chunk, s->filters - low);
    Band b = {.rows = mg_min(g->band, h->y - top), .cols = w->y};
    b.dy_width = round_up(filters, V_LANES);
    b.x_step = w->stride * width;
    b.x_row = h->stride * g->x_cols * width;
    channels_last(x_copy, g->x_rows, g->x_cols, width, g->x + image * s->channels * h->x * w->x,
                  s->channels, h->x, w->x, (ptrdiff_t)(top * h->stride) - (ptrdiff_t)h->pad,
                  -(ptrdiff_t)w->pad);
    T *dy_copy = x_copy + g->x_rows * g->x_cols * width;
    channels_last(dy_copy, b.rows, w->y, b.dy_width,
                  g->dy + (image * s->filters + low) * h->y * w->y, filters, h->y, w->y,
                  (ptrdiff_t)top, 0);
    const size_t ld = g->columns * V_LANES, before = (block * s->groups + group) * s->filters + low;
    T *to = g->partial + before * ld;
    for (size_t o = 0; o < filters; o += g->rows)
        for (size_t k = 0; k < g->columns; k += 2) {
            size_t from[2];
            for (size_t v = 0; v < 2; v++) {
                /* the vector for nothing: the last one again */
                const size_t column = mg_min(k + v, s->h.kernel * s->w.kernel * g->vectors - 1);
                const size_t tap = column / g->vectors;
                from[v] =
                    (tap / w->kernel * h->dilation * g->x_cols + tap % w->kernel * w->dilation) *
                        width +
                    column % g->vectors * V_LANES;
            }
            outer(mg_min(g->rows, filters - o), to + o * ld + k * V_LANES, ld, &b, dy_copy + o,
                  x_copy + from[0], from[1] - from[0], first);
        }
    if (!g->dbias) return;
    T *bias = g->partial + g->blocks * filters_of(s) * ld + before;
    for (size_t o = 0; o < filters; o += V_LANES) {
        const size_t some = mg_min(V_LANES, filters - o);
        V sum = first ? (V){0} : v_load_part(bias + o, some);
        for (size_t t = 0; t < b.rows * b.cols; t++) sum += v_load(dy_copy + t * b.dy_width + o);
        v_store_part(bias + o, sum, some);
    }
}

/* Run by all threads of a parallel region, or by one outside of any. */
static void outer_gradient(const Outer *g) {
    const Shape *s = g->s;
    const size_t all = s->n * g->bands, filters = filters_of(s), area = s->h.kernel * s->w.kernel;
    T *room = g->rooms + (size_t)thread_number() * g->room;
    MG_PRAGMA(omp for schedule(static))
    for (size_t u = 0; u < g->blocks * s->groups * g->chunks; u++) {
        const size_t block = u / g->chunks / s->groups, group = u / g->chunks % s->groups;
        const size_t first = block * all / g->blocks, end = (block + 1) * all / g->blocks;
        for (size_t band = first; band < end; band++)
            add_band(g, block, group, u % g->chunks, band, band == first, room);
    }
    const size_t size = filters * g->columns * V_LANES;
    MG_PRAGMA(omp for schedule(static))
    for (size_t o = 0; o < filters; o++)
        for (size_t c = 0; c < s->channels; c++)
            for (size_t tap = 0; tap < area; tap++) {
                const T *from = g->partial + (o * g->columns + tap * g->vectors) * V_LANES + c;
                T sum = *from;
                for (size_t b = 1; b < g->blocks; b++) sum += from[b * size];
                g->dweight[(o * s->channels + c) * area + tap] = sum;
            }
    if (g->dbias) add_blocks(g->dbias, g->partial + g->blocks * size, g->blocks, filters);
}

static void run_outer(const Shape *s, T *dweight, T *dbias, const T *dy, const T *x) {
    Outer g = {.s = s, .dweight = dweight, .dbias = dbias, .dy = dy, .x = x};
    const Axis *h = &s->h, *w = &s->w;
    const int threads = threads_for(s);
    g.vectors = parts(s->channels, V_LANES);
    g.columns = round_up(h->kernel * w->kernel * g.vectors, 2);
    g.x_cols = (w->y - 1) * w->stride + (w->kernel - 1) * w->dilation + 1;
    /* Bands of rows whose copies have COPY_BYTES, beside the rows that they share. */
    const size_t width = g.vectors * V_LANES, dy_width = round_up(s->filters, V_LANES);
    const size_t line = h->stride * g.x_cols * width + w->y * dy_width;
    g.bands = parts(h->y, mg_max(1, COPY_BYTES / sizeof(T) / line));
    g.bands = mg_max(g.bands, mg_min(h->y, parts(TASKS, s->n)));
    g.band = parts(h->y, g.bands);
    g.bands = parts(h->y, g.band);
    g.x_rows = (g.band - 1) * h->stride + (h->kernel - 1) * h->dilation + 1;
    const size_t sums = filters_of(s) * g.columns * V_LANES;
    g.blocks = mg_min(s->n * g.bands, mg_max(1, mg_min(TASKS, PARTIAL / sums)));
    g.rows = parts(s->filters, parts(s->filters, V_TILE));
    g.tiles = parts(s->filters, g.rows);
    /* Each chunk copies x again: no more than it takes to give all threads something. */
    g.chunk = parts(g.tiles, parts((size_t)threads, g.blocks * s->groups));
    g.chunks = parts(g.tiles, g.chunk);
    g.room = g.x_rows * g.x_cols * width + g.band * w->y * dy_width + V_LANES;
    const size_t partial = round_up(g.blocks * (sums + filters_of(s)), V_LANES);
    g.rooms = mg_scratch((g.room * (size_t)threads + partial) * sizeof(T));
    g.partial = g.rooms + g.room * (size_t)threads;
    if (threads == 1) {
        outer_gradient(&g);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        outer_gradient(&g);
    }
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
    if (winograd_serves(&s, WINOGRAD_SUMS)) {
        MG(winograd_weight)(&s, dweight, dbias, dy, x);
        return;
    }
    if (fills_vectors(channels)) {
        run_outer(&s, dweight, dbias, dy, x);
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
