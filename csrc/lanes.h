/* Reductions that vectorise. Floating-point addition may not be reordered by the compiler, so the
 * order is spelled out: LANES partial results side by side, element j going to lane j % LANES, and
 * at the end the upper half of the lanes folded onto the lower until one is left. It depends on
 * the length alone, so the bits do not depend on the threads.
 */
#ifndef MG_LANES_H
#define MG_LANES_H

#include "mg.h"

/* 128 bytes of lanes: two registers of AVX-512, enough additions in flight to hide their latency,
 * and all of baseline's eight registers. gcc keeps such an array in registers. */
#define LANES ((size_t)(128 / sizeof(T)))

#define MG_MAX(a, b) ((a) > (b) ? (a) : (b))

/* The statements, for every j < n and its lane l. */
#define MG_LANES_EACH(j, l, n, ...)                    \
    do {                                               \
        size_t first_ = 0;                             \
        for (; first_ + LANES <= (n); first_ += LANES) \
            for (size_t l = 0; l < LANES; l++) {       \
                const size_t j = first_ + l;           \
                __VA_ARGS__;                           \
            }                                          \
        for (size_t l = 0; first_ + l < (n); l++) {    \
            const size_t j = first_ + l;               \
            __VA_ARGS__;                               \
        }                                              \
    } while (0)

/* Adds the lanes; destroys them. */
static inline T mg_fold(T lanes[LANES]) {
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

/* sum_j x_j */
static inline T mg_row_sum(const T *x, size_t n) {
    T sum[LANES] = {0};
    MG_LANES_EACH(j, l, n, sum[l] += x[j]);
    return mg_fold(sum);
}

/* sum_j x_j y_j */
static inline T mg_row_dot(const T *x, const T *y, size_t n) {
    T sum[LANES] = {0};
    MG_LANES_EACH(j, l, n, sum[l] = MG_FMA(x[j], y[j], sum[l]));
    return mg_fold(sum);
}

/* max_j x_j, where NaN counts as -infinity. */
static inline T mg_row_max(const T *x, size_t n) {
    T max[LANES];
    for (size_t l = 0; l < LANES; l++) max[l] = -INFINITY;
    MG_LANES_EACH(j, l, n, max[l] = MG_MAX(x[j], max[l]));
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++) max[l] = MG_MAX(max[l + width], max[l]);
    return max[0];
}

#endif
