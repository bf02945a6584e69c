// The argument vector. It comes from the NodeManager alone, but a mistake there must not become a container with the
// wrong rights: anything not understood is refused.
#include "supervisor.h"

// A number that is all of the text.
static bool is_number(const char *text, unsigned long long limit, unsigned long long *value) {
    const char *rest;
    return read_number(text, limit, value, &rest) && *rest == '\0';
}

// "uid:gid,group,group"
static const char *read_user(const char *text, struct options *options) {
    unsigned long long value;
    const char *rest;
    if (!read_number(text, UINT32_MAX - 1, &value, &rest) || *rest != ':') return "--user needs uid:gid,groups";
    options->user = (user_id)value;
    if (!read_number(rest + 1, UINT32_MAX - 1, &value, &rest)) return "--user needs uid:gid,groups";
    options->group = (group_id)value;
    options->group_count = 0;
    while (*rest == ',') {
        if (options->group_count == GROUPS_MAXIMUM) return "--user names too many groups";
        if (!read_number(rest + 1, UINT32_MAX - 1, &value, &rest)) return "--user has a malformed group";
        options->groups[options->group_count++] = (group_id)value;
    }
    if (*rest != '\0') return "--user needs uid:gid,groups";
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
        unsigned long long value;
        if (!begins_with(text, known[i].name)) continue;
        if (!is_number(text + length_of(known[i].name), UINT64_MAX, &value)) return "--rlimit needs a number";
        options->rlimits[options->rlimit_count].resource = known[i].resource;
        options->rlimits[options->rlimit_count++].value = value;
        return NULL;
    }
    return "--rlimit knows core, nofile and nproc";
}

static const char *read_option(const char *name, const char *value, struct options *options) {
    unsigned long long number;
    if (are_equal(name, "--state-file")) return options->state_file = value, NULL;
    if (are_equal(name, "--work-directory")) return options->work_directory = value, NULL;
    if (are_equal(name, "--stdout")) return options->standard_output = value, NULL;
    if (are_equal(name, "--stderr")) return options->standard_error = value, NULL;
    if (are_equal(name, "--user")) return read_user(value, options);
    if (are_equal(name, "--rlimit")) return read_rlimit(value, options);
    if (are_equal(name, "--cgroup")) {
        if (options->cgroup_count == CGROUPS_MAXIMUM) return "too many --cgroup";
        options->cgroups[options->cgroup_count++] = value;
        return NULL;
    }
    if (are_equal(name, "--kill-delay-ms")) {
        // A day: longer is a mistake in the configuration, not patience.
        if (!is_number(value, 86400000, &number)) return "--kill-delay-ms needs milliseconds";
        options->kill_delay_ms = (long)number;
        return NULL;
    }
    return "unknown option";
}

const char *read_options(int count, char **arguments, struct options *options) {
    options->kill_delay_ms = 250;
    int i = 1;
    for (; i < count && !are_equal(arguments[i], "--"); i++) {
        if (are_equal(arguments[i], "--no-new-privileges")) {
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
