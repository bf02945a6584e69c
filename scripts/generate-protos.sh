#!/usr/bin/env bash
# Generates Sources/Wire/HadoopProtos from Protos/*.proto, or checks that it is fresh.
#   generate-protos.sh            builds protoc-gen-swift of the pinned swift-protobuf and generates
#   generate-protos.sh --check    compares the inputs and the generated files with Protos/CHECKSUM; needs no protoc
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
cd "$root"

checksums() { LC_ALL=C sha256sum Protos/*.proto Sources/Wire/HadoopProtos/*.pb.swift; }

if [ "${1:-}" = --check ]; then
    if ! diff <(checksums) Protos/CHECKSUM >&2; then
        die "Sources/Wire/HadoopProtos is not what Protos/*.proto say. Run scripts/generate-protos.sh and commit all."
    fi
    exit 0
fi

require_swift
install_packages protobuf-compiler
swift build -c release --package-path .build/checkouts/swift-protobuf --product protoc-gen-swift \
    --scratch-path .build/protoc-gen-swift >&2
plugin=.build/protoc-gen-swift/release/protoc-gen-swift
rm -f Sources/Wire/HadoopProtos/*.pb.swift
(cd Protos && protoc --plugin="../$plugin" --swift_out=../Sources/Wire/HadoopProtos \
    --swift_opt=Visibility=Package --swift_opt=UseAccessLevelOnImports=true ./*.proto)
checksums >Protos/CHECKSUM
say "Generated. $(wc -l <Protos/CHECKSUM) files are listed in Protos/CHECKSUM."
