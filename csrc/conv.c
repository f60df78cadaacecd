/* Convolutions of images and the gradient of x; conv.h says how. */
#include "conv.h"

/* A tile of results that stays in registers while the taps pass: up to MR planes of them by two
 * vectors of positions, or, of few planes, by as many as fit. REST: how far the last one may reach
 * behind the positions. */
enum { MR = V_TILE, MAX_VECTORS = 4, REST = (MAX_VECTORS - 1) * V_LANES };
#define VECTORS(rows) (5 + (rows) * 4 <= V_REGISTERS ? 4 : 4 + (rows) * 3 <= V_REGISTERS ? 3 : 2)

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

/* out (rows, vectors), rows `pitch` apart = bias + sum_k w_k,row in[offset_k ...];  w (taps, rows).
 */
static MG_INLINE void tile_of(int rows, int vectors, T *out, size_t pitch, const T *in,
                              const Tap *tap, size_t taps, const T *w, const T *bias) {
    V sum[MR][MAX_VECTORS];
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) sum[i][v] = bias ? v_all(bias[i]) : (V){0};
    for (size_t k = 0; k < taps; k++, w += rows) {
        V x[MAX_VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) x[v] = v_load(in + tap[k].offset + v * V_LANES);
        const T *again = vectors > 2 ? w : v_again(w);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            sum[i][0] = v_fma(v_all(w[i]), x[0], sum[i][0]);
#pragma GCC unroll 4
            for (int v = 1; v < vectors; v++)
                sum[i][v] = v_fma(v_all(i % 2 ? w[i] : again[i]), x[v], sum[i][v]);
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) v_store(out + i * pitch + v * V_LANES, sum[i][v]);
}

static void tile(size_t rows, T *out, size_t pitch, const T *in, const Tap *tap, size_t taps,
                 const T *w, const T *bias) {
#define ROWS(r)                                                     \
    case r:                                                         \
        tile_of(r, VECTORS(r), out, pitch, in, tap, taps, w, bias); \
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
        const size_t width = VECTORS(rows) * V_LANES;
        for (size_t phase = 0, k = 0; phase < h->to * w->to; k = p->last[phase++]) {
            for (size_t t = 0; t < positions; t += width)
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

static void run(const Shape *s, int transposed, T *y, const T *x, const T *weight, const T *bias) {
    Pass p = {.s = s, .y = y, .x = x, .weight = weight, .bias = bias};
    p.in = transposed ? s->filters : s->channels;
    p.out = transposed ? s->channels : s->filters;
    if (s->n * s->groups * p.out * s->h.x * s->w.x == 0) return;
    if (winograd_serves(s, WINOGRAD_WEIGHTS)) {
        MG(winograd)(s, transposed, y, x, weight, bias);
        return;
    }
    p.l = layout(s, transposed, p.in, parts(TASKS, s->n * s->groups));
    p.rows = parts(p.out, parts(p.out, MR));
    p.tiles = parts(p.out, p.rows);
    p.taps = p.in * s->h.kernel * s->w.kernel;
    p.positions = round_up((p.l.band - 1) * p.l.pitch + p.l.w.length + REST, V_LANES);
    p.copies = round_up(p.in * p.l.phases * p.l.plane + V_LANES + REST, V_LANES);
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
