// heddle-supervisor starts one container's script, outlives the NodeManager, ends everything the script leaves behind
// and keeps its exit code. Each file of it does one thing:
//   system.h       the kernel's calls
//   start.c        the way in
//   text.c         strings and numbers
//   options.c      the argument vector
//   records.c      the state file, the report to the NodeManager
//   container.c    the script's process: identity, limits, files, exec
//   descendants.c  finding and signalling every process below the supervisor
//   main.c         the life of a container
#ifndef HEDDLE_SUPERVISOR_H
#define HEDDLE_SUPERVISOR_H

#include "system.h"
#include "text.h"

// Linux allows a process no more groups than this.
enum { GROUPS_MAXIMUM = 65536, CGROUPS_MAXIMUM = 8, RLIMITS_MAXIMUM = 8 };
// A path, and what kept a script from starting in words.
enum { PATH_SIZE = 4096, MESSAGE_SIZE = 480 };

struct options {
    const char *state_file;
    const char *work_directory;
    const char *standard_output;
    const char *standard_error;
    long kill_delay_ms;
    bool switches_user;
    user_id user;
    group_id group;
    group_id groups[GROUPS_MAXIMUM];
    size_t group_count;
    const char *cgroups[CGROUPS_MAXIMUM];
    int cgroup_count;
    struct { int resource; uint64_t value; } rlimits[RLIMITS_MAXIMUM];
    int rlimit_count;
    bool forbids_new_privileges;
    char **program;
    char **environment;
};

// The whole program; returns its exit code.
int supervise(int count, char **arguments, char **environment);

// Reads the arguments into `options`, which is all zeros; returns NULL, or what is wrong with them.
const char *read_options(int count, char **arguments, struct options *options);

// Makes the state file, and takes its room on the disk while there is some. Returns 0 or a negative error number.
long prepare_records(const struct options *options);
// Writes who runs, as the first line: "<script pid> <start> <supervisor pid> <start> <boot id>". Returns 0 or a negative
// error number.
long write_process_record(process_id script, process_id supervisor);
// Writes the exit code below it, then `message`, which may be NULL, and makes it durable.
void write_exit_record(int code, const char *message);
// Answers the NodeManager on standard output and ends the answer.
void report_started(void);
void report_failed(const char *message);
// "cannot <what> <on>: error <number>": the NodeManager has the number's name.
void describe(struct text *text, const char *what, const char *on, long error);

// Starts the script. Returns NULL once its program runs, or what failed; then `script` is the process that is to be reaped, or
// negative.
const char *start_script(const struct options *options, process_id *script);

// Whether any child is left, reaped or not.
bool has_children(void);
// Sends the signal to every process below this one, except that SIGQUIT goes only to those that handle it.
void signal_descendants(int signal);
// The start time of a process in ticks since boot; 0 if it is gone. `parent` may be NULL.
unsigned long long process_start(process_id process, process_id *parent);

#endif
