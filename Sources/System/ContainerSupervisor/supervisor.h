// heddle-supervisor starts one container's script, outlives the NodeManager, ends everything the script leaves behind
// and keeps its exit code. Each file of it does one thing:
//   options.c      the argument vector
//   records.c      the state file, the report to the NodeManager
//   container.c    the script's process: identity, limits, files, exec
//   descendants.c  finding and signalling every process below the supervisor
//   main.c         the life of a container
#ifndef HEDDLE_SUPERVISOR_H
#define HEDDLE_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

// Linux allows a process no more groups than this.
enum { GROUPS_MAXIMUM = 65536, CGROUPS_MAXIMUM = 8, RLIMITS_MAXIMUM = 8 };

struct options {
    const char *state_file;
    const char *work_directory;
    const char *standard_output;
    const char *standard_error;
    long kill_delay_ms;
    bool switches_user;
    uid_t user;
    gid_t group;
    gid_t *groups;
    size_t group_count;
    const char *cgroups[CGROUPS_MAXIMUM];
    int cgroup_count;
    struct { int resource; rlim_t value; } rlimits[RLIMITS_MAXIMUM];
    int rlimit_count;
    bool forbids_new_privileges;
    char **program;
};

// Reads the arguments; returns NULL, or what is wrong with them.
const char *read_options(int count, char **arguments, struct options *options);

// Makes the state file, and takes its room on the disk while there is some. Returns 0 or -1.
int prepare_records(const struct options *options);
// Writes who runs, as the first line: "<script pid> <start> <supervisor pid> <start> <boot id>". Returns 0 or -1.
int write_process_record(pid_t script);
// Writes the exit code below it, then `message`, which may be NULL, and makes it durable.
void write_exit_record(int code, const char *message);
// Answers the NodeManager on standard output and ends the answer.
void report_started(pid_t script);
void report_failed(const char *message);

// Forks the script's process, which waits until `release` is called. Returns its pid or -1.
pid_t fork_script(const struct options *options);
// Lets the script's process go on. Returns 0 once the program runs, or -1 with what failed in `message`.
int release_script(char *message, size_t size);

// Whether any child is left, reaped or not.
bool has_children(void);
// Sends the signal to every process below this one, except that SIGQUIT goes only to those that handle it.
void signal_descendants(int signal);
// The start time of a process in ticks since boot; 0 if it is gone. `parent` may be NULL.
unsigned long long process_start(pid_t process, pid_t *parent);

#endif
