#!/usr/bin/env bash
# Stops what start-yarn.sh started: the NodeManagers of the workers file, then the ResourceManager.
#   stop-yarn.sh [--config DIR]
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
echo "Stopping nodemanagers"
on_workers stop nodemanager || failed=1
echo "Stopping resourcemanager"
"$scripts/yarn" --config "$HADOOP_CONF_DIR" --daemon stop resourcemanager || failed=1
exit $failed
