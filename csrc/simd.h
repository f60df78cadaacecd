/* V, one vector register of T, and the few things that loops written by hand do with it. */
#ifndef MG_SIMD_H
#define MG_SIMD_H

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define V_BYTES 64
#elif defined(__AVX2__)
#define V_BYTES 32
#else
#define V_BYTES 16
#endif
enum { LANES = V_BYTES / sizeof(T) };
#define V_LANES (V_BYTES * 8 / MG_FLOAT) /* LANES, for the preprocessor */

typedef T V __attribute__((vector_size(V_BYTES)));
typedef T Unaligned __attribute__((vector_size(V_BYTES), aligned(sizeof(T)), may_alias));

static inline V v_load(const T *p) { return *(const Unaligned *)p; }
static inline void v_store(T *p, V x) { *(Unaligned *)p = x; }
static inline V v_all(T x) { return x - (V){0}; }

/* The first `count` of LANES elements, count <= LANES: zeros behind them; nothing behind is
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
    for (size_t i = 0; i < LANES; i++) x[i] = i < count ? p[i] : 0;
    return x;
}
static inline void v_store_part(T *p, V x, size_t count) {
    for (size_t i = 0; i < LANES; i++)
        if (i < count) p[i] = x[i];
}
#endif

/* The same, without a mask where none is needed. */
static inline V v_load_some(const T *p, size_t count) {
    return count == LANES ? v_load(p) : v_load_part(p, count);
}
static inline void v_store_some(T *p, V x, size_t count) {
    if (count == LANES)
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
    for (int i = 0; i < LANES; i++) y[i] = MG_FMA(a[i], b[i], c[i]);
    return y;
#endif
}

/* v_low: a0 b0 a1 b1 ... of the lower halves; v_high: of the upper halves. */
#if defined(__clang__)
#define V_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef Bits Mask __attribute__((vector_size(V_BYTES)));
#define V_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Mask){__VA_ARGS__})
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

/* x, LANES vectors of LANES elements, transposed in place: each stage riffles the upper half of the
 * vectors into the lower half, and log2(LANES) riffles are a transposition. */
static inline __attribute__((always_inline)) void v_transpose(V x[LANES]) {
    V y[LANES];
#pragma GCC unroll 4
    for (int stage = 1; stage < LANES; stage *= 2) {
#pragma GCC unroll 8
        for (int i = 0; i < LANES / 2; i++) {
            y[2 * i] = v_low(x[i], x[i + LANES / 2]);
            y[2 * i + 1] = v_high(x[i], x[i + LANES / 2]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++) x[i] = y[i];
    }
}

/* Element i of the result is the sum of the lanes of x[i]; the same riffles, added up on the way.
 */
static inline __attribute__((always_inline)) V v_sums(V x[LANES]) {
#pragma GCC unroll 4
    for (int left = LANES / 2; left; left /= 2)
#pragma GCC unroll 8
        for (int i = 0; i < left; i++) x[i] = v_low(x[i], x[i + left]) + v_high(x[i], x[i + left]);
    return x[0];
}
#endif
