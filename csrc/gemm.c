/* Matrix products: C = op(A) op(B) + bias, or C += op(A) op(B), one or a stack of them.
 *
 * C (m, n), op(A) (m, k), op(B) (k, n), bias (n) or NULL (with add_to_c it is not used). A and B
 * lie in memory by rows, lda and ldb elements apart, transposed where the flags say so: A (k, m) if
 * transpose_a, B (n, k) if transpose_b. The three products of a Linear layer with W (out, in) are
 *
 *     y  = x W^T + b   transpose_b      dx = dy W   neither      dW = dy^T x   transpose_a
 *
 * `count` products share the sizes. Product s has its A at a + at[2 s], its B at b + at[2 s + 1]
 * (at may be NULL for one product), and its C is the s-th of a contiguous (count, m, n).
 *
 * How it becomes fast: a tile of C stays in registers while all of k passes (tile_of). What it
 * reads of B is packed so that it lies in the order in which it is read, and is read again by as
 * many tiles as possible while it is in L2 (unit). Units are handed out to whichever thread is
 * free, for cores are not equally fast at all times; an element's sum over k is made in an order
 * that depends on the sizes alone, so the result does not depend on who made it.
 */
#include "mg.h"

#include "memory.h"
#include "tile.h"

/* KC: the steps of k that a tile takes at a time. A unit works with STRIP bytes of B, packed for so
 * many steps, which stay in L2 while the tiles of A pass. A by columns is packed for every strip,
 * GROUP bytes at a time; there, strips of B are twice as wide and half as deep. What has another
 * row, and so another page, for each step of k is packed PACK_STEPS steps panel by panel, so that
 * lines and pages are used up when they are visited. */
enum { KC = 512, STRIP = 1 << 18, GROUP = 1 << 18, PACK_STEPS = 8 };

/* Both functions that pack go from the last columns to the first: a store past the room spoils the
 * beginning of the next row, which is written after it.
 *
 * out (k, width) = in (count, k)^T, columns beyond count zero. */
static void pack_transposed(T *out, size_t width, const T *in, size_t ld, size_t count, size_t k) {
    for (size_t j = (width - 1) / V_LANES * V_LANES; j < width; j -= V_LANES) {
        const size_t valid = j < count ? mg_min(V_LANES, count - j) : 0,
                     room = mg_min(V_LANES, width - j);
        size_t p = 0;
        for (; p + V_LANES <= k; p += V_LANES) {
            V x[V_LANES];
#pragma GCC unroll 16
            for (size_t i = 0; i < V_LANES; i++)
                x[i] = i < valid ? v_load(in + (j + i) * ld + p) : (V){0};
            v_transpose(x);
            T *to = out + p * width + j;
            if (p + V_LANES < k || room == V_LANES) {
#pragma GCC unroll 16
                for (size_t i = 0; i < V_LANES; i++) v_store(to + i * width, x[i]);
            } else {
                for (size_t i = 0; i < V_LANES; i++) v_store_part(to + i * width, x[i], room);
            }
        }
        for (; p < k; p++)
            for (size_t i = 0; i < room; i++)
                out[p * width + j + i] = i < valid ? in[(j + i) * ld + p] : 0;
    }
}

/* out (k, width) = in (k, count), columns beyond count zero; count may be larger than width. */
static void pack(T *out, size_t width, const T *in, size_t ld, size_t count, size_t k) {
    for (size_t j = (width - 1) / V_LANES * V_LANES; j < width; j -= V_LANES) {
        const size_t valid = j < count ? mg_min(V_LANES, count - j) : 0,
                     room = mg_min(V_LANES, width - j);
        T *to = out + j;
        const T *from = in + j;
        for (size_t p = 1; p < k; p++, to += width, from += ld) {
            __builtin_prefetch(from + AHEAD * ld);
            v_store(to, v_load_some(from, valid));
        }
        v_store_part(to, v_load_some(from, valid), room);
    }
}

/* out: panels first ... end - 1 of a matrix, each `width` of its `count` rows by steps p ...
 * p + steps - 1 of its columns, which are those of k, or of rows and columns exchanged (by_k), for
 * tiles to read step by step; a panel's room is `depth` steps. By k all panels are packed some
 * steps at a time, so that what is read lies in a row. */
static void pack_panels(T *out, size_t width, size_t depth, const T *in, size_t ld, int by_k,
                        size_t count, size_t first, size_t end, size_t p, size_t steps) {
    const size_t each = by_k ? PACK_STEPS : steps;
    for (size_t s = 0; s < steps; s += each)
        for (size_t t = first; t < end; t++) {
            T *to = out + ((t - first) * depth + s) * width;
            const size_t i = t * width;
            if (by_k)
                pack(to, width, in + (p + s) * ld + i, ld, count - i, mg_min(each, steps - s));
            else
                pack_transposed(to, width, in + i * ld + p, ld, mg_min(width, count - i), steps);
        }
}

/* c (cols, rows) = start + in^T, in (rows, NR) in whole vectors. */
static void store_transposed(T *c, size_t ldc, const T *start, size_t start_ld, const T *in,
                             size_t rows, size_t cols) {
    for (size_t i = 0; i < rows; i += V_LANES)
        for (size_t j = 0; j < cols; j += V_LANES) {
            const size_t width = mg_min(V_LANES, rows - i);
            V x[V_LANES];
#pragma GCC unroll 16
            for (size_t l = 0; l < V_LANES; l++) x[l] = v_load(in + (i + l) * NR + j);
            v_transpose(x);
#pragma GCC unroll 16
            for (size_t l = 0; l < V_LANES; l++) {
                if (j + l >= cols) break;
                if (start) x[l] += v_load_part(start + (j + l) * start_ld + i, width);
                v_store_part(c + (j + l) * ldc + i, x[l], width);
            }
        }
}

/* A stack of products, and how each is divided. Where `swapped`, it is C^T = op(B)^T op(A)^T that
 * is made, so a and b are exchanged, m and n too, and only tiles of C are transposed.
 *
 * A is divided into `tiles` of `rows`, B into `panels` of NR columns, k into parts of `depth`. A
 * unit of work is `strip` panels by `block` tiles; a product has `strips` times `blocks` of them.
 */
typedef struct {
    T *c;
    const T *a, *b, *bias;
    const size_t *at;
    size_t m, n, k, lda, ldb, ldc;
    int a_by_rows, b_by_rows, swapped, add_to_c;
    size_t rows, tiles, panels, depth, strip, strips, blocks, group;
    int pack_a, pack_b;
} Product;

static size_t parts(size_t whole, size_t part) { return (whole + part - 1) / part; }

static void multiply_tile(const Product *x, T *c, const T *a, size_t lda, int a_by_rows, const T *b,
                          size_t ldb, size_t i, size_t j, size_t p, size_t steps) {
    const size_t rows = mg_min(x->rows, x->m - i), cols = mg_min(NR, x->n - j);
    T *to = c + (x->swapped ? j * x->ldc + i : i * x->ldc + j);
    const int add = x->add_to_c || p;
    const T *start = add ? to : x->bias ? x->bias + (x->swapped ? i : j) : 0;
    const size_t start_ld = add ? x->ldc : 0;
    if (x->swapped) {
        T made[(MR + V_LANES - 1) / V_LANES * V_LANES * NR] __attribute__((aligned(64)));
        tile(rows, a_by_rows, made, NR, 0, 0, a, lda, b, ldb, steps,
             parts(cols, V_LANES) * V_LANES);
        store_transposed(to, x->ldc, start, start_ld, made, rows, cols);
    } else {
        tile(rows, a_by_rows, to, x->ldc, start, start_ld, a, lda, b, ldb, steps, cols);
    }
}

/* The u-th unit of all products. For each part of k the strip of B is packed, and passed by the
 * tiles of A. Each thread packs for itself: nobody waits for another's. */
static void unit(const Product *x, size_t u) {
    const size_t s = u / (x->strips * x->blocks);
    T *c = x->c + s * x->m * x->n;
    const T *a0 = x->a + (x->at ? x->at[2 * s + x->swapped] : 0);
    const T *b0 = x->b + (x->at ? x->at[2 * s + !x->swapped] : 0);
    /* As even as can be, the larger parts last: the last panel may be the half of one. */
    const size_t strip = u % x->strips, block = u / x->strips % x->blocks;
    const size_t first_panel = strip * x->panels / x->strips,
                 last_panel = (strip + 1) * x->panels / x->strips,
                 first_tile = block * x->tiles / x->blocks,
                 last_tile = (block + 1) * x->tiles / x->blocks;
    const size_t panel = NR * x->depth;
    T *packed_b =
          mg_scratch((x->strip * panel + x->group * x->rows * x->depth + V_LANES) * sizeof(T)),
      *packed_a = packed_b + x->strip * panel;
    for (size_t p = 0; p < x->k; p += x->depth) {
        const size_t steps = mg_min(x->depth, x->k - p);
        const size_t whole = x->pack_b ? first_panel : mg_min(last_panel, x->n / NR);
        pack_panels(packed_b + (whole - first_panel) * panel, NR, x->depth, b0, x->ldb,
                    x->b_by_rows, x->n, whole, last_panel, p, steps);
        for (size_t g = first_tile; g < last_tile; g += x->group) {
            const size_t end = mg_min(g + x->group, last_tile);
            if (x->pack_a)
                pack_panels(packed_a, x->rows, x->depth, a0, x->lda, !x->a_by_rows, x->m, g, end, p,
                            steps);
            for (size_t t = g; t < end; t++)
                for (size_t q = first_panel; q < last_panel; q++) {
                    const size_t i = t * x->rows, j = q * NR;
                    const int packed = x->pack_b || x->n - j < NR;
                    const T *a = x->pack_a      ? packed_a + (t - g) * x->rows * x->depth
                                 : x->a_by_rows ? a0 + i * x->lda + p
                                                : a0 + p * x->lda + i;
                    multiply_tile(
                        x, c, a, x->pack_a ? x->rows : x->lda, x->a_by_rows && !x->pack_a,
                        packed ? packed_b + (q - first_panel) * panel : b0 + p * x->ldb + j,
                        packed ? NR : x->ldb, i, j, p, steps);
                }
        }
    }
}

/* A B^T with few rows or columns: dot products. Rows of A and of B both run along k, so nothing is
 * packed; V_LANES sums of DOT_ROWS x DOT_COLS products are kept in V_LANES registers, and added up
 * across lanes at the end. */
static MG_INLINE void dots(V sum[V_LANES], const V a[DOT_ROWS], const V b[DOT_COLS]) {
#pragma GCC unroll 4
    for (int i = 0; i < DOT_ROWS; i++)
#pragma GCC unroll 4
        for (int j = 0; j < DOT_COLS; j++)
            sum[i * DOT_COLS + j] = v_fma(a[i], b[j], sum[i * DOT_COLS + j]);
}

static void dot_block(T *c, size_t ldc, const T *a, size_t lda, const T *b, size_t ldb, size_t k,
                      size_t rows, size_t cols, int add_to_c, const T *bias) {
    const T *row[DOT_ROWS], *col[DOT_COLS]; /* beyond the edge: the last one again, not stored */
    for (size_t i = 0; i < DOT_ROWS; i++) row[i] = a + mg_min(i, rows - 1) * lda;
    for (size_t j = 0; j < DOT_COLS; j++) col[j] = b + mg_min(j, cols - 1) * ldb;
    V sum[V_LANES], x[DOT_ROWS], y[DOT_COLS];
#pragma GCC unroll 16
    for (int i = 0; i < V_LANES; i++) sum[i] = (V){0};
    size_t p = 0;
    for (; p + V_LANES <= k; p += V_LANES) {
#pragma GCC unroll 4
        for (int i = 0; i < DOT_ROWS; i++) x[i] = v_load(row[i] + p);
#pragma GCC unroll 4
        for (int j = 0; j < DOT_COLS; j++) y[j] = v_load(col[j] + p);
        dots(sum, x, y);
    }
    if (p < k) {
        for (int i = 0; i < DOT_ROWS; i++) x[i] = v_load_part(row[i] + p, k - p);
        for (int j = 0; j < DOT_COLS; j++) y[j] = v_load_part(col[j] + p, k - p);
        dots(sum, x, y);
    }
    T result[V_LANES];
    v_store(result, v_sums(sum));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            T *to = c + i * ldc + j;
            *to = (add_to_c ? *to : bias ? bias[j] : 0) + result[i * DOT_COLS + j];
        }
}

/* DOT_COLS columns of one of the products. */
static void dots_unit(const Product *x, size_t u) {
    const size_t each = parts(x->n, DOT_COLS), s = u / each, j = u % each * DOT_COLS;
    const T *a = x->a + (x->at ? x->at[2 * s] : 0), *b = x->b + (x->at ? x->at[2 * s + 1] : 0);
    for (size_t i = 0; i < x->m; i += DOT_ROWS)
        dot_block(x->c + (s * x->m + i) * x->n + j, x->n, a + i * x->lda, x->lda, b + j * x->ldb,
                  x->ldb, x->k, mg_min(DOT_ROWS, x->m - i), mg_min(DOT_COLS, x->n - j), x->add_to_c,
                  x->bias ? x->bias + j : 0);
}

/* Cycles that a product takes for each step of k, about: two vectors of multiply-adds are made in
 * one, and four elements transposed. */
static double tile_cost(size_t m, size_t n, int transposes_b) {
    return (double)(m * parts(n, V_LANES)) / 2 + (transposes_b ? (double)n / 4 : 0);
}

static double dots_cost(size_t m, size_t n, size_t k) {
    const size_t area = parts(m, DOT_ROWS) * DOT_ROWS * (parts(n, DOT_COLS) * DOT_COLS);
    return (double)area * (1.3 / (2 * V_LANES) + 2.5 / (double)k);
}

static void divide(Product *x, size_t count, int threads) {
    /* Parts of equal size: 32 rows are tiles of 11 + 11 + 10, not 14 + 14 + 4. */
    x->rows = parts(x->m, parts(x->m, MR));
    x->tiles = parts(x->m, x->rows);
    x->panels = parts(x->n, NR);
    x->depth = mg_min(
        x->k, parts(parts(x->k, parts(x->k, x->a_by_rows ? KC : KC / 2)), V_LANES) * V_LANES);
    /* B by rows is read where it lies by the first tiles, and then it is not worth packing it. */
    x->pack_b = !x->b_by_rows || x->tiles > 2;
    x->group = x->a_by_rows ? 1 : mg_min(x->tiles, GROUP / (x->rows * x->depth * sizeof(T)) + 1);
    const size_t fit = (x->a_by_rows ? STRIP : 2 * STRIP) / (NR * x->depth * sizeof(T)) + 1;
    const size_t share = count > 1 ? x->panels : parts(x->panels, (size_t)threads);
    x->strip = parts(x->panels, parts(x->panels, mg_min(fit, share)));
    x->strips = parts(x->panels, x->strip);
    /* Units enough that no thread waits long for the last one, but no more: each packs its B. */
    const size_t units = x->strips * count, all = (size_t)threads;
    x->blocks = units >= 3 * all || units % all == 0 ? 1 : mg_min(x->tiles, all);
    /* By rows A is read where it lies, unless its rows fall into the same sets of L1. */
    x->pack_a = x->a_by_rows ? x->lda * sizeof(T) % 4096 == 0 : x->strip >= 3;
}

void MG(matmul)(T *c, const T *a, const T *b, const T *bias, int transpose_a, int transpose_b,
                int add_to_c, const size_t *at, size_t count, size_t m, size_t n, size_t k,
                size_t lda, size_t ldb) {
    if (k == 0 && !add_to_c)
        for (size_t i = 0; i < count * m * n; i++) c[i] = bias ? bias[i % n] : 0;
    if (count == 0 || m == 0 || n == 0 || k == 0) return;
    Product x = {c, a, b, bias, at, m, n, k, lda, ldb, n, !transpose_a, !transpose_b, 0, add_to_c};
    void (*way)(const Product *, size_t) = unit;
    size_t units;
    /* 4 multiply-adds of a small product, with its packing, are about the unit of mg_threads. */
    const int threads = mg_threads(count * (m * n * k / 4 + m * n));
    if (transpose_b) {
        const double as_is = tile_cost(m, n, 1), swapped = tile_cost(n, m, !transpose_a);
        if (!transpose_a && dots_cost(m, n, k) < (swapped < as_is ? swapped : as_is)) {
            way = dots_unit;
        } else if (swapped < as_is) {
            x.swapped = 1;
            x.a = b, x.b = a, x.m = n, x.n = m, x.lda = ldb, x.ldb = lda;
            x.a_by_rows = 1, x.b_by_rows = transpose_a;
        }
    }
    if (way == dots_unit) {
        units = count * parts(n, DOT_COLS);
    } else {
        divide(&x, count, threads);
        units = count * x.strips * x.blocks;
    }
    /* Not a region of one thread: even that would cost as much as a small product. */
    if (threads == 1) {
        for (size_t u = 0; u < units; u++) way(&x, u);
    } else {
        MG_PRAGMA(omp parallel for schedule(dynamic) num_threads(threads))
        for (size_t u = 0; u < units; u++) way(&x, u);
    }
}

/* dW, or the rest of linear_backward. */
static void linear_half(int half, T *dx, T *dw, T *db, const T *dy, const T *x, const T *w,
                        size_t rows, size_t outs, size_t ins) {
    if (half == 0) {
        if (dw) MG(matmul)(dw, dy, x, NULL, 1, 0, 0, NULL, 1, outs, ins, rows, outs, ins);
    } else {
        if (dx) MG(matmul)(dx, dy, w, NULL, 0, 0, 0, NULL, 1, rows, ins, outs, outs, ins);
        if (db) MG(sum)(db, dy, 1, rows, outs);
    }
}

/* The backward pass of y = x W^T + b:  dx = dy W,  dW = dy^T x,  db = the sum of the rows of dy.
 * dy (rows, outs), x and dx (rows, ins), W and dW (outs, ins), db (outs). dx, dW and db may each be
 * NULL; W then is not read, or x.
 *
 * dx and dW are products of the same size that do not wait for each other. Divided among two
 * threads, each of them wakes both and packs its operands twice; beside each other, one on each
 * thread, they do not. With more threads than two only small ones gain, of a few microseconds. */
void MG(linear_backward)(T *dx, T *dw, T *db, const T *dy, const T *x, const T *w, size_t rows,
                         size_t outs, size_t ins) {
    const size_t work = rows * outs * ins / 4 + rows * outs;
    const size_t threads = (size_t)mg_threads(work);
    if (dx && dw && threads > 1 && work * (threads - 2) < threads * MG_SERIAL_BELOW) {
        MG_PRAGMA(omp parallel for schedule(static, 1) num_threads((int)threads))
        for (int half = 0; half < 2; half++) {
            const int was_serial = mg_thread_is_serial;
            mg_thread_is_serial = 1;
            linear_half(half, dx, dw, db, dy, x, w, rows, outs, ins);
            mg_thread_is_serial = was_serial;
        }
    } else {
        /* Not in the same region with an if clause: the products' own would be nested in it, and
         * start their threads each time (1 ms). */
        for (int half = 0; half < 2; half++)
            linear_half(half, dx, dw, db, dy, x, w, rows, outs, ins);
    }
}
