/* Pooling: the largest element, or the mean, of each window of a plane.
 *
 * x (planes, height, width), y (planes, out_height, out_width). Where the windows are is said by
 * rows (out_height, 3) and cols (out_width, 3): the first element of a window that is inside of x,
 * the end of it, and by how many elements a mean is divided. So padding, strides, rounding up and
 * windows of changing sizes are all one.
 */
#include "simd.h"

/* Whether the windows of one dimension are 0 1, 2 3, 4 5, .... */
static int are_pairs(const int64_t *windows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (windows[3 * i] != (int64_t)(2 * i) || windows[3 * i + 1] != (int64_t)(2 * i + 2))
            return 0;
    return 1;
}

/* The elements with even numbers, and with odd ones, of a and b side by side. */
#if V_LANES == 16
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif V_LANES == 8
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#elif V_LANES == 4
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#else
#define EVEN 0, 2
#define ODD 1, 3
#endif

/* Takes the values `v` at the places `i` for the largest so far where they are larger, or not
 * numbers. */
static inline void take(V v, VBits i, V *max, VBits *at) {
    const VBits yes = (VBits)(v > *max) | (VBits)(v != v);
    *at = (yes & i) | (~yes & *at);
    *max = (V)((yes & (VBits)v) | (~yes & (VBits)*max));
}

/* A row of windows of two by two: the rows `a` and `b`, the first element of which has place `i`.
 * Rows are short, so what is left of a register counts: hence no loop for the compiler. */
static void max_of_pairs(T *y, int32_t *index, const T *a, const T *b, size_t width, size_t i,
                         size_t n) {
    VBits place;
    for (size_t l = 0; l < V_LANES; l++) place[l] = (Bits)(i + 2 * l);
    for (size_t j = 0; j < n; j += V_LANES) {
        const size_t some = mg_min(V_LANES, n - j), low = mg_min(V_LANES, 2 * some);
        const size_t high = 2 * some - low, next = 2 * j + (high ? V_LANES : 0);
        const V a_low = v_load_some(a + 2 * j, low), a_high = v_load_some(a + next, high);
        const V b_low = v_load_some(b + 2 * j, low), b_high = v_load_some(b + next, high);
        V max = V_SHUFFLE(a_low, a_high, EVEN);
        VBits at = place;
        take(V_SHUFFLE(a_low, a_high, ODD), place + 1, &max, &at);
        take(V_SHUFFLE(b_low, b_high, EVEN), place + (Bits)width, &max, &at);
        take(V_SHUFFLE(b_low, b_high, ODD), place + (Bits)(width + 1), &max, &at);
        v_store_some(y + j, max, some);
#if MG_FLOAT == 32
        v_store_some((T *)(index + j), (V)at, some);
#else
        for (size_t l = 0; l < some; l++) index[j + l] = (int32_t)at[l];
#endif
        place += 2 * V_LANES;
    }
}

/* y = the largest element of each window, of every dilation-th row and column of it; the first one
 * if there are several, the last NaN if there is one. index (as y): where it is in its plane. */
void MG(max_pool)(T *y, int32_t *index, const T *x, const int64_t *rows, const int64_t *cols,
                  int64_t dilation_h, int64_t dilation_w, size_t planes, size_t height,
                  size_t width, size_t out_height, size_t out_width) {
    const int pairs = dilation_h == 1 && dilation_w == 1 && are_pairs(rows, out_height) &&
                      are_pairs(cols, out_width);
    const size_t size = height * width, out = out_height * out_width;
    const size_t window =
        out ? (size_t)((rows[1] - rows[0]) / dilation_h * (cols[1] - cols[0]) / dilation_w) : 1;
    const size_t registers = out_height * (out_width / V_LANES + 1);
    MG_EACH_BLOCK(p, planes, 1, pairs ? 120 * registers : out * (4 + 4 * window), {
        (void)count;
        const T *plane = x + p * size;
        for (size_t i = 0; i < out_height; i++) {
            T *to = y + p * out + i * out_width;
            int32_t *place = index + p * out + i * out_width;
            const size_t top = (size_t)rows[3 * i], bottom = (size_t)rows[3 * i + 1];
            if (pairs) {
                max_of_pairs(to, place, plane + top * width, plane + (top + 1) * width, width,
                             top * width, out_width);
                continue;
            }
            for (size_t j = 0; j < out_width; j++) {
                const size_t left = (size_t)cols[3 * j], right = (size_t)cols[3 * j + 1];
                T max = -INFINITY;
                int32_t at = (int32_t)(top * width + left);
                for (size_t u = top; u < bottom; u += (size_t)dilation_h)
                    for (size_t v = left; v < right; v += (size_t)dilation_w) {
                        const T value = plane[u * width + v];
                        const int larger = (value > max) | (value != value);
                        at = larger ? (int32_t)(u * width + v) : at;
                        max = larger ? value : max;
                    }
                to[j] = max;
                place[j] = at;
            }
        }
    });
}

/* dx = the sum of the gradients of those windows of which it is the largest element.
 * dx (planes, size), grad and index (planes, out) */
void MG(max_pool_backward)(T *dx, const T *grad, const int32_t *index, size_t planes, size_t size,
                           size_t out) {
    MG_EACH_BLOCK(p, planes, 1, size + 4 * out, {
        T *plane = dx + p * size;
        memset(plane, 0, count * size * sizeof(T));
        for (size_t i = p * out; i < (p + 1) * out; i++) plane[index[i]] += grad[i];
    });
}

/* y = the sum of each window / divisor; if divisor is 0, / the product of what rows and cols say.
 */
void MG(avg_pool)(T *y, const T *x, const int64_t *rows, const int64_t *cols, double divisor,
                  size_t planes, size_t height, size_t width, size_t out_height, size_t out_width) {
    const size_t size = height * width, out = out_height * out_width;
    const size_t window = out ? (size_t)((rows[1] - rows[0]) * (cols[1] - cols[0])) : 1;
    MG_EACH_BLOCK(p, planes, 1, out * (4 + 2 * window), {
        (void)count;
        for (size_t i = 0; i < out_height; i++)
            for (size_t j = 0; j < out_width; j++) {
                T sum = 0;
                for (int64_t u = rows[3 * i]; u < rows[3 * i + 1]; u++)
                    for (int64_t v = cols[3 * j]; v < cols[3 * j + 1]; v++)
                        sum += x[p * size + (size_t)u * width + (size_t)v];
                const T by = divisor != 0 ? (T)divisor : (T)(rows[3 * i + 2] * cols[3 * j + 2]);
                y[p * out + i * out_width + j] = sum / by;
            }
    });
}

void MG(avg_pool_backward)(T *dx, const T *grad, const int64_t *rows, const int64_t *cols,
                           double divisor, size_t planes, size_t height, size_t width,
                           size_t out_height, size_t out_width) {
    const size_t size = height * width, out = out_height * out_width;
    const size_t window = out ? (size_t)((rows[1] - rows[0]) * (cols[1] - cols[0])) : 1;
    MG_EACH_BLOCK(p, planes, 1, size + out * (4 + 2 * window), {
        memset(dx + p * size, 0, count * size * sizeof(T));
        for (size_t i = 0; i < out_height; i++)
            for (size_t j = 0; j < out_width; j++) {
                const T by = divisor != 0 ? (T)divisor : (T)(rows[3 * i + 2] * cols[3 * j + 2]);
                const T part = grad[p * out + i * out_width + j] / by;
                for (int64_t u = rows[3 * i]; u < rows[3 * i + 1]; u++)
                    for (int64_t v = cols[3 * j]; v < cols[3 * j + 1]; v++)
                        dx[p * size + (size_t)u * width + (size_t)v] += part;
            }
    });
}
