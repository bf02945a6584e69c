// The life of one container.
//
// Signals to the supervisor: SIGTERM passes on to every process of the container, SIGQUIT to those that handle it,
// SIGUSR1 kills them all. SIGHUP, SIGINT, SIGPIPE and SIGUSR2 are ignored, so that neither a closed terminal nor the
// end of the NodeManager ends a container.
#include "supervisor.h"

// Between two rounds of killing: doubles from the first to the last while processes refuse to go (uninterruptible).
enum { KILL_ROUND_MS = 10, KILL_ROUND_MAXIMUM_MS = 500 };
// What shells answer for a program that cannot be run; the reason stands beside it in the state file.
enum { EXIT_NOT_STARTED = 127 };

struct container {
    const struct options *options;
    process_id script;
    bool has_exited;
    int code;
    bool is_killing;
};

// What the supervisor waits for.
static signal_set awaited(void) { return set_of(SIGCHLD) | set_of(SIGTERM) | set_of(SIGQUIT) | set_of(SIGUSR1); }

static void block_signals(void) {
    set_signal(SIGHUP, SIG_IGN);
    set_signal(SIGINT, SIG_IGN);
    set_signal(SIGPIPE, SIG_IGN);
    set_signal(SIGUSR2, SIG_IGN);
    set_signal(SIGCHLD, SIG_DFL);
    set_signal_mask(awaited());
}

static void reap(struct container *container) {
    int status;
    for (process_id ended; (ended = (process_id)CALL4(wait4, -1, &status, WNOHANG, NULL)) > 0;) {
        if (ended != container->script) continue;
        // The low seven bits are the signal that ended it; without one its code is in the next byte.
        int signal = status & 0x7f;
        container->has_exited = true;
        container->code = signal != 0 ? 128 + signal : status >> 8 & 0xff;
    }
}

static void kill_all(struct container *container) {
    // cgroup.kill reaches what forks faster than it can be listed.
    for (int i = 0; i < container->options->cgroup_count; i++) {
        char bytes[PATH_SIZE];
        struct text path = TEXT_IN(bytes);
        add(&path, container->options->cgroups[i]);
        add(&path, "/cgroup.kill");
        int file = path.is_cut ? -1 : open_file(bytes, O_WRONLY, 0);
        if (file < 0) continue;
        write_file(file, "1", 1);
        close_file(file);
    }
    signal_descendants(SIGKILL);
}

// Waits for one signal, `timeout_ms` at most (negative: for ever), and does what it asks.
static void handle_next_signal(struct container *container, int64_t timeout_ms) {
    struct __kernel_timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000};
    switch (take_signal(awaited(), timeout_ms < 0 ? NULL : &timeout)) {
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

static void wait_for_script(struct container *container) {
    int64_t round_ms = KILL_ROUND_MS;
    while (!container->has_exited) {
        handle_next_signal(container, container->is_killing ? round_ms : -1);
        if (!container->is_killing || container->has_exited) continue;
        kill_all(container);
        round_ms = round_ms * 2 > KILL_ROUND_MAXIMUM_MS ? KILL_ROUND_MAXIMUM_MS : round_ms * 2;
    }
}

// The container ended with its script; what the script left behind ends now.
static void end_descendants(struct container *container) {
    reap(container);
    if (!has_children()) return;
    if (!container->is_killing) {
        signal_descendants(SIGTERM);
        int64_t deadline = now_ms() + container->options->kill_delay_ms;
        while (has_children() && !container->is_killing) {
            int64_t rest = deadline - now_ms();
            if (rest <= 0) break;
            handle_next_signal(container, rest);
        }
    }
    for (int64_t round_ms = KILL_ROUND_MS; has_children();) {
        kill_all(container);
        handle_next_signal(container, round_ms);
        reap(container);
        round_ms = round_ms * 2 > KILL_ROUND_MAXIMUM_MS ? KILL_ROUND_MAXIMUM_MS : round_ms * 2;
    }
}

static int refuse(const char *message) {
    write_exit_record(EXIT_NOT_STARTED, message);
    report_failed(message);
    return EXIT_NOT_STARTED;
}

static int refuse_because(const char *what, const char *on, long error) {
    char bytes[MESSAGE_SIZE];
    struct text text = TEXT_IN(bytes);
    describe(&text, what, on, error);
    return refuse(bytes);
}

static int run(const struct options *options) {
    struct container container = {.options = options};
    long error = prepare_records(options);
    if (error != 0) return refuse_because("write", options->state_file, error);
    error = CALL5(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (error != 0) return refuse_because("adopt orphans of", "the container", error);
    block_signals();
    const char *failure = start_script(options, &container.script);
    if (container.script < 0) return refuse(failure);
    if (failure == NULL) report_started();
    wait_for_script(&container);
    // On record before the rest is ended: whoever looks after a crash finds the code.
    write_exit_record(container.code, failure);
    end_descendants(&container);
    if (failure != NULL) report_failed(failure);
    return container.code;
}

int supervise(int count, char **arguments, char **environment) {
    // Not on the stack: there may be as many groups as Linux allows.
    static struct options options;
    // Descriptors of the NodeManager would keep its ports and files alive after it.
    CALL3(close_range, 3, ~0U, 0);
    if (CALL1(getsid, 0) != own_process()) CALL0(setsid);
    CALL1(umask, 077);
    options.environment = environment;
    const char *problem = read_options(count, arguments, &options);
    if (problem == NULL) return run(&options);
    char bytes[MESSAGE_SIZE];
    struct text text = TEXT_IN(bytes);
    add(&text, "heddle-supervisor: ");
    add(&text, problem);
    add(&text, "\n");
    report_failed(problem);
    write_file(STANDARD_ERROR, bytes, text.length);
    return EXIT_NOT_STARTED;
}
