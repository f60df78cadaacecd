/* Loops over elements that NumPy has, on all threads. */
#ifndef MG_UFUNC_H
#define MG_UFUNC_H

#include <stddef.h>

/* As NumPy's PyUFuncGenericFunction: *count elements of each array, which are steps[i] bytes apart,
 * inputs first. */
typedef void (*mg_ufunc_loop)(char **arrays, const ptrdiff_t *count, const ptrdiff_t *steps,
                              void *data);

enum { MG_UFUNC_ARRAYS = 3 };

/* Runs `loop` over n elements of MG_UFUNC_ARRAYS arrays at most. */
void mg_ufunc(mg_ufunc_loop loop, void *data, int arrays, char *const *at, const ptrdiff_t *steps,
              size_t n);

#endif
