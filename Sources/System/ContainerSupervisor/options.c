// The argument vector. It comes from the NodeManager alone, but a mistake there must not become a container with the
// wrong rights: anything not understood is refused.
#include "supervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *text, char end, unsigned long long limit, unsigned long long *value, char **rest) {
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    *value = strtoull(text, rest, 10);
    if (errno != 0 || *value > limit) return false;
    if (**rest == end) return true;
    return **rest == '\0';
}

// "uid:gid,group,group"
static const char *read_user(const char *text, struct options *options) {
    unsigned long long value;
    char *rest;
    if (!read_number(text, ':', UINT32_MAX - 1, &value, &rest) || *rest != ':') return "--user needs uid:gid,groups";
    options->user = (uid_t)value;
    if (!read_number(rest + 1, ',', UINT32_MAX - 1, &value, &rest)) return "--user needs uid:gid,groups";
    options->group = (gid_t)value;
    size_t capacity = 1;
    for (const char *c = rest; *c != '\0'; c++) capacity += *c == ',';
    if (capacity > GROUPS_MAXIMUM) return "--user names too many groups";
    options->groups = calloc(capacity, sizeof *options->groups);
    if (options->groups == NULL) return "no memory for the groups";
    while (*rest == ',') {
        if (!read_number(rest + 1, ',', UINT32_MAX - 1, &value, &rest)) return "--user has a malformed group";
        options->groups[options->group_count++] = (gid_t)value;
    }
    options->switches_user = true;
    return NULL;
}

// "core=0", "nofile=4096", "nproc=512"
static const char *read_rlimit(const char *text, struct options *options) {
    static const struct { const char *name; int resource; } known[] = {
        {"core=", RLIMIT_CORE}, {"nofile=", RLIMIT_NOFILE}, {"nproc=", RLIMIT_NPROC},
    };
    if (options->rlimit_count == RLIMITS_MAXIMUM) return "too many --rlimit";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].name);
        unsigned long long value;
        char *rest;
        if (strncmp(text, known[i].name, length) != 0) continue;
        if (!read_number(text + length, '\0', UINT64_MAX, &value, &rest)) return "--rlimit needs a number";
        options->rlimits[options->rlimit_count].resource = known[i].resource;
        options->rlimits[options->rlimit_count++].value = (rlim_t)value;
        return NULL;
    }
    return "--rlimit knows core, nofile and nproc";
}

static const char *read_option(const char *name, char *value, struct options *options) {
    unsigned long long number;
    char *rest;
    if (strcmp(name, "--state-file") == 0) return options->state_file = value, NULL;
    if (strcmp(name, "--work-directory") == 0) return options->work_directory = value, NULL;
    if (strcmp(name, "--stdout") == 0) return options->standard_output = value, NULL;
    if (strcmp(name, "--stderr") == 0) return options->standard_error = value, NULL;
    if (strcmp(name, "--user") == 0) return read_user(value, options);
    if (strcmp(name, "--rlimit") == 0) return read_rlimit(value, options);
    if (strcmp(name, "--cgroup") == 0) {
        if (options->cgroup_count == CGROUPS_MAXIMUM) return "too many --cgroup";
        options->cgroups[options->cgroup_count++] = value;
        return NULL;
    }
    if (strcmp(name, "--kill-delay-ms") == 0) {
        // A day: longer is a mistake in the configuration, not patience.
        if (!read_number(value, '\0', 86400000, &number, &rest)) return "--kill-delay-ms needs milliseconds";
        options->kill_delay_ms = (long)number;
        return NULL;
    }
    return "unknown option";
}

const char *read_options(int count, char **arguments, struct options *options) {
    memset(options, 0, sizeof *options);
    options->kill_delay_ms = 250;
    int i = 1;
    for (; i < count && strcmp(arguments[i], "--") != 0; i++) {
        if (strcmp(arguments[i], "--no-new-privileges") == 0) {
            options->forbids_new_privileges = true;
            continue;
        }
        if (i + 1 >= count) return "an option lacks its value";
        const char *problem = read_option(arguments[i], arguments[i + 1], options);
        if (problem != NULL) return problem;
        i++;
    }
    if (i + 1 >= count) return "no program after --";
    if (options->state_file == NULL) return "--state-file is needed";
    if (options->work_directory == NULL) return "--work-directory is needed";
    options->program = arguments + i + 1;
    return NULL;
}
