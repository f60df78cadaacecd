/* Two dimensions exchanged: y (batch, cols, rows, inner) = x (batch, rows, cols, inner). */
#include "rows.h"

/* Elements of a cache line. */
#define LINE ((size_t)(64 / sizeof(T)))

/* For inner = 1, the `high` rows and `wide` columns from x on. */
static MG_INLINE void turn(T *y, const T *x, size_t rows, size_t cols, size_t high, size_t wide) {
    for (size_t i = 0; i < high; i += V_LANES)
        for (size_t j = 0; j < wide; j += V_LANES) {
            const size_t down = mg_min(V_LANES, high - i), along = mg_min(V_LANES, wide - j);
            V tile[V_LANES];
            v_load_rows(tile, x + i * cols + j, cols, down, along);
            v_transpose(tile);
            v_store_rows(y + j * rows + i, tile, rows, along, down);
        }
}

/* memcpy, for runs so short that its call takes longer. */
static MG_INLINE void copy(T *y, const T *x, size_t n) {
    size_t i = 0;
    for (; i + V_LANES <= n; i += V_LANES) v_store(y + i, v_load(x + i));
    if (i < n) v_store_part(y + i, v_load_part(x + i, n - i), n - i);
}

/* A unit of work is a strip, one line wide, along the longer dimension: the lines of the shorter
 * one are as many streams, and the longer one gives each of them its length. */
void MG(transpose)(T *y, const T *x, size_t batch, size_t rows, size_t cols, size_t inner) {
    if (inner == 1) {
        const int down = rows >= cols;
        const size_t across = down ? cols : rows, along = down ? rows : cols;
        const size_t strips = (across + LINE - 1) / LINE;
        MG_EACH_BLOCK(first, batch * strips, 1, along * LINE * 4, {
            const size_t b = first / strips, start = first % strips * LINE;
            const size_t wide = mg_min(LINE, across - start);
            T *to = y + b * rows * cols;
            const T *from = x + b * rows * cols;
            for (size_t at = 0; at < along; at += LINE) {
                const size_t length = mg_min(LINE, along - at), i = down ? at : start;
                const size_t j = down ? start : at;
                turn(to + j * rows + i, from + i * cols + j, rows, cols, down ? length : wide,
                     down ? wide : length);
            }
        });
    } else {
        const size_t some = MG_BLOCK / (inner + 1) + 1;
        MG_EACH_BLOCK(first, batch * cols * rows, some, 2 * inner, {
            for (size_t at = first, run; at < first + count; at += run) {
                const size_t row = at % rows, col = at / rows % cols, b = at / rows / cols;
                const T *from = x + ((b * rows + row) * cols + col) * inner;
                run = mg_min(rows - row, first + count - at);
                for (size_t i = 0; i < run; i++)
                    copy(y + (at + i) * inner, from + i * cols * inner, inner);
            }
        });
    }
}
