/* What every family of kernels includes: the float type T, the names, the loops.
 *
 * A family is compiled once per instruction set and float type, with -DMG_ISA=avx2 -DMG_FLOAT=32.
 */
#ifndef MG_H
#define MG_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "threads.h"

#define MG_PASTE_(name, bits, isa) mg_##name##_f##bits##_##isa
#define MG_PASTE(name, bits, isa) MG_PASTE_(name, bits, isa)
/* MG(exp) is mg_exp_f32_avx2, and so on. */
#define MG(name) MG_PASTE(name, MG_FLOAT, MG_ISA)

#if MG_FLOAT == 32
typedef float T;
typedef uint32_t Bits; /* the unsigned integer as wide as T */
#define F(x) x##f      /* a constant of type T: F(0.5) */
#define MG_SQRT __builtin_sqrtf
#define MG_ABS __builtin_fabsf
#else
typedef double T;
typedef uint64_t Bits;
#define F(x) x
#define MG_SQRT __builtin_sqrt
#define MG_ABS __builtin_fabs
#endif

/* The definitions below in each family are checked against the table. */
#define KERNEL(name, ...) void MG(name)(__VA_ARGS__);
#include "kernels.def"

/* a * b + c, rounded once where the CPU has the instruction. Everything is compiled with
 * -ffp-contract=off, so what is fused is what says so: the vector loop and its scalar tail then
 * give the same bits, and results cannot depend on how the work is divided. */
#if !defined(__FMA__) && !defined(__ARM_FEATURE_FMA)
#define MG_FMA(a, b, c) ((a) * (b) + (c))
#elif MG_FLOAT == 32
#define MG_FMA(a, b, c) __builtin_fmaf(a, b, c)
#else
#define MG_FMA(a, b, c) __builtin_fma(a, b, c)
#endif

/* For functions whose loops become fast by what is known where they are called. */
#define MG_INLINE inline __attribute__((always_inline))

static inline size_t mg_min(size_t a, size_t b) { return a < b ? a : b; }

#ifdef _OPENMP
#define MG_PRAGMA_(text) _Pragma(#text)
#define MG_PRAGMA(text) MG_PRAGMA_(text)
#else
#define MG_PRAGMA(text)
#endif
/* Put before a loop whose iterations are independent even where its arrays are the same one. */
#define MG_SIMD MG_PRAGMA(omp simd)
/* Put before a for loop: its iterations are divided over `threads` threads, in fixed order. */
#define MG_PARALLEL(threads) MG_PRAGMA(omp parallel for num_threads(threads) schedule(static))

/* The statements for every block first ... first + count - 1 of n items, where count is `block`, or
 * what is left in the last block. Which items form a block never depends on the number of threads:
 * sums made per block, and added up in the order of the blocks, are the same for any number.
 * `cost` is the work of one item, in units of an addition of two arrays (see mg_threads). The
 * serial loop is spelled out, because even a parallel region of one thread costs more than a small
 * kernel does. */
#define MG_COUNT(first) const size_t count __attribute__((unused)) = mg_min(block_, n_ - first)
#define MG_EACH_BLOCK(first, n, block, cost, ...)                                       \
    do {                                                                                \
        const size_t n_ = (n), block_ = (block);                                        \
        const int threads_ = mg_threads(n_ * (cost));                                   \
        if (threads_ == 1) {                                                            \
            for (size_t first = 0; first < n_; first += block_) {                       \
                MG_COUNT(first);                                                        \
                __VA_ARGS__;                                                            \
            }                                                                           \
        } else {                                                                        \
            MG_PARALLEL(threads_) for (size_t first = 0; first < n_; first += block_) { \
                MG_COUNT(first);                                                        \
                __VA_ARGS__;                                                            \
            }                                                                           \
        }                                                                               \
    } while (0)

/* Elements in a block of MG_EACH: whole cache lines, so that no two threads write to the same. */
enum { MG_BLOCK = 4096 };

/* The statement for every i < n, one element each, independent of each other: it vectorises. */
#define MG_EACH(i, n, cost, ...)   \
    MG_EACH_BLOCK(                 \
        first_, n, MG_BLOCK, cost, \
        MG_SIMD for (size_t i = first_; i < first_ + count; i++) { __VA_ARGS__; })

#endif
