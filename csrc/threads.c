/* Thread counts: how many CPUs this process may really use, and who has said otherwise.
 *
 * In order: set_num_threads(), MINIGRAD_NUM_THREADS, OMP_NUM_THREADS, the smaller of the affinity
 * mask and the cgroup's CPU quota. One inside a forked child: OpenMP's threads do not survive
 * fork(), and a parallel region there would wait for them for ever. One also in threads that say
 * so.
 */
#define _GNU_SOURCE
#include "threads.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

int mg_num_threads = 1;
_Thread_local int mg_thread_is_serial = 0;

static int forked = 0;
static char reason[160] = "not initialised";

int mg_has_openmp(void) {
#ifdef _OPENMP
    return 1;
#else
    return 0;
#endif
}

const char *mg_threads_reason(void) { return reason; }

static void in_forked_child(void) {
    forked = 1;
    mg_num_threads = 1;
    snprintf(reason, sizeof reason, "this process was forked, OpenMP's threads were not");
}

void mg_set_num_threads(int n) {
    if (!mg_has_openmp() || forked) return;
    mg_num_threads = n;
    snprintf(reason, sizeof reason, "set_num_threads(%d)", n);
}

/* CPUs in the affinity mask (all CPUs where there is no such thing). */
static int affinity_cpus(void) {
#ifdef __linux__
    /* The mask of a machine with more than 1024 CPUs needs more room than cpu_set_t has. */
    for (int cpus = 1024; cpus <= 1 << 20; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set) break;
        const size_t size = CPU_ALLOC_SIZE(cpus);
        const int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
    }
#endif
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

#ifdef __linux__
#ifndef MG_CGROUP_LIST /* the tests read cgroups of their own making */
#define MG_CGROUP_LIST "/proc/self/cgroup"
#define MG_CGROUP_MOUNT "/sys/fs/cgroup"
#endif

/* CPUs granted by the quota of one cgroup folder, 0 if it sets none. Version 2 has cpu.max with
 * "quota period" or "max period"; version 1 a file for each, the quota -1 if there is none. */
static double folder_quota(const char *folder) {
    char path[4400], text[64];
    double quota = 0, period = 0;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%63s %lf", text, &period) == 2) quota = strtod(text, NULL);
        fclose(file);
    } else {
        snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        if ((file = fopen(path, "r"))) {
            if (fscanf(file, "%lf", &quota) != 1) quota = 0;
            fclose(file);
        }
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if ((file = fopen(path, "r"))) {
            if (fscanf(file, "%lf", &period) != 1) period = 0;
            fclose(file);
        }
    }
    return quota > 0 && period > 0 ? quota / period : 0;
}

/* The smallest quota from this process's cgroup up to the root, 0 if there is none. A line of the
 * list is "hierarchy:controllers:/path"; version 2 has an empty controllers field. In
 * a container the path is often not visible below the mount, then only its upper folders count. */
static double cgroup_quota(void) {
    char line[4096], folder[4224];
    double smallest = 0;
    FILE *file = fopen(MG_CGROUP_LIST, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *controllers++ = 0;
        *path++ = 0;
        const char *mount;
        if (!*controllers) {
            mount = access(MG_CGROUP_MOUNT "/unified", F_OK) == 0 ? MG_CGROUP_MOUNT "/unified"
                                                                  : MG_CGROUP_MOUNT;
        } else {
            int has_cpu = 0;
            for (char *c = strtok(controllers, ","); c; c = strtok(NULL, ","))
                has_cpu |= strcmp(c, "cpu") == 0;
            if (!has_cpu) continue;
            mount = MG_CGROUP_MOUNT "/cpu";
        }
        for (;;) {
            snprintf(folder, sizeof folder, "%s%s", mount, path);
            const double quota = folder_quota(folder);
            if (quota > 0 && (smallest == 0 || quota < smallest)) smallest = quota;
            char *slash = strrchr(path, '/');
            if (!slash) break;
            *slash = 0;
        }
    }
    fclose(file);
    return smallest;
}
#else
static double cgroup_quota(void) { return 0; }
#endif

/* A number of threads in the environment ("4", or OpenMP's "4,2" whose first number counts), or 0.
 * No more than set_num_threads takes: libgomp has a team on its stack, and dies of 2^16 threads. */
static int environment(const char *name) {
    const char *text = getenv(name);
    if (!text) return 0;
    char *end;
    const long n = strtol(text, &end, 10);
    return end != text && (*end == 0 || *end == ',') && n >= 1 && n <= 4096 ? (int)n : 0;
}

void mg_threads_init(void) {
    pthread_atfork(NULL, NULL, in_forked_child);
    if (!mg_has_openmp()) {
        snprintf(reason, sizeof reason, "built without OpenMP");
        return;
    }
    static const char *const names[] = {"MINIGRAD_NUM_THREADS", "OMP_NUM_THREADS"};
    for (int i = 0; i < 2; i++) {
        const int n = environment(names[i]);
        if (n) {
            mg_num_threads = n;
            snprintf(reason, sizeof reason, "%s=%d", names[i], n);
            return;
        }
    }
    const int cpus = affinity_cpus();
    const double quota = cgroup_quota();
    if (quota > 0 && quota < cpus) {
        mg_num_threads = quota < 1 ? 1 : (int)quota;
        snprintf(reason, sizeof reason, "a cgroup quota of %.3g CPUs", quota);
    } else {
        mg_num_threads = cpus;
        snprintf(reason, sizeof reason, "%d CPU%s in the affinity mask", cpus, cpus > 1 ? "s" : "");
    }
}
