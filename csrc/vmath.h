/* Elementary functions of the elements of a V, without branches or tables. The largest error found,
 * in units in the last place, with and without FMA: exp 0.93 and 1.21, log 0.86 and 0.91,
 * tanh 1.56, sigmoid 1.66 and 1.89, erf 1.02 and 1.26, in float (over all of its range) as in
 * double. Overflow, denormals, infinities and NaN come out as IEEE 754 and C99 want them:
 * comparisons, minima and maxima are written so that a NaN falls through to the arithmetic.
 *
 * The polynomials interpolate the named function in the Chebyshev nodes of the named interval,
 * which is within a factor of 2 of the best polynomial; computed with 60 digits.
 */
#ifndef MG_VMATH_H
#define MG_VMATH_H

#include "simd.h"

/* P3(z, a, b, c, d) = a + b z + c z^2 + d z^3, by Horner's rule. */
#define P1(z, a, b) v_fma(z, v_all(b), v_all(a))
#define P2(z, a, ...) v_fma(z, P1(z, __VA_ARGS__), v_all(a))
#define P3(z, a, ...) v_fma(z, P2(z, __VA_ARGS__), v_all(a))
#define P4(z, a, ...) v_fma(z, P3(z, __VA_ARGS__), v_all(a))
#define P5(z, a, ...) v_fma(z, P4(z, __VA_ARGS__), v_all(a))
#define P6(z, a, ...) v_fma(z, P5(z, __VA_ARGS__), v_all(a))
#define P7(z, a, ...) v_fma(z, P6(z, __VA_ARGS__), v_all(a))
#define P8(z, a, ...) v_fma(z, P7(z, __VA_ARGS__), v_all(a))
#define P9(z, a, ...) v_fma(z, P8(z, __VA_ARGS__), v_all(a))
#define P10(z, a, ...) v_fma(z, P9(z, __VA_ARGS__), v_all(a))
#define P11(z, a, ...) v_fma(z, P10(z, __VA_ARGS__), v_all(a))
#define P12(z, a, ...) v_fma(z, P11(z, __VA_ARGS__), v_all(a))
#define P13(z, a, ...) v_fma(z, P12(z, __VA_ARGS__), v_all(a))
#define P14(z, a, ...) v_fma(z, P13(z, __VA_ARGS__), v_all(a))
#define P15(z, a, ...) v_fma(z, P14(z, __VA_ARGS__), v_all(a))
#define P16(z, a, ...) v_fma(z, P15(z, __VA_ARGS__), v_all(a))
#define P17(z, a, ...) v_fma(z, P16(z, __VA_ARGS__), v_all(a))
#define P18(z, a, ...) v_fma(z, P17(z, __VA_ARGS__), v_all(a))
#define P19(z, a, ...) v_fma(z, P18(z, __VA_ARGS__), v_all(a))
#define P20(z, a, ...) v_fma(z, P19(z, __VA_ARGS__), v_all(a))
#define P21(z, a, ...) v_fma(z, P20(z, __VA_ARGS__), v_all(a))
#define P22(z, a, ...) v_fma(z, P21(z, __VA_ARGS__), v_all(a))

#if MG_FLOAT == 32
#define MANTISSA 23
#define BIAS 127u
#define ROUND 0x1.8p23f       /* x + ROUND - ROUND is x rounded to an integer */
#define LN2_HIGH 0x1.62e4p-1f /* few enough bits that k * LN2_HIGH is exact */
#define LN2_LOW 0x1.7f7d1cp-20f
#define EXP_MAX 89.0f /* e^EXP_MAX overflows, e^EXP_MIN rounds to 0 */
#define EXP_MIN -104.0f
#define TANH_SMALL 0.55f
#define ERF_MAX 4.0f
#define CDF_MAX 14.5f /* phi(CDF_MAX) rounds to 0 */
#define CDF_MID 3
#define MIN_NORMAL 0x1p-126f
#define SQRT_HALF_BITS 0x3f3504f3u
/* (e^r - 1 - r) / r^2 on |r| <= ln(2)/2 */
#define EXP_Q(r) P4(r, 0.5f, 0.166665767f, 0.0416665542f, 0.00836323288f, 0.00139262508f)
/* (atanh(s)/s - 1) / z, z = s^2, on z <= 1/9 */
#define ATANH_Q(z) P4(z, 0.333333337f, 0.199998531f, 0.142961824f, 0.108532305f, 0.116124609f)
/* (tanh(x)/x - 1) / z, z = x^2, on |x| <= TANH_SMALL */
#define TANH_Q(z) P4(z, -0.33333332f, 0.133331137f, -0.0539094288f, 0.0213093887f, -0.00661022783f)
/* erf(x)/x - 1 in z = x^2 <= 1 */
#define ERF_SMALL(z)                                                                \
    P6(z, 0.128379166f, -0.376126267f, 0.112835947f, -0.026854212f, 0.00518908742f, \
       -0.000801686429f, 7.87587506e-5f)
/* e^(t^2) erfc(t) in u = (t - 2) / (t + 2), 1 <= t <= ERF_MAX */
#define ERFCX(u)                                                                     \
    P7(u, 0.255395676f, -0.427185848f, 0.241658211f, -0.0789785233f, 0.00373214135f, \
       0.00699485541f, -0.000836589974f, -0.000944159634f)
/* e^(t^2/2) Phi(-t) in u = (t - CDF_MID) / (t + CDF_MID), 0 <= t <= CDF_MAX */
#define CDF_Q(u)                                                                    \
    P9(u, 0.121513948f, -0.206402622f, 0.123225016f, -0.046213254f, 0.00613223629f, \
       0.00290447904f, -0.000984372195f, -0.000339674574f, 0.000116249616f, 5.4151939e-5f)
#else
#define MANTISSA 52
#define BIAS 1023u
#define ROUND 0x1.8p52
#define LN2_HIGH 0x1.62e42fefap-1
#define LN2_LOW 0x1.cf79abc9e3b398p-40
#define EXP_MAX 710.0
#define EXP_MIN -746.0
#define TANH_SMALL 0.55
#define ERF_MAX 6.0
#define CDF_MAX 38.6
#define CDF_MID 5
#define MIN_NORMAL 0x1p-1022
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define EXP_Q(r)                                                                    \
    P10(r, 0.5, 0.16666666666666671, 0.0416666666666666698, 0.00833333333332608312, \
        0.00138888888888837112, 0.000198412698750022788, 2.48015873256774619e-5,    \
        2.75572551700008874e-6, 2.75572734787185805e-7, 2.51053127296221018e-8,     \
        2.09147553258932022e-9)
#define ATANH_Q(z)                                                                                \
    P10(z, 0.333333333333333334, 0.19999999999999761, 0.142857142858001321, 0.111111110991080563, \
        0.0909090994963397949, 0.0769227195887658227, 0.0666758983075785514,                      \
        0.0586713258968829656, 0.0542264551638990638, 0.0374581973033663279,                      \
        0.0781576735371561224)
#define TANH_Q(z)                                                                   \
    P10(z, -0.333333333333333326, 0.133333333333327148, -0.0539682539674340145,     \
        0.0218694884936669419, -0.00886323439781435484, 0.00359211037868902388,     \
        -0.00145566183010071603, 0.000588936052007405777, -0.000234634741088723714, \
        8.51131368557767152e-5, -2.06027653763663416e-5)
#define ERF_SMALL(z)                                                              \
    P12(z, 0.128379167095512574, -0.376126389031837481, 0.112837916709548787,     \
        -0.0268661706450767932, 0.00522397762481801447, -0.000854832698083378991, \
        0.000120553311116427109, -1.49255952668311816e-5, 1.6461000484121368e-6,  \
        -1.6350312701054695e-7, 1.46597752740474358e-8, -1.13728488567916737e-9,  \
        5.9571761477489114e-11)
#define ERFCX(u)                                                                   \
    P16(u, 0.255395676310505745, -0.427185847413958486, 0.241658194242465846,      \
        -0.078978581015706104, 0.00373289240439783377, 0.00699746173697157874,     \
        -0.000847143252991950048, -0.000981976941103864265, 4.3555586865754816e-5, \
        0.000174359474002051576, 2.75271755572272473e-5, -2.7562209161129353e-5,   \
        -1.39982837727849769e-5, 1.30585771222780165e-6, 4.01174964732506693e-6,   \
        1.27256766184022802e-6, -1.13525714772736264e-6)
#define CDF_Q(u)                                                                  \
    P22(u, 0.0769193049750062959, -0.143457555264011972, 0.116068811886003293,    \
        -0.0808838772641274219, 0.0478553522841700682, -0.0234139004876919831,    \
        0.00899137055058949521, -0.00237884435669586752, 0.000219550737622362154, \
        0.00013427684345666655, -6.04274827687583071e-5, 9.61305643833540662e-7,  \
        6.64442107886960298e-6, -1.2700748619005728e-6, -6.75078283809455768e-7,  \
        2.43346265926198132e-7, 7.71072580030101582e-8, -3.91691740711151102e-8,  \
        -1.09958871678896651e-8, 5.69120337567826395e-9, 1.82704976031910162e-9,  \
        -5.70604984491333447e-10, -2.32436811016632918e-10)
#endif

/* x = k ln 2 + r with k an integer and |r| <= ln(2)/2. *shifted holds k in its low bits. */
static inline V v_reduce(V x, V *shifted) {
    *shifted = v_fma(x, v_all(F(1.44269504088896340736)), v_all(ROUND));
    const V k = *shifted - ROUND;
    return v_fma(k, v_all(-LN2_LOW), v_fma(k, v_all(-LN2_HIGH), x));
}

/* x 2^k, k the low bits of `shifted`; k within the exponents of T and as far again below. Two
 * factors, so that neither overflows before the result does, and a denormal result is rounded
 * once. */
static inline V v_scale(V x, V shifted) {
#if defined(__AVX512F__) && MG_FLOAT == 32
    return (V)_mm512_scalef_ps((__m512)x, (__m512)(shifted - ROUND));
#elif defined(__AVX512F__)
    return (V)_mm512_scalef_pd((__m512d)x, (__m512d)(shifted - ROUND));
#else
    const VBits k = (VBits)shifted - (VBits)v_all(ROUND) + 2 * BIAS, half = k >> 1;
    return x * (V)(half << MANTISSA) * (V)((k - half) << MANTISSA);
#endif
}

/* e^x for EXP_MIN - 2 <= x <= EXP_MAX. */
static inline V v_exp_between(V x) {
    V shifted;
    const V r = v_reduce(x, &shifted), one = v_all(1);
    return v_scale(v_fma(r, v_fma(r, EXP_Q(r), one), one), shifted);
}

/* e^x for x <= 0. */
static inline V v_exp_negative(V x) { return v_exp_between(v_max(v_all(EXP_MIN), x)); }

/* e^x */
static inline V v_exp(V x) { return v_exp_negative(v_min(v_all(EXP_MAX), x)); }

/* e^x - 1, accurate for small x too; |x| <= EXPM1_MAX. */
#define EXPM1_MAX 40
static inline V v_expm1(V x) {
    V shifted;
    const V r = v_reduce(x, &shifted);
    const V power = (V)(((VBits)shifted - (VBits)v_all(ROUND) + BIAS) << MANTISSA); /* 2^k */
    return v_fma(power, v_fma(r * r, EXP_Q(r), r), power - 1);
}

#if defined(__AVX512F__)
/* 1 / x to 28 bits (float: 14): a division would take ten cycles, or sixteen. */
static inline V v_inverse(V x) {
#if MG_FLOAT == 32
    return (V)_mm512_rcp14_ps((__m512)x);
#else
    const V y = (V)_mm512_rcp14_pd((__m512d)x);
    return v_fma(v_fma(-x, y, v_all(1)), y, y);
#endif
}
#endif

/* a / b, within 0.6 units in the last place; b and 1 / b are finite and not denormal. */
static inline V v_ratio(V a, V b) {
#if defined(__AVX512F__)
    const V inverse = v_inverse(b), q = a * inverse; /* and one step of Newton's method */
    return v_fma(v_fma(-q, b, a), inverse, q);
#else
    return a / b;
#endif
}

/* Below TANH_SMALL a polynomial; from there 1 - 2 / (e^2|x| + 1), which is 1 from EXPM1_MAX / 2 on.
 * The quotient t / (t + 2) with t = e^2|x| - 1 alone would do, but for 2.5 units in the last place.
 */
static inline V v_tanh(V x) {
    const V z = x * x, small = v_fma(x * z, TANH_Q(z), x);
    const V t = v_min(v_all(EXPM1_MAX), 2 * v_abs(x));
    const V large = 1 - v_ratio(v_all(2), v_exp_between(t) + 1);
    return v_copysign(v_if_less(t, v_all(2 * TANH_SMALL), small, large), x); /* -0 too */
}

/* 1 / (1 + e^-x). The exponential of -|x| only: it never overflows, and a small result keeps its
 * digits; e / (1 + e) is written e - e (e / (1 + e)), because that rounds the small term. */
static inline V v_sigmoid(V x) {
    const V e = v_exp_negative(-v_abs(x)), zero = {0};
    const V q = v_ratio(v_if_less(x, zero, e, v_all(1)), 1 + e);
    return v_if_less(x, zero, v_fma(-e, q, e), q);
}

/* ln(1 + f) for 1 + f from sqrt(1/2) to 2: 2 atanh(s) with s = f / (2 + f), in which 2 s is
 * written f - s f, because f is exact. */
static inline V v_log1p_core(V f, V low) {
    const V s = v_ratio(f, 2 + f), z = s * s;
    return f - v_fma(s, v_fma(-2 * z, ATANH_Q(z), f), -low);
}

/* x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2). */
static inline V v_log(V x) {
    const V tiny = v_all(MIN_NORMAL), none = {0};
    /* 2^MANTISSA makes denormals normal */
    const V scaled = v_if_less(x, tiny, x * (ROUND / F(1.5)), x);
    const VBits b = (VBits)scaled + ((VBits)v_all(1) - SQRT_HALF_BITS);
    const V f = (V)((b & (((Bits)1 << MANTISSA) - 1)) + SQRT_HALF_BITS) - 1;
    /* The exponent as a T, without a conversion from integer (AVX2 has none from 64 bits). */
    V k = (V)((b >> MANTISSA) + (VBits)v_all(ROUND)) - (ROUND + BIAS);
    k = v_if_less(x, tiny, k - MANTISSA, k);
    V y = v_fma(k, v_all(LN2_HIGH), v_log1p_core(f, k * LN2_LOW));
    y = v_if_less(none, x, y, v_if_less(x, none, v_all(NAN), v_all(-INFINITY)));
    return v_if_less(x, v_all(INFINITY), y, x); /* infinity and NaN */
}

/* ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|) */
static inline V v_log1p_exp(V x) {
    const V none = {0};
    return v_max(none, x) + v_log1p_core(v_exp_negative(-v_abs(x)), none);
}

/* Below 1 a polynomial in x^2, so that small values keep their digits; from 1 on 1 - erfc(x). */
static inline V v_erf(V x) {
    const V small = v_fma(x, ERF_SMALL(x * x), x);
    const V t = v_min(v_all(ERF_MAX), v_abs(x));
    const V u = v_ratio(t - 2, t + 2);
    const V large = v_copysign(1 - v_exp_between(-t * t) * ERFCX(u), x);
    return v_if_less(t, v_all(1), small, large);
}

/* The normal distribution function Phi(x), and *bell = e^(-x^2/2), which is Phi' but for a factor.
 * Phi(-t) is the bell times a smooth function of t: small values keep their digits. */
static inline V v_normal_cdf(V x, V *bell) {
    const V t = v_min(v_all(CDF_MAX), v_abs(x)), none = {0};
    const V u = v_ratio(t - CDF_MID, t + CDF_MID);
    *bell = v_exp_between(F(-0.5) * t * t);
    const V tail = *bell * CDF_Q(u);
    return v_if_less(none, x, 1 - tail, tail);
}

#endif
