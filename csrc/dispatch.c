/* Picks, at run time, the kernels compiled for the best instruction set of this CPU.
 *
 * Compiled without any instruction-set flag: everything here must run on every CPU. A variant is
 * compiled in where setup.py defines MG_HAVE_<variant>. Not target_clones: it cannot be forced,
 * so the tests could not walk the variants, and it does not reach into inlined helpers.
 */
#include "dispatch.h"

#define TABLES(isa) extern const mg_table mg_table_f32_##isa, mg_table_f64_##isa
TABLES(baseline);
TABLES(avx2);
TABLES(avx512);

/* __builtin_cpu_supports asks CPUID for the feature and XGETBV whether the operating system saves
 * the registers it needs. */
static int always(void) { return 1; }
#ifdef MG_HAVE_avx2
static int has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif
#ifdef MG_HAVE_avx512
static int has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
}
#endif

static const struct {
    const char *name;
    int (*supported)(void);
    const mg_table *tables[2];
} variants[] = {
    {"baseline", always, {&mg_table_f32_baseline, &mg_table_f64_baseline}},
#ifdef MG_HAVE_avx2
    {"avx2", has_avx2, {&mg_table_f32_avx2, &mg_table_f64_avx2}},
#endif
#ifdef MG_HAVE_avx512
    {"avx512", has_avx512, {&mg_table_f32_avx512, &mg_table_f64_avx512}},
#endif
};
enum { VARIANTS = sizeof variants / sizeof *variants };

const mg_table *mg_kernels[2] = {&mg_table_f32_baseline, &mg_table_f64_baseline};
static int current = 0;

const mg_signature mg_signatures[] = {
#define KERNEL(name, ...) {#name, #__VA_ARGS__},
#include "kernels.def"
    {NULL, NULL},
};

const char *mg_simd_name(int i) { return i < VARIANTS ? variants[i].name : NULL; }

int mg_simd_supported(int i) { return variants[i].supported(); }

int mg_simd(void) { return current; }

void mg_set_simd(int i) {
    current = i;
    mg_kernels[0] = variants[i].tables[0];
    mg_kernels[1] = variants[i].tables[1];
}
