/* Softmax over the last dimension, and losses of rows with integer labels: cross-entropy of logits,
 * negative log-likelihood of log-probabilities.
 *
 *   p_j = e^(x_j - max x) / sum_k e^(x_k - max x)
 *
 * which never overflows: the largest exponent is 0. Rows are worked on in blocks. A block of few
 * columns is turned round in a small buffer, so that neighbouring lanes are neighbouring rows and
 * rows of 10 classes vectorise as well as rows of 1000.
 *
 * Cross-entropy saves the probabilities for its backward rather than max and sum: a second e^x
 * costs more than storing and reading p does (README.md).
 */
#include "lanes.h"
#include "vmath.h"

/* Up to this many columns a block is turned round; LANES * NARROW elements stay in the L1 cache. */
enum { NARROW = 64, WIDE_BLOCK = 8 };

/* Rows in a block, at most LANES. */
static inline size_t block_rows(size_t cols) { return cols <= NARROW ? LANES : WIDE_BLOCK; }

/* e_l = e^(x_l - max_l), and sum_l += e_l */
static MG_INLINE void exp_lanes(T *e, const T *x, const T max[LANES], T sum[LANES]) {
    V made[LANES / V_LANES];
    for (size_t v = 0; v < LANES / V_LANES; v++)
        made[v] = v_exp_negative(v_load(x + v * V_LANES) - v_load(max + v * V_LANES));
    for (size_t v = 0; v < LANES / V_LANES; v++) {
        v_store(e + v * V_LANES, made[v]);
        v_store(sum + v * V_LANES, v_load(sum + v * V_LANES) + made[v]);
    }
}

static void log_lanes(T y[LANES], const T x[LANES]) {
    for (size_t l = 0; l < LANES; l += V_LANES) v_store(y + l, v_log(v_load(x + l)));
}

/* Of `rows` <= LANES rows: their max, the log of their sum of e^(x - max), and, if asked, p. */
static inline void narrow_block(T *p, T max[LANES], T log_sum[LANES], const T *x, size_t rows,
                                size_t cols) {
    T turned[NARROW * LANES], sum[LANES] = {0};
    if (rows < LANES) memset(turned, 0, cols * LANES * sizeof(T));
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < cols; j++) turned[j * LANES + r] = x[r * cols + j];
    for (size_t r = 0; r < LANES; r++) max[r] = -INFINITY;
    for (size_t j = 0; j < cols; j++)
        for (size_t r = 0; r < LANES; r++) max[r] = MG_MAX(turned[j * LANES + r], max[r]);
    for (size_t j = 0; j < cols; j++) exp_lanes(turned + j * LANES, turned + j * LANES, max, sum);
    log_lanes(log_sum, sum);
    if (!p) return;
    for (size_t j = 0; j < cols; j++)
        for (size_t r = 0; r < LANES; r++) turned[j * LANES + r] /= sum[r];
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < cols; j++) p[r * cols + j] = turned[j * LANES + r];
}

static inline void wide_block(T *p, T max[LANES], T log_sum[LANES], const T *x, size_t rows,
                              size_t cols) {
    T sums[LANES] = {0}, made[LANES];
    for (size_t r = 0; r < rows; r++, x += cols) {
        const T top = max[r] = mg_row_max(x, cols);
        T tops[LANES], rest[LANES], sum[LANES] = {0};
        for (size_t l = 0; l < LANES; l++) tops[l] = top, rest[l] = -INFINITY; /* e^x = 0 */
        const size_t whole = cols / LANES * LANES, left = (cols - whole) * sizeof(T);
        memcpy(rest, x + whole, left);
        for (size_t j = 0; j < whole; j += LANES) exp_lanes(p ? p + j : made, x + j, tops, sum);
        exp_lanes(rest, rest, tops, sum);
        sums[r] = mg_fold(sum);
        if (p) {
            memcpy(p + whole, rest, left);
            /* A reciprocal, because the division of a whole row would take as long as its e^x. */
            const T inverse = 1 / sums[r];
            for (size_t j = 0; j < cols; j++) p[j] *= inverse;
            p += cols;
        }
    }
    log_lanes(log_sum, sums);
}

static inline void softmax_block(T *p, T max[LANES], T log_sum[LANES], const T *x, size_t rows,
                                 size_t cols) {
    (cols <= NARROW ? narrow_block : wide_block)(p, max, log_sum, x, rows, cols);
}

/* y = p.  x and y (rows, cols) */
void MG(softmax)(T *y, const T *x, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, block_rows(cols), 16 * cols, {
        T max[LANES], log_sum[LANES];
        softmax_block(y + first * cols, max, log_sum, x + first * cols, count, cols);
    });
}

/* dx_j = y_j (grad_j - sum_k grad_k y_k).  dx, grad and y (rows, cols) */
void MG(softmax_backward)(T *dx, const T *grad, const T *y, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, block_rows(cols), 4 * cols, {
        for (size_t i = first * cols; i < (first + count) * cols; i += cols) {
            const T dot = mg_row_dot(grad + i, y + i, cols);
            MG_SIMD for (size_t j = i; j < i + cols; j++) dx[j] = y[j] * (grad[j] - dot);
        }
    });
}

/* y_j = log p_j = x_j - max x - log sum_k e^(x_k - max x).  x and y (rows, cols) */
void MG(log_softmax)(T *y, const T *x, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, block_rows(cols), 16 * cols, {
        T max[LANES], log_sum[LANES];
        softmax_block(NULL, max, log_sum, x + first * cols, count, cols);
        for (size_t r = 0; r < count; r++) {
            const size_t i = (first + r) * cols;
            MG_SIMD for (size_t j = i; j < i + cols; j++) y[j] = (x[j] - max[r]) - log_sum[r];
        }
    });
}

/* dx_j = grad_j - e^(y_j) sum_k grad_k.  dx, grad and y (rows, cols) */
void MG(log_softmax_backward)(T *dx, const T *grad, const T *y, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, block_rows(cols), 16 * cols, {
        for (size_t i = first * cols; i < (first + count) * cols; i += cols) {
            const T sum = mg_row_sum(grad + i, cols);
            for (size_t j = i; j < i + cols; j += V_LANES) {
                const size_t some = mg_min(V_LANES, i + cols - j);
                const V p = v_exp_negative(v_load_some(y + j, some));
                v_store_some(dx + j, v_load_some(grad + j, some) - p * sum, some);
            }
        }
    });
}

/* Losses of labelled rows: each row's loss, and their mean over the rows whose label is not
 * `ignore`, weighted by that label's class:
 *
 *   mean = sum_i loss_i / divisor,  divisor = sum_i weight_(label_i)      both over those rows
 *
 * NaN if there is none; weight is 1 for every class if NULL. Backward, grad is one number a row, or
 * one for all (grad_step 0), which is divided by the divisor unless that is NULL.
 * x, dx and p (rows, cols), loss and labels (rows), weight (cols); labels in [0, cols) or `ignore`
 */
static inline T weight_of(const T *weight, int64_t label) { return weight ? weight[label] : 1; }

static void mean_of_rows(T *mean, T *divisor, const T *loss, const int64_t *labels, const T *weight,
                         int64_t ignore, size_t rows) {
    double sum = 0, kept = 0;
    for (size_t i = 0; i < rows; i++) {
        sum += loss[i];
        if (labels[i] != ignore) kept += weight_of(weight, labels[i]);
    }
    *mean = (T)(sum / kept);
    *divisor = (T)kept;
}

/* sum_j weight_j (-log p_j) */
static inline T loss_of_all(const T *x, const T *weight, T max, T log_sum, size_t cols) {
    T sum[LANES] = {0};
    MG_LANES_EACH(j, l, cols, sum[l] += weight_of(weight, j) * ((max - x[j]) + log_sum));
    return mg_fold(sum);
}

/* With s = smoothing, of which every class gets an equal part:
 *
 *   loss_i = (1 - s) weight_(label_i) (-log p_(i, label_i)) + s/cols sum_j weight_j (-log p_ij)
 *
 * or 0 where label_i is `ignore`. */
void MG(cross_entropy)(T *mean, T *divisor, T *loss, T *p, const T *x, const int64_t *labels,
                       const T *weight, double smoothing, int64_t ignore, size_t rows,
                       size_t cols) {
    const T own = (T)(1 - smoothing), part = (T)(smoothing / cols);
    MG_EACH_BLOCK(first, rows, block_rows(cols), 16 * cols, {
        T max[LANES], log_sum[LANES];
        softmax_block(p + first * cols, max, log_sum, x + first * cols, count, cols);
        for (size_t r = 0; r < count; r++) {
            const int64_t label = labels[first + r];
            const T *row = x + (first + r) * cols;
            T row_loss = 0;
            if (label != ignore) {
                row_loss = own * weight_of(weight, label) * ((max[r] - row[label]) + log_sum[r]);
                if (part) row_loss += part * loss_of_all(row, weight, max[r], log_sum[r], cols);
            }
            loss[first + r] = row_loss;
        }
    });
    mean_of_rows(mean, divisor, loss, labels, weight, ignore, rows);
}

/* dx_ij = grad_i (p_ij ((1 - s) weight_(label_i) + s/cols sum_k weight_k)
 *                 - [j = label_i] (1 - s) weight_(label_i) - s/cols weight_j)
 * or 0 where label_i is `ignore`. */
void MG(cross_entropy_backward)(T *dx, const T *grad, const T *divisor, const T *p,
                                const int64_t *labels, const T *weight, double smoothing,
                                int64_t ignore, size_t grad_step, size_t rows, size_t cols) {
    const T own = (T)(1 - smoothing), part = (T)(smoothing / cols);
    const T parts = part * (weight ? mg_row_sum(weight, cols) : (T)cols);
    MG_EACH_BLOCK(first, rows, block_rows(cols), 2 * cols, {
        for (size_t i = first; i < first + count; i++) {
            const int64_t label = labels[i];
            T scale = 0, at_label = 0, *row = dx + i * cols;
            if (label != ignore) {
                scale = divisor ? grad[i * grad_step] / *divisor : grad[i * grad_step];
                at_label = scale * own * weight_of(weight, label);
            }
            const T of_p = part ? at_label + scale * parts : at_label, of_all = scale * part;
            MG_SIMD for (size_t j = 0; j < cols; j++) row[j] = of_p * p[i * cols + j];
            if (part) {
                MG_SIMD for (size_t j = 0; j < cols; j++) row[j] -= of_all * weight_of(weight, j);
            }
            if (label != ignore) row[label] -= at_label;
        }
    });
}

/* loss_i = -weight_(label_i) x_(i, label_i), or 0 where label_i is `ignore`. x are
 * log-probabilities. */
void MG(nll)(T *mean, T *divisor, T *loss, const T *x, const int64_t *labels, const T *weight,
             int64_t ignore, size_t rows, size_t cols) {
    for (size_t i = 0; i < rows; i++) {
        const int64_t label = labels[i];
        loss[i] = label == ignore ? 0 : -weight_of(weight, label) * x[i * cols + label];
    }
    mean_of_rows(mean, divisor, loss, labels, weight, ignore, rows);
}

/* dx_ij = -grad_i weight_j [j = label_i], or 0 where label_i is `ignore`. */
void MG(nll_backward)(T *dx, const T *grad, const T *divisor, const int64_t *labels,
                      const T *weight, int64_t ignore, size_t grad_step, size_t rows, size_t cols) {
    MG_EACH_BLOCK(first, rows, block_rows(cols), cols, {
        memset(dx + first * cols, 0, count * cols * sizeof(T));
        for (size_t i = first; i < first + count; i++) {
            const int64_t label = labels[i];
            if (label == ignore) continue;
            const T scale = divisor ? grad[i * grad_step] / *divisor : grad[i * grad_step];
            dx[i * cols + label] = -scale * weight_of(weight, label);
        }
    });
}
