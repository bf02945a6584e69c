# The environment of yarn, submit, start-yarn.sh and stop-yarn.sh; sourced with `root` set to the installation's folder.
# shellcheck shell=bash
#
# HADOOP_CONF_DIR      the configuration folder (the example in etc-hadoop)
# HADOOP_PID_DIR       pid files (~/.heddle/run)
# HADOOP_LOG_DIR       logs of the daemons and, unless yarn.nodemanager.log-dirs says otherwise, of containers
#                      (~/.heddle/logs)
# HADOOP_IDENT_STRING  part of those files' names (the user's name)
# JAVA_HOME            what containers get that bring none (the `java` on PATH); Heddle itself needs none

export HADOOP_CONF_DIR=${HADOOP_CONF_DIR:-${root:?}/etc-hadoop}
HADOOP_CONF_DIR=$(cd "$HADOOP_CONF_DIR" && pwd)

# The program that the scripts run.
find_heddle() {
    local candidate
    for candidate in "${HEDDLE:-}" "$root/bin/heddle" "$root/.build/release/heddle" "$root/.build/debug/heddle"; do
        if [ -n "$candidate" ] && [ -x "$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
    command -v heddle && return
    echo "ERROR: no heddle program found. Build it (swift build -c release) or set HEDDLE to its path." >&2
    exit 1
}

# What an installation of Hadoop sets for all its commands. Such files look at variables that nobody has set.
read_settings() {
    local file
    for file in hadoop-env.sh yarn-env.sh; do
        [ -f "$HADOOP_CONF_DIR/$file" ] || continue
        set +eu
        # shellcheck source=/dev/null
        . "$HADOOP_CONF_DIR/$file"
        set -eu
    done
}
read_settings

HADOOP_IDENT_STRING=${HADOOP_IDENT_STRING:-$(id -un)}
HADOOP_PID_DIR=${HADOOP_PID_DIR:-${HOME:-}/.heddle/run}
export HADOOP_LOG_DIR=${HADOOP_LOG_DIR:-${HOME:-}/.heddle/logs}
if [ -z "${JAVA_HOME:-}" ] && command -v java >/dev/null; then
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
fi
[ -z "${JAVA_HOME:-}" ] || export JAVA_HOME
