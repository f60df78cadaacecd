/* Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy
 * as 1, 2, 3" (2011): 128 bits of counter and 64 bits of key in, 128 random bits out.
 *
 * A number is a function of (seed, stream, index): the seed is the key, the stream (one for each
 * call that draws numbers) the upper half of the counter, and the index gives the lower half. So
 * any thread can make any part, in any order, and a backward pass can make a mask again.
 *
 * Sixteen counters are worked on side by side, and their outputs stored word by word: number i of a
 * stream is word (i % 64) / 16 of the output for the counter 16 * (i / 64) + i % 16.
 *
 * A word takes a 64-bit lane, of which the upper half is anything: the multiplication of the lower
 * halves (vpmuludq), which every x86 has, neither needs it clean nor needs a shuffle to bring the
 * odd words into place. Only the last step puts two words into each lane.
 */
#ifndef MG_PHILOX_H
#define MG_PHILOX_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif
#if defined(__AVX512F__)
#define WIDE_BYTES 64
#elif defined(__AVX2__)
#define WIDE_BYTES 32
#else
#define WIDE_BYTES 16
#endif

#ifdef __SANITIZE_ADDRESS__ /* gcc takes minutes to unroll what it has instrumented */
#define UNROLL(n)
#else
#define UNROLL_(text) _Pragma(#text)
#define UNROLL(n) UNROLL_(GCC unroll n)
#endif

enum { MG_PHILOX_LANES = 16, MG_PHILOX_BLOCK = 4 * MG_PHILOX_LANES };

typedef uint64_t Wide __attribute__((vector_size(WIDE_BYTES)));
enum { WIDE_LANES = WIDE_BYTES / 8, WIDES = MG_PHILOX_LANES / WIDE_LANES };

/* The 64-bit products of the lower halves. */
static inline Wide wide_mul(Wide a, Wide b) {
#if defined(__AVX512F__)
    return (Wide)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Wide)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (Wide)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

static inline Wide wide_all(uint64_t x) { return x - (Wide){0}; }

/* The numbers 64 * block ... 64 * block + 63 of a stream. */
static inline __attribute__((always_inline)) void mg_philox(uint32_t out[MG_PHILOX_BLOCK],
                                                            uint64_t block, uint64_t seed,
                                                            uint64_t stream) {
    /* Even lanes in the first half of the vectors, odd ones in the second. */
    static const uint64_t lanes[MG_PHILOX_LANES] = {0, 2, 4, 6, 8, 10, 12, 14,
                                                    1, 3, 5, 7, 9, 11, 13, 15};
    Wide c0[WIDES], c1[WIDES], c2[WIDES], c3[WIDES];
    UNROLL(8) for (int v = 0; v < WIDES; v++) {
        memcpy(&c0[v], lanes + WIDE_LANES * v, sizeof c0[v]);
        c0[v] += MG_PHILOX_LANES * block;
        c1[v] = c0[v] >> 32;
        c2[v] = wide_all(stream);
        c3[v] = wide_all(stream >> 32);
    }
    const Wide m0 = wide_all(0xD2511F53u), m1 = wide_all(0xCD9E8D57u);
    Wide k0 = wide_all(seed), k1 = wide_all(seed >> 32);
    UNROLL(10) for (int round = 0; round < 10; round++) {
        UNROLL(8) for (int v = 0; v < WIDES; v++) {
            const Wide p0 = wide_mul(c0[v], m0), p1 = wide_mul(c2[v], m1);
            c0[v] = (p1 >> 32) ^ c1[v] ^ k0;
            c1[v] = p1;
            c2[v] = (p0 >> 32) ^ c3[v] ^ k1;
            c3[v] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    const Wide *const words[4] = {c0, c1, c2, c3};
    UNROLL(4) for (int word = 0; word < 4; word++) UNROLL(4) for (int v = 0; v < WIDES / 2; v++) {
        const Wide even = words[word][v], odd = words[word][v + WIDES / 2];
        const Wide both = (even & 0xffffffff) | odd << 32;
        memcpy(out + MG_PHILOX_LANES * word + 2 * WIDE_LANES * v, &both, sizeof both);
    }
}

#endif
