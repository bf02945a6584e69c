// See include/CLinux.h. What runs in the handler is async-signal-safe: no allocation, no stdio.
#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static __thread int64_t current_task = -1;

void heddle_set_task(int64_t task) {
    current_task = task;
}

static char *append_text(char *end, const char *text) {
    size_t count = strlen(text);
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

static void note(int signal_number) {
    char line[128];
    char *end = append_text(line, "\nheddle: signal ");
    end = append_number(end, signal_number);
    if (current_task >= 0) {
        end = append_text(end, " in task ");
        end = append_number(end, current_task);
    }
    end = append_text(end, "\n");
    ssize_t written = write(STDERR_FILENO, line, (size_t)(end - line));
    (void)written;
    // The handler was set to be used once: the same signal again does what it always did.
    raise(signal_number);
}

int heddle_note_traps(void) {
    static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    action.sa_flags = (int)SA_RESETHAND | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
        if (sigaction(signals[index], &action, NULL) != 0) return -1;
    }
    return 0;
}
