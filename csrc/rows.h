/* V_LANES rows of V_LANES elements in registers, to be transposed: so that what goes along the rows
 * is done to V_LANES of them at once. */
#ifndef MG_ROWS_H
#define MG_ROWS_H

#include "simd.h"

/* x[r] = the first `width` elements of row r, of `rows` rows that are `step` apart; both V_LANES at
 * most, zeros in what is missing. */
static MG_INLINE void v_load_rows(V x[V_LANES], const T *p, size_t step, size_t rows,
                                  size_t width) {
    if (rows == V_LANES && width == V_LANES) {
#pragma GCC unroll 16
        for (size_t r = 0; r < V_LANES; r++) x[r] = v_load(p + r * step);
    } else {
        for (size_t r = 0; r < V_LANES; r++) {
            const V none = {0};
            x[r] = r < rows ? v_load_part(p + r * step, width) : none;
        }
    }
}

/* The reverse. */
static MG_INLINE void v_store_rows(T *p, const V x[V_LANES], size_t step, size_t rows,
                                   size_t width) {
    if (rows == V_LANES && width == V_LANES) {
#pragma GCC unroll 16
        for (size_t r = 0; r < V_LANES; r++) v_store(p + r * step, x[r]);
    } else {
        for (size_t r = 0; r < rows; r++) v_store_some(p + r * step, x[r], width);
    }
}

#endif
