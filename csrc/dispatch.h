/* What the doors see of the kernels: one struct of function pointers, one instance of it per
 * (instruction set x float type), and the choice between them.
 */
#ifndef MG_DISPATCH_H
#define MG_DISPATCH_H

#include <stddef.h>
#include <stdint.h>

/* The element type is erased (T is void), so that one struct serves float and double: all data
 * pointers have one representation and one way of being passed in every ABI we build for. Whoever
 * calls through it passes arrays of the type of the table, mg_kernels[0] float, [1] double. */
typedef struct {
#define T void
#define KERNEL(name, ...) void (*name)(__VA_ARGS__);
#include "kernels.def"
#undef T
} mg_table;

extern const mg_table *mg_kernels[2];

/* The table's lines as text, for the tests. Ends with {NULL, NULL}. */
typedef struct {
    const char *name, *parameters;
} mg_signature;
extern const mg_signature mg_signatures[];

/* The i-th compiled variant, slowest first; NULL past the last one. */
const char *mg_simd_name(int i);
/* 1 if this CPU and its operating system can run the i-th variant. */
int mg_simd_supported(int i);
/* The variant in use. */
int mg_simd(void);
/* Makes the i-th variant the one in use; the caller has checked that it is supported. */
void mg_set_simd(int i);

#endif
