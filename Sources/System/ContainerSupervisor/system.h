// The kernel's calls, without a C library.
//
// Only to start, a C library asks the processor dozens of times what it can do, and on a virtual machine every such question
// (CPUID) leaves the guest. That took ten times as long as all the rest of this program. Constants are those of the
// kernel's own headers; calls give what the kernel gives, a negative error number when they fail.
#ifndef HEDDLE_SYSTEM_H
#define HEDDLE_SYSTEM_H

#include <asm/errno.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __kernel_pid_t process_id;
typedef __kernel_uid32_t user_id;
typedef __kernel_gid32_t group_id;
// Bit n - 1 stands for signal n.
typedef uint64_t signal_set;

enum { STANDARD_OUTPUT = 1, STANDARD_ERROR = 2 };

// Always inlined, also where nothing is optimized: after vfork the child must not return from a function that its parent is
// still in.
#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
INLINE long system_call(long number, long a, long b, long c, long d, long e, long f) {
    register long fourth __asm__("r10") = d;
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
INLINE long system_call(long number, long a, long b, long c, long d, long e, long f) {
    register long call __asm__("x8") = number;
    register long first __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long fourth __asm__("x3") = d;
    register long fifth __asm__("x4") = e;
    register long sixth __asm__("x5") = f;
    __asm__ volatile("svc #0"
                     : "+r"(first)
                     : "r"(call), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "memory", "cc");
    return first;
}
#else
#error "the supervisor knows the system calls of x86-64 and arm64"
#endif

#define CALL0(name) system_call(__NR_##name, 0, 0, 0, 0, 0, 0)
#define CALL1(name, a) system_call(__NR_##name, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(name, a, b) system_call(__NR_##name, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(name, a, b, c) system_call(__NR_##name, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(name, a, b, c, d) system_call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(name, a, b, c, d, e) system_call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL6(name, a, b, c, d, e, f) \
    system_call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline _Noreturn void end_process(int code) {
    for (;;) CALL1(exit_group, code);
}

// MARK: Files

static inline int open_file(const char *path, int flags, unsigned mode) {
    return (int)CALL4(openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}
static inline long read_file(int file, void *bytes, size_t size) { return CALL3(read, file, bytes, size); }
static inline long write_file(int file, const void *bytes, size_t size) { return CALL3(write, file, bytes, size); }
static inline long write_file_at(int file, const void *bytes, size_t size, long offset) {
    return CALL4(pwrite64, file, bytes, size, offset);
}
static inline void close_file(int file) { CALL1(close, file); }
static inline bool can_read(const char *path) {
    enum { R_OK = 4 }; // access(2); the kernel's headers do not have it.
    return CALL3(faccessat, AT_FDCWD, path, R_OK) == 0;
}

// MARK: Processes

static inline process_id own_process(void) { return (process_id)CALL0(getpid); }
static inline signal_set set_of(int signal) { return (signal_set)1 << (signal - 1); }

static inline long set_signal_mask(signal_set set) { return CALL4(rt_sigprocmask, SIG_SETMASK, &set, NULL, sizeof set); }

// Takes one blocked signal; waits `timeout` at most, or for ever without one.
static inline int take_signal(signal_set set, const struct __kernel_timespec *timeout) {
    return (int)CALL4(rt_sigtimedwait, &set, NULL, timeout, sizeof set);
}

// `handler`: SIG_DFL or SIG_IGN.
static inline void set_signal(int signal, __sighandler_t handler) {
    struct {
        __sighandler_t handler;
        unsigned long flags;
        void *restorer;
        signal_set mask;
    } action = {handler, 0, NULL, 0};
    CALL4(rt_sigaction, signal, &action, NULL, sizeof action.mask);
}

static inline int64_t now_ms(void) {
    struct __kernel_timespec now = {0, 0};
    CALL2(clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
