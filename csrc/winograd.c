/* Convolutions with kernels of 3x3 and stride 1: 16 multiplications for four results, not 36.
 *
 * In one dimension, two results y of three weights g take four inputs d and four products:
 *
 *     y = A^T (G g . B^T d)      A^T m = m0 + m1 + m2, m1 - m2 - m3
 *                                G g   = g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2
 *                                B^T d = d0 - d2, d1 + d2, d2 - d1, d1 - d3
 *
 * In two, each is applied to columns and then to rows: a tile of 2x2 results takes 4x4 inputs,
 * which the tiles share. The sum over channels is made before A^T, so that for each e of the 16
 * places there is a matrix product over all tiles:
 *
 *     M_e = V_e U_e      V_e (tiles, in), U_e (in, out), M_e (tiles, out)
 *
 * The gradient of x is the same of y's, the planes exchanged and the weights turned round. That of
 * the weights is the transpose, G^T (A dy A^T . V) G, its sum over the tiles
 *
 *     V_e^T D_e          D_e (tiles, out), the 16 places of A dy A^T
 *
 * Copied so that the channels of a place lie side by side, planes give vectors, and the
 * transformations are additions of those. An infinity in x reaches the results that read it and no
 * others, but most of them as NaN; numbers of which a sum of four overflows are infinite here.
 *
 * S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin, S. Gray, Fast Algorithms for
 * Convolutional Neural Networks, 2016.
 */
#include "conv.h"
#include "tile.h"

/* LEAST   tiles of a unit that are worth reading and writing the sums over tiles again
 * SUMS    that the gradient of the weights is divided into, at most */
enum { PLACES = 16, LEAST = 56, SUMS = 1 << 22 };

/* Tiles whose places, of `width` elements each, have COPY_BYTES, so that they stay in L2. */
static size_t fitting(size_t width) { return COPY_BYTES / sizeof(T) / (PLACES * width); }

/* Elements from a place of `tiles` tiles to the next: an odd number of vectors, lest all places
 * fall into the same set of L1. */
static size_t spacing(size_t tiles, size_t width) {
    return (tiles * width / V_LANES | 1) * V_LANES;
}

/* How the tiles of all images are divided into units of work: bands of `band` rows of an image's
 * tiles, or, where one band is all of them, `images` images. */
typedef struct {
    size_t rows, cols; /* tiles of a plane */
    size_t images, band, bands, units;
} Grid;

/* Units of at most about `fit` tiles, a row of them at least. */
static Grid divide(size_t n, size_t height, size_t line, size_t fit) {
    Grid g = {.rows = parts(height, 2), .cols = parts(line, 2), .images = 1};
    const size_t area = g.rows * g.cols;
    const size_t bands = mg_max(parts(g.rows, mg_max(1, fit / g.cols)), parts(TASKS, n));
    g.band = parts(g.rows, mg_min(g.rows, bands));
    g.bands = parts(g.rows, g.band);
    if (g.bands == 1) g.images = mg_max(1, mg_min(fit / area, n / TASKS));
    g.units = parts(n, g.images) * g.bands;
    return g;
}

/* One of them: `count` images from `image` on, `rows` rows of tiles from `top` on. */
typedef struct {
    size_t image, count, top, rows, tiles;
} Unit;

static Unit unit_of(const Grid *g, size_t n, size_t u) {
    Unit x = {.image = u / g->bands * g->images, .top = u % g->bands * g->band};
    x.count = mg_min(g->images, n - x.image);
    x.rows = mg_min(g->band, g->rows - x.top);
    x.tiles = x.count * x.rows * g->cols;
    return x;
}

/* ---- the transformations ---- */

/* B^T d B, in place. */
static MG_INLINE void of_input(V d[PLACES]) {
#pragma GCC unroll 16
    for (int i = 0; i < 8; i++) {
        V *x = d + (i < 4 ? i : 4 * (i - 4));
        const int step = i < 4 ? 4 : 1;
        const V d1 = x[step], d2 = x[2 * step];
        x[0] -= d2;
        x[step] += d2;
        x[2 * step] -= d1;
        x[3 * step] = d1 - x[3 * step];
    }
}

/* y (2, 2) = A^T m A */
static MG_INLINE void of_product(V y[4], const V m[PLACES]) {
    V down[8];
#pragma GCC unroll 16
    for (int i = 0; i < 4; i++) {
        down[i] = m[i] + m[4 + i] + m[8 + i];
        down[4 + i] = m[4 + i] - m[8 + i] - m[12 + i];
    }
#pragma GCC unroll 16
    for (int i = 0; i < 2; i++) {
        const V *x = down + 4 * i;
        y[2 * i] = x[0] + x[1] + x[2];
        y[2 * i + 1] = x[1] - x[2] - x[3];
    }
}

/* d (4, 4) = A dy A^T */
static MG_INLINE void of_gradient(V d[PLACES], const V dy[4]) {
#pragma GCC unroll 16
    for (int i = 0; i < 2; i++) {
        d[i] = dy[i];
        d[4 + i] = dy[i] + dy[2 + i];
        d[8 + i] = dy[i] - dy[2 + i];
        d[12 + i] = -dy[2 + i];
    }
#pragma GCC unroll 16
    for (int i = 0; i < 4; i++) {
        V *x = d + 4 * i;
        const V x0 = x[0], x1 = x[1];
        x[1] = x0 + x1;
        x[2] = x0 - x1;
        x[3] = -x1;
    }
}

/* u (4, 4) = G g G^T */
static MG_INLINE void of_weight(V u[PLACES], const V g[9]) {
    V down[12];
#pragma GCC unroll 16
    for (int i = 0; i < 3; i++) {
        const V ends = (g[i] + g[6 + i]) * F(0.5), middle = g[3 + i] * F(0.5);
        down[i] = g[i];
        down[3 + i] = ends + middle;
        down[6 + i] = ends - middle;
        down[9 + i] = g[6 + i];
    }
#pragma GCC unroll 16
    for (int i = 0; i < 4; i++) {
        const V *x = down + 3 * i;
        const V ends = (x[0] + x[2]) * F(0.5), middle = x[1] * F(0.5);
        u[4 * i] = x[0];
        u[4 * i + 1] = ends + middle;
        u[4 * i + 2] = ends - middle;
        u[4 * i + 3] = x[2];
    }
}

/* g (3, 3) = G^T u G */
static MG_INLINE void of_weight_gradient(V g[9], const V u[PLACES]) {
    V down[12];
#pragma GCC unroll 16
    for (int i = 0; i < 4; i++) {
        const V sum = (u[4 + i] + u[8 + i]) * F(0.5);
        down[i] = u[i] + sum;
        down[4 + i] = (u[4 + i] - u[8 + i]) * F(0.5);
        down[8 + i] = sum + u[12 + i];
    }
#pragma GCC unroll 16
    for (int i = 0; i < 3; i++) {
        const V *x = down + 4 * i;
        const V sum = (x[1] + x[2]) * F(0.5);
        g[3 * i] = x[0] + sum;
        g[3 * i + 1] = (x[1] - x[2]) * F(0.5);
        g[3 * i + 2] = sum + x[3];
    }
}

/* v_e (tiles, width), `apart` apart = B^T d B of each tile of a unit, whose images have `planes` of
 * (height, line), `step` elements an image; pad: zeros before the first. */
static void read_inputs(T *v, size_t apart, size_t width, T *copy, const T *x, size_t step,
                        size_t planes, size_t height, size_t line, const Grid *g, const Unit *u,
                        size_t pad_h, size_t pad_w) {
    const size_t cols = 2 * g->cols + 2;
    for (size_t image = 0; image < u->count; image++) {
        channels_last(copy, 2 * u->rows + 2, cols, width, x + (u->image + image) * step, planes,
                      height, line, (ptrdiff_t)(2 * u->top) - (ptrdiff_t)pad_h, -(ptrdiff_t)pad_w);
        for (size_t i = 0; i < u->rows; i++)
            for (size_t j = 0; j < g->cols; j++, v += width)
                for (size_t c = 0; c < width; c += V_LANES) {
                    const T *from = copy + (2 * i * cols + 2 * j) * width + c;
                    V d[PLACES];
#pragma GCC unroll 16
                    for (size_t e = 0; e < PLACES; e++)
                        d[e] = v_load(from + (e / 4 * cols + e % 4) * width);
                    of_input(d);
#pragma GCC unroll 16
                    for (size_t e = 0; e < PLACES; e++) v_store(v + e * apart + c, d[e]);
                }
    }
}

/* ---- y and the gradient of x ---- */

typedef struct {
    const Shape *s;
    Grid grid;
    int transposed;
    T *y;
    const T *x, *weight, *bias;
    size_t in, out, in_width, out_width; /* planes of a group, and rounded up to whole vectors */
    Line h, w;                           /* `in` and `out` of both dimensions */
    size_t pad_h, pad_w, apart, copy, room;
    T *u;     /* (groups, panels of 2 vectors of out, places, in, 2 vectors) */
    T *rooms; /* (threads, room): a copy, V, M of MR tiles and a panel, y */
} Pass;

/* G g G^T of a channel of x and all planes of y. */
static void read_weights(const Pass *p, size_t group, size_t c) {
    const size_t channels = p->s->channels, plane = p->transposed ? 1 : channels;
    const T *first = p->weight + 9 * (group * p->in * p->out + c * (p->transposed ? channels : 1));
    for (size_t k = 0; k < p->out_width; k += V_LANES) {
        const size_t panel = k / NR * NR, width = mg_min(NR, p->out_width - panel);
        T g[9][V_LANES] = {{0}};
        for (size_t l = 0; l < mg_min(V_LANES, p->out - k); l++)
            for (size_t i = 0; i < 9; i++)
                g[i][l] = first[9 * (k + l) * plane + (p->transposed ? 8 - i : i)];
        V weights[9], u[PLACES];
#pragma GCC unroll 16
        for (int i = 0; i < 9; i++) weights[i] = v_load(g[i]);
        of_weight(u, weights);
        T *to = p->u + (group * p->out_width + panel) * PLACES * p->in + c * width + (k - panel);
#pragma GCC unroll 16
        for (size_t e = 0; e < PLACES; e++) v_store(to + e * p->in * width, u[e]);
    }
}

/* The results of a unit, y (2, tiles, 2, out_width): of every tile the upper two, and the lower. */
static void multiply(const Pass *p, size_t group, size_t tiles, T *y, T *m, const T *v) {
    const size_t width = p->out_width, rows = parts(tiles, parts(tiles, MR));
    for (size_t k = 0; k < width; k += NR) {
        const size_t panel = mg_min(NR, width - k);
        const T *u = p->u + (group * width + k) * PLACES * p->in;
        V bias[2] = {{0}};
        for (size_t c = 0; p->bias && c < panel; c += V_LANES)
            bias[c / V_LANES] =
                v_load_some(p->bias + group * p->out + k + c, mg_min(V_LANES, p->out - k - c));
        for (size_t t = 0; t < tiles; t += rows) {
            const size_t some = mg_min(rows, tiles - t);
            for (size_t e = 0; e < PLACES; e++)
                tile(some, 1, m + e * MR * NR, NR, NULL, 0, v + e * p->apart + t * p->in_width,
                     p->in_width, u + e * p->in * panel, panel, p->in, panel);
            for (size_t i = 0; i < some; i++)
                for (size_t c = 0; c < panel; c += V_LANES) {
                    V x[PLACES], made[4];
#pragma GCC unroll 16
                    for (size_t e = 0; e < PLACES; e++) x[e] = v_load(m + (e * MR + i) * NR + c);
                    of_product(made, x);
                    T *to = y + 2 * (t + i) * width + k + c;
#pragma GCC unroll 16
                    for (size_t e = 0; e < 4; e++)
                        v_store(to + (e / 2 * 2 * tiles + e % 2) * width,
                                made[e] + bias[c / V_LANES]);
                }
        }
    }
}

/* The planes of an image's rows of tiles, y (2, tiles, 2, width) from a tile on. */
static void write_planes(const Pass *p, T *to, const T *y, size_t tiles, size_t top, size_t rows) {
    const size_t width = p->out_width, height = p->h.out, line = p->w.out;
    for (size_t r = 2 * top; r < mg_min(2 * (top + rows), height); r++) {
        const T *row = y + (r % 2 * tiles + (r / 2 - top) * p->grid.cols) * 2 * width;
        for (size_t plane = 0; plane < p->out; plane += V_LANES)
            for (size_t j = 0; j < line; j += V_LANES) {
                const size_t count = mg_min(V_LANES, line - j);
                V x[V_LANES];
#pragma GCC unroll 16
                for (size_t l = 0; l < V_LANES; l++)
                    x[l] = v_load(row + (j + mg_min(l, count - 1)) * width + plane);
                v_transpose(x);
                T *out = to + (plane * height + r) * line + j;
#pragma GCC unroll 16
                for (size_t l = 0; l < V_LANES; l++)
                    if (plane + l < p->out) v_store_some(out + l * height * line, x[l], count);
            }
    }
}

/* Run by all threads of a parallel region, or by one outside of any. */
static void pass(const Pass *p) {
    const size_t groups = p->s->groups;
    const size_t in_size = p->h.in * p->w.in, out_size = p->h.out * p->w.out;
    MG_PRAGMA(omp for schedule(static))
    for (size_t c = 0; c < groups * p->in; c++) read_weights(p, c / p->in, c % p->in);
    T *copy = p->rooms + (size_t)thread_number() * p->room, *v = copy + p->copy,
      *m = v + PLACES * p->apart, *y = m + PLACES * MR * NR;
    MG_PRAGMA(omp for schedule(dynamic))
    for (size_t i = 0; i < p->grid.units * groups; i++) {
        const size_t group = i % groups;
        const Unit u = unit_of(&p->grid, p->s->n, i / groups);
        read_inputs(v, p->apart, p->in_width, copy, p->x + group * p->in * in_size,
                    groups * p->in * in_size, p->in, p->h.in, p->w.in, &p->grid, &u, p->pad_h,
                    p->pad_w);
        multiply(p, group, u.tiles, y, m, v);
        for (size_t image = 0; image < u.count; image++)
            write_planes(p, p->y + ((u.image + image) * groups + group) * p->out * out_size,
                         y + image * u.rows * p->grid.cols * 2 * p->out_width, u.tiles, u.top,
                         u.rows);
    }
}

void MG(winograd)(const Shape *s, int transposed, T *y, const T *x, const T *weight,
                  const T *bias) {
    Pass p = {.s = s, .transposed = transposed, .y = y, .x = x, .weight = weight, .bias = bias};
    p.in = transposed ? s->filters : s->channels;
    p.out = transposed ? s->channels : s->filters;
    p.in_width = round_up(p.in, V_LANES);
    p.out_width = round_up(p.out, V_LANES);
    p.h = (transposed ? backward : forward)(&s->h);
    p.w = (transposed ? backward : forward)(&s->w);
    p.pad_h = transposed ? 2 - s->h.pad : s->h.pad;
    p.pad_w = transposed ? 2 - s->w.pad : s->w.pad;
    p.grid = divide(s->n, p.h.out, p.w.out, fitting(p.in_width));
    const size_t tiles = p.grid.images * p.grid.band * p.grid.cols;
    p.apart = spacing(tiles, p.in_width);
    p.copy = (2 * p.grid.band + 2) * (2 * p.grid.cols + 2) * p.in_width;
    p.room = p.copy + PLACES * (p.apart + MR * NR) + 4 * tiles * p.out_width;
    const int threads = threads_for(s);
    p.rooms = mg_scratch((p.room * (size_t)threads + s->groups * PLACES * p.in * p.out_width) *
                         sizeof(T));
    p.u = p.rooms + p.room * (size_t)threads;
    if (threads == 1) {
        pass(&p);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        pass(&p);
    }
}

/* ---- the gradient of the weights ---- */

/* The sums over units are divided into `blocks`. */
typedef struct {
    const Shape *s;
    Grid grid;
    T *dweight, *dbias;
    const T *dy, *x;
    size_t x_width, dy_width, x_apart, dy_apart, copy, blocks, room;
    T *partial; /* (blocks, groups, places, channels, dy_width) */
    T *bias;    /* (blocks, groups, dy_width) */
    T *rooms;   /* (threads, room): a copy, V, D */
} Weights;

/* d_e (tiles, width), `apart` apart = A dy A^T of each tile of a unit. */
static void read_gradients(const Weights *w, T *d, T *copy, const T *dy, const Unit *u) {
    const Shape *s = w->s;
    const size_t cols = 2 * w->grid.cols, width = w->dy_width, plane = s->h.y * s->w.y;
    for (size_t image = 0; image < u->count; image++) {
        channels_last(copy, 2 * u->rows, cols, width,
                      dy + (u->image + image) * s->groups * s->filters * plane, s->filters, s->h.y,
                      s->w.y, (ptrdiff_t)(2 * u->top), 0);
        for (size_t i = 0; i < u->rows; i++)
            for (size_t j = 0; j < w->grid.cols; j++, d += width)
                for (size_t c = 0; c < width; c += V_LANES) {
                    const T *from = copy + (2 * i * cols + 2 * j) * width + c;
                    V x[4], places[PLACES];
#pragma GCC unroll 16
                    for (size_t e = 0; e < 4; e++)
                        x[e] = v_load(from + (e / 2 * cols + e % 2) * width);
                    of_gradient(places, x);
#pragma GCC unroll 16
                    for (size_t e = 0; e < PLACES; e++) v_store(d + e * w->dy_apart + c, places[e]);
                }
    }
}

/* Adds to (or, the first time, makes) a block's sums of a group. */
static void add_unit(const Weights *w, size_t block, size_t group, const Unit *u, int first,
                     T *copy) {
    const Shape *s = w->s;
    const size_t channels = s->channels, width = w->dy_width, x_plane = s->h.x * s->w.x;
    const size_t rows = parts(channels, parts(channels, MR));
    T *v = copy + w->copy, *d = v + PLACES * w->x_apart;
    read_inputs(v, w->x_apart, w->x_width, copy, w->x + group * channels * x_plane,
                s->groups * channels * x_plane, channels, s->h.x, s->w.x, &w->grid, u, s->h.pad,
                s->w.pad);
    read_gradients(w, d, copy, w->dy + group * s->filters * s->h.y * s->w.y, u);
    T *to = w->partial + (block * s->groups + group) * PLACES * channels * width;
    for (size_t e = 0; e < PLACES; e++)
        for (size_t k = 0; k < width; k += NR)
            for (size_t c = 0; c < channels; c += rows) {
                T *sums = to + (e * channels + c) * width + k;
                tile(mg_min(rows, channels - c), 0, sums, width, first ? NULL : sums, width,
                     v + e * w->x_apart + c, w->x_width, d + e * w->dy_apart + k, width, u->tiles,
                     mg_min(NR, width - k));
            }
    if (!w->dbias) return;
    /* The place in the second row and column of A dy A^T is the sum of a tile. */
    T *bias = w->bias + (block * s->groups + group) * width;
    for (size_t k = 0; k < width; k += V_LANES) {
        V sum = first ? (V){0} : v_load(bias + k);
        for (size_t t = 0; t < u->tiles; t++) sum += v_load(d + 5 * w->dy_apart + t * width + k);
        v_store(bias + k, sum);
    }
}

/* dweight of a channel of x and all filters of its group: the sums of all blocks, G^T u G. */
static void write_weights(const Weights *w, size_t group, size_t c) {
    const Shape *s = w->s;
    const size_t width = w->dy_width, place = s->channels * width;
    for (size_t k = 0; k < width; k += V_LANES) {
        V u[PLACES], g[9];
#pragma GCC unroll 16
        for (size_t e = 0; e < PLACES; e++) {
            const T *from = w->partial + (group * PLACES + e) * place + c * width + k;
            u[e] = v_load(from);
            for (size_t b = 1; b < w->blocks; b++)
                u[e] += v_load(from + b * s->groups * PLACES * place);
        }
        of_weight_gradient(g, u);
        T made[9][V_LANES];
#pragma GCC unroll 16
        for (int i = 0; i < 9; i++) v_store(made[i], g[i]);
        T *to = w->dweight + 9 * ((group * s->filters + k) * s->channels + c);
        for (size_t l = 0; l < mg_min(V_LANES, s->filters - k); l++)
            for (size_t i = 0; i < 9; i++) to[9 * l * s->channels + i] = made[i][l];
    }
}

/* Run by all threads of a parallel region, or by one outside of any. */
static void weight_gradient(const Weights *w) {
    const Shape *s = w->s;
    T *room = w->rooms + (size_t)thread_number() * w->room;
    MG_PRAGMA(omp for schedule(dynamic))
    for (size_t i = 0; i < w->blocks * s->groups; i++) {
        const size_t block = i / s->groups, first = block * w->grid.units / w->blocks;
        for (size_t u = first; u < (block + 1) * w->grid.units / w->blocks; u++) {
            const Unit unit = unit_of(&w->grid, s->n, u);
            add_unit(w, block, i % s->groups, &unit, u == first, room);
        }
    }
    MG_PRAGMA(omp for schedule(static))
    for (size_t c = 0; c < s->groups * s->channels; c++)
        write_weights(w, c / s->channels, c % s->channels);
    if (!w->dbias) return;
    MG_PRAGMA(omp for schedule(static))
    for (size_t i = 0; i < s->groups * s->filters; i++) {
        const T *from = w->bias + i / s->filters * w->dy_width + i % s->filters;
        T sum = *from;
        for (size_t b = 1; b < w->blocks; b++) sum += from[b * s->groups * w->dy_width];
        w->dbias[i] = sum;
    }
}

void MG(winograd_weight)(const Shape *s, T *dweight, T *dbias, const T *dy, const T *x) {
    Weights w = {.s = s, .dweight = dweight, .dbias = dbias, .dy = dy, .x = x};
    w.x_width = round_up(s->channels, V_LANES);
    w.dy_width = round_up(s->filters, V_LANES);
    w.grid = divide(s->n, s->h.y, s->w.y, mg_max(LEAST, fitting(w.x_width + w.dy_width)));
    const size_t tiles = w.grid.images * w.grid.band * w.grid.cols;
    w.x_apart = spacing(tiles, w.x_width);
    w.dy_apart = spacing(tiles, w.dy_width);
    w.copy = (2 * w.grid.band + 2) * (2 * w.grid.cols + 2) * mg_max(w.x_width, w.dy_width);
    w.room = w.copy + PLACES * (w.x_apart + w.dy_apart);
    const size_t sums = s->groups * PLACES * s->channels * w.dy_width;
    w.blocks = mg_min(w.grid.units, mg_max(1, mg_min(TASKS, SUMS / sums)));
    const int threads = threads_for(s);
    w.rooms = mg_scratch((w.room * (size_t)threads + w.blocks * (sums + s->groups * w.dy_width)) *
                         sizeof(T));
    w.partial = w.rooms + w.room * (size_t)threads;
    w.bias = w.partial + w.blocks * sums;
    if (threads == 1) {
        weight_gradient(&w);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        weight_gradient(&w);
    }
}
