/// One part of a path. Two names are the same only if their bytes are: Swift's text would take two spellings of one
/// accented letter for equal, which HDFS does not.
package struct EntryName: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// - Throws: `StagingRefusal.invalidPath` for what HDFS takes for no name (`DFSUtil.isValidName`), and for names
    ///   longer than a file system's.
    package init(_ text: some StringProtocol) throws(StagingRefusal) {
        let bytes = Array(text.utf8)
        let isName =
            !bytes.isEmpty && !bytes.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 == 0 }
            && bytes != Array(".".utf8) && bytes != Array("..".utf8)
        guard isName else { throw .invalidPath(String(text)) }
        guard bytes.count <= Self.bytesMaximum else { throw .nameTooLong(bytes.count, maximum: Self.bytesMaximum) }
        self.bytes = bytes
    }

    /// `dfs.namenode.fs-limits.max-component-length`
    package static let bytesMaximum = 255

    package var description: String { String(decoding: self.bytes, as: UTF8.self) }

    package static func < (left: EntryName, right: EntryName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// An absolute path: the names between its slashes.
package struct StagingPath: Hashable, Sendable, CustomStringConvertible {
    package var names: [EntryName]

    package init(names: [EntryName]) {
        self.names = names
    }

    /// - Throws: `StagingRefusal.invalidPath` unless it begins with a slash and all of its parts are names.
    package init(_ text: some StringProtocol) throws(StagingRefusal) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw .invalidPath(String(text)) }
        var names: [EntryName] = []
        for part in text.split(separator: "/") {
            names.append(try EntryName(part))
        }
        guard names.count <= Self.depthMaximum else { throw .invalidPath(String(text.prefix(Self.depthMaximum))) }
        self.names = names
    }

    /// Deeper trees than this are made by accident or to do harm.
    private static let depthMaximum = 1_000

    package static let root = StagingPath(names: [])

    package var isRoot: Bool { self.names.isEmpty }

    /// The folder that this path is in; the root's is itself.
    package var parent: StagingPath { StagingPath(names: Array(self.names.dropLast())) }

    package func appending(_ name: EntryName) -> StagingPath { StagingPath(names: self.names + [name]) }

    /// Whether this path is `other` or below it.
    package func isWithin(_ other: StagingPath) -> Bool { self.names.starts(with: other.names) }

    package var description: String {
        self.isRoot ? "/" : self.names.map { "/\($0)" }.joined()
    }
}
