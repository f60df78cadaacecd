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

static inline void halves(uint16_t out[SPAN], uint64_t block, uint64_t seed, uint64_t stream) {
    uint32_t numbers[MG_PHILOX_BLOCK];
    mg_philox(numbers, block, seed, stream);
    for (size_t e = 0; e < MG_PHILOX_BLOCK; e++) {
        out[e] = (uint16_t)numbers[e];
        out[MG_PHILOX_BLOCK + e] = (uint16_t)(numbers[e] >> 16);
    }
}

/* factor_e = scale for the kept elements of a block, 0 for the others. */
static inline void factors(T factor[SPAN], uint64_t block, uint64_t seed, uint64_t stream,
                           uint64_t bound, T scale) {
    uint16_t upper[SPAN], lower[SPAN];
    const uint32_t bound_upper = (uint32_t)(bound >> 16), bound_lower = bound & 0xffff;
    uint32_t ties = 0;
    halves(upper, block, seed, stream);
    for (size_t e = 0; e < SPAN; e++) {
        factor[e] = upper[e] < bound_upper ? scale : 0;
        ties |= upper[e] == bound_upper;
    }
    if (!ties || !bound_lower) return;
    halves(lower, block + LOWER_BITS, seed, stream);
    for (size_t e = 0; e < SPAN; e++)
        if (upper[e] == bound_upper && lower[e] < bound_lower) factor[e] = scale;
}

/* y_i = x_i scale if element i is kept, x_i 0 otherwise; kept with probability bound / 2^32,
 * 0 <= bound <= 2^32.  x and y (n) */
void MG(dropout)(T *y, const T *x, double scale, uint64_t bound, uint64_t seed, uint64_t stream,
                 size_t n) {
    MG_EACH_BLOCK(first, n, MG_BLOCK, 6, {
        for (size_t start = first; start < first + count; start += SPAN) {
            T factor[SPAN];
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
