# How many threads kernels use: csrc/threads.c.

cdef extern from "threads.h":
    int mg_num_threads
    int mg_thread_is_serial
    void mg_threads_init()
    void mg_set_num_threads(int n)
    const char *mg_threads_reason()
    int mg_has_openmp()


def get_num_threads():
    """Threads that a large enough kernel uses."""
    return mg_num_threads


def set_num_threads(int n):
    """Lets kernels use 1 <= n <= 4096 threads (stays at one in a forked child, or without OpenMP)."""
    if not 1 <= n <= 4096:
        raise RuntimeError(f"set_num_threads: expected a positive number of threads, at most 4096, got {n}")
    mg_set_num_threads(n)


def set_thread_serial(bint serial):
    """Lets the kernels that this thread calls run in this thread alone."""
    global mg_thread_is_serial
    mg_thread_is_serial = serial


def threads_reason():
    """get_num_threads(), and why it is that: "2 threads: 2 CPUs in the affinity mask"."""
    cdef str threads = "1 thread" if mg_num_threads == 1 else f"{mg_num_threads} threads"
    return f"{threads}: {mg_threads_reason().decode()}"


def has_openmp():
    """Whether the kernels were compiled with OpenMP."""
    return bool(mg_has_openmp())
