// Every process below the supervisor. It is a subreaper, so whatever leaves its session or loses its parent ends up
// among its children: nothing can leave the tree while the supervisor lives.
#define _GNU_SOURCE
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

bool has_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static ssize_t read_file(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = read(file, text, size - 1);
    close(file);
    text[count > 0 ? count : 0] = '\0';
    return count;
}

unsigned long long process_start(pid_t process, pid_t *parent) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    if (read_file(path, text, sizeof text) <= 0) return 0;
    // The name stands in parentheses and may contain anything, also parentheses: the last one ends it.
    char *fields = strrchr(text, ')');
    int ppid = 0;
    unsigned long long start = 0;
    if (fields == NULL) return 0;
    if (sscanf(fields + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ppid,
               &start) != 2) {
        return 0;
    }
    if (parent != NULL) *parent = ppid;
    return start;
}

static bool handles(pid_t process, int signal) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    if (read_file(path, text, sizeof text) <= 0) return false;
    char *caught = strstr(text, "\nSigCgt:");
    return caught != NULL && (strtoull(caught + 8, NULL, 16) >> (signal - 1) & 1) != 0;
}

// Between reading a process's number and signalling it, the process can end and its number be given to a stranger.
// The pidfd holds whoever has the number now; it is ours only if its parent is the one we saw.
static void signal_child(pid_t process, pid_t parent, int signal) {
    pid_t found = 0;
    if (signal == SIGQUIT && !handles(process, signal)) return;
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (descriptor < 0) {
        // Only a kernel older than 5.3 answers so; a child of ours keeps its number until we reap it.
        if (errno == ENOSYS && parent == getpid()) kill(process, signal);
        return;
    }
    if (process_start(process, &found) != 0 && found == parent) {
        syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
    }
    close(descriptor);
}

struct processes {
    struct { pid_t process, parent; } *items;
    size_t count, capacity;
};

static bool append(struct processes *list, pid_t process, pid_t parent) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        void *items = realloc(list->items, capacity * sizeof *list->items);
        if (items == NULL) return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count].process = process;
    list->items[list->count++].parent = parent;
    return true;
}

// The children of one thread, from a file that the kernel keeps for it.
static void append_thread_children(struct processes *list, pid_t process, const char *thread) {
    char path[96];
    int number;
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", (int)process, thread);
    FILE *file = fopen(path, "re");
    if (file == NULL) return;
    while (fscanf(file, "%d", &number) == 1) {
        if (!append(list, number, process)) break;
    }
    fclose(file);
}

static void append_children(struct processes *list, pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *threads = opendir(path);
    if (threads == NULL) return;
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
        if (entry->d_name[0] != '.') append_thread_children(list, process, entry->d_name);
    }
    closedir(threads);
}

// A kernel without CONFIG_PROC_CHILDREN: ask every process of the machine for its parent.
static void append_children_by_parent(struct processes *list, pid_t process) {
    DIR *processes = opendir("/proc");
    if (processes == NULL) return;
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
        pid_t parent = 0, number = (pid_t)atoi(entry->d_name);
        if (number > 0 && process_start(number, &parent) != 0 && parent == process) append(list, number, process);
    }
    closedir(processes);
}

void signal_descendants(int signal) {
    static bool has_lists = true;
    struct processes list = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    has_lists = has_lists && access(path, R_OK) == 0;
    void (*append_all)(struct processes *, pid_t) = has_lists ? append_children : append_children_by_parent;
    append_all(&list, getpid());
    // The list grows while it is walked: children first, then theirs.
    for (size_t i = 0; i < list.count; i++) {
        append_all(&list, list.items[i].process);
        signal_child(list.items[i].process, list.items[i].parent, signal);
    }
    free(list.items);
}
