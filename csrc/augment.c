/* Augmentation: random changes to every image of a batch, one pass for the whole batch.
 *
 * What happens to which image comes in as an array; the noise, which is as large as the images, is
 * made on the way.
 */
#include "mg.h"
#include "philox.h"
#include "vmath.h"

/* Rows in a block; pixels whose taps are held at once, and the multiple of pixels for which they
 * are found and used, so that no vector loop has a scalar tail. */
enum { ROWS = 8, SPAN = 64, STEP = 16 };

/* The four taps of SPAN pixels, two pairs of neighbours each. */
typedef struct {
    int32_t upper[SPAN], lower[SPAN]; /* where in the plane the pairs begin */
    T upper_left[SPAN], upper_right[SPAN], lower_left[SPAN], lower_right[SPAN]; /* weights */
    T rest[SPAN]; /* what the fill value adds */
} taps;

/* The two neighbours `base` and base + 1 in [0, n), n >= 2, to look for the coordinate x at, and
 * what they weigh: 1 - distance, but no less than 0. x is first brought into [-1, n], from whose
 * ends no neighbour is near; a NaN becomes -1. Selects alone: && and || would be branches. */
static MG_INLINE int32_t neighbours(T x, int32_t n, T *w_base, T *w_next) {
    const T raised = x > -1 ? x : -1, in = raised < (T)n ? raised : (T)n;
    const int32_t floor = (int32_t)(in + 1) - 1, below = floor < n - 2 ? floor : n - 2;
    const int32_t base = below > 0 ? below : 0;
    const T w0 = 1 - MG_ABS(in - (T)base), w1 = 1 - MG_ABS(in - (T)base - 1);
    *w_base = w0 > 0 ? w0 : 0;
    *w_next = w1 > 0 ? w1 : 0;
    return base;
}

/* The taps of pixels first ... first + STEP steps - 1 of a row whose pixel j lies, in a plane of
 * shape (height, width), at row r + j dr and column c + j dc. */
static MG_INLINE void find_taps(taps *t, size_t first, size_t steps, T r, T dr, T c, T dc, T fill,
                                int32_t height, int32_t width) {
    MG_SIMD for (size_t e = 0; e < steps * STEP; e++) {
        const T j = (T)(int32_t)(first + e);
        T up, down, left, right;
        const int32_t row = neighbours(MG_FMA(j, dr, r), height, &up, &down);
        const int32_t col = neighbours(MG_FMA(j, dc, c), width, &left, &right);
        t->upper[e] = row * width + col;
        t->lower[e] = (row + 1) * width + col;
        t->upper_left[e] = up * left;
        t->upper_right[e] = up * right;
        t->lower_left[e] = down * left;
        t->lower_right[e] = down * right;
        t->rest[e] = fill * (1 - (up + down) * (left + right));
    }
}

/* y_ncij = x_nc at row m_n00 i + m_n01 j + m_n02, column m_n10 i + m_n11 j + m_n12: bilinear, and
 * `fill` at all places outside the image.
 * x (n, channels, height >= 2, width >= 2), matrices m (n, 2, 3), y (n, channels, rows, cols) */
void MG(warp_affine)(T *y, const T *x, const T *matrices, double fill, size_t n, size_t channels,
                     size_t height, size_t width, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, n * rows, ROWS, cols * (16 + 8 * channels), {
        for (size_t row = first; row < first + count; row++) {
            const size_t image = row / rows, i = row % rows;
            const T *m = matrices + 6 * image;
            const T r = MG_FMA((T)i, m[0], m[2]), c = MG_FMA((T)i, m[3], m[5]);
            for (size_t start = 0; start < cols; start += SPAN) {
                const size_t span = mg_min(SPAN, cols - start), steps = (span + STEP - 1) / STEP;
                taps t;
                find_taps(&t, start, steps, r, m[1], c, m[4], (T)fill, (int32_t)height,
                          (int32_t)width);
                for (size_t channel = 0; channel < channels; channel++) {
                    const size_t plane = image * channels + channel;
                    const T *from = x + plane * height * width;
                    T values[SPAN];
                    MG_SIMD for (size_t e = 0; e < steps * STEP; e++) {
                        const T *u = from + t.upper[e], *l = from + t.lower[e];
                        T value = MG_FMA(t.upper_left[e], u[0], t.rest[e]);
                        value = MG_FMA(t.upper_right[e], u[1], value);
                        value = MG_FMA(t.lower_left[e], l[0], value);
                        values[e] = MG_FMA(t.lower_right[e], l[1], value);
                    }
                    memcpy(y + (plane * rows + i) * cols + start, values, span * sizeof(T));
                }
            }
        }
    });
}

/* y_ncij = x_nc at row top_n + i down_n, column left_n + j right_n, or `fill` where there is no
 * such pixel: crops, with padding where they reach outside, and flips, whose step is -1.
 * x (n, channels, height, width), corners (n, 4) of (top, left, down, right), down and right 1 or
 * -1, y (n, channels, rows, cols) */
void MG(crop)(T *y, const T *x, const int64_t *corners, double fill, size_t n, size_t channels,
              size_t height, size_t width, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, n * channels, 1, 2 * rows * cols, {
        for (size_t plane = first; plane < first + count; plane++) {
            const int64_t *corner = corners + 4 * (plane / channels);
            const int64_t left = corner[1], step = corner[3];
            const int64_t w = (int64_t)width, all = (int64_t)cols;
            /* Pixels start ... stop - 1 of a row are in the image. */
            int64_t start = step > 0 ? -left : left - w + 1;
            int64_t stop = step > 0 ? w - left : left + 1;
            start = start < 0 ? 0 : start < all ? start : all;
            stop = stop < start ? start : stop < all ? stop : all;
            for (size_t i = 0; i < rows; i++) {
                const int64_t row = corner[0] + (int64_t)i * corner[2];
                const T *from = x + ((int64_t)(plane * height) + row) * w + left;
                T *to = y + (plane * rows + i) * cols;
                if (row < 0 || row >= (int64_t)height || start == stop) {
                    for (int64_t j = 0; j < all; j++) to[j] = (T)fill;
                    continue;
                }
                for (int64_t j = 0; j < start; j++) to[j] = (T)fill;
                if (step > 0) {
                    memcpy(to + start, from + start, (size_t)(stop - start) * sizeof(T));
                } else {
                    for (int64_t j = start; j < stop; j++) to[j] = from[-j];
                }
                for (int64_t j = stop; j < all; j++) to[j] = (T)fill;
            }
        }
    });
}

/* y = x, but `value` in rows top_n ... top_n + high_n - 1 and columns left_n ... left_n + wide_n -
 * 1 of all channels of image n. x and y (n, channels, height, width), boxes (n, 4) of (top, left,
 * high, wide), inside the image */
void MG(erase)(T *y, const T *x, const int64_t *boxes, double value, size_t n, size_t channels,
               size_t height, size_t width) {
    MG_EACH_BLOCK(first, n * channels, 1, 2 * height * width, {
        for (size_t plane = first; plane < first + count; plane++) {
            const int64_t *box = boxes + 4 * (plane / channels);
            T *to = y + plane * height * width;
            memcpy(to, x + plane * height * width, height * width * sizeof(T));
            for (size_t i = (size_t)box[0]; i < (size_t)(box[0] + box[2]); i++)
                for (size_t j = (size_t)box[1]; j < (size_t)(box[1] + box[3]); j++)
                    to[i * width + j] = (T)value;
        }
    });
}

/* y_i = a number in [0, 1): number i of the stream, of which a float keeps the upper 24 bits.
 * y (n) */
void MG(uniform)(T *y, uint64_t seed, uint64_t stream, size_t n) {
    const int dropped = MG_FLOAT == 32 ? 8 : 0;
    MG_EACH_BLOCK(first, n, MG_BLOCK, 8, {
        for (size_t start = first; start < first + count; start += MG_PHILOX_BLOCK) {
            uint32_t numbers[MG_PHILOX_BLOCK];
            mg_philox(numbers, start / MG_PHILOX_BLOCK, seed, stream);
            const size_t length = mg_min(MG_PHILOX_BLOCK, first + count - start);
            for (size_t e = 0; e < length; e++)
                y[start + e] = (T)(numbers[e] >> dropped) * ((T)(1 << dropped) * F(0x1p-32));
        }
    });
}

/* sin(2 pi x) / x and (cos(2 pi x) - 1) / z in z = x^2 <= 1/64, interpolated as in vmath.h; the
 * largest relative errors are 4e-9 and 4e-18. */
#if MG_FLOAT == 32
static const T SIN_TURN[] = {6.2831855f, -41.341663f, 81.592545f, -75.40161f};
static const T COS_TURN[] = {-19.739208f, 64.93937f, -85.44882f, 59.424107f};
#else
static const T SIN_TURN[] = {6.283185307179586,  -41.341702240399634, 81.60524927594804,
                             -76.70585970427454, 42.058685020160894,  -15.093804209987114,
                             3.7808689593022957};
static const T COS_TURN[] = {-19.739208802178716, 64.93939402266824,   -85.4568172066438,
                             60.24464135270201,   -26.426253275854723, 7.903206911569678,
                             -1.6990343940660637};
#endif

/* sum c_i z^i */
static MG_INLINE T polynomial(T z, const T *c, int terms) {
    T y = c[terms - 1];
#pragma GCC unroll 6
    for (int i = terms - 2; i >= 0; i--) y = MG_FMA(z, y, c[i]);
    return y;
}
#define TURN(c, z) polynomial(z, c, sizeof c / sizeof *c)

/* (k + 1/2) / 2^23, k the upper 23 bits: a float holds it exactly. */
static MG_INLINE T between_0_and_1(uint32_t bits) {
    return ((T)(int32_t)(bits >> 9) + F(0.5)) * F(0x1p-23);
}

/* Two independent normal numbers from the logarithm of one uniform number and another (Box and
 * Muller, 1958): in polar coordinates, sqrt(-2 log u) and an angle. */
static MG_INLINE void two_normals(T *a, T *b, T log_u, T turn) {
    const T radius = MG_SQRT(-2 * log_u);
    const int32_t quarter = (int32_t)(4 * turn + F(0.5));
    const T x = turn - F(0.25) * (T)quarter, z = x * x;
    const T s = radius * (x * TURN(SIN_TURN, z)), c = radius * MG_FMA(z, TURN(COS_TURN, z), 1);
    const T right = quarter & 1 ? s : c, up = quarter & 1 ? c : s;
    *a = (quarter + 1) & 2 ? -right : right;
    *b = quarter & 2 ? -up : up;
}

/* y_i = clamp(x_i + mean + sigma z_i, low, high), z_i normal; a function of (seed, stream, i): of a
 * Philox block, numbers e and e + 32 make the z of the same two places.  x and y (n) */
void MG(gaussian_noise)(T *y, const T *x, double mean, double sigma, double low, double high,
                        uint64_t seed, uint64_t stream, size_t n) {
    enum { HALF = MG_PHILOX_BLOCK / 2 };
    MG_EACH_BLOCK(first, n, MG_BLOCK, 24, {
        for (size_t start = first; start < first + count; start += MG_PHILOX_BLOCK) {
            uint32_t numbers[MG_PHILOX_BLOCK];
            T z[MG_PHILOX_BLOCK];
            mg_philox(numbers, start / MG_PHILOX_BLOCK, seed, stream);
            MG_SIMD for (size_t e = 0; e < MG_PHILOX_BLOCK; e++) z[e] = between_0_and_1(numbers[e]);
            for (size_t e = 0; e < HALF; e += V_LANES) v_store(z + e, v_log(v_load(z + e)));
            MG_SIMD for (size_t e = 0; e < HALF; e++)
                two_normals(z + e, z + HALF + e, z[e], z[HALF + e]);
            const size_t length = mg_min(MG_PHILOX_BLOCK, first + count - start);
            for (size_t e = 0; e < length; e++) {
                const T value = MG_FMA((T)sigma, z[e], x[start + e] + (T)mean);
                const T raised = value < (T)low ? (T)low : value;
                y[start + e] = raised > (T)high ? (T)high : raised;
            }
        }
    });
}
