#!/usr/bin/env bash
# Stops what start-yarn.sh started: the NodeManagers of the workers file, then the ResourceManager.
#   stop-yarn.sh [--config DIR]
set -euo pipefail
scripts=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
if [ "${1:-}" = --config ]; then export HADOOP_CONF_DIR=${2:?a folder must follow --config}; fi
export HADOOP_CONF_DIR=${HADOOP_CONF_DIR:-$(dirname "$scripts")/etc-hadoop}
HADOOP_CONF_DIR=$(cd "$HADOOP_CONF_DIR" && pwd)
# shellcheck source=scripts/workers.sh
. "$scripts/workers.sh"

failed=0
echo "Stopping nodemanagers"
for host in $(workers); do
    on_worker "$host" stop &
done
for job in $(jobs -p); do wait "$job" || failed=1; done
echo "Stopping resourcemanager"
"$scripts/yarn" --daemon stop resourcemanager || failed=1
exit $failed
