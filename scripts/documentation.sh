#!/usr/bin/env bash
# Makes the API documentation of the library Heddle with DocC, which is part of Swift's toolchain; a warning is an error.
#   documentation.sh [FOLDER]     FOLDER: where the archive goes; .build/documentation where it is not said
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
cd "$root"

require_swift
docc=$(dirname "$(readlink -f "$(command -v swift)")")/docc
[ -x "$docc" ] || die "there is no docc beside swift: install a whole toolchain"
folder=${1:-.build/documentation}

say "Symbols of Heddle"
swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members >.build/symbols.log 2>&1 || {
    tail -20 .build/symbols.log >&2
    die "the symbols cannot be read"
}
symbols=$(mktemp -d)
trap 'rm -rf "$symbols"' EXIT
cp "$(dirname "$(swift build --show-bin-path)")"/symbolgraph/Heddle*.symbols.json "$symbols"

say "Documentation in $folder"
rm -rf "$folder"
"$docc" convert Sources/Engine/Heddle/Heddle.docc --additional-symbol-graph-dir "$symbols" \
    --fallback-display-name Heddle --fallback-bundle-identifier org.heddle.Heddle \
    --output-path "$folder" --diagnostic-level warning --warnings-as-errors
