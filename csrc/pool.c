/* Pooling: the largest element, or the mean, of each window of a plane.
 *
 * x (planes, height, width), y (planes, out_height, out_width). Where the windows are is said by
 * rows (out_height, 3) and cols (out_width, 3): the first element of a window that is inside of x,
 * the end of it, and by how many elements a mean is divided. So padding, strides, rounding up and
 * windows of changing sizes are all one.
 */
#include "mg.h"

/* Whether the windows of one dimension are 0 1, 2 3, 4 5, .... */
static int are_pairs(const int64_t *windows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (windows[3 * i] != (int64_t)(2 * i) || windows[3 * i + 1] != (int64_t)(2 * i + 2))
            return 0;
    return 1;
}

/* Takes value `v` at place `i` for the largest so far if it is larger, or not a number. */
#define TAKE(v, i)                                 \
    do {                                           \
        const T v_ = (v);                          \
        const int take_ = (v_ > max) | (v_ != v_); \
        at = take_ ? (int32_t)(i) : at;            \
        max = take_ ? v_ : max;                    \
    } while (0)

/* A row of windows of two by two: the rows `a` and `b`, the first element of which has place `i`.
 */
static void max_of_pairs(T *restrict y, int32_t *restrict index, const T *restrict a,
                         const T *restrict b, size_t width, int32_t i, size_t n) {
    MG_SIMD for (size_t j = 0; j < n; j++) {
        const int32_t first = i + 2 * (int32_t)j, below = first + (int32_t)width;
        T max = a[2 * j];
        int32_t at = first;
        TAKE(a[2 * j + 1], first + 1);
        TAKE(b[2 * j], below);
        TAKE(b[2 * j + 1], below + 1);
        y[j] = max;
        index[j] = at;
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
    MG_EACH_BLOCK(p, planes, 1, pairs ? size : out * (4 + 4 * window), {
        (void)count;
        const T *plane = x + p * size;
        for (size_t i = 0; i < out_height; i++) {
            T *to = y + p * out + i * out_width;
            int32_t *place = index + p * out + i * out_width;
            const size_t top = (size_t)rows[3 * i], bottom = (size_t)rows[3 * i + 1];
            if (pairs) {
                max_of_pairs(to, place, plane + top * width, plane + (top + 1) * width, width,
                             (int32_t)(top * width), out_width);
                continue;
            }
            for (size_t j = 0; j < out_width; j++) {
                const size_t left = (size_t)cols[3 * j], right = (size_t)cols[3 * j + 1];
                T max = -INFINITY;
                int32_t at = (int32_t)(top * width + left);
                for (size_t u = top; u < bottom; u += (size_t)dilation_h)
                    for (size_t v = left; v < right; v += (size_t)dilation_w)
                        TAKE(plane[u * width + v], u * width + v);
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
