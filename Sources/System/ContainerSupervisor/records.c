// What the supervisor leaves for the NodeManager: files that survive either's death, and one answer at the start.
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// One file holds both records, each at its place. Their room is taken before anything starts: containers fill disks, and
// the exit code must then still find a place.
enum { PROCESS_RECORD_SIZE = 128, EXIT_RECORD_SIZE = 512 };
static int state_descriptor = -1;

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

int prepare_records(const struct options *options) {
    char room[PROCESS_RECORD_SIZE + EXIT_RECORD_SIZE];
    memset(room, ' ', sizeof room);
    room[PROCESS_RECORD_SIZE - 1] = '\n';
    state_descriptor = open(options->state_file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state_descriptor < 0) return -1;
    return write_all(state_descriptor, room, sizeof room);
}

void write_exit_record(int code, const char *message) {
    char text[EXIT_RECORD_SIZE];
    if (state_descriptor < 0) return;
    int length = snprintf(text, sizeof text, "%d\n%s%s", code, message ? message : "", message ? "\n" : "");
    if (length < 0) return;
    if ((size_t)length >= sizeof text) length = (int)sizeof text - 1;
    // One call, so that whoever reads finds all of it or nothing.
    if (pwrite(state_descriptor, text, (size_t)length, PROCESS_RECORD_SIZE) != length || fdatasync(state_descriptor) != 0) {
        // The code still reaches a NodeManager that runs, as this process's own.
    }
    close(state_descriptor);
    state_descriptor = -1;
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

int write_process_record(pid_t script) {
    char boot_id[64], text[PROCESS_RECORD_SIZE];
    read_boot_id(boot_id, sizeof boot_id);
    int length = snprintf(text, sizeof text, "%d %llu %d %llu %s", (int)script, process_start(script, NULL), (int)getpid(),
                          process_start(getpid(), NULL), boot_id);
    if (length < 0 || (size_t)length >= sizeof text) return -1;
    // Not synced: after a crash of the machine there is no process left to find.
    return pwrite(state_descriptor, text, (size_t)length, 0) == length ? 0 : -1;
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
