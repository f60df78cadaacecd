/* Rows of a table, in the order of an index: what a loader does to make a batch, and an embedding.
 *
 * A shuffled batch's rows lie anywhere in a table far larger than the caches. The hardware
 * prefetches along a row, but cannot know the next one: AHEAD rows ahead, its first lines are
 * asked for.
 */
#include "mg.h"
#include "simd.h"

enum { AHEAD = 2, LINE = 64, PREFETCH_BYTES = 1024, ROWS = 8, COLS = 64 };

static MG_INLINE void prefetch_row(const char *row, size_t bytes) {
    for (size_t b = 0; b < mg_min(bytes, PREFETCH_BYTES); b += LINE) __builtin_prefetch(row + b);
}

/* y_i = table_(index_i).  y (rows, cols), index (rows), table (any, cols) */
void MG(gather_rows)(T *y, const T *table, const int64_t *index, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, ROWS, 2 * cols, {
        for (size_t i = first; i < first + count; i++) {
            if (i + AHEAD < rows)
                prefetch_row((const char *)(table + (size_t)index[i + AHEAD] * cols),
                             cols * sizeof(T));
            memcpy(y + i * cols, table + (size_t)index[i] * cols, cols * sizeof(T));
        }
    });
}

/* y_j = values[bytes_j], j < n; values (256) */
static MG_INLINE void look_up(T *restrict y, const uint8_t *restrict bytes,
                              const T *restrict values, size_t n) {
    size_t j = 0;
#if defined(__AVX512F__) && MG_FLOAT == 32
    /* The values fill 16 registers. The lower five bits of a byte pick a value out of each pair of
     * registers, the upper three pick the pair. */
    __m512 v[16], of[8];
    for (int i = 0; i < 16; i++) v[i] = _mm512_loadu_ps(values + 16 * i);
    for (; j + 16 <= n; j += 16) {
        const __m512i b = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(bytes + j)));
        for (int i = 0; i < 8; i++) of[i] = _mm512_permutex2var_ps(v[2 * i], b, v[2 * i + 1]);
        for (int i = 4, bit = 32; i; i /= 2, bit *= 2) {
            const __mmask16 upper = _mm512_test_epi32_mask(b, _mm512_set1_epi32(bit));
            for (int p = 0; p < i; p++)
                of[p] = _mm512_mask_blend_ps(upper, of[2 * p], of[2 * p + 1]);
        }
        _mm512_storeu_ps(y + j, of[0]);
    }
#endif
    for (; j < n; j++) y[j] = values[bytes[j]];
}

/* y_ij = values[table_(index_i)j]: bytes through a table of what each of the 256 becomes, so that
 * scaling and normalising images costs no pass of its own and gives the same bits as if done so.
 * y (rows, cols), index (rows), table (any, cols) of bytes, values (256) */
void MG(gather_rows_u8)(T *y, const uint8_t *table, const int64_t *index, const T *values,
                        size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, ROWS, 4 * cols, {
        for (size_t i = first; i < first + count; i++) {
            if (i + AHEAD < rows)
                prefetch_row((const char *)table + (size_t)index[i + AHEAD] * cols, cols);
            look_up(y + i * cols, table + (size_t)index[i] * cols, values, cols);
        }
    });
}

/* table_(index_i) += values_i, in the order of i: the gradient of gather_rows. Rows of one index
 * would meet if threads shared the rows; they share the columns, a cache line or more at a time.
 * table (any, cols), values (rows, cols), index (rows) */
void MG(scatter_add_rows)(T *table, const T *values, const int64_t *index, size_t rows,
                          size_t cols) {
    MG_EACH_BLOCK(first, cols, COLS, 2 * rows, {
        for (size_t i = 0; i < rows; i++) {
            T *to = table + (size_t)index[i] * cols + first;
            const T *from = values + i * cols + first;
            MG_SIMD for (size_t j = 0; j < count; j++) to[j] += from[j];
        }
    });
}

/* place_0 = the first i with index_i outside [0, limit), other than `ignore`; n if there is none.
 * place (1), index (n) */
void MG(check_index)(int64_t *place, const int64_t *index, int64_t limit, int64_t ignore,
                     size_t n) {
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= (uint64_t)index[i] >= (uint64_t)limit && index[i] != ignore;
    *place = (int64_t)n;
    if (bad)
        for (size_t i = n; i-- > 0;)
            if ((uint64_t)index[i] >= (uint64_t)limit && index[i] != ignore) *place = (int64_t)i;
}
