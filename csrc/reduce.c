/* Sums over one dimension: of x (outer, n, inner), contiguous, over n. A sum of all elements has
 * outer = inner = 1, one over the last dimension inner = 1, one over the rows of a matrix outer
 * = 1.
 *
 * Sums are taken in T over at most PART additions a lane, and those added up in double: more exact
 * than NumPy's pairwise sums, and the same for any number of threads, for what is added to what
 * depends on the sizes alone.
 */
#include "lanes.h"
#include "rows.h"

enum { PART = 64, STRETCH = PART * LANES, PIECES = 64 };

/* sum_j x_j */
static double sum_stretch(const T *x, size_t n) {
    double sum[LANES] = {0};
    if (n < LANES) { /* not worth the folding at the end */
        for (size_t j = 0; j < n; j++) sum[0] += x[j];
        return sum[0];
    }
    for (size_t start = 0; start < n; start += STRETCH) {
        T part[LANES] = {0};
        MG_LANES_EACH(j, l, mg_min(STRETCH, n - start), part[l] += x[start + j]);
        for (size_t l = 0; l < LANES; l++) sum[l] += part[l];
    }
    for (size_t width = LANES / 2; width; width /= 2)
        for (size_t l = 0; l < width; l++) sum[l] += sum[l + width];
    return sum[0];
}

/* y_c = sum_i x_(i, c) over n rows that are `step` apart, of `width` <= LANES columns. */
static MG_INLINE void sum_columns(T *y, const T *x, size_t n, size_t step, size_t width) {
    double sum[LANES] = {0};
    for (size_t start = 0; start < n; start += PART) {
        T part[LANES] = {0};
        for (size_t i = start; i < mg_min(start + PART, n); i++)
            for (size_t c = 0; c < width; c++) part[c] += x[i * step + c];
        for (size_t c = 0; c < width; c++) sum[c] += part[c];
    }
    for (size_t c = 0; c < width; c++) y[c] = (T)sum[c];
}

/* The same for few columns, all of those that x has: `rows` rows of LANES or less columns side by
 * side are one wide row, whose parts are put together at the end. */
static void sum_narrow(T *y, const T *x, size_t n, size_t cols) {
    const size_t rows = LANES / cols, width = rows * cols;
    double sum[LANES] = {0};
    for (size_t start = 0; start < n; start += PART * rows) {
        T part[LANES] = {0};
        const size_t end = mg_min(start + PART * rows, n) * cols;
        for (size_t at = start * cols; at < end; at += width)
            for (size_t c = 0; c < mg_min(width, end - at); c++) part[c] += x[at + c];
        for (size_t c = 0; c < width; c++) sum[c] += part[c];
    }
    for (size_t c = 0; c < cols; c++) {
        double total = 0;
        for (size_t row = 0; row < rows; row++) total += sum[row * cols + c];
        y[c] = (T)total;
    }
}

/* y = sum over n.  y (outer, inner), x (outer, n, inner) */
void MG(sum)(T *y, const T *x, size_t outer, size_t n, size_t inner) {
    if (inner == 0) return;
    if (inner == 1 && outer < PIECES && n >= STRETCH * PIECES) {
        const size_t piece = ((n + PIECES - 1) / PIECES + STRETCH - 1) / STRETCH * STRETCH;
        for (size_t o = 0; o < outer; o++) {
            double sums[PIECES], total = 0;
            MG_EACH_BLOCK(first, n, piece, 1,
                          { sums[first / piece] = sum_stretch(x + o * n + first, count); });
            for (size_t k = 0; k * piece < n; k++) total += sums[k];
            y[o] = (T)total;
        }
    } else if (inner == 1) {
        MG_EACH_BLOCK(first, outer, 64, n + 8, {
            for (size_t o = first; o < first + count; o++) y[o] = (T)sum_stretch(x + o * n, n);
        });
    } else if (inner <= LANES / 2) {
        MG_EACH_BLOCK(first, outer, 1, n * inner * 2,
                      { sum_narrow(y + first * inner, x + first * n * inner, n, inner); });
    } else {
        const size_t groups = (inner + LANES - 1) / LANES;
        MG_EACH_BLOCK(first, outer * groups, 1, n * LANES * 2, {
            const size_t o = first / groups, c = first % groups * LANES;
            const size_t width = mg_min(LANES, inner - c);
            const T *xs = x + o * n * inner + c;
            T *ys = y + o * inner + c;
            if (width == LANES)
                sum_columns(ys, xs, n, inner, LANES);
            else
                sum_columns(ys, xs, n, inner, width);
        });
    }
}

/* V_LANES running sums: `high`, and what its additions have rounded off (Knuth's exact sum), so
 * that the sums of a million elements are as exact as those of one. */
typedef struct {
    V high, low;
} Running;

static MG_INLINE V and_then(Running *sum, V x) {
    const V high = sum->high + x, added = high - sum->high;
    sum->low += (sum->high - (high - added)) + (x - added);
    sum->high = high;
    return v_if_less(v_abs(high), v_all(INFINITY), high + sum->low, high);
}

/* The same of one row: with the same bits, so that they do not depend on how many rows there are.
 */
static void cumsum_row(T *y, const T *x, int reverse, size_t n) {
    T high = 0, low = 0;
    for (size_t done = 0; done < n; done++) {
        const size_t at = reverse ? n - 1 - done : done;
        const T sum = high + x[at], added = sum - high;
        low += (high - (sum - added)) + (x[at] - added);
        high = sum;
        y[at] = MG_ABS(high) < INFINITY ? high + low : high;
    }
}

/* A row's sums wait for each other, so V_LANES rows go side by side. */
static void cumsum_rows(T *y, const T *x, int reverse, size_t rows, size_t n) {
    if (rows == 1) {
        cumsum_row(y, x, reverse, n);
        return;
    }
    Running sum = {{0}, {0}};
    for (size_t done = 0; done < n; done += V_LANES) {
        const size_t width = mg_min(V_LANES, n - done), at = reverse ? n - done - width : done;
        V tile[V_LANES];
        v_load_rows(tile, x + at, n, rows, width);
        v_transpose(tile);
        for (size_t l = 0; l < width; l++) {
            V *element = tile + (reverse ? width - 1 - l : l);
            *element = and_then(&sum, *element);
        }
        v_transpose(tile);
        v_store_rows(y + at, tile, n, rows, width);
    }
}

/* Columns at once that are summed down rows which are `step` apart: several cache lines. */
enum { COLUMNS = 8 };

static void cumsum_columns(T *y, const T *x, int reverse, size_t n, size_t step, size_t width) {
    Running sums[COLUMNS] = {{{0}, {0}}};
    for (size_t i = 0; i < n; i++) {
        const size_t row = (reverse ? n - 1 - i : i) * step;
        for (size_t v = 0; v * V_LANES < width; v++) {
            const size_t at = row + v * V_LANES, some = mg_min(V_LANES, width - v * V_LANES);
            v_store_some(y + at, and_then(sums + v, v_load_some(x + at, some)), some);
        }
    }
}

/* y_i = x_0 + ... + x_i, or, in reverse, x_i + ... + x_(n-1).  y and x (outer, n, inner) */
void MG(cumsum)(T *y, const T *x, int reverse, size_t outer, size_t n, size_t inner) {
    if (inner == 1) {
        MG_EACH_BLOCK(first, outer, V_LANES, 4 * n,
                      { cumsum_rows(y + first * n, x + first * n, reverse, count, n); });
        return;
    }
    const size_t wide = COLUMNS * V_LANES, groups = (inner + wide - 1) / wide;
    MG_EACH_BLOCK(first, outer * groups, 1, 4 * n * mg_min(inner, wide), {
        const size_t c = first % groups * wide, at = first / groups * n * inner + c;
        cumsum_columns(y + at, x + at, reverse, n, inner, mg_min(wide, inner - c));
    });
}
