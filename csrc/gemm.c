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
    switch (rows) {
        ROWS(1)
        ROWS(2) ROWS(3) ROWS(4)
#if MR > 4
            ROWS(5) ROWS(6)
#endif
#if MR > 6
                ROWS(7) ROWS(8) ROWS(9) ROWS(10) ROWS(11) ROWS(12) ROWS(13) ROWS(14)
#endif
    }
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
        size = room ? count : 0;
    }
    return room;
}
/* Up to DOT_MAX rows, A B^T is made of dot products; from PACK_MIN rows on, B is packed though it
 * lies by rows already; from PACK_BYTES in a block of k on, A is packed though it lies by columns
 * already: a tile would touch too many pages. */
enum { DOT_MAX = 48, PACK_MIN = 64, PACK_BYTES = 1 << 20 };

static size_t parts(size_t whole, size_t part) { return (whole + part - 1) / part; }

void MG(matmul)(T *c, const T *a, const T *b, const T *bias, int transpose_a, int transpose_b,
                int add_to_c, size_t m, size_t n, size_t k) {
    /* 16 multiply-adds are about the unit of mg_threads. */
    const int threads = mg_threads(m * n * k / 16 + m * n);
    if (k == 0 && !add_to_c)
        for (size_t i = 0; i < m * n; i++) c[i] = bias ? bias[i % n] : 0;
    if (m == 0 || n == 0 || k == 0) return;
    if (transpose_b && !transpose_a && m <= DOT_MAX && k >= 2 * LANES) {
        MG_PRAGMA(omp parallel for num_threads(threads) schedule(static) if(threads > 1))
        for (size_t j = 0; j < n; j += DOT_COLS)
            for (size_t i = 0; i < m; i += DOT_ROWS)
                dot_block(c + i * n + j, n, a + i * k, b + j * k, k, mg_min(DOT_ROWS, m - i),
                          mg_min(DOT_COLS, n - j), add_to_c, bias ? bias + j : 0);
        return;
    }
    /* Parts of equal size: 32 rows are tiles of 11 + 11 + 10, not 14 + 14 + 4. */
    const size_t rows = parts(m, parts(m, MR)), tiles = parts(m, rows), panels = parts(n, NR);
    const size_t depth = mg_min(k, parts(parts(k, parts(k, KC)), LANES) * LANES);
    const size_t block = mg_min(tiles, A_BLOCK / (rows * depth * sizeof(T)) + 1),
                 blocks = parts(tiles, block);
    const int pack_a = !transpose_a || depth * m * sizeof(T) >= PACK_BYTES,
              pack_b = transpose_b || m >= PACK_MIN;
    T *packed_b = scratch(panels * NR * depth + tiles * rows * depth + LANES),
      *packed_a = packed_b + panels * NR * depth;
    MG_PRAGMA(omp parallel num_threads(threads) if (threads > 1))
    for (size_t p = 0; p < k; p += depth) {
        const size_t steps = mg_min(depth, k - p);
        MG_PRAGMA(omp for schedule(static) nowait)
        for (size_t q = 0; q < panels; q++) {
            const size_t j = q * NR, cols = mg_min(NR, n - j);
            T *to = packed_b + q * NR * depth;
            if (transpose_b)
                pack_transposed(to, NR, b + j * k + p, k, cols, steps);
            else if (pack_b || cols < NR)
                pack(to, NR, b + p * n + j, n, cols, steps);
        }
        MG_PRAGMA(omp for schedule(static))
        for (size_t t = 0; t < (pack_a ? tiles : 0); t++) {
            const size_t i = t * rows, count = mg_min(rows, m - i);
            T *to = packed_a + t * rows * depth;
            if (transpose_a)
                pack(to, rows, a + p * m + i, m, count, steps);
            else
                pack_transposed(to, rows, a + i * k + p, k, count, steps);
        }
        /* Block by block of A, panel by panel of B, tile by tile. */
        MG_PRAGMA(omp for schedule(static))
        for (size_t u = 0; u < blocks * panels * block; u++) {
            const size_t q = u / block % panels, t = u / (block * panels) * block + u % block;
            if (t >= tiles) continue;
            const size_t i = t * rows, j = q * NR, cols = mg_min(NR, n - j);
            const int packed = pack_b || cols < NR;
            tile((int)mg_min(rows, m - i), c + i * n + j, n,
                 pack_a ? packed_a + t * rows * depth : a + p * m + i, pack_a ? rows : m,
                 packed ? packed_b + q * NR * depth : b + p * n + j, packed ? NR : n, steps, cols,
                 add_to_c || p, bias ? bias + j : 0);
        }
    }
}
