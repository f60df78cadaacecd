/* Functions of one element of each input. All arrays: n elements. An output may be an input. */
#include "mg.h"
#include "vmath.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("schedule-insns") /* see V_GROUP */
#endif

#define SQRT_2_PI F(0.79788456080286535588)       /* sqrt(2/pi) */
#define INV_SQRT_2PI F(0.39894228040143267794)    /* 1/sqrt(2 pi) */
#define TWO_INV_SQRT_PI F(1.12837916709551257390) /* 2/sqrt(pi) */

/* Work of one element, in additions of what lies in cache (see mg_threads); measured, README.md. In
 * a step, half of what an addition reads lies in another core's cache, so it takes twice as long.
 */
enum { ADD = 2, DIV = 3, EXP = 3, TANH = 5, ERF = 8 };

/* ---- arithmetic ---- */

/* y = a + b */
void MG(add)(T *y, const T *a, const T *b, size_t n) { MG_EACH(i, n, ADD, y[i] = a[i] + b[i]); }

/* y = a - b */
void MG(sub)(T *y, const T *a, const T *b, size_t n) { MG_EACH(i, n, ADD, y[i] = a[i] - b[i]); }

/* y = a b */
void MG(mul)(T *y, const T *a, const T *b, size_t n) { MG_EACH(i, n, ADD, y[i] = a[i] * b[i]); }

/* y = a / b */
void MG(div)(T *y, const T *a, const T *b, size_t n) { MG_EACH(i, n, DIV, y[i] = a[i] / b[i]); }

/* y = scale x + shift, rounded once if scale is 1 or -1, or shift is -0. */
void MG(affine)(T *y, const T *x, double scale, double shift, size_t n) {
    const T a = (T)scale, b = (T)shift;
    MG_EACH(i, n, ADD, y[i] = MG_FMA(a, x[i], b));
}

/* y += x */
void MG(accumulate)(T *y, const T *x, size_t n) { MG_EACH(i, n, ADD, y[i] += x[i]); }

/* y = -x */
void MG(neg)(T *y, const T *x, size_t n) { MG_EACH(i, n, ADD, y[i] = -x[i]); }

/* y = x^2 */
void MG(square)(T *y, const T *x, size_t n) { MG_EACH(i, n, ADD, y[i] = x[i] * x[i]); }

/* dx = 2 x grad */
void MG(square_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_EACH(i, n, ADD, dx[i] = 2 * x[i] * grad[i]);
}

/* y = 1, -1 or 0, NaN where x is */
void MG(sign)(T *y, const T *x, size_t n) {
    MG_EACH(i, n, ADD, {
        const T upper = x[i] > 0 ? 1 : x[i] + 0; /* -0 + 0 = 0 */
        y[i] = x[i] < 0 ? -1 : upper;
    });
}

/* y = sqrt(x) */
void MG(sqrt)(T *y, const T *x, size_t n) { MG_EACH(i, n, DIV, y[i] = MG_SQRT(x[i])); }

/* dx = grad / (2 y), y = sqrt(x) */
void MG(sqrt_backward)(T *dx, const T *grad, const T *y, size_t n) {
    MG_EACH(i, n, DIV, dx[i] = grad[i] / (2 * y[i]));
}

/* ---- exponentials and their relatives ---- */

/* y = e^x */
void MG(exp)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, EXP, v_exp(a)); }

/* y = ln x */
void MG(log)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, v_log(a)); }

/* y = tanh x */
void MG(tanh)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, v_tanh(a)); }

/* dx = (1 - y^2) grad, y = tanh x */
void MG(tanh_backward)(T *dx, const T *grad, const T *y, size_t n) {
    MG_EACH(i, n, ADD, dx[i] = (1 - y[i] * y[i]) * grad[i]);
}

/* y = 1 / (1 + e^-x) */
void MG(sigmoid)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, v_sigmoid(a)); }

/* dx = y (1 - y) grad, y = sigmoid(x) */
void MG(sigmoid_backward)(T *dx, const T *grad, const T *y, size_t n) {
    MG_EACH(i, n, ADD, dx[i] = y[i] * (1 - y[i]) * grad[i]);
}

/* y = erf x = 2/sqrt(pi) int_0^x e^-t^2 dt */
void MG(erf)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, ERF, v_erf(a)); }

/* dx = 2/sqrt(pi) e^-x^2 grad */
void MG(erf_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, EXP, TWO_INV_SQRT_PI * v_exp(-a * a) * g);
}

/* ---- rectifiers: the gradient at 0 is that of the negative side, as in PyTorch ---- */

/* y = max(x, 0), NaN where x is */
void MG(relu)(T *y, const T *x, size_t n) { MG_EACH(i, n, ADD, y[i] = x[i] <= 0 ? 0 : x[i]); }

/* dx = grad where y > 0, else 0; y = relu(x), or x itself */
void MG(relu_backward)(T *dx, const T *grad, const T *y, size_t n) {
    MG_EACH(i, n, ADD, {
        const T g = grad[i]; /* loaded in any case: a load under a condition keeps SSE2 scalar */
        dx[i] = y[i] > 0 ? g : 0;
    });
}

/* y = x where x > 0, else slope x */
void MG(leaky_relu)(T *y, const T *x, double slope, size_t n) {
    const T s = (T)slope;
    MG_EACH(i, n, ADD, y[i] = x[i] > 0 ? x[i] : s * x[i]);
}

/* dx = grad where x > 0, else slope grad */
void MG(leaky_relu_backward)(T *dx, const T *grad, const T *x, double slope, size_t n) {
    const T s = (T)slope;
    MG_EACH(i, n, ADD, dx[i] = x[i] > 0 ? grad[i] : s * grad[i]);
}

/* ---- exponential linear units ---- */

/* scale alpha (e^x - 1) where x < 0, else scale x */
static inline V elu(V x, T alpha, T scale) {
    const V none = {0}, negative = v_max(v_all(-EXPM1_MAX), v_min(none, x));
    return scale * v_if_less(none, x, x, alpha * v_expm1(negative));
}

/* its derivative */
static inline V elu_slope(V x, T alpha, T scale) {
    const V none = {0};
    return scale * v_if_less(none, x, v_all(1), alpha * v_exp_negative(v_min(none, x)));
}

/* y = x where x > 0, else alpha (e^x - 1) */
void MG(elu)(T *y, const T *x, double alpha, size_t n) {
    MG_MAP(y, a, x, n, EXP, elu(a, (T)alpha, 1));
}

/* dx = grad where x > 0, else alpha e^x grad */
void MG(elu_backward)(T *dx, const T *grad, const T *x, double alpha, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, EXP, elu_slope(a, (T)alpha, 1) * g);
}

/* alpha and scale for which means of 0 and variances of 1 are kept: Klambauer et al., 2017 */
#define SELU_ALPHA F(1.6732632423543772848)
#define SELU_SCALE F(1.0507009873554804934)

/* y = scale x where x > 0, else scale alpha (e^x - 1) */
void MG(selu)(T *y, const T *x, size_t n) {
    MG_MAP(y, a, x, n, EXP, elu(a, SELU_ALPHA, SELU_SCALE));
}

/* dx = scale grad where x > 0, else scale alpha e^x grad */
void MG(selu_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, EXP, elu_slope(a, SELU_ALPHA, SELU_SCALE) * g);
}

/* ---- smooth rectifiers ---- */

/* x Phi(x), Phi the normal distribution function */
static inline V gelu(V x) {
    V bell;
    return x * v_normal_cdf(x, &bell);
}

/* Phi(x) + x phi(x), phi = Phi' */
static inline V gelu_slope(V x) {
    V bell;
    const V cdf = v_normal_cdf(x, &bell);
    return v_fma(INV_SQRT_2PI * x, bell, cdf);
}

/* x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2/pi) (x + 0.044715 x^3). As a sigmoid, because
 * 1 + tanh u cancels where u is negative. */
static inline V gelu_tanh(V x) {
    return x * v_sigmoid(2 * SQRT_2_PI * x * (1 + F(0.044715) * x * x));
}

/* s + x s (1 - s) 2 u', s = sigmoid(2 u), u' = sqrt(2/pi) (1 + 3 * 0.044715 x^2) */
static inline V gelu_tanh_slope(V x) {
    const V cubic = F(0.044715) * x * x, s = v_sigmoid(2 * SQRT_2_PI * x * (1 + cubic));
    return s * (1 + x * (1 - s) * (2 * SQRT_2_PI * (1 + 3 * cubic)));
}

/* s (1 + x (1 - s)), s = sigmoid(x) */
static inline V silu_slope(V x) {
    const V s = v_sigmoid(x);
    return s * (1 + x * (1 - s));
}

/* y = gelu(x) */
void MG(gelu)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, gelu(a)); }

/* dx = gelu'(x) grad */
void MG(gelu_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, TANH, gelu_slope(a) * g);
}

/* y = gelu_tanh(x) */
void MG(gelu_tanh)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, gelu_tanh(a)); }

/* dx = gelu_tanh'(x) grad */
void MG(gelu_tanh_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, TANH, gelu_tanh_slope(a) * g);
}

/* y = x sigmoid(x) */
void MG(silu)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, a * v_sigmoid(a)); }

/* dx = silu'(x) grad */
void MG(silu_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, TANH, silu_slope(a) * g);
}

/* y = ln(1 + e^(beta x)) / beta, x where beta x > threshold */
void MG(softplus)(T *y, const T *x, double beta, double threshold, size_t n) {
    const T by = (T)beta;
    const V limit = v_all((T)threshold);
    MG_MAP(y, a, x, n, ERF, v_if_less(limit, by * a, a, v_log1p_exp(by * a) / by));
}

/* dx = sigmoid(beta x) grad, grad where beta x > threshold */
void MG(softplus_backward)(T *dx, const T *grad, const T *x, double beta, double threshold,
                           size_t n) {
    const T by = (T)beta;
    const V limit = v_all((T)threshold);
    MG_MAP2(dx, g, grad, a, x, n, TANH, g * v_if_less(limit, by * a, v_all(1), v_sigmoid(by * a)));
}

/* tanh(ln(1 + e^x)) = m / (m + 2), m = e (e + 2) with e = e^x; it is 1 from MISH_MAX on, and
 * *slope, its derivative, 4 e (e + 1) / (m + 2)^2, is 0. */
#define MISH_MAX (MG_FLOAT == 32 ? F(20.0) : F(40.0))
static inline V mish_gate(V x, V *slope) {
    const V e = v_exp(v_min(v_all(MISH_MAX), x)), m = e * (e + 2),
            inverse = v_ratio(v_all(1), m + 2);
    *slope = 4 * e * (e + 1) * inverse * inverse;
    return m * inverse;
}
static inline V mish(V x) {
    V slope;
    return x * mish_gate(x, &slope);
}
static inline V mish_slope(V x) {
    V slope;
    const V gate = mish_gate(x, &slope);
    return v_fma(v_min(v_all(MISH_MAX), x), slope, gate);
}

/* y = x tanh(ln(1 + e^x)) */
void MG(mish)(T *y, const T *x, size_t n) { MG_MAP(y, a, x, n, TANH, mish(a)); }

/* dx = mish'(x) grad */
void MG(mish_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_MAP2(dx, g, grad, a, x, n, TANH, mish_slope(a) * g);
}

/* y = x min(max(x + 3, 0), 6) / 6, which is x itself from 3 on: 6 times the rounded 1/6 is 1 */
void MG(hardswish)(T *y, const T *x, size_t n) {
    MG_EACH(i, n, ADD, {
        const T moved = x[i] + 3, raised = moved < 0 ? 0 : moved;
        y[i] = x[i] * ((raised > 6 ? 6 : raised) * (1 / F(6.0)));
    });
}

/* dx = 0 up to -3, (x / 3 + 1/2) grad below 3, then grad */
void MG(hardswish_backward)(T *dx, const T *grad, const T *x, size_t n) {
    MG_EACH(i, n, ADD, {
        const T g = grad[i], between = g * (x[i] * (1 / F(3.0)) + F(0.5));
        const T above = x[i] >= 3 ? g : between;
        dx[i] = x[i] <= -3 ? 0 : above;
    });
}

/* ---- one of several ---- */

/* y = min(max(x, low), high), NaN where one of the three is */
void MG(clamp)(T *y, const T *x, double low, double high, size_t n) {
    const T least = (T)low, most = (T)high;
    if (low != low || high != high) {
        MG_EACH(i, n, ADD, { y[i] = least + most; });
        return;
    }
    MG_EACH(i, n, ADD, {
        const T raised = x[i] < least ? least : x[i];
        y[i] = raised > most ? most : raised;
    });
}

/* y = scale c (x - c / 2), c = min(max(x, -delta), delta): scale x^2 / 2 within delta of 0,
 * straight beyond. */
void MG(huber)(T *y, const T *x, double delta, double scale, size_t n) {
    const T most = (T)delta, by = (T)scale;
    MG_EACH(i, n, ADD, {
        const T raised = x[i] < -most ? -most : x[i], c = raised > most ? most : raised;
        y[i] = c * (x[i] - c * F(0.5)) * by;
    });
}

/* dx = grad where low <= x <= high, else 0 */
void MG(clamp_backward)(T *dx, const T *grad, const T *x, double low, double high, size_t n) {
    const T least = (T)low, most = (T)high;
    MG_EACH(i, n, ADD, {
        const T g = grad[i], passed = x[i] >= least ? g : 0;
        dx[i] = x[i] <= most ? passed : 0;
    });
}

/* y = a where the condition holds, else b; either may be NULL, for zeros */
void MG(where)(T *y, const uint8_t *condition, const T *a, const T *b, size_t n) {
    if (a && b) {
        MG_EACH(i, n, ADD, {
            const T yes = a[i], no = b[i];
            y[i] = condition[i] ? yes : no;
        });
    } else {
        const T *x = a ? a : b;
        const int kept = a != NULL;
        MG_EACH(i, n, ADD, {
            const T value = x[i];
            y[i] = (condition[i] != 0) == kept ? value : 0;
        });
    }
}
