/// A key that token passwords are made with. Tokens carry its id, so that old tokens stay readable after a roll.
package struct MasterKey: Hashable, Sendable {
    package var id: Int32
    /// Any length; Hadoop's own keys have 8 bytes.
    package var bytes: [UInt8]

    package init(id: Int32, bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }
}

extension MasterKey: CustomStringConvertible {
    /// The id only: key bytes must not reach a log.
    package var description: String { "master key \(self.id)" }
}
