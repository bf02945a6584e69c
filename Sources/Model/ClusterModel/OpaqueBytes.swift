/// Bytes that travel through the cluster unread: launch contexts, service data, credentials. They stay as the client
/// sent them, so that fields unknown to this build are not lost.
package struct OpaqueBytes: Hashable, Sendable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    package var isEmpty: Bool { self.bytes.isEmpty }
}
