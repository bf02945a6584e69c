#!/usr/bin/env bash
# Measures Heddle and prints a table, or one JSON object a line with name, value and unit.
#   bench.sh [AREA ...] [--json]
# Areas: rpc, allocate, heartbeat, container, launch, localize, engine-data, staging, start, idle, spark, engine; all of them
# without arguments.
# Benchmarks/README.md says what each figure means.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
cd "$root"

json=0 areas=()
for word in "$@"; do
    case "$word" in
        --json) json=1 ;;
        --*) die "unknown option $word" ;;
        *) areas+=("$word") ;;
    esac
done

require_swift
install_packages "${library_packages[@]}" python3 libarchive-tools unzip curl nginx-light
build_products release heddle heddle-supervisor HeddleBench
bin=$(swift build -c release --show-bin-path)
[ $json -eq 1 ] && format=(--json) || format=()

wanted() {
    local area
    [ ${#areas[@]} -eq 0 ] && return 0
    for area in "${areas[@]}"; do [ "$area" = "$1" ] && return 0; done
    return 1
}

# Areas of whole processes are measured by scripts/bench.py, those of parts by HeddleBench.
parts=()
for area in "${areas[@]}"; do
    case "$area" in start | idle | spark | engine) ;; *) parts+=("$area") ;; esac
done
if [ ${#areas[@]} -eq 0 ] || [ ${#parts[@]} -gt 0 ]; then
    "$bin/HeddleBench" "${parts[@]}" "${format[@]}"
fi
if wanted engine; then
    build_products release EngineBench
    install_java
    JAVA_HOME=$(find_java_home)
    export JAVA_HOME
    make_venv "$root/.venv-spark35" pyspark==3.5.9
    make_venv "$root/.venv-engines" duckdb polars datafusion pyarrow
    HEDDLE="$bin/heddle" HEDDLE_ENGINE_BENCH="$bin/EngineBench" \
        HEDDLE_ENGINES_PYTHON="$root/.venv-engines/bin/python" \
        HEDDLE_SPARK="$(find "$root/.venv-spark35" -path '*site-packages/pyspark' -type d | head -1)" \
        "$root/.venv-engines/bin/python" "$root/Benchmarks/engine/compare.py" "${format[@]}"
fi
processes=()
for area in start idle spark; do wanted "$area" && processes+=("$area"); done
[ ${#processes[@]} -eq 0 ] && exit 0
python=python3
if wanted spark; then
    install_java
    make_venv "$root/.venv-spark35" pyspark==3.5.9
    python="$root/.venv-spark35/bin/python"
fi
if command -v java >/dev/null; then
    JAVA_HOME=$(find_java_home)
    export JAVA_HOME
fi
HEDDLE="$bin/heddle" "$python" "$root/scripts/bench.py" "${processes[@]}" "${format[@]}"
