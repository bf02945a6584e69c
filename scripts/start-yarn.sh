#!/usr/bin/env bash
# Starts a ResourceManager here and a NodeManager on every host of the workers file: over ssh, or as a plain process on
# this machine for localhost. Pid files are in HADOOP_PID_DIR (~/.heddle/run), logs in HADOOP_LOG_DIR (~/.heddle/logs).
#   start-yarn.sh [--config DIR]
set -euo pipefail
scripts=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
if [ "${1:-}" = --config ]; then export HADOOP_CONF_DIR=${2:?a folder must follow --config}; fi
export HADOOP_CONF_DIR=${HADOOP_CONF_DIR:-$(dirname "$scripts")/etc-hadoop}
HADOOP_CONF_DIR=$(cd "$HADOOP_CONF_DIR" && pwd)
# shellcheck source=scripts/workers.sh
. "$scripts/workers.sh"

failed=0
echo "Starting resourcemanager"
"$scripts/yarn" --daemon start resourcemanager || failed=1
echo "Starting nodemanagers"
for host in $(workers); do
    on_worker "$host" start &
done
for job in $(jobs -p); do wait "$job" || failed=1; done
exit $failed
