/* Elementary functions without branches, tables or library calls, so that loops over them
 * vectorise. The largest error found, in units in the last place: exp 1.05, log 0.9, tanh 1.5,
 * sigmoid 1.9, erf 1.3, in float (over all of its range) as in double. Overflow, denormals,
 * infinities and NaN come out as IEEE 754 and C99 want them; x ? y : z is always a select, and
 * comparisons are written so that a NaN falls through to the arithmetic.
 *
 * The polynomials interpolate the named function in the Chebyshev nodes of the named interval,
 * which is within a factor of 2 of the best polynomial; computed with 60 digits.
 */
#ifndef MG_VMATH_H
#define MG_VMATH_H

#include "mg.h"

/* P3(z, a, b, c, d) = a + b z + c z^2 + d z^3, by Horner's rule. */
#define P1(z, a, b) MG_FMA(z, b, a)
#define P2(z, a, ...) MG_FMA(z, P1(z, __VA_ARGS__), a)
#define P3(z, a, ...) MG_FMA(z, P2(z, __VA_ARGS__), a)
#define P4(z, a, ...) MG_FMA(z, P3(z, __VA_ARGS__), a)
#define P5(z, a, ...) MG_FMA(z, P4(z, __VA_ARGS__), a)
#define P6(z, a, ...) MG_FMA(z, P5(z, __VA_ARGS__), a)
#define P7(z, a, ...) MG_FMA(z, P6(z, __VA_ARGS__), a)
#define P8(z, a, ...) MG_FMA(z, P7(z, __VA_ARGS__), a)
#define P9(z, a, ...) MG_FMA(z, P8(z, __VA_ARGS__), a)
#define P10(z, a, ...) MG_FMA(z, P9(z, __VA_ARGS__), a)
#define P11(z, a, ...) MG_FMA(z, P10(z, __VA_ARGS__), a)
#define P12(z, a, ...) MG_FMA(z, P11(z, __VA_ARGS__), a)
#define P13(z, a, ...) MG_FMA(z, P12(z, __VA_ARGS__), a)
#define P14(z, a, ...) MG_FMA(z, P13(z, __VA_ARGS__), a)
#define P15(z, a, ...) MG_FMA(z, P14(z, __VA_ARGS__), a)
#define P16(z, a, ...) MG_FMA(z, P15(z, __VA_ARGS__), a)
#define P17(z, a, ...) MG_FMA(z, P16(z, __VA_ARGS__), a)
#define P18(z, a, ...) MG_FMA(z, P17(z, __VA_ARGS__), a)
#define P19(z, a, ...) MG_FMA(z, P18(z, __VA_ARGS__), a)
#define P20(z, a, ...) MG_FMA(z, P19(z, __VA_ARGS__), a)
#define P21(z, a, ...) MG_FMA(z, P20(z, __VA_ARGS__), a)
#define P22(z, a, ...) MG_FMA(z, P21(z, __VA_ARGS__), a)

/* T seen as Bits and back. */
static inline Bits mg_bits(T x) {
    Bits b;
    memcpy(&b, &x, sizeof b);
    return b;
}
static inline T mg_from_bits(Bits b) {
    T x;
    memcpy(&x, &b, sizeof x);
    return x;
}

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

static inline T mg_abs(T x) { return mg_from_bits(mg_bits(x) & ((Bits)-1 >> 1)); }
static inline T mg_copysign(T x, T sign) {
    const Bits high = ~((Bits)-1 >> 1);
    return mg_from_bits((mg_bits(x) & ~high) | (mg_bits(sign) & high));
}

/* x = k ln 2 + r with k an integer and |r| <= ln(2)/2. *shifted holds k in its low bits. */
static inline T mg_reduce(T x, T *shifted) {
    *shifted = MG_FMA(x, F(1.44269504088896340736), ROUND);
    const T k = *shifted - ROUND;
    return MG_FMA(k, -LN2_LOW, MG_FMA(k, -LN2_HIGH, x));
}

/* e^x for EXP_MIN - 2 <= x <= EXP_MAX. 2^k is applied as two factors, so that neither overflows
 * before the result does, and a denormal result is rounded once. */
static inline T mg_exp_between(T x) {
    T shifted;
    const T r = mg_reduce(x, &shifted);
    const Bits k = mg_bits(shifted) - mg_bits(ROUND) + 2 * BIAS;
    const Bits half = k >> 1;
    const T power = mg_from_bits(half << MANTISSA), rest = mg_from_bits((k - half) << MANTISSA);
    return MG_FMA(MG_FMA(r * r, EXP_Q(r), r), power, power) * rest;
}

/* e^x for x <= 0. */
static inline T mg_exp_negative(T x) { return mg_exp_between(x < EXP_MIN ? EXP_MIN : x); }

/* e^x */
static inline T mg_exp(T x) { return mg_exp_negative(x > EXP_MAX ? EXP_MAX : x); }

/* e^x - 1, accurate for small x too; |x| <= EXPM1_MAX. */
#define EXPM1_MAX 40
static inline T mg_expm1(T x) {
    T shifted;
    const T r = mg_reduce(x, &shifted);
    const T power = mg_from_bits((mg_bits(shifted) - mg_bits(ROUND) + BIAS) << MANTISSA); /* 2^k */
    return MG_FMA(power, MG_FMA(r * r, EXP_Q(r), r), power - 1);
}

/* Below TANH_SMALL a polynomial; from there 1 - 2 / (e^2|x| + 1), which is 1 from EXPM1_MAX / 2 on.
 * The quotient t / (t + 2) with t = e^2|x| - 1 alone would do, but for 2.5 units in the last place.
 */
static inline T mg_tanh(T x) {
    const T z = x * x, small = MG_FMA(x * z, TANH_Q(z), x);
    T t = 2 * mg_abs(x);
    t = t > EXPM1_MAX ? EXPM1_MAX : t;
    const T large = 1 - 2 / (mg_expm1(t) + 2);
    return mg_copysign(t < 2 * TANH_SMALL ? small : large, x); /* -0 too */
}

/* 1 / (1 + e^-x). The exponential of -|x| only: it never overflows, and a small result keeps its
 * digits; e / (1 + e) is written e - e (e / (1 + e)), because that rounds the small term. */
static inline T mg_sigmoid(T x) {
    const T e = mg_exp_negative(-mg_abs(x));
    const T q = (x < 0 ? e : 1) / (1 + e);
    return x < 0 ? MG_FMA(-e, q, e) : q;
}

/* ln(1 + f) for 1 + f from sqrt(1/2) to 2: 2 atanh(s) with s = f / (2 + f), in which 2 s is
 * written f - s f, because f is exact. */
static inline T mg_log1p_core(T f, T low) {
    const T s = f / (2 + f), z = s * s;
    return f - MG_FMA(s, MG_FMA(-2 * z, ATANH_Q(z), f), -low);
}

/* x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2). */
static inline T mg_log(T x) {
    const T scaled =
        x < MIN_NORMAL ? x * (ROUND / F(1.5)) : x; /* 2^MANTISSA makes denormals normal */
    const Bits b = mg_bits(scaled) + (mg_bits(1) - SQRT_HALF_BITS);
    const T f = mg_from_bits((b & (((Bits)1 << MANTISSA) - 1)) + SQRT_HALF_BITS) - 1;
    /* The exponent as a T, without a conversion from integer (AVX2 has none from 64 bits). */
    T k = mg_from_bits((b >> MANTISSA) + mg_bits(ROUND)) - (ROUND + BIAS);
    k = x < MIN_NORMAL ? k - MANTISSA : k;
    T y = MG_FMA(k, LN2_HIGH, mg_log1p_core(f, k * LN2_LOW));
    y = x < INFINITY ? y : x; /* infinity and NaN */
    y = x == 0 ? -INFINITY : y;
    return x < 0 ? NAN : y;
}

/* ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|) */
static inline T mg_log1p_exp(T x) {
    return (x < 0 ? 0 : x) + mg_log1p_core(mg_exp_negative(-mg_abs(x)), 0);
}

/* Below 1 a polynomial in x^2, so that small values keep their digits; from 1 on 1 - erfc(x). */
static inline T mg_erf(T x) {
    const T small = MG_FMA(x, ERF_SMALL(x * x), x);
    T t = mg_abs(x);
    t = t > ERF_MAX ? ERF_MAX : t;
    const T u = (t - 2) / (t + 2);
    const T large = mg_copysign(1 - mg_exp_between(-t * t) * ERFCX(u), x);
    return t < 1 ? small : large;
}

/* The normal distribution function Phi(x), and *bell = e^(-x^2/2), which is Phi' but for a factor.
 * Phi(-t) is the bell times a smooth function of t: small values keep their digits. */
static inline T mg_normal_cdf(T x, T *bell) {
    T t = mg_abs(x);
    t = t > CDF_MAX ? CDF_MAX : t;
    const T u = (t - CDF_MID) / (t + CDF_MID);
    *bell = mg_exp_between(F(-0.5) * t * t);
    const T tail = *bell * CDF_Q(u);
    return x > 0 ? 1 - tail : tail;
}

#endif
