// The script's process until exec. It borrows the supervisor's memory, while the supervisor stands still (vfork(2)): copying
// even so small a process costs more than all that happens here. Nobody else gets at that memory: a process that changed
// its user cannot be traced until exec.
#include "supervisor.h"

// What failed before exec; the supervisor reads it when it goes on.
static char failure[MESSAGE_SIZE];

static _Noreturn void fail(const char *what, const char *on, long error) {
    struct text text = TEXT_IN(failure);
    describe(&text, what, on, error);
    end_process(127);
}

// A container without its control group is better than none: the NodeManager watches its memory anyway.
static void join_cgroups(const struct options *options) {
    for (int i = 0; i < options->cgroup_count; i++) {
        char bytes[PATH_SIZE];
        struct text path = TEXT_IN(bytes);
        add(&path, options->cgroups[i]);
        add(&path, "/cgroup.procs");
        int file = path.is_cut ? -1 : open_file(bytes, O_WRONLY, 0);
        if (file < 0) continue;
        write_file(file, "0", 1);
        close_file(file);
    }
}

static void set_limits(const struct options *options) {
    for (int i = 0; i < options->rlimit_count; i++) {
        struct rlimit64 limit = {options->rlimits[i].value, options->rlimits[i].value};
        long error = CALL4(prlimit64, 0, options->rlimits[i].resource, &limit, NULL);
        if (error != 0) fail("set a resource limit for", options->program[0], error);
    }
}

static void become_user(const struct options *options) {
    if (!options->switches_user) return;
    long error = CALL2(setgroups, options->group_count, options->groups);
    if (error != 0) fail("take the groups of", "its user", error);
    error = CALL3(setresgid, options->group, options->group, options->group);
    if (error != 0) fail("take the group of", "its user", error);
    error = CALL3(setresuid, options->user, options->user, options->user);
    if (error != 0) fail("become", "its user", error);
}

static void redirect(const char *path, int descriptor) {
    const char *target = path != NULL ? path : "/dev/null";
    // The log folder belongs to the user: a link there must not lead to another's file, nor a pipe hold us up.
    int file = open_file(target, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0640);
    if (file < 0) fail("open", target, file);
    long error = CALL3(dup3, file, descriptor, 0);
    if (error < 0) fail("redirect to", target, error);
}

__attribute__((noinline)) static _Noreturn void run_script(const struct options *options, process_id supervisor) {
    // On record before it can do anything.
    long error = write_process_record(own_process(), supervisor);
    if (error != 0) fail("write", options->state_file, error);
    CALL0(setsid);
    join_cgroups(options);
    set_limits(options);
    become_user(options);
    error = options->forbids_new_privileges ? CALL5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) : 0;
    if (error != 0) fail("restrict", "privileges", error);
    // After the change of user, which clears it: when the supervisor is killed the script must not run on unwatched.
    CALL5(prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (CALL0(getppid) != supervisor) end_process(127);
    // Readable for the group, as Hadoop's own launcher leaves files, whatever mask the NodeManager has.
    CALL1(umask, 027);
    error = CALL1(chdir, options->work_directory);
    if (error != 0) fail("enter", options->work_directory, error);
    redirect(options->standard_output, STANDARD_OUTPUT);
    redirect(options->standard_error, STANDARD_ERROR);
    // exec keeps what is ignored, and a program that finds SIGINT or SIGHUP ignored takes it for its caller's wish.
    static const int ignored_by_supervisor[] = {SIGHUP, SIGINT, SIGPIPE, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored_by_supervisor / sizeof *ignored_by_supervisor; i++) {
        set_signal(ignored_by_supervisor[i], SIG_DFL);
    }
    set_signal_mask(0);
    error = CALL3(execve, options->program[0], options->program, options->environment);
    fail("run", options->program[0], error);
}

// Not inlined, and the new process does nothing here but call: both use this frame, one after the other.
__attribute__((noinline)) static process_id fork_script(const struct options *options, process_id supervisor) {
    long process = CALL5(clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (process == 0) run_script(options, supervisor);
    return (process_id)process;
}

const char *start_script(const struct options *options, process_id *script) {
    *script = fork_script(options, own_process());
    if (*script < 0) {
        struct text text = TEXT_IN(failure);
        describe(&text, "fork for", options->program[0], *script);
    }
    return failure[0] == '\0' ? NULL : failure;
}
