# Which hosts a cluster has and how to reach them; sourced, after environment.sh, with `scripts` set to this folder.
# shellcheck shell=bash

# Where the names of hosts come from, for messages.
workers_source() {
    local file=${HADOOP_WORKERS:-workers}
    case "$file" in
        */*) echo "$file" ;;
        *) echo "${HADOOP_CONF_DIR:?}/$file" ;;
    esac
}

# The hosts, one a line: HADOOP_WORKER_NAMES (between blanks or commas), or else the lines of HADOOP_WORKERS (workers in
# the configuration folder) without comments; localhost when there is no such file.
workers() {
    local file
    file=$(workers_source)
    if [ -n "${HADOOP_WORKER_NAMES:-}" ]; then
        # shellcheck disable=SC2086 # words by design
        printf '%s\n' ${HADOOP_WORKER_NAMES//,/ }
    elif [ -f "$file" ]; then
        sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$file"
    else
        echo localhost
    fi
}

is_local() {
    case "$1" in
        localhost | 127.* | ::1) return 0 ;;
        *) [ "$1" = "$(uname -n)" ] || [ "$1" = "$(hostname -f 2>/dev/null)" ] ;;
    esac
}

# on_worker HOST start|stop|status DAEMON: runs this installation's `yarn --daemon` there, over ssh unless HOST is this
# machine; the installation and the configuration folder must be at the same paths.
on_worker() {
    local host=$1 words=("${scripts:?}/yarn" --config "$HADOOP_CONF_DIR" --daemon "$2" "$3")
    if is_local "$host"; then
        "${words[@]}" 2>&1 | sed "s/^/$host: /"
        return "${PIPESTATUS[0]}"
    fi
    case "$host" in
        *[!A-Za-z0-9._:-]* | -*)
            echo "$host: not a host name (see $(workers_source))" >&2
            return 1
            ;;
    esac
    # shellcheck disable=SC2086 # options are words by design
    ssh ${HADOOP_SSH_OPTS:--o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10} "$host" -- \
        "$(printf '%q ' "${words[@]}")" 2>&1 | sed "s/^/$host: /"
    return "${PIPESTATUS[0]}"
}

# on_workers start|stop|status DAEMON: on all hosts at the same time. Fails when one of them fails.
on_workers() {
    local host job failed=0
    for host in $(workers); do
        on_worker "$host" "$1" "$2" </dev/null &
    done
    for job in $(jobs -p); do wait "$job" || failed=1; done
    return $failed
}
