// See include/CLinux.h.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <link.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const void *heddle_find(const void *hay, size_t hay_size, const void *needle, size_t needle_size) {
    return memmem(hay, hay_size, needle, needle_size);
}

int heddle_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int heddle_pidfd_send_signal(int process, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0);
}

int heddle_pidfd_reap(int process, int *code, int *is_signal) {
    siginfo_t info = {0};
    // P_PIDFD is 3; older headers lack the name.
    if (waitid((idtype_t)3, (id_t)process, &info, WEXITED | WNOHANG) != 0) return -1;
    if (info.si_pid == 0) return 0;
    *is_signal = info.si_code != CLD_EXITED;
    *code = info.si_status;
    return 1;
}

int heddle_spawn(pid_t *process, const char *path, char *const arguments[], char *const environment[], int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    if ((error = posix_spawn_file_actions_adddup2(&actions, output, 1)) == 0
        && (error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0
        && (error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)) == 0
        && (error = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0
        && (error = posix_spawnattr_setsigmask(&attributes, &none)) == 0
        && (error = posix_spawnattr_setsigdefault(&attributes, &all)) == 0
        && (error = posix_spawnattr_setflags(
                &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0) {
        error = posix_spawn(process, path, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int heddle_open_beneath(int directory, const char *path, int flags, mode_t mode, int beneath, int no_links) {
    struct open_how how = {0};
    how.flags = (uint64_t)(flags | O_CLOEXEC);
    // openat2 refuses a mode where nothing can be created.
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_NO_MAGICLINKS;
    if (beneath) how.resolve |= RESOLVE_BENEATH;
    if (no_links) how.resolve |= RESOLVE_NO_SYMLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int heddle_check_beneath(int directory, const char *path) {
    int found = heddle_open_beneath(directory, path, O_PATH, 0, 1, 0);
    if (found >= 0) {
        close(found);
        return 0;
    }
    // A link to nothing, in a circle or through a file leads nowhere.
    return errno == ENOENT || errno == ELOOP || errno == ENOTDIR ? 0 : errno;
}

ssize_t heddle_copy_range(int from, int to, size_t size) {
    return copy_file_range(from, NULL, to, NULL, size, 0);
}

// The raw system call: glibc's setgroups would change every thread of the process.
static int thread_groups(size_t count, const gid_t *groups) {
    return (int)syscall(SYS_setgroups, count, groups);
}

// setfsuid and setfsgid report no errors; asking again tells whether the change took place.
static int thread_identity(uid_t user, gid_t group) {
    setfsgid(group);
    setfsuid(user);
    return setfsgid((gid_t)-1) == (int)group && setfsuid((uid_t)-1) == (int)user ? 0 : -1;
}

int heddle_open_as(uid_t user, gid_t group, const gid_t *groups, size_t group_count, const char *path, int flags) {
    uid_t own_user = geteuid();
    gid_t own_group = getegid();
    if (user == own_user && own_user != 0) return open(path, flags | O_CLOEXEC);
    int own_count = getgroups(0, NULL);
    if (own_count < 0) return -1;
    gid_t *own_groups = calloc((size_t)own_count + 1, sizeof *own_groups);
    if (own_groups == NULL) return -1;
    own_count = getgroups(own_count, own_groups);
    if (own_count < 0 || thread_groups(group_count, groups) != 0) {
        int error = errno;
        free(own_groups);
        errno = error;
        return -1;
    }
    int file = -1, error = EPERM;
    if (thread_identity(user, group) == 0) {
        file = open(path, flags | O_CLOEXEC);
        error = errno;
    }
    // A thread left with a stranger's rights would do the next request as that stranger.
    if (thread_identity(own_user, own_group) != 0 || thread_groups((size_t)own_count, own_groups) != 0) abort();
    free(own_groups);
    errno = error;
    return file;
}

int heddle_group_list(const char *user, gid_t group, gid_t *groups, int capacity) {
    int count = capacity;
    if (getgrouplist(user, group, groups, &count) >= 0) return count;
    return count > capacity ? count : -1;
}

int heddle_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

int heddle_event_queue(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int heddle_event_queue_add(int queue, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event);
}

int heddle_event_queue_remove(int queue, int descriptor) {
    return epoll_ctl(queue, EPOLL_CTL_DEL, descriptor, NULL);
}

int heddle_event_queue_wait(int queue, uint64_t *tokens, int capacity) {
    struct epoll_event events[64];
    int count = epoll_wait(queue, events, capacity < 64 ? capacity : 64, -1);
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}

int heddle_event(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int heddle_event_signal(int event) {
    return eventfd_write(event, 1);
}

int heddle_begin_writing(int descriptor, int64_t offset, int64_t size) {
    return sync_file_range(descriptor, offset, size, SYNC_FILE_RANGE_WRITE);
}

void heddle_trim_memory(void) {
    malloc_trim(0);
}

void heddle_limit_memory_places(int count) {
    mallopt(M_ARENA_MAX, count);
}

int64_t heddle_private_memory(void) {
    char text[128];
    long long size, resident, shared;
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    if (sscanf(text, "%lld %lld %lld", &size, &resident, &shared) != 3) return 0;
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

int heddle_open(const char *path, int flags, mode_t mode) {
    return open(path, flags | O_CLOEXEC, mode);
}

int heddle_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags | O_CLOEXEC, mode);
}

// The loader reports the program itself first.
static int heddle_first_image(struct dl_phdr_info *image, size_t size, void *data) {
    (void)size;
    uintptr_t *range = data;
    for (int i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD) continue;
        uintptr_t end = image->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        if (end > range[1]) range[1] = end;
    }
    range[0] = image->dlpi_addr;
    return 1;
}

int heddle_program_range(uintptr_t *start, uintptr_t *end) {
    uintptr_t range[2] = {0, 0};
    if (dl_iterate_phdr(heddle_first_image, range) != 1 || range[1] == 0) return -1;
    *start = range[0];
    *end = range[1];
    return 0;
}

// Swift's runtime, which every program with Swift code has.
extern void *swift_allocObject(const void *metadata, size_t size, size_t alignment_mask) __attribute__((weak));

void *heddle_make_context(uintptr_t metadata, size_t size) {
    if (swift_allocObject == NULL || size < 16) return NULL;
    return swift_allocObject((const void *)metadata, size, 7);
}

extern const void *swift_conformsToProtocol(const void *type, const void *protocol) __attribute__((weak));
extern const void *swift_getExistentialTypeMetadata(unsigned class_constraint, const void *superclass,
                                                    size_t count, const uintptr_t *protocols) __attribute__((weak));

uintptr_t heddle_swift_conformance(uintptr_t type, uintptr_t protocol) {
    if (swift_conformsToProtocol == NULL) return 0;
    return (uintptr_t)swift_conformsToProtocol((const void *)type, (const void *)protocol);
}

uintptr_t heddle_swift_existential(uintptr_t protocol) {
    // 1: any type may conform, not classes alone.
    if (swift_getExistentialTypeMetadata == NULL) return 0;
    return (uintptr_t)swift_getExistentialTypeMetadata(1, NULL, 1, &protocol);
}

static void heddle_exit_action(int code, void *action) {
    ((void (*)(int))action)(code);
}

int heddle_on_exit(void (*action)(int code)) {
    return on_exit(heddle_exit_action, (void *)action);
}

int heddle_spawn_in(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int heddle_open_unnamed(const char *folder) {
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    // Not every file system has them, and old kernels take the flag for something else.
    if (file >= 0 || (errno != EOPNOTSUPP && errno != EINVAL && errno != EISDIR)) return file;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/heddle-block-XXXXXX", folder);
    if (length < 0 || (size_t)length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0) unlink(path);
    return file;
}

// How a descriptor is called among the files of /proc.
static void descriptor_path(int file, char *path, size_t size) { snprintf(path, size, "/proc/self/fd/%d", file); }

int heddle_open_nameable(int folder) {
    int file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) return -1;
    // Without /proc it could not be named afterwards.
    char path[64];
    descriptor_path(file, path, sizeof path);
    if (access(path, F_OK) == 0) return file;
    close(file);
    errno = EOPNOTSUPP;
    return -1;
}

int heddle_name(int file, int folder, const char *name) {
    char path[64];
    descriptor_path(file, path, sizeof path);
    return linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW);
}
