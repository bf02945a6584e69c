/// Why bytes are not the value that they should be, or a value cannot be written.
public struct CodecError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: Hashable, Sendable {
        /// The bytes end too early.
        case truncated
        /// The bytes say something that no value is written as.
        case corrupt
        /// The value is nested deeper than is written or read.
        case tooDeep
        /// The value does not fit into what lengths can say.
        case tooLarge
        /// The value's own `Codable` code asks for something that was not written.
        case mismatch
    }

    public let kind: Kind
    /// What was read or written.
    public let what: String
    /// The offset in bytes at which it was noticed.
    public let offset: Int

    public init(_ kind: Kind, _ what: String, offset: Int) {
        self.kind = kind
        self.what = what
        self.offset = offset
    }

    public var description: String {
        switch self.kind {
        case .truncated:
            "stored data ends within \(self.what), at byte \(self.offset): it was cut or is not from this program"
        case .corrupt:
            "stored data is not \(self.what), at byte \(self.offset): it was changed or is not from this program"
        case .tooDeep: "\(self.what) is nested too deep to be stored, at byte \(self.offset)"
        case .tooLarge: "\(self.what) is too large to be stored, at byte \(self.offset)"
        case .mismatch: "stored data has no \(self.what) where it was asked for, at byte \(self.offset)"
        }
    }
}
