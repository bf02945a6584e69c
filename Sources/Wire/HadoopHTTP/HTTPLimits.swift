/// What one HTTP port spends on its callers, whatever they send. Each bound has its reason beside it.
package struct HTTPLimits: Sendable {
    /// Connections open at once. When one more arrives the connection that has been idle longest is closed for it, so
    /// that a crowd of silent callers cannot keep others out.
    package var connectionsMaximum: Int
    /// From the connection, or from the last answer on it, until the next request's head is complete. Bytes that drip
    /// in do not extend it.
    package var headDeadline: Duration
    /// From a request's head until its body is complete. Bodies here are small (`bodyBytesMaximum`).
    package var bodyDeadline: Duration
    /// How long a caller may leave an answer unread before the connection is closed.
    package var writeStall: Duration
    /// One header field. Hadoop's own cookies and user agents stay far below.
    package var headerFieldBytesMaximum: Int
    /// All header fields and the request line together.
    package var headerListBytesMaximum: Int
    package var headerFieldCountMaximum: Int
    /// A request body: a submission with a long class path and many local resources stays under 1 MiB.
    package var bodyBytesMaximum: Int
    /// Which requests bring files: their bodies may have any length and take any time, so whoever answers them checks
    /// first who sends them. Nil: none. Takes the method and the target of the request line.
    package var isUpload: (@Sendable (_ method: String, _ target: String) -> Bool)?
    /// Requests are answered on the connection's own event loop instead of Swift's pool: for whoever answers many small ones
    /// and takes elsewhere what takes long.
    package var isServedOnLoops = false

    package init(
        connectionsMaximum: Int = 2_048,
        headDeadline: Duration = .seconds(30),
        bodyDeadline: Duration = .seconds(30),
        writeStall: Duration = .seconds(60),
        headerFieldBytesMaximum: Int = 16 << 10,
        headerListBytesMaximum: Int = 64 << 10,
        headerFieldCountMaximum: Int = 100,
        bodyBytesMaximum: Int = 4 << 20,
        isUpload: (@Sendable (_ method: String, _ target: String) -> Bool)? = nil
    ) {
        self.connectionsMaximum = connectionsMaximum
        self.headDeadline = headDeadline
        self.bodyDeadline = bodyDeadline
        self.writeStall = writeStall
        self.headerFieldBytesMaximum = headerFieldBytesMaximum
        self.headerListBytesMaximum = headerListBytesMaximum
        self.headerFieldCountMaximum = headerFieldCountMaximum
        self.bodyBytesMaximum = bodyBytesMaximum
        self.isUpload = isUpload
    }
}
