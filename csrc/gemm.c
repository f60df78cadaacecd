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

/* A tile of C that stays in registers: MR rows by NR columns, 2 vectors wide. Each step of k loads
 * 2 vectors of B and broadcasts MR elements of A, for 2 MR multiply-adds. 28 + 2 of AVX-512's 32
 * registers; 12 + 2 + 1 of AVX2's 16; the baseline has no FMA and needs one for the product. */
#if defined(__AVX512F__)
#define MR 14
#elif defined(__AVX2__)
#define MR 6
#else
#define MR 4
#endif
enum { NR = 2 * LANES };

/* Steps of k between two visits of a tile of C: a panel of B, KC x NR, is then 48 KiB or less and
 * is read from L2 at worst, while C is read and written only every KC steps. */
enum { KC = 384 };

#define INLINE static inline __attribute__((always_inline))

/* c (rows, cols of NR) = start + a b over k steps; a: `rows` neighbours every `a_step`, b: NR
 * neighbours every `b_step`. start: c itself, the bias, or zero. */
INLINE void tile_of(int rows, T *c, size_t ldc, const T *a, size_t a_step, const T *b,
                    size_t b_step, size_t k, size_t cols, int add_to_c, const T *bias) {
    V sum[MR][2];
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
        const T *start = add_to_c ? c + i * ldc : bias;
        if (!start) {
            sum[i][0] = sum[i][1] = (V){0};
        } else if (cols == NR) {
            sum[i][0] = v_load(start);
            sum[i][1] = v_load(start + LANES);
        } else {
            T part[NR] = {0};
            memcpy(part, start, cols * sizeof(T));
            sum[i][0] = v_load(part);
            sum[i][1] = v_load(part + LANES);
        }
    }
    for (; k; k--, a += a_step, b += b_step) {
        const V b0 = v_load(b), b1 = v_load(b + LANES);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            const V x = v_all(a[i]);
            sum[i][0] = v_fma(x, b0, sum[i][0]);
            sum[i][1] = v_fma(x, b1, sum[i][1]);
        }
    }
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
        if (cols == NR) {
            v_store(c + i * ldc, sum[i][0]);
            v_store(c + i * ldc + LANES, sum[i][1]);
        } else {
            T part[NR];
            v_store(part, sum[i][0]);
            v_store(part + LANES, sum[i][1]);
            memcpy(c + i * ldc, part, cols * sizeof(T));
        }
    }
}

static void tile(int rows, T *c, size_t ldc, const T *a, size_t a_step, const T *b, size_t b_step,
                 size_t k, size_t cols, int add_to_c, const T *bias) {
#define ROWS(r)                                                            \
    case r:                                                                \
        tile_of(r, c, ldc, a, a_step, b, b_step, k, cols, add_to_c, bias); \
        break;
    switch (rows) {
        ROWS(1)
        ROWS(2)
        ROWS(3) ROWS(4)
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
                for (size_t i = 0; i < LANES; i++) memcpy(to + i * width, &x[i], room * sizeof(T));
            }
        }
        for (; p < k; p++)
            for (size_t i = 0; i < room; i++)
                out[p * width + j + i] = i < valid ? in[(j + i) * ld + p] : 0;
    }
}

/* out (k, NR) = in (k, cols), columns beyond cols zero. */
static void pack_panel(T *out, const T *in, size_t ld, size_t cols, size_t k) {
    for (; k; k--, out += NR, in += ld) {
        if (cols == NR) {
            v_store(out, v_load(in));
            v_store(out + LANES, v_load(in + LANES));
        } else {
            memset(out, 0, NR * sizeof(T));
            memcpy(out, in, cols * sizeof(T));
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
enum { DOT_MAX = 48, PACK_MIN = 64 };

void MG(matmul)(T *c, const T *a, const T *b, const T *bias, int transpose_a, int transpose_b,
                int add_to_c, size_t m, size_t n, size_t k) {
    /* 16 multiply-adds are about the unit of mg_threads. */
    const int threads = mg_threads(m * n * k / 16 + m * n);
    if (k == 0 && !add_to_c)
        for (size_t i = 0; i < m * n; i++) c[i] = bias ? bias[i % n] : 0;
    if (m == 0 || n == 0 || k == 0) return;
    if (transpose_b && !transpose_a && m <= DOT_MAX && k >= 2 * LANES) {
        const size_t col_blocks = (n + DOT_COLS - 1) / DOT_COLS;
        MG_PRAGMA(omp parallel for num_threads(threads) schedule(static) if(threads > 1))
        for (size_t q = 0; q < col_blocks; q++) {
            const size_t j = q * DOT_COLS;
            for (size_t i = 0; i < m; i += DOT_ROWS)
                dot_block(c + i * n + j, n, a + i * k, b + j * k, k, mg_min(DOT_ROWS, m - i),
                          mg_min(DOT_COLS, n - j), add_to_c, bias ? bias + j : 0);
        }
        return;
    }
    /* Tiles of equal height: 32 rows are 11 + 11 + 10, not 14 + 14 + 4. */
    const size_t rows = (m + (m + MR - 1) / MR - 1) / ((m + MR - 1) / MR),
                 tiles = (m + rows - 1) / rows;
    const size_t panels = (n + NR - 1) / NR;
    const size_t depth = k <= KC + KC / 2 ? k : KC;
    const int pack_b = transpose_b || m >= PACK_MIN;
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
                pack_panel(to, b + p * n + j, n, cols, steps);
        }
        MG_PRAGMA(omp for schedule(static))
        for (size_t t = 0; t < tiles; t++)
            if (!transpose_a)
                pack_transposed(packed_a + t * rows * depth, rows, a + t * rows * k + p, k,
                                mg_min(rows, m - t * rows), steps);
        MG_PRAGMA(omp for schedule(static))
        for (size_t u = 0; u < panels * tiles; u++) {
            const size_t q = u / tiles, t = u % tiles, i = t * rows, j = q * NR,
                         cols = mg_min(NR, n - j);
            const int packed = pack_b || cols < NR;
            tile((int)mg_min(rows, m - i), c + i * n + j, n,
                 transpose_a ? a + p * m + i : packed_a + t * rows * depth, transpose_a ? m : rows,
                 packed ? packed_b + q * NR * depth : b + p * n + j, packed ? NR : n, steps, cols,
                 add_to_c || p, bias ? bias + j : 0);
        }
    }
}
