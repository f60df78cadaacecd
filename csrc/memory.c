/* Recycled memory: one list of idle blocks for each size class, eight classes to a doubling. */
#define _GNU_SOURCE
#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* An idle block holds the link to the next one of its class. */
typedef struct idle_block {
    struct idle_block *next;
} idle_block;

enum { CLASSES = 8 * 64 };
static idle_block *idle[CLASSES];

mg_memory_stats mg_memory;

/* The class of a size and the size of that class: bytes rounded up to 8 steps a doubling. */
static size_t size_class(size_t bytes, size_t *capacity) {
    if (bytes < 64) bytes = 64;
    const int log2 = 63 - __builtin_clzll(bytes - 1);
    const size_t step = log2 < 9 ? 64 : (size_t)1 << (log2 - 3);
    *capacity = (bytes + step - 1) / step * step;
    return (size_t)(8 * log2) + (*capacity - 1) / step % 8;
}

void *mg_take(size_t bytes, size_t *capacity) {
    if (bytes > PTRDIFF_MAX / 2) return NULL;
    const size_t class = size_class(bytes, capacity);
    idle_block *block = idle[class];
    if (block) {
        idle[class] = block->next;
        mg_memory.idle -= *capacity;
        mg_memory.reused++;
    } else {
        block = aligned_alloc(64, *capacity);
        if (!block) { /* the idle memory may be what is missing */
            mg_empty_cache();
            block = aligned_alloc(64, *capacity);
            if (!block) return NULL;
        }
        mg_memory.fresh++;
    }
    mg_memory.in_use += *capacity;
    return block;
}

void mg_give_back(void *memory, size_t capacity) {
    mg_memory.in_use -= capacity;
    if (mg_memory.idle + capacity > mg_memory.limit) {
        free(memory);
        return;
    }
    idle_block *block = memory;
    const size_t class = size_class(capacity, &capacity);
    block->next = idle[class];
    idle[class] = block;
    mg_memory.idle += capacity;
}

void mg_empty_cache(void) {
    for (int class = 0; class < CLASSES; class++) {
        while (idle[class]) {
            idle_block *block = idle[class];
            idle[class] = block->next;
            free(block);
        }
    }
    mg_memory.idle = 0;
}

static _Thread_local struct {
    void *memory;
    size_t size;
} scratch;
static pthread_key_t scratch_key; /* only for its destructor, which free() is */

void *mg_scratch(size_t bytes) {
    if (bytes > scratch.size) {
        free(scratch.memory);
        scratch.size = (bytes + 4095) / 4096 * 4096;
        scratch.memory = aligned_alloc(64, scratch.size);
        if (!scratch.memory) abort(); /* a kernel cannot go on without */
        pthread_setspecific(scratch_key, scratch.memory);
    }
    return scratch.memory;
}

void mg_memory_init(void) {
    pthread_key_create(&scratch_key, free);
    const char *text = getenv("MINIGRAD_CACHE_MB");
    if (text && *text) {
        mg_memory.limit = (size_t)strtoull(text, NULL, 10) << 20;
    } else {
        const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
        mg_memory.limit = pages > 0 && page > 0 ? (size_t)pages / 4 * (size_t)page : 1u << 30;
    }
}
