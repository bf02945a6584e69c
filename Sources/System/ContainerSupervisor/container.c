// The script's process between fork and exec.
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

// Two pipes between parent and child: `gate` holds the child back until its pid is on record, `outcome` carries what
// failed before exec, or ends silently when exec closes it.
static int gate[2] = {-1, -1}, outcome[2] = {-1, -1};

static void fail(const char *what, const char *on) {
    char text[512];
    int length = snprintf(text, sizeof text, "cannot %s %s: %s", what, on, strerror(errno));
    if (length < 0) length = 0;
    if ((size_t)length >= sizeof text) length = (int)sizeof text - 1;
    ssize_t unused = write(outcome[1], text, (size_t)length);
    (void)unused;
    _exit(127);
}

// A container without its control group is better than none: the NodeManager watches its memory anyway.
static void join_cgroups(const struct options *options) {
    for (int i = 0; i < options->cgroup_count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/cgroup.procs", options->cgroups[i]);
        if (length < 0 || (size_t)length >= sizeof path) continue;
        int file = open(path, O_WRONLY | O_CLOEXEC);
        if (file < 0) continue;
        ssize_t unused = write(file, "0", 1);
        (void)unused;
        close(file);
    }
}

static void set_limits(const struct options *options) {
    for (int i = 0; i < options->rlimit_count; i++) {
        struct rlimit limit = {options->rlimits[i].value, options->rlimits[i].value};
        if (setrlimit(options->rlimits[i].resource, &limit) != 0) fail("set a resource limit for", options->program[0]);
    }
}

static void become_user(const struct options *options) {
    if (!options->switches_user) return;
    if (setgroups(options->group_count, options->groups) != 0) fail("take the groups of", "its user");
    if (setresgid(options->group, options->group, options->group) != 0) fail("take the group of", "its user");
    if (setresuid(options->user, options->user, options->user) != 0) fail("become", "its user");
}

static void redirect(const char *path, int descriptor) {
    const char *target = path != NULL ? path : "/dev/null";
    // The log folder belongs to the user: a link there must not lead to another's file, nor a pipe hold us up.
    int file = open(target, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
    if (file < 0) fail("open", target);
    if (dup2(file, descriptor) < 0) fail("redirect to", target);
}

static void run_script(const struct options *options, pid_t supervisor) {
    char go;
    close(gate[1]);
    if (read(gate[0], &go, 1) != 1) _exit(127);
    setsid();
    join_cgroups(options);
    set_limits(options);
    become_user(options);
    if (options->forbids_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("restrict", "privileges");
    // After the change of user, which clears it: when the supervisor is killed the script must not run on unwatched.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor) _exit(127);
    // Readable for the group, as Hadoop's own launcher leaves files, whatever mask the NodeManager has.
    umask(027);
    if (chdir(options->work_directory) != 0) fail("enter", options->work_directory);
    redirect(options->standard_output, STDOUT_FILENO);
    redirect(options->standard_error, STDERR_FILENO);
    // exec keeps what is ignored, and a program that finds SIGINT or SIGHUP ignored takes it for its caller's wish.
    static const int ignored_by_supervisor[] = {SIGHUP, SIGINT, SIGPIPE, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored_by_supervisor / sizeof *ignored_by_supervisor; i++) {
        signal(ignored_by_supervisor[i], SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(options->program[0], options->program);
    fail("run", options->program[0]);
}

pid_t fork_script(const struct options *options) {
    if (pipe2(gate, O_CLOEXEC) != 0 || pipe2(outcome, O_CLOEXEC) != 0) return -1;
    pid_t supervisor = getpid();
    pid_t script = fork();
    if (script == 0) run_script(options, supervisor);
    close(gate[0]);
    close(outcome[1]);
    return script;
}

int release_script(char *message, size_t size) {
    size_t length = 0;
    ssize_t unused = write(gate[1], "g", 1);
    (void)unused;
    close(gate[1]);
    while (length + 1 < size) {
        ssize_t count = read(outcome[0], message + length, size - 1 - length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        length += (size_t)count;
    }
    message[length] = '\0';
    close(outcome[0]);
    return length == 0 ? 0 : -1;
}
