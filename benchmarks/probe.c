/* The two limits of this machine: multiply-adds a second, and bytes a second of a[i] = b[i] + s
 * c[i] (triad) by the size of the three arrays together. Compiled for the CPU it runs on; prints
 * one line of JSON. Without OpenMP it measures one thread. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#if defined(__AVX512F__)
#define BYTES 64
#define CHAINS 24 /* of 32 registers; latency 4 times 2 units needs 8 */
#elif defined(__AVX__)
#define BYTES 32
#define CHAINS 12 /* of 16 */
#else
#define BYTES 16
#define CHAINS 12
#endif
#define LANES (BYTES / 4)
#define REPEATS 40 /* short ones: what else runs on the machine misses some of them */

typedef float vector __attribute__((vector_size(BYTES)));

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* acc = acc x + y in CHAINS independent registers. */
static float multiply_add(long steps, float x0, float y0) {
    vector acc[CHAINS], x = {0}, y = {0}, sum = {0};
    x += x0;
    y += y0;
    for (int i = 0; i < CHAINS; i++) acc[i] = y * (float)i;
    for (long s = 0; s < steps; s++) {
#pragma GCC unroll 24 /* else the accumulators stay in memory */
        for (int i = 0; i < CHAINS; i++) acc[i] = acc[i] * x + y;
    }
    for (int i = 0; i < CHAINS; i++) sum += acc[i];
    return sum[0];
}

int main(void) {
    int threads = 1;
#ifdef _OPENMP
    threads = omp_get_max_threads();
#endif
    const long steps = 100000;
    double best = 1e30;
    volatile float sink = 0;
    for (int r = 0; r < REPEATS; r++) {
        const double begun = now();
        float sum = 0;
#pragma omp parallel reduction(+ : sum)
        sum += multiply_add(steps, 0.5f, 1.0f);
        const double seconds = now() - begun;
        sink = sum;
        if (seconds < best) best = seconds;
    }
    printf("{\"threads\": %d, \"flops\": %g, \"triad\": [", threads,
           2.0 * steps * CHAINS * LANES * threads / best);

    for (size_t bytes = 96 << 10, first = 1; bytes <= (size_t)192 << 20; bytes *= 2, first = 0) {
        const long n = bytes / 12 / 64 * 64;
        float *a = aligned_alloc(256, n * 4), *b = aligned_alloc(256, n * 4);
        float *c = aligned_alloc(256, n * 4);
        if (!a || !b || !c) return 1;
        const long passes = 1 + (2l << 20) / n;
        best = 1e30;
#pragma omp parallel for schedule(static)
        for (long i = 0; i < n; i++) a[i] = 0, b[i] = 1, c[i] = 2;
        for (int r = 0; r < REPEATS; r++) {
            const double begun = now();
            /* The same thread has the same part in every pass; nothing to wait for between them. */
#pragma omp parallel
            for (long p = 0; p < passes; p++) {
                const float s = sink * 0 + p;
#pragma omp for schedule(static) nowait
                for (long i = 0; i < n; i++) a[i] = b[i] + s * c[i];
            }
            const double seconds = (now() - begun) / passes;
            if (seconds < best) best = seconds;
        }
        printf("%s[%zu, %g]", first ? "" : ", ", bytes, 12.0 * n / best);
        free(a), free(b), free(c);
    }
    printf("]}\n");
    return 0;
}
