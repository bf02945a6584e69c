# What the project's scripts share; sourced, never run.
# shellcheck shell=bash

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo where there is one.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "need root for: $* (run it as root, then run this script again)"
    fi
}

# Installs the named Debian packages that are missing.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Headers of the C libraries that Heddle links.
# shellcheck disable=SC2034 # used by those that source this
library_packages=(libxml2-dev libcurl4-openssl-dev libarchive-dev libsqlite3-dev zlib1g-dev liblz4-dev pkg-config)

# A Java to run Spark with. Heddle itself needs none.
java_package() {
    local version
    for version in 17 21; do
        if apt-cache show "openjdk-$version-jdk-headless" >/dev/null 2>&1; then
            echo "openjdk-$version-jdk-headless"
            return
        fi
    done
    echo default-jdk-headless
}

# Installs a JDK (Spark 3.5 and 4.0 run on 17 and newer), unless there is one.
install_java() {
    command -v javac >/dev/null && return
    install_packages "$(java_package)"
}

require_swift() {
    command -v swift >/dev/null || die "no 'swift' on PATH. Install Swift 6.3 or newer: https://www.swift.org/install/linux/"
    local version
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+')
    case "$version" in
        [0-5].* | 6.[0-2]) die "Swift $version is too old: Heddle needs 6.3 or newer." ;;
    esac
}

# make_venv FOLDER PACKAGE...: a Python environment with exactly these packages; done once.
make_venv() {
    local folder=$1 wanted
    shift
    wanted="$*"
    [ "$(cat "$folder/.packages" 2>/dev/null)" = "$wanted" ] && return
    say "Python environment $(basename "$folder"): $wanted"
    python3 -m venv "$folder" 2>/dev/null || { install_packages python3-venv && python3 -m venv "$folder"; }
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" >&2
    echo "$wanted" >"$folder/.packages"
}

# The folder that the Spark of a Python environment is in.
spark_home() {
    "$1/bin/python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))'
}

# Where the first `java` on PATH belongs to, unless JAVA_HOME says it.
find_java_home() {
    if [ -n "${JAVA_HOME:-}" ]; then
        echo "$JAVA_HOME"
    else
        dirname "$(dirname "$(readlink -f "$(command -v java)")")"
    fi
}

# build_products CONFIGURATION PRODUCT...: builds programs of this package. A release has Swift's own libraries linked in:
# it runs where no Swift is installed, and calls into the runtime are direct (Benchmarks/README.md has the difference).
build_products() {
    local configuration=$1 product form=()
    shift
    [ "$configuration" = release ] && form=(--static-swift-stdlib)
    for product in "$@"; do
        swift build -c "$configuration" "${form[@]}" --product "$product" >&2
    done
}
