/* Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy
 * as 1, 2, 3" (2011): 128 bits of counter and 64 bits of key in, 128 random bits out.
 *
 * A number is a function of (seed, stream, index): the seed is the key, the stream (one for each
 * call that draws numbers) the upper half of the counter, and the index gives the lower half. So
 * any thread can make any part, in any order, and a backward pass can make a mask again.
 *
 * Sixteen counters are worked on side by side, and their outputs stored word by word, so that the
 * loop vectorises on every CPU: number i of a stream is word (i % 64) / 16 of the output for the
 * counter 16 * (i / 64) + i % 16.
 */
#ifndef MG_PHILOX_H
#define MG_PHILOX_H

#include <stddef.h>
#include <stdint.h>

enum { MG_PHILOX_LANES = 16, MG_PHILOX_BLOCK = 4 * MG_PHILOX_LANES };

/* The numbers 64 * block ... 64 * block + 63 of a stream. */
static inline void mg_philox(uint32_t out[MG_PHILOX_BLOCK], uint64_t block, uint64_t seed,
                             uint64_t stream) {
    for (int lane = 0; lane < MG_PHILOX_LANES; lane++) {
        const uint64_t counter = MG_PHILOX_LANES * block + (uint64_t)lane;
        uint32_t c0 = (uint32_t)counter, c1 = (uint32_t)(counter >> 32);
        uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
        uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
        for (int round = 0; round < 10; round++) {
            const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
            c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
            c1 = (uint32_t)p1;
            c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
            c3 = (uint32_t)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        out[lane] = c0;
        out[MG_PHILOX_LANES + lane] = c1;
        out[2 * MG_PHILOX_LANES + lane] = c2;
        out[3 * MG_PHILOX_LANES + lane] = c3;
    }
}

#endif
