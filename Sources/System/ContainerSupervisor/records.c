// What the supervisor leaves for the NodeManager: a file that survives either's death, and one answer at the start.
#include "supervisor.h"

// One file holds both records, each at its place. Their room is taken before anything starts: containers fill disks, and
// the exit code must then still find a place.
enum { PROCESS_RECORD_SIZE = 128, EXIT_RECORD_SIZE = 512 };
static int state_descriptor = -1;
// Who runs, for the file and for the answer.
static struct { process_id script, supervisor; unsigned long long script_start, supervisor_start; } processes;

static long write_all(int file, const char *bytes, size_t size) {
    while (size > 0) {
        long count = write_file(file, bytes, size);
        if (count == -EINTR) continue;
        if (count <= 0) return count < 0 ? count : -EIO;
        bytes += count;
        size -= (size_t)count;
    }
    return 0;
}

// In one call, so that whoever reads finds all of it or nothing.
static long write_record(const struct text *text, long offset) {
    long count = write_file_at(state_descriptor, text->bytes, text->length, offset);
    if (count < 0) return count;
    return (size_t)count == text->length ? 0 : -ENOSPC;
}

long prepare_records(const struct options *options) {
    char room[PROCESS_RECORD_SIZE + EXIT_RECORD_SIZE];
    for (size_t i = 0; i < sizeof room; i++) room[i] = ' ';
    room[PROCESS_RECORD_SIZE - 1] = '\n';
    int file = open_file(options->state_file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (file < 0) return file;
    state_descriptor = file;
    return write_all(file, room, sizeof room);
}

void write_exit_record(int code, const char *message) {
    char bytes[EXIT_RECORD_SIZE];
    struct text text = TEXT_IN(bytes);
    if (state_descriptor < 0) return;
    add_number(&text, (unsigned)code);
    add(&text, "\n");
    if (message != NULL) {
        add(&text, message);
        add(&text, "\n");
    }
    if (write_record(&text, PROCESS_RECORD_SIZE) != 0 || CALL1(fdatasync, state_descriptor) != 0) {
        // The code still reaches a NodeManager that runs, as this process's own.
    }
    close_file(state_descriptor);
    state_descriptor = -1;
}

static void read_boot_id(char *bytes, size_t size) {
    int file = open_file("/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    long count = file < 0 ? -1 : read_file(file, bytes, size - 1);
    if (file >= 0) close_file(file);
    if (count < 1) bytes[0] = '-', count = 1;
    bytes[count] = '\0';
    for (char *c = bytes; *c != '\0'; c++) {
        if (*c == '\n') *c = '\0';
    }
}

long write_process_record(process_id script, process_id supervisor) {
    char boot_id[64], bytes[PROCESS_RECORD_SIZE];
    struct text text = TEXT_IN(bytes);
    processes.script = script;
    processes.script_start = process_start(script, NULL);
    processes.supervisor = supervisor;
    processes.supervisor_start = process_start(supervisor, NULL);
    read_boot_id(boot_id, sizeof boot_id);
    add_number(&text, (unsigned)script);
    add(&text, " ");
    add_number(&text, processes.script_start);
    add(&text, " ");
    add_number(&text, (unsigned)supervisor);
    add(&text, " ");
    add_number(&text, processes.supervisor_start);
    add(&text, " ");
    add(&text, boot_id);
    // Not synced: after a crash of the machine there is no process left to find.
    return text.is_cut ? -EIO : write_record(&text, 0);
}

// The NodeManager reads to the end of the file. If it is gone, nobody needs the answer.
static void report(const struct text *text) {
    write_all(STANDARD_OUTPUT, text->bytes, text->length);
    int null = open_file("/dev/null", O_WRONLY, 0);
    if (null < 0) {
        close_file(STANDARD_OUTPUT);
        return;
    }
    CALL3(dup3, null, STANDARD_OUTPUT, 0);
    if (null > STANDARD_ERROR) close_file(null);
}

void report_started(void) {
    char bytes[128];
    struct text text = TEXT_IN(bytes);
    add(&text, "started ");
    add_number(&text, (unsigned)processes.script);
    add(&text, " ");
    add_number(&text, processes.script_start);
    add(&text, " ");
    add_number(&text, processes.supervisor_start);
    add(&text, "\n");
    report(&text);
}

void report_failed(const char *message) {
    char bytes[EXIT_RECORD_SIZE];
    struct text text = TEXT_IN(bytes);
    add(&text, "failed ");
    add(&text, message);
    add(&text, "\n");
    report(&text);
}

void describe(struct text *text, const char *what, const char *on, long error) {
    char bytes[32];
    struct text end = TEXT_IN(bytes);
    add(&end, ": error ");
    add_number(&end, (unsigned long long)-error);
    text->size -= end.length;
    add(text, "cannot ");
    add(text, what);
    add(text, " ");
    add(text, on);
    text->size += end.length;
    add(text, bytes);
}
