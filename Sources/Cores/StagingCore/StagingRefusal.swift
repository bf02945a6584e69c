/// Why an operation is refused, in HDFS's terms. The server gives each its Java class and status.
package enum StagingRefusal: Error, Hashable, Sendable {
    case invalidPath(String)
    case nameTooLong(Int, maximum: Int)
    /// An argument that no state of the tree would make acceptable.
    case illegalArgument(String)
    case fileNotFound(String)
    case fileExists(String)
    case parentNotDirectory(String)
    case directoryNotEmpty(StagingPath)
    case accessDenied(String)
    /// Somebody else is writing the file.
    case alreadyBeingWritten(String)
    /// The writer no longer has the right to write.
    case leaseExpired(String)
    case namespaceQuotaExceeded(String)
    case spaceQuotaExceeded(String)
    /// An access control list that cannot be.
    case invalidAccessList(String)
    /// A delegation token that is not good, or not any more.
    case invalidToken(String)
    /// Any other reason that HDFS gives as a plain IOException.
    case notPossible(String)

    /// The same text as HDFS gives.
    package var message: String {
        switch self {
        case .invalidPath(let path): "Invalid path name Invalid file name: \(path)"
        case .nameTooLong(let count, let maximum):
            "The maximum path component name limit is exceeded: limit=\(maximum) length=\(count)"
        case .directoryNotEmpty(let path): "`\(path) is non empty': Directory is not empty"
        case .illegalArgument(let text), .fileNotFound(let text), .fileExists(let text), .parentNotDirectory(let text),
            .accessDenied(let text), .alreadyBeingWritten(let text), .leaseExpired(let text),
            .namespaceQuotaExceeded(let text), .spaceQuotaExceeded(let text),
            .invalidAccessList(let text), .invalidToken(let text), .notPossible(let text):
            text
        }
    }

    static func noSuchFile(_ path: StagingPath) -> StagingRefusal { .fileNotFound("File does not exist: \(path)") }
}
