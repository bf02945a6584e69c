// The life of one container.
//
// Signals to the supervisor: SIGTERM passes on to every process of the container, SIGQUIT to those that handle it,
// SIGUSR1 kills them all. SIGHUP, SIGINT, SIGPIPE and SIGUSR2 are ignored, so that neither a closed terminal nor the
// end of the NodeManager ends a container.
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Between two rounds of killing: doubles from the first to the last while processes refuse to go (uninterruptible).
enum { KILL_ROUND_MS = 10, KILL_ROUND_MAXIMUM_MS = 500 };
// What shells answer for a program that cannot be run; the reason stands beside it in the state file.
enum { EXIT_NOT_STARTED = 127 };

struct container {
    const struct options *options;
    pid_t script;
    bool has_exited;
    int code;
    bool is_killing;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void block_signals(sigset_t *awaited) {
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigemptyset(awaited);
    sigaddset(awaited, SIGCHLD);
    sigaddset(awaited, SIGTERM);
    sigaddset(awaited, SIGQUIT);
    sigaddset(awaited, SIGUSR1);
    sigprocmask(SIG_BLOCK, awaited, NULL);
}

static void reap(struct container *container) {
    int status;
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (ended != container->script) continue;
        container->has_exited = true;
        container->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static void kill_all(struct container *container) {
    // cgroup.kill reaches what forks faster than it can be listed.
    for (int i = 0; i < container->options->cgroup_count; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/cgroup.kill", container->options->cgroups[i]);
        int file = length > 0 && (size_t)length < sizeof path ? open(path, O_WRONLY | O_CLOEXEC) : -1;
        if (file < 0) continue;
        ssize_t unused = write(file, "1", 1);
        (void)unused;
        close(file);
    }
    signal_descendants(SIGKILL);
}

// Waits for one signal, `timeout_ms` at most (negative: for ever), and does what it asks.
static void handle_next_signal(struct container *container, const sigset_t *awaited, int64_t timeout_ms) {
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000};
    int signal = timeout_ms < 0 ? sigwaitinfo(awaited, NULL) : sigtimedwait(awaited, NULL, &timeout);
    switch (signal) {
    case SIGCHLD: reap(container); break;
    case SIGTERM: signal_descendants(SIGTERM); break;
    case SIGQUIT: signal_descendants(SIGQUIT); break;
    case SIGUSR1:
        container->is_killing = true;
        kill_all(container);
        break;
    default: break;
    }
}

static void wait_for_script(struct container *container, const sigset_t *awaited) {
    int64_t round_ms = KILL_ROUND_MS;
    while (!container->has_exited) {
        handle_next_signal(container, awaited, container->is_killing ? round_ms : -1);
        if (!container->is_killing || container->has_exited) continue;
        kill_all(container);
        round_ms = round_ms * 2 > KILL_ROUND_MAXIMUM_MS ? KILL_ROUND_MAXIMUM_MS : round_ms * 2;
    }
}

// The container ended with its script; what the script left behind ends now.
static void end_descendants(struct container *container, const sigset_t *awaited) {
    reap(container);
    if (!has_children()) return;
    if (!container->is_killing) {
        signal_descendants(SIGTERM);
        int64_t deadline = now_ms() + container->options->kill_delay_ms;
        while (has_children() && !container->is_killing) {
            int64_t rest = deadline - now_ms();
            if (rest <= 0) break;
            handle_next_signal(container, awaited, rest);
        }
    }
    for (int64_t round_ms = KILL_ROUND_MS; has_children();) {
        kill_all(container);
        handle_next_signal(container, awaited, round_ms);
        reap(container);
        round_ms = round_ms * 2 > KILL_ROUND_MAXIMUM_MS ? KILL_ROUND_MAXIMUM_MS : round_ms * 2;
    }
}

static int refuse(const char *what, const char *on) {
    char message[480];
    snprintf(message, sizeof message, "cannot %s %s: %s", what, on, strerror(errno));
    write_exit_record(EXIT_NOT_STARTED, message);
    report_failed(message);
    return EXIT_NOT_STARTED;
}

static int run(const struct options *options) {
    struct container container = {.options = options};
    char message[480];
    sigset_t awaited;
    if (prepare_records(options) != 0) return refuse("write", options->state_file);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return refuse("adopt orphans of", "the container");
    block_signals(&awaited);
    container.script = fork_script(options);
    if (container.script < 0) return refuse("fork for", options->program[0]);
    if (write_process_record(container.script) != 0) {
        int error = errno;
        kill(container.script, SIGKILL);
        errno = error;
        return refuse("write", options->state_file);
    }
    bool is_running = release_script(message, sizeof message) == 0;
    if (is_running) {
        report_started(container.script);
    }
    wait_for_script(&container, &awaited);
    // On record before the rest is ended: whoever looks after a crash finds the code.
    write_exit_record(container.code, is_running ? NULL : message);
    end_descendants(&container, &awaited);
    if (!is_running) report_failed(message);
    return container.code;
}

int main(int count, char **arguments) {
    struct options options;
    // Descriptors of the NodeManager would keep its ports and files alive after it.
    syscall(SYS_close_range, 3U, ~0U, 0U);
    if (getsid(0) != getpid()) setsid();
    umask(077);
    const char *problem = read_options(count, arguments, &options);
    if (problem != NULL) {
        report_failed(problem);
        dprintf(STDERR_FILENO, "heddle-supervisor: %s\n", problem);
        return EXIT_NOT_STARTED;
    }
    return run(&options);
}
