import HadoopHTTP
import StagingCore

/// Refusals as WebHDFS's RemoteException: the Java class decides what the client throws, and the status goes with it
/// (`ExceptionHandler` of Hadoop's NameNode).
extension RESTFailure {
    init(_ refusal: StagingRefusal) {
        let (status, name) =
            switch refusal {
            case .invalidPath: (400, "org.apache.hadoop.fs.InvalidPathException")
            case .illegalArgument: (400, "java.lang.IllegalArgumentException")
            case .fileNotFound: (404, "java.io.FileNotFoundException")
            case .nameTooLong:
                (403, "org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException")
            case .fileExists: (403, "org.apache.hadoop.fs.FileAlreadyExistsException")
            case .parentNotDirectory: (403, "org.apache.hadoop.fs.ParentNotDirectoryException")
            case .directoryNotEmpty: (403, "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException")
            case .accessDenied: (403, "org.apache.hadoop.security.AccessControlException")
            case .alreadyBeingWritten: (403, "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException")
            case .leaseExpired: (403, "org.apache.hadoop.hdfs.server.namenode.LeaseExpiredException")
            case .namespaceQuotaExceeded: (403, "org.apache.hadoop.hdfs.protocol.NSQuotaExceededException")
            case .spaceQuotaExceeded: (403, "org.apache.hadoop.hdfs.protocol.DSQuotaExceededException")
            case .invalidAccessList: (403, "org.apache.hadoop.hdfs.protocol.AclException")
            case .invalidToken: (403, "org.apache.hadoop.security.token.SecretManager$InvalidToken")
            case .notPossible: (403, "java.io.IOException")
            }
        self.init(status: status, javaClassName: name, message: refusal.message)
    }

    /// 400, in the words of Hadoop's parameters.
    static func parameter(_ name: String, _ reason: String) -> RESTFailure {
        .illegalArgument("Invalid value for webhdfs parameter \"\(name)\": \(reason)")
    }

    /// 400: a call of HDFS that this server does not have. Hadoop's client goes on without it.
    static func unsupported(_ text: String) -> RESTFailure {
        RESTFailure(status: 400, javaClassName: "java.lang.UnsupportedOperationException", message: text)
    }

    /// 401: who asks is not known. Hadoop's client shows the text alone.
    static func unauthenticated(_ text: String) -> RESTFailure {
        RESTFailure(
            status: 401,
            javaClassName: "org.apache.hadoop.security.authentication.client.AuthenticationException",
            message: text
        )
    }

    /// 503: the index cannot be written.
    static let down = RESTFailure(
        status: 503,
        javaClassName: "java.io.IOException",
        message: "The staging server is ending, since its index cannot be written; its log says why"
    )
}
