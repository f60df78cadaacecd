/* The one place that decides how many threads an amount of work deserves. */
#ifndef MG_THREADS_H
#define MG_THREADS_H

#include <stddef.h>

/* Below this much work one thread is faster. The unit is the addition of two float arrays that lie
 * in cache, per element, about 0.1 ns. Waking a second thread costs 1 to 2 us, plus the transfer of
 * the data between the caches. Measured: README.md. */
enum { MG_SERIAL_BELOW = 1 << 17 };

/* Threads that a parallel region may use now, at least 1. */
extern int mg_num_threads;

/* Whether the calling thread runs its kernels by itself: OpenMP would start as many threads again
 * for each thread of the program that asks for some. */
extern _Thread_local int mg_thread_is_serial;

/* How many threads `work` deserves: one, or all. Nothing in between, because libgomp ends and
 * starts threads whenever the number changes from one region to the next. */
static inline int mg_threads(size_t work) {
    return work < MG_SERIAL_BELOW || mg_thread_is_serial ? 1 : mg_num_threads;
}

/* Reads the environment and the limits of this process; called once, at import. */
void mg_threads_init(void);
/* n >= 1. In a forked child, or without OpenMP, it stays at 1. */
void mg_set_num_threads(int n);
/* Why mg_num_threads is what it is: "2 CPUs in the affinity mask". */
const char *mg_threads_reason(void);
/* 1 if the kernels were compiled with OpenMP. */
int mg_has_openmp(void);

#endif
