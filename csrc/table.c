/* The kernels of one instruction set and float type, as one struct. The casts erase the float
 * type (see dispatch.h). */
#include "dispatch.h"
#include "mg.h"

extern const mg_table MG(table);

const mg_table MG(table) = {
#define KERNEL(name, ...) .name = (__typeof__(((mg_table *)0)->name))MG(name),
#include "kernels.def"
};
