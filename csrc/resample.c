/* Places along a dimension as weighted sums of other places: interpolation of every kind, and, with
 * the table of sums transposed, its gradient.
 *
 * Place j is the sum over taps k, starts_j <= k < starts_(j+1), of weights_k times place index_k.
 */
#include "rows.h"

/* Rows of at most so many places are turned round, into a buffer of 64 KB. */
enum { LONGEST = 1024 };

/* sum_k weights_k x_(index_k), `step` elements from one place to the next, for `width` lanes. */
static MG_INLINE V mixed(const T *x, const int64_t *index, const T *weights, size_t taps,
                         size_t step, size_t width) {
    if (taps == 0) return (V){0};
    V sum = weights[0] * v_load_some(x + (size_t)index[0] * step, width);
    for (size_t k = 1; k < taps; k++)
        sum = v_fma(v_all(weights[k]), v_load_some(x + (size_t)index[k] * step, width), sum);
    return sum;
}

/* For inner = 1: V_LANES rows at once, turned round: x_i of all rows are one vector. */
static void along_rows(T *y, const T *x, const int64_t *starts, const int64_t *index,
                       const T *weights, size_t rows, size_t old, size_t new) {
    T turned[LONGEST * V_LANES] __attribute__((aligned(V_BYTES)));
    V tile[V_LANES];
    for (size_t i = 0; i < old; i += V_LANES) {
        const size_t width = mg_min(V_LANES, old - i);
        v_load_rows(tile, x + i, old, rows, width);
        v_transpose(tile);
        memcpy(turned + i * V_LANES, tile, width * V_BYTES);
    }
    for (size_t j = 0; j < new; j += V_LANES) {
        const size_t width = mg_min(V_LANES, new - j);
        for (size_t l = 0; l < width; l++) {
            const size_t k = (size_t)starts[j + l], taps = (size_t)starts[j + l + 1] - k;
            tile[l] = mixed(turned, index + k, weights + k, taps, V_LANES, V_LANES);
        }
        for (size_t l = width; l < V_LANES; l++) tile[l] = (V){0};
        v_transpose(tile);
        v_store_rows(y + j, tile, new, rows, width);
    }
}

/* y (outer, new, inner), x (outer, old, inner), starts (new + 1), index and weights (taps) */
void MG(resample)(T *y, const T *x, const int64_t *starts, const int64_t *index, const T *weights,
                  size_t outer, size_t old, size_t new, size_t inner) {
    if (new == 0) return;
    const size_t taps = (size_t)starts[new];
    if (inner == 1 && old <= LONGEST) {
        MG_EACH_BLOCK(first, outer, V_LANES, old + new + taps, {
            along_rows(y + first * new, x + first * old, starts, index, weights, count, old, new);
        });
        return;
    }
    MG_EACH_BLOCK(first, outer * new, 1, inner * (1 + taps / new), {
        const size_t j = first % new, k = (size_t)starts[j], some = (size_t)starts[j + 1] - k;
        const T *from = x + first / new * old * inner;
        T *to = y + first * inner;
        size_t i = 0;
        for (; i + V_LANES <= inner; i += V_LANES)
            v_store(to + i, mixed(from + i, index + k, weights + k, some, inner, V_LANES));
        if (i < inner) {
            const V last = mixed(from + i, index + k, weights + k, some, inner, inner - i);
            v_store_part(to + i, last, inner - i);
        }
    });
}
