#!/usr/bin/env bash
# Starts a ResourceManager here and a NodeManager on every host of the workers file: over ssh, or as a plain process on
# this machine for localhost. Pid files are in HADOOP_PID_DIR (~/.heddle/run), logs in HADOOP_LOG_DIR (~/.heddle/logs).
#   start-yarn.sh [--config DIR]
set -euo pipefail
scripts=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
# shellcheck disable=SC2034 # environment.sh uses it
root=$(dirname "$scripts")
if [ "${1:-}" = --config ]; then export HADOOP_CONF_DIR=${2:?a folder must follow --config}; fi
# shellcheck source=scripts/environment.sh
. "$scripts/environment.sh"
# shellcheck source=scripts/workers.sh
. "$scripts/workers.sh"

failed=0
echo "Starting resourcemanager"
"$scripts/yarn" --config "$HADOOP_CONF_DIR" --daemon start resourcemanager || failed=1
echo "Starting nodemanagers"
on_workers start nodemanager || failed=1
exit $failed
