package import HadoopProtos
package import HadoopWire
internal import Staging

internal import struct FoundationEssentials.Data

/// What runs in a container.
package struct ContainerLaunch: Sendable {
    package var files: [StagedFile]
    package var environment: [String: String]
    /// The program and its arguments; not read by the shell.
    package var arguments: [String]
    package var credentials: Credentials

    package init(
        files: [StagedFile],
        environment: [String: String],
        arguments: [String],
        credentials: Credentials
    ) {
        self.files = files
        self.environment = environment
        self.arguments = arguments
        self.credentials = credentials
    }

    /// As YARN takes it: output goes to the container's log folder.
    package var proto: ContainerLaunchContextProto {
        var proto = ContainerLaunchContextProto()
        proto.localResources = self.files.map { file in
            var entry = StringLocalResourceMapProto()
            entry.key = file.name
            entry.value.resource.scheme = file.location.scheme
            entry.value.resource.host = file.location.host
            if let port = file.location.port { entry.value.resource.port = Int32(port) }
            entry.value.resource.file = file.location.path
            entry.value.size = file.size
            entry.value.timestamp = file.timestamp
            entry.value.type = file.kind == .archive ? .archive : .file
            entry.value.visibility = .application
            return entry
        }
        proto.environment = self.environment.sorted { $0.key < $1.key }.map { variable in
            var entry = StringStringMapProto()
            entry.key = variable.key
            entry.value = variable.value
            return entry
        }
        let words = self.arguments.map(Self.quoted).joined(separator: " ")
        proto.command = ["exec \(words) 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"]
        proto.tokens = Data(self.credentials.bytes)
        return proto
    }

    /// A word that the shell takes as it is.
    static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
