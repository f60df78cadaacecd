/* Dropout, and its backward: the gradient of a mask is the same mask, so the backward pass calls
 * the same kernel on the upstream gradient, and the mask is made again rather than stored.
 *
 * Whether element i is kept is a function of (seed, stream, i): its 32 random bits, as an integer,
 * are below round(2^32 (1 - p)). Making random bits is what costs here, so an element takes its
 * upper 16 from one half of a Philox number, and its lower 16 are made only where the upper are
 * equal to those of the bound, in one of 65,536: half the time, all the resolution (README.md).
 */
#include "mg.h"
#include "philox.h"

/* Elements that share a Philox block: e and e + MG_PHILOX_BLOCK take the two halves of number e. */
enum { SPAN = 2 * MG_PHILOX_BLOCK };

/* Lower bits come from a part of the stream that no array is long enough to reach. */
#define LOWER_BITS ((uint64_t)1 << 56)

/* factor_e = scale for the kept elements of a block, 0 for the others. */
static inline void factors(T factor[SPAN], uint64_t block, uint64_t seed, uint64_t stream,
                           uint64_t bound, T scale) {
    enum { HALF = MG_PHILOX_BLOCK };
    uint32_t upper[HALF], lower[HALF], ties = 0;
    const uint32_t bound_upper = (uint32_t)(bound >> 16), bound_lower = bound & 0xffff;
    mg_philox(upper, block, seed, stream);
    for (size_t e = 0; e < HALF; e++) {
        const uint32_t first = upper[e] & 0xffff, second = upper[e] >> 16;
        factor[e] = first < bound_upper ? scale : 0;
        factor[HALF + e] = second < bound_upper ? scale : 0;
        ties |= (first == bound_upper) | (second == bound_upper);
    }
    if (!ties || !bound_lower) return;
    mg_philox(lower, block + LOWER_BITS, seed, stream);
    for (size_t e = 0; e < HALF; e++) {
        if ((upper[e] & 0xffff) == bound_upper && (lower[e] & 0xffff) < bound_lower)
            factor[e] = scale;
        if (upper[e] >> 16 == bound_upper && lower[e] >> 16 < bound_lower) factor[HALF + e] = scale;
    }
}

/* y_i = x_i scale if element i is kept, x_i 0 otherwise; kept with probability bound / 2^32,
 * 0 <= bound <= 2^32.  x and y (n) */
void MG(dropout)(T *y, const T *x, double scale, uint64_t bound, uint64_t seed, uint64_t stream,
                 size_t n) {
    MG_EACH_BLOCK(first, n, MG_BLOCK, 6, {
        for (size_t start = first; start < first + count; start += SPAN) {
            T factor[SPAN] __attribute__((aligned(64)));
            factors(factor, start / SPAN, seed, stream, bound, (T)scale);
            const size_t length = mg_min(SPAN, first + count - start);
            if (length == SPAN) {
                MG_SIMD for (size_t e = 0; e < SPAN; e++) y[start + e] = x[start + e] * factor[e];
            } else {
                for (size_t e = 0; e < length; e++) y[start + e] = x[start + e] * factor[e];
            }
        }
    });
}
