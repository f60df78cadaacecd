/* Functions of one element. All arrays: n elements. An output may be one of the inputs. */
#include "mg.h"
#include "vmath.h"

/* y = e^x */
void MG(exp)(T *y, const T *x, size_t n) { MG_EACH(i, n, 4, y[i] = mg_exp(x[i])); }
