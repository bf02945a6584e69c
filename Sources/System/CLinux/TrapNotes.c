// See include/CLinux.h. What runs in the handler is async-signal-safe: no allocation, no stdio.
#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static __thread int64_t current_task = -1;
static __thread int64_t current_stage = -1;
static __thread const char *current_name;

// Those that were there before, for signals up to SIGSYS (31).
static struct sigaction previous[32];

void heddle_set_task(int64_t task) {
    current_task = task;
}

void heddle_set_local_task(int64_t partition, int64_t stage, const char *name) {
    current_task = partition;
    current_stage = stage;
    current_name = name;
}

void heddle_clear_task(void) {
    current_task = -1;
    current_stage = -1;
    current_name = NULL;
}

static char *append_text(char *end, const char *text) {
    size_t count = strnlen(text, 512);
    memcpy(end, text, count);
    return end + count;
}

static char *append_number(char *end, int64_t number) {
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0) *end++ = digits[--count];
    return end;
}

static void note(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    char line[768];
    char *end = append_text(line, "\nheddle: signal ");
    end = append_number(end, signal_number);
    if (current_task >= 0) {
        end = append_text(end, " in task ");
        end = append_number(end, current_task);
        if (current_name != NULL) {
            end = append_text(end, " of stage ");
            end = append_number(end, current_stage);
            end = append_text(end, " (");
            end = append_text(end, current_name);
            end = append_text(end, ")");
        }
    }
    end = append_text(end, "\n");
    ssize_t written = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)written;
    // From here on the signal does what it did before. The instruction that caused it runs again, so that who looks at the
    // program then finds that place; after a trap and abort() it would not.
    sigaction(signal_number, &previous[signal_number], NULL);
    if (info->si_code <= 0 || signal_number == SIGTRAP || signal_number == SIGABRT) raise(signal_number);
}

int heddle_note_traps(void) {
    static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    static atomic_flag is_set = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&is_set)) return 0;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
        if (sigaction(signals[index], &action, &previous[signals[index]]) != 0) return -1;
    }
    return 0;
}
