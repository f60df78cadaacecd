/* Functions of elements that have no kernel here (sin, floor, comparisons, ...) are loops of
 * NumPy's, which run on one thread; here they run on all of them.
 */
#include "ufunc.h"

#include "threads.h"

/* Elements of a block, as in mg.h, and their work: of what the loop does nothing is known. */
enum { BLOCK = 4096, COST = 4 };

void mg_ufunc(mg_ufunc_loop loop, void *data, int arrays, char *const *at, const ptrdiff_t *steps,
              size_t n) {
    const int threads __attribute__((unused)) = mg_threads(n * COST);
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
#endif
    for (size_t first = 0; first < n; first += BLOCK) {
        const ptrdiff_t count = (ptrdiff_t)(n - first < BLOCK ? n - first : BLOCK);
        char *block[MG_UFUNC_ARRAYS];
        for (int i = 0; i < arrays; i++) block[i] = at[i] + (ptrdiff_t)first * steps[i];
        loop(block, &count, steps, data);
    }
}
