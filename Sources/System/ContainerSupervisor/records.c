// What the supervisor leaves for the NodeManager: files that survive either's death, and one answer at the start.
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_RECORD_SIZE = 512 };
static int exit_descriptor = -1;
static char exit_temporary[4096];

static int write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = write(file, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return -1;
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}

static int open_temporary(const char *path, char *temporary, size_t size) {
    int length = snprintf(temporary, size, "%s.tmp", path);
    if (length < 0 || (size_t)length >= size) {
        errno = ENAMETOOLONG;
        return -1;
    }
    unlink(temporary);
    return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int prepare_exit_record(const struct options *options) {
    char room[EXIT_RECORD_SIZE];
    memset(room, ' ', sizeof room);
    exit_descriptor = open_temporary(options->exit_file, exit_temporary, sizeof exit_temporary);
    if (exit_descriptor < 0) return -1;
    // Containers fill disks; the exit code must then still find a place.
    return write_all(exit_descriptor, room, sizeof room);
}

void write_exit_record(const struct options *options, int code, const char *message) {
    char text[EXIT_RECORD_SIZE];
    if (exit_descriptor < 0) return;
    int length = snprintf(text, sizeof text, "%d\n%s%s", code, message ? message : "", message ? "\n" : "");
    if (length < 0) return;
    if ((size_t)length >= sizeof text) length = (int)sizeof text - 1;
    if (lseek(exit_descriptor, 0, SEEK_SET) != 0 || write_all(exit_descriptor, text, (size_t)length) != 0) return;
    if (ftruncate(exit_descriptor, length) != 0 || fdatasync(exit_descriptor) != 0) {
        // The code still reaches a NodeManager that runs, as this process's own.
    }
    if (rename(exit_temporary, options->exit_file) != 0) unlink(exit_temporary);
    close(exit_descriptor);
    exit_descriptor = -1;
}

static void read_boot_id(char *text, size_t size) {
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t count = file < 0 ? -1 : read(file, text, size - 1);
    if (file >= 0) close(file);
    if (count < 0) count = 0;
    text[count] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (text[0] == '\0') snprintf(text, size, "-");
}

int write_pid_record(const struct options *options, pid_t script) {
    char boot_id[64], text[256], temporary[4096];
    read_boot_id(boot_id, sizeof boot_id);
    int length = snprintf(text, sizeof text, "%d %llu %d %llu %s\n", (int)script, process_start(script, NULL),
                          (int)getpid(), process_start(getpid(), NULL), boot_id);
    int file = open_temporary(options->pid_file, temporary, sizeof temporary);
    if (file < 0) return -1;
    // Not synced: after a crash of the machine there is no process left to find.
    int result = write_all(file, text, (size_t)length);
    close(file);
    if (result == 0) result = rename(temporary, options->pid_file);
    if (result != 0) unlink(temporary);
    return result;
}

// The NodeManager reads to the end of the file. If it is gone, nobody needs the answer.
static void report(const char *text, size_t length) {
    int unused = write_all(STDOUT_FILENO, text, length);
    (void)unused;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        if (null > STDERR_FILENO) close(null);
    } else {
        close(STDOUT_FILENO);
    }
}

void report_started(pid_t script) {
    char text[128];
    int length = snprintf(text, sizeof text, "started %d %llu %llu\n", (int)script, process_start(script, NULL),
                          process_start(getpid(), NULL));
    report(text, (size_t)length);
}

void report_failed(const char *message) {
    char text[EXIT_RECORD_SIZE];
    int length = snprintf(text, sizeof text, "failed %s\n", message);
    report(text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}
