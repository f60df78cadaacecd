/* What every matrix product is made of: a tile of sums that stays in registers while k passes. */
#ifndef MG_TILE_H
#define MG_TILE_H

#include "simd.h"

/* A tile of C = A B: MR rows by NR columns, two vectors wide. A step of k loads two vectors of B
 * and broadcasts MR elements of A for 2 MR multiply-adds. */
enum { MR = V_TILE, NR = 2 * V_LANES };

enum { AHEAD = 8 }; /* steps of k that B is prefetched ahead of its use */

/* The sums of rows x (vectors * V_LANES) elements over k steps. Of a step, the elements of A are 1
 * apart and a step lda behind the last one, or, by_rows, lda apart and a step 1 behind; those of B
 * are 1 apart, a step ldb behind. */
static MG_INLINE void sums_of(int rows, int vectors, int by_rows, V sum[MR][2], const T *a,
                              size_t lda, const T *b, size_t ldb, size_t k) {
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (V){0};
    /* By rows, five pointers and x86's addressing (base + 1, 2 lda) reach fourteen rows. */
    const T *base[5] = {a, a + 3 * lda, a + 6 * lda, a + 9 * lda, a + 12 * lda};
#pragma GCC unroll 4
    for (; k; k--) {
        V y[2];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) y[v] = v_load(b + v * V_LANES);
        /* Rows of an unpacked B lie on different pages, where the CPU does not prefetch by itself.
         */
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v += 64 / V_BYTES)
            __builtin_prefetch(b + AHEAD * ldb + v * V_LANES);
        const T *again = v_again(base[0]);
#pragma GCC unroll 14
        for (int i = 0; i < rows; i++) {
            const T *x = by_rows ? base[i / 3] + (size_t)(i % 3) * lda : base[0] + i;
            sum[i][0] = v_fma(v_all(*x), y[0], sum[i][0]);
            if (!by_rows && i % 2 == 0) x = again + i;
            if (vectors > 1) sum[i][1] = v_fma(v_all(*x), y[1], sum[i][1]);
        }
        b += ldb;
        if (by_rows) {
#pragma GCC unroll 5
            for (int i = 0; i < (rows + 2) / 3; i++) base[i] = v_hide(base[i] + 1);
        } else {
            base[0] += lda;
        }
    }
}

/* c (rows, cols) = start + a b over k steps; cols <= vectors * V_LANES. start: c itself (start_ld
 * is ldc), the bias (start_ld is 0), or NULL. */
static MG_INLINE void tile_of(int rows, int vectors, int by_rows, T *c, size_t ldc, const T *start,
                              size_t start_ld, const T *a, size_t lda, const T *b, size_t ldb,
                              size_t k, size_t cols) {
    V sum[MR][2];
    sums_of(rows, vectors, by_rows, sum, a, lda, b, ldb, k);
    const size_t last = cols - (size_t)(vectors - 1) * V_LANES; /* columns in the last vector */
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 2
        for (int v = 0; v < vectors; v++) {
            const size_t at = (size_t)v * V_LANES, some = v < vectors - 1 ? V_LANES : last;
            if (start) sum[i][v] += v_load_some(start + i * start_ld + at, some);
            v_store_some(c + i * ldc + at, sum[i][v], some);
        }
}

static void tile(size_t rows, int by_rows, T *c, size_t ldc, const T *start, size_t start_ld,
                 const T *a, size_t lda, const T *b, size_t ldb, size_t k, size_t cols) {
#define WAY(rows, vectors, by_rows) \
    tile_of(rows, vectors, by_rows, c, ldc, start, start_ld, a, lda, b, ldb, k, cols)
#define ROWS(r)                        \
    case r:                            \
        if (by_rows && cols > V_LANES) \
            WAY(r, 2, 1);              \
        else if (by_rows)              \
            WAY(r, 1, 1);              \
        else if (cols > V_LANES)       \
            WAY(r, 2, 0);              \
        else                           \
            WAY(r, 1, 0);              \
        break;
    switch (rows) { V_EACH_TILE(ROWS) }
#undef ROWS
#undef WAY
}

#endif
