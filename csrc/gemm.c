/* Matrix products: C = op(A) op(B) + bias, or C += op(A) op(B).
 *
 * C (m, n), op(A) (m, k), op(B) (k, n), bias (n) or NULL
 * (with add_to_c it is not used). A and B lie in memory by rows, transposed where
 * the flags say so: A (k, m) if transpose_a, B (n, k) if transpose_b. The three products of a
 * Linear layer with W (out, in) are then
 *
 *     y  = x W^T + b   transpose_b      dx = dy W   neither      dW = dy^T x   transpose_a
 *
 * The sum over k of an element is made in an order that depends on the sizes alone, so results do
 * not depend on the number of threads.
 */
#include "mg.h"

#include <stdlib.h>

#include "simd.h"

/* A tile of C that stays in registers while k passes: MR rows by NR columns, two vectors wide. A
 * step of k loads two vectors of B and broadcasts MR elements of A for 2 MR multiply-adds. That is
 * 28 + 2 + 1 of AVX-512's 32 registers and 12 + 2 + 1 of AVX2's 16; the baseline has no FMA and
 * needs one for the product. */
#if defined(__AVX512F__)
#define MR 14
#elif defined(__AVX2__)
#define MR 6
#else
#define MR 4
#endif
enum { NR = 2 * LANES };

/* The steps of k that a tile takes at a time, and the bytes of A that are packed for them. A panel
 * of B, KC x NR, is read from L2 while a block of A tiles passes over it; that block has to stay in
 * L2 as well, from panel to panel. */
enum { KC = 512, A_BLOCK = 1 << 19 };

#define INLINE static inline __attribute__((always_inline))

/* c (rows, cols) = start + a b over k steps; cols <= vectors * LANES. Of each step a has `rows`
 * neighbours, `a_step` behind those of the last, and b all columns, `b_step` behind. start: c
 * itself, the bias, or zero. */
INLINE void tile_of(int rows, int vectors, T *c, size_t ldc, const T *a, size_t a_step, const T *b,
                    size_t b_step, size_t k, size_t cols, int add_to_c, const T *bias) {
    V sum[MR][2];
    const size_t last = cols - (size_t)(vectors - 1) * LANES; /* columns in the last vector */
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
        const T *start = add_to_c ? c + i * ldc : bias;
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++)
            sum[i][v] = !start                             ? (V){0}
                        : v < vectors - 1 || last == LANES ? v_load(start + v * LANES)
                                                           : v_load_part(start + v * LANES, last);
    }
    for (; k; k--, a += a_step, b += b_step) {
        V y[2];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) y[v] = v_load(b + v * LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            const V x = v_all(a[i]);
#pragma GCC unroll 2
            for (int v = 0; v < vectors; v++) sum[i][v] = v_fma(x, y[v], sum[i][v]);
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            if (v < vectors - 1 || last == LANES)
                v_store(c + i * ldc + v * LANES, sum[i][v]);
            else
                v_store_part(c + i * ldc + v * LANES, sum[i][v], last);
        }
}

static void tile(int rows, T *c, size_t ldc, const T *a, size_t a_step, const T *b, size_t b_step,
                 size_t k, size_t cols, int add_to_c, const T *bias) {
#define ROWS(r)                                                                   \
    case r:                                                                       \
        if (cols > LANES)                                                         \
            tile_of(r, 2, c, ldc, a, a_step, b, b_step, k, cols, add_to_c, bias); \
        else                                                                      \
            tile_of(r, 1, c, ldc, a, a_step, b, b_step, k, cols, add_to_c, bias); \
        break;
    /* clang-format off */
    switch (rows) {
        ROWS(1) ROWS(2) ROWS(3) ROWS(4)
#if MR > 4
        ROWS(5) ROWS(6)
#endif
#if MR > 6
        ROWS(7) ROWS(8) ROWS(9) ROWS(10) ROWS(11) ROWS(12) ROWS(13) ROWS(14)
#endif
    }
    /* clang-format on */
#undef ROWS
}

/* out (k, width) = in (count, k)^T, columns beyond count zero. */
static void pack_transposed(T *out, size_t width, const T *in, size_t ld, size_t count, size_t k) {
    /* From the last columns to the first: a store past the room spoils the beginning of the next
     * row, which is written after it. */
    for (size_t j = (width - 1) / LANES * LANES; j < width; j -= LANES) {
        const size_t valid = j < count ? mg_min(LANES, count - j) : 0,
                     room = mg_min(LANES, width - j);
        size_t p = 0;
        for (; p + LANES <= k; p += LANES) {
            V x[LANES];
#pragma GCC unroll 16
            for (size_t i = 0; i < LANES; i++)
                x[i] = i < valid ? v_load(in + (j + i) * ld + p) : (V){0};
            v_transpose(x);
            T *to = out + p * width + j;
            if (p + LANES < k || room == LANES) {
#pragma GCC unroll 16
                for (size_t i = 0; i < LANES; i++) v_store(to + i * width, x[i]);
            } else {
                for (size_t i = 0; i < LANES; i++) v_store_part(to + i * width, x[i], room);
            }
        }
        for (; p < k; p++)
            for (size_t i = 0; i < room; i++)
                out[p * width + j + i] = i < valid ? in[(j + i) * ld + p] : 0;
    }
}

/* out (k, width) = in (k, count), columns beyond count zero; width <= NR. */
static void pack(T *out, size_t width, const T *in, size_t ld, size_t count, size_t k) {
    const size_t first = mg_min(count, LANES), second = count - first;
    for (; k; k--, out += width, in += ld) {
        if (width == NR) {
            v_store(out, v_load_part(in, first));
            v_store(out + LANES, v_load_part(in + LANES, second));
        } else {
            for (size_t j = 0; j < width; j++) out[j] = j < count ? in[j] : 0;
        }
    }
}

/* ---- A B^T with few rows: dot products
 * --------------------------------------------------------------------------------- Packing B^T
 * would cost more than it saves. Rows of A and of B both run along k: LANES sums of DOT_ROWS x
 * DOT_COLS products each are kept in LANES registers, and added up across lanes at the end. */
#if V_LANES == 16
enum { DOT_ROWS = 4, DOT_COLS = 4 };
#elif V_LANES == 8
enum { DOT_ROWS = 2, DOT_COLS = 4 };
#elif V_LANES == 4
enum { DOT_ROWS = 2, DOT_COLS = 2 };
#else
enum { DOT_ROWS = 1, DOT_COLS = 2 };
#endif

INLINE void dots(V sum[LANES], const V a[DOT_ROWS], const V b[DOT_COLS]) {
#pragma GCC unroll 4
    for (int i = 0; i < DOT_ROWS; i++)
#pragma GCC unroll 4
        for (int j = 0; j < DOT_COLS; j++)
            sum[i * DOT_COLS + j] = v_fma(a[i], b[j], sum[i * DOT_COLS + j]);
}

static void dot_block(T *c, size_t ldc, const T *a, const T *b, size_t k, size_t rows, size_t cols,
                      int add_to_c, const T *bias) {
    const T *row[DOT_ROWS], *col[DOT_COLS]; /* beyond the edge: the last one again, not stored */
    for (size_t i = 0; i < DOT_ROWS; i++) row[i] = a + mg_min(i, rows - 1) * k;
    for (size_t j = 0; j < DOT_COLS; j++) col[j] = b + mg_min(j, cols - 1) * k;
    V sum[LANES], x[DOT_ROWS], y[DOT_COLS];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++) sum[i] = (V){0};
    size_t p = 0;
    for (; p + LANES <= k; p += LANES) {
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
    T result[LANES];
    v_store(result, v_sums(sum));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            T *to = c + i * ldc + j;
            *to = (add_to_c ? *to : bias ? bias[j] : 0) + result[i * DOT_COLS + j];
        }
}

/* Room for the packed matrices, kept by each calling thread for its next product. */
static T *scratch(size_t count) {
    static _Thread_local T *room;
    static _Thread_local size_t size;
    if (count > size) {
        free(room);
        room = aligned_alloc(64, (count * sizeof(T) + 63) / 64 * 64);
        if (!room) abort(); /* smaller than the matrices themselves, of which there was enough */
        size = count;
    }
    return room;
}

/* Up to DOT_MAX rows, A B^T is made of dot products; from PACK_MIN rows on, B is packed though it
 * lies by rows already; from PACK_BYTES in a block of k on, A is packed though it lies by columns
 * already: a tile would touch too many pages. */
enum { DOT_MAX = 48, PACK_MIN = 64, PACK_BYTES = 1 << 20 };

/* A product and how it is divided: A into `tiles` of `rows`, `block` of them at a time; B into
 * `panels` of NR columns; k into parts of `depth`. */
typedef struct {
    T *c;
    const T *a, *b, *bias;
    int transpose_a, transpose_b, add_to_c;
    size_t m, n, k, rows, tiles, block, panels, depth;
    int pack_a, pack_b;
    T *packed_a, *packed_b;
} Product;

static size_t parts(size_t whole, size_t part) { return (whole + part - 1) / part; }

/* The two ways below are each run by all threads of a parallel region, or by one outside of any:
 * even a region of one thread would cost as much as a small product. */

static void by_dots(const Product *x) {
    MG_PRAGMA(omp for schedule(static))
    for (size_t j = 0; j < x->n; j += DOT_COLS)
        for (size_t i = 0; i < x->m; i += DOT_ROWS)
            dot_block(x->c + i * x->n + j, x->n, x->a + i * x->k, x->b + j * x->k, x->k,
                      mg_min(DOT_ROWS, x->m - i), mg_min(DOT_COLS, x->n - j), x->add_to_c,
                      x->bias ? x->bias + j : 0);
}

static void pack_b_panel(const Product *x, size_t q, size_t p, size_t steps) {
    const size_t j = q * NR, cols = mg_min(NR, x->n - j);
    T *to = x->packed_b + q * NR * x->depth;
    if (x->transpose_b)
        pack_transposed(to, NR, x->b + j * x->k + p, x->k, cols, steps);
    else if (x->pack_b || cols < NR)
        pack(to, NR, x->b + p * x->n + j, x->n, cols, steps);
}

static void pack_a_tile(const Product *x, size_t t, size_t p, size_t steps) {
    const size_t i = t * x->rows, count = mg_min(x->rows, x->m - i);
    T *to = x->packed_a + t * x->rows * x->depth;
    if (x->transpose_a)
        pack(to, x->rows, x->a + p * x->m + i, x->m, count, steps);
    else
        pack_transposed(to, x->rows, x->a + i * x->k + p, x->k, count, steps);
}

static void multiply_tile(const Product *x, size_t q, size_t t, size_t p, size_t steps) {
    const size_t i = t * x->rows, j = q * NR, cols = mg_min(NR, x->n - j);
    const int packed_b = x->pack_b || cols < NR;
    const T *a = x->pack_a ? x->packed_a + t * x->rows * x->depth : x->a + p * x->m + i;
    const T *b = packed_b ? x->packed_b + q * NR * x->depth : x->b + p * x->n + j;
    tile((int)mg_min(x->rows, x->m - i), x->c + i * x->n + j, x->n, a, x->pack_a ? x->rows : x->m,
         b, packed_b ? NR : x->n, steps, cols, x->add_to_c || p, x->bias ? x->bias + j : 0);
}

static void by_tiles(const Product *x) {
    const size_t blocks = parts(x->tiles, x->block), pass = x->panels * x->block;
    for (size_t p = 0; p < x->k; p += x->depth) {
        const size_t steps = mg_min(x->depth, x->k - p);
        MG_PRAGMA(omp for schedule(static) nowait)
        for (size_t q = 0; q < x->panels; q++) pack_b_panel(x, q, p, steps);
        MG_PRAGMA(omp for schedule(static))
        for (size_t t = 0; t < (x->pack_a ? x->tiles : 0); t++) pack_a_tile(x, t, p, steps);
        /* Block by block of A, panel by panel of B, tile by tile. */
        MG_PRAGMA(omp for schedule(static))
        for (size_t u = 0; u < blocks * pass; u++) {
            const size_t t = u / pass * x->block + u % x->block;
            if (t < x->tiles) multiply_tile(x, u / x->block % x->panels, t, p, steps);
        }
    }
}

void MG(matmul)(T *c, const T *a, const T *b, const T *bias, int transpose_a, int transpose_b,
                int add_to_c, size_t m, size_t n, size_t k) {
    if (k == 0 && !add_to_c)
        for (size_t i = 0; i < m * n; i++) c[i] = bias ? bias[i % n] : 0;
    if (m == 0 || n == 0 || k == 0) return;
    Product x = {c, a, b, bias, transpose_a, transpose_b, add_to_c, m, n, k};
    void (*way)(const Product *) = by_dots;
    if (!transpose_b || transpose_a || m > DOT_MAX || k < LANES / 2) {
        way = by_tiles;
        /* Parts of equal size: 32 rows are tiles of 11 + 11 + 10, not 14 + 14 + 4. */
        x.rows = parts(m, parts(m, MR));
        x.tiles = parts(m, x.rows);
        x.panels = parts(n, NR);
        x.depth = mg_min(k, parts(parts(k, parts(k, KC)), LANES) * LANES);
        x.block = mg_min(x.tiles, A_BLOCK / (x.rows * x.depth * sizeof(T)) + 1);
        x.pack_a = !transpose_a || x.depth * m * sizeof(T) >= PACK_BYTES;
        x.pack_b = transpose_b || m >= PACK_MIN;
        x.packed_b = scratch((x.panels * NR + x.tiles * x.rows) * x.depth + LANES);
        x.packed_a = x.packed_b + x.panels * NR * x.depth;
    }
    /* 16 multiply-adds are about the unit of mg_threads. */
    const int threads = mg_threads(m * n * k / 16 + m * n);
    if (threads == 1) {
        way(&x);
    } else {
        MG_PRAGMA(omp parallel num_threads(threads))
        way(&x);
    }
}
