/* V, one vector register of T, and the few things that loops written by hand do with it. */
#ifndef MG_SIMD_H
#define MG_SIMD_H

#include "mg.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define V_BYTES 64
#elif defined(__AVX2__)
#define V_BYTES 32
#else
#define V_BYTES 16
#endif
#define V_LANES (V_BYTES * 8 / MG_FLOAT) /* elements of a V */

typedef T V __attribute__((vector_size(V_BYTES)));
typedef T Unaligned __attribute__((vector_size(V_BYTES), aligned(sizeof(T)), may_alias));

static inline V v_load(const T *p) { return *(const Unaligned *)p; }
static inline void v_store(T *p, V x) { *(Unaligned *)p = x; }
static inline V v_all(T x) { return x - (V){0}; }

/* The first `count` of V_LANES elements, count <= V_LANES: zeros behind them; nothing behind is
 * touched. */
#if defined(__AVX512F__) && MG_FLOAT == 32
static inline V v_load_part(const T *p, size_t count) {
    return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
}
static inline void v_store_part(T *p, V x, size_t count) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), (__m512)x);
}
#elif defined(__AVX512F__)
static inline V v_load_part(const T *p, size_t count) {
    return (V)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), p);
}
static inline void v_store_part(T *p, V x, size_t count) {
    _mm512_mask_storeu_pd(p, (__mmask8)((1u << count) - 1), (__m512d)x);
}
#elif defined(__AVX2__) && MG_FLOAT == 32
static inline __m256i first_lanes(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline V v_load_part(const T *p, size_t count) {
    return (V)_mm256_maskload_ps(p, first_lanes(count));
}
static inline void v_store_part(T *p, V x, size_t count) {
    _mm256_maskstore_ps(p, first_lanes(count), (__m256)x);
}
#elif defined(__AVX2__)
static inline __m256i first_lanes(size_t count) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)count), _mm256_setr_epi64x(0, 1, 2, 3));
}
static inline V v_load_part(const T *p, size_t count) {
    return (V)_mm256_maskload_pd(p, first_lanes(count));
}
static inline void v_store_part(T *p, V x, size_t count) {
    _mm256_maskstore_pd(p, first_lanes(count), (__m256d)x);
}
#else
static inline V v_load_part(const T *p, size_t count) {
    V x = {0};
    for (size_t i = 0; i < V_LANES; i++) x[i] = i < count ? p[i] : 0;
    return x;
}
static inline void v_store_part(T *p, V x, size_t count) {
    for (size_t i = 0; i < V_LANES; i++)
        if (i < count) p[i] = x[i];
}
#endif

/* The same, without a mask where none is needed. */
static inline V v_load_some(const T *p, size_t count) {
    return count == V_LANES ? v_load(p) : v_load_part(p, count);
}
static inline void v_store_some(T *p, V x, size_t count) {
    if (count == V_LANES)
        v_store(p, x);
    else
        v_store_part(p, x, count);
}

/* a * b + c: see MG_FMA. */
static inline V v_fma(V a, V b, V c) {
#if defined(__AVX512F__) && MG_FLOAT == 32
    return (V)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX512F__)
    return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX2__) && MG_FLOAT == 32
    return (V)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__AVX2__)
    return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
    V y;
    for (int i = 0; i < V_LANES; i++) y[i] = MG_FMA(a[i], b[i], c[i]);
    return y;
#endif
}

/* The rows of a tile of sums that stays in registers, two vectors wide, while a vector pair and one
 * factor pass: 28 + 2 + 1 of AVX-512's 32 registers and 12 + 2 + 1 of AVX2's 16; the baseline has
 * no FMA and needs one of its 16 for the product. V_EACH_TILE(CASE) is CASE(1) ... CASE(V_TILE):
 * the rows of the last tile are fewer, and loops over them are unrolled by their number. */
#if defined(__AVX512F__)
#define V_REGISTERS 32
#define V_TILE 14
/* clang-format off */
#define V_EACH_TILE(CASE)                                                    \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) \
    CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
/* clang-format on */
#elif defined(__AVX2__)
#define V_REGISTERS 16
#define V_TILE 6
#define V_EACH_TILE(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#else
#define V_REGISTERS 15
#define V_TILE 4
#define V_EACH_TILE(CASE) CASE(1) CASE(2) CASE(3) CASE(4)
#endif

/* The same pointer, of which the compiler does not know that it is. */
static inline const T *v_hide(const T *p) {
    __asm__("" : "+r"(p));
    return p;
}

/* For the factors of a tile with AVX-512: the CPU starts four instructions a cycle, and that is
 * nearly what 28 multiply-adds, 14 broadcasts and two loads in 14 cycles need; fewer are left where
 * another hardware thread shares the core. So every other row broadcasts its factor twice, as a
 * memory operand of its multiply-adds, which is one instruction less for one load more. AVX2 has no
 * such operands. */
static inline const T *v_again(const T *p) {
#if defined(__AVX512F__)
    return v_hide(p);
#else
    return p;
#endif
}

/* ---- minima, selections, bits ---- */

typedef Bits VBits __attribute__((vector_size(V_BYTES)));

/* a < b ? yes : no */
static inline V v_if_less(V a, V b, V yes, V no) {
#if defined(__AVX512F__) && MG_FLOAT == 32
    return (V)_mm512_mask_blend_ps(_mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_LT_OQ), (__m512)no,
                                   (__m512)yes);
#elif defined(__AVX512F__)
    return (V)_mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ),
                                   (__m512d)no, (__m512d)yes);
#elif defined(__AVX2__) && MG_FLOAT == 32
    return (V)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)(a < b));
#elif defined(__AVX2__)
    return (V)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)(a < b));
#else
    const VBits less = (VBits)(a < b);
    return (V)((less & (VBits)yes) | (~less & (VBits)no));
#endif
}

/* a < b ? a : b, hence b where one of them is NaN; and the same of a > b. */
static inline V v_min(V a, V b) {
#if defined(__AVX512F__) && MG_FLOAT == 32
    return (V)_mm512_min_ps((__m512)a, (__m512)b);
#elif defined(__AVX512F__)
    return (V)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif defined(__AVX2__) && MG_FLOAT == 32
    return (V)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__AVX2__)
    return (V)_mm256_min_pd((__m256d)a, (__m256d)b);
#elif defined(__SSE2__) && MG_FLOAT == 32
    return (V)_mm_min_ps((__m128)a, (__m128)b);
#elif defined(__SSE2__)
    return (V)_mm_min_pd((__m128d)a, (__m128d)b);
#else
    return v_if_less(a, b, a, b);
#endif
}
static inline V v_max(V a, V b) {
#if defined(__AVX512F__) && MG_FLOAT == 32
    return (V)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX512F__)
    return (V)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif defined(__AVX2__) && MG_FLOAT == 32
    return (V)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__AVX2__)
    return (V)_mm256_max_pd((__m256d)a, (__m256d)b);
#elif defined(__SSE2__) && MG_FLOAT == 32
    return (V)_mm_max_ps((__m128)a, (__m128)b);
#elif defined(__SSE2__)
    return (V)_mm_max_pd((__m128d)a, (__m128d)b);
#else
    return v_if_less(b, a, a, b);
#endif
}

#define V_SIGN ((Bits)1 << (MG_FLOAT - 1))
static inline V v_abs(V x) { return (V)((VBits)x & ~V_SIGN); }
static inline V v_copysign(V x, V sign) {
    return (V)(((VBits)x & ~V_SIGN) | ((VBits)sign & V_SIGN));
}

/* ---- loops ---- */

/* How many registers of an array MG_MAP works on at a time. One chain of operations that wait for
 * each other after the other would fill what the CPU looks ahead; -fschedule-insns makes gcc give
 * their instructions in turn. */
#define V_GROUP 4
#define V_UNROLL _Pragma("GCC unroll 4")

/* y_i = an expression in V's, p of x_i and q of z_i, for every i < n. The last elements are
 * computed by the same operations, so their bits do not depend on where they are. y may be x or z.
 */
#define MG_MAP2(y, p, x, q, z, n, cost, ...)                                   \
    MG_EACH_BLOCK(first_, n, MG_BLOCK, cost, {                                 \
        size_t i_ = first_;                                                    \
        const size_t end_ = first_ + count;                                    \
        for (; i_ + V_GROUP * V_LANES <= end_; i_ += V_GROUP * V_LANES) {      \
            V made_[V_GROUP], other_[V_GROUP];                                 \
            V_UNROLL for (int v_ = 0; v_ < V_GROUP; v_++) {                    \
                made_[v_] = v_load((x) + i_ + v_ * V_LANES);                   \
                other_[v_] = v_load((z) + i_ + v_ * V_LANES);                  \
            }                                                                  \
            V_UNROLL for (int v_ = 0; v_ < V_GROUP; v_++) {                    \
                const V p = made_[v_], q __attribute__((unused)) = other_[v_]; \
                made_[v_] = (__VA_ARGS__);                                     \
            }                                                                  \
            V_UNROLL for (int v_ = 0; v_ < V_GROUP; v_++)                      \
                v_store((y) + i_ + v_ * V_LANES, made_[v_]);                   \
        }                                                                      \
        for (; i_ < end_; i_ += V_LANES) {                                     \
            const size_t some_ = mg_min(V_LANES, end_ - i_);                   \
            const V p = v_load_some((x) + i_, some_),                          \
                    q __attribute__((unused)) = v_load_some((z) + i_, some_);  \
            v_store_some((y) + i_, (__VA_ARGS__), some_);                      \
        }                                                                      \
    })
/* The same of one array. */
#define MG_MAP(y, p, x, n, cost, ...) MG_MAP2(y, p, x, none_, x, n, cost, __VA_ARGS__)

/* ---- shuffles ---- */

/* v_low: a0 b0 a1 b1 ... of the lower halves; v_high: of the upper halves. */
#if defined(__clang__)
#define V_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define V_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (VBits){__VA_ARGS__})
#endif
#if V_LANES == 16
#define V_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define V_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif V_LANES == 8
#define V_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define V_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif V_LANES == 4
#define V_LOW 0, 4, 1, 5
#define V_HIGH 2, 6, 3, 7
#else
#define V_LOW 0, 2
#define V_HIGH 1, 3
#endif
static inline V v_low(V a, V b) { return V_SHUFFLE(a, b, V_LOW); }
static inline V v_high(V a, V b) { return V_SHUFFLE(a, b, V_HIGH); }

/* x, V_LANES vectors of V_LANES elements, transposed in place: each stage riffles the upper half of
 * the vectors into the lower half, and log2(V_LANES) riffles are a transposition. */
static inline __attribute__((always_inline)) void v_transpose(V x[V_LANES]) {
    V y[V_LANES];
#pragma GCC unroll 4
    for (int stage = 1; stage < V_LANES; stage *= 2) {
#pragma GCC unroll 8
        for (int i = 0; i < V_LANES / 2; i++) {
            y[2 * i] = v_low(x[i], x[i + V_LANES / 2]);
            y[2 * i + 1] = v_high(x[i], x[i + V_LANES / 2]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < V_LANES; i++) x[i] = y[i];
    }
}

/* Element i of the result is the sum of the lanes of x[i]; the same riffles, added up on the way.
 */
static inline __attribute__((always_inline)) V v_sums(V x[V_LANES]) {
#pragma GCC unroll 4
    for (int left = V_LANES / 2; left; left /= 2)
#pragma GCC unroll 8
        for (int i = 0; i < left; i++) x[i] = v_low(x[i], x[i + left]) + v_high(x[i], x[i + left]);
    return x[0];
}

/* Dot products of so many rows with so many columns are V_LANES sums, a register each. */
#if V_LANES == 16
enum { DOT_ROWS = 4, DOT_COLS = 4 };
#elif V_LANES == 8
enum { DOT_ROWS = 2, DOT_COLS = 4 };
#elif V_LANES == 4
enum { DOT_ROWS = 2, DOT_COLS = 2 };
#else
enum { DOT_ROWS = 1, DOT_COLS = 2 };
#endif
#endif
