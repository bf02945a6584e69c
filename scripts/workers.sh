# Which hosts a cluster has and how to reach them; sourced by start-yarn.sh and stop-yarn.sh.
# shellcheck shell=bash

# The hosts of the workers file, one a line, without comments; localhost when there is no such file.
workers() {
    local file=${HADOOP_WORKERS:-$HADOOP_CONF_DIR/workers}
    if [ -f "$file" ]; then
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

# on_worker HOST start|stop: runs this installation's `yarn --daemon` there; the folder must be at the same path.
on_worker() {
    local host=$1 action=$2
    if is_local "$host"; then
        "${scripts:?}/yarn" --config "$HADOOP_CONF_DIR" --daemon "$action" nodemanager 2>&1 | sed "s/^/$host: /"
        return "${PIPESTATUS[0]}"
    fi
    case "$host" in
        *[!A-Za-z0-9._:-]* | -*)
            echo "$host: not a host name (see ${HADOOP_WORKERS:-$HADOOP_CONF_DIR/workers})" >&2
            return 1
            ;;
    esac
    # shellcheck disable=SC2086 # options are words by design
    ssh ${HADOOP_SSH_OPTS:--o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10} "$host" -- \
        "$(printf '%q ' "$scripts/yarn" --config "$HADOOP_CONF_DIR" --daemon "$action" nodemanager)" 2>&1 \
        | sed "s/^/$host: /"
    return "${PIPESTATUS[0]}"
}
