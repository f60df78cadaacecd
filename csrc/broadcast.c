/* Arithmetic with an array that is repeated: y = x o c, of x, y (outer, channels, inner) and
 * c (channels). That is a bias added to the rows of a matrix (inner = 1) or to the channels of
 * images, a factor for each row (outer = 1), and one number for all (channels = 1).
 */
#include "simd.h"

/* What is computed: see broadcast. */
enum { ADD, SUB, SUB_FROM, MUL, DIV, DIV_INTO };

/* Rows of fewer elements are laid side by side, up to this number. */
enum { WIDE = 512 };

static MG_INLINE V made(V x, V c, int operation) {
    switch (operation) {
        case ADD:
            return x + c;
        case SUB:
            return x - c;
        case SUB_FROM:
            return c - x;
        case MUL:
            return x * c;
        case DIV:
            return x / c;
        default:
            return c / x;
    }
}

/* n elements of y; of c there are n too, or the first one counts for all */
static MG_INLINE void stretch(T *y, const T *x, const T *c, size_t n, int one, int operation) {
    const V all = v_all(*c);
    size_t i = 0;
    for (; i + V_LANES <= n; i += V_LANES)
        v_store(y + i, made(v_load(x + i), one ? all : v_load(c + i), operation));
    if (i < n) {
        const V last = one ? all : v_load_part(c + i, n - i);
        v_store_part(y + i, made(v_load_part(x + i, n - i), last, operation), n - i);
    }
}

/* inner = 1 */
static MG_INLINE void by_rows(T *y, const T *x, const T *c, size_t outer, size_t channels,
                              int operation) {
    const size_t n = outer * channels;
    T wide[WIDE];
    if (2 * channels <= WIDE) {
        const size_t rows = mg_min(WIDE / channels, outer);
        for (size_t k = 0; k < rows; k++) memcpy(wide + k * channels, c, channels * sizeof(T));
        c = wide;
        channels *= rows;
    }
    MG_EACH_BLOCK(first, n, MG_BLOCK, operation < DIV ? 2 : 3, {
        size_t channel = first % channels, some;
        for (size_t at = first; at < first + count; at += some, channel = 0) {
            some = mg_min(channels - channel, first + count - at);
            stretch(y + at, x + at, c + channel, some, 0, operation);
        }
    });
}

static MG_INLINE void by_channels(T *y, const T *x, const T *c, size_t outer, size_t channels,
                                  size_t inner, int operation) {
    MG_EACH_BLOCK(first, outer * channels * inner, MG_BLOCK, operation < DIV ? 2 : 3, {
        size_t within = first % inner, channel = first / inner % channels, some;
        for (size_t at = first; at < first + count; at += some, within = 0) {
            some = mg_min(inner - within, first + count - at);
            stretch(y + at, x + at, c + channel, some, 1, operation);
            if (++channel == channels) channel = 0;
        }
    });
}

/* y = x + c, x - c, c - x, x c, x / c or c / x, for operation = 0 ... 5. y may be x. */
void MG(broadcast)(T *y, const T *x, const T *c, int operation, size_t outer, size_t channels,
                   size_t inner) {
    if (outer * channels * inner == 0) return;
    /* each operation compiled by itself */
#define CASE(known)                                              \
    case known:                                                  \
        if (inner == 1)                                          \
            by_rows(y, x, c, outer, channels, known);            \
        else                                                     \
            by_channels(y, x, c, outer, channels, inner, known); \
        break
    switch (operation) {
        CASE(ADD);
        CASE(SUB);
        CASE(SUB_FROM);
        CASE(MUL);
        CASE(DIV);
        CASE(DIV_INTO);
    }
}
