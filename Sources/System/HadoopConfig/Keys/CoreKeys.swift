/// Keys of core-site.xml: file system, security, RPC and HTTP, shared by daemons and clients.
package enum CoreKeys {
    /// Base of other folders.
    package static let temporaryDirectory = ConfigurationKey<String>(
        "hadoop.tmp.dir",
        default: "/tmp/hadoop-${user.name}",
        .path
    )
    /// Where daemons and containers log. In Hadoop a system property that the start scripts set from HADOOP_LOG_DIR, as
    /// here; the default is that of a machine without it.
    package static let logDirectory = ConfigurationKey<String>("yarn.log.dir", default: "${hadoop.tmp.dir}/logs", .path)
    /// The file system of paths without a scheme.
    package static let defaultFileSystem = ConfigurationKey<String>("fs.defaultFS", default: "file:///", .text)
    /// Permission bits that new files lack; octal or symbolic.
    package static let umask = ConfigurationKey<String>("fs.permissions.umask-mode", default: "022", .text)
    /// How callers prove who they are; `simple` believes the name that a caller gives.
    package static let authentication = ConfigurationKey<String>(
        "hadoop.security.authentication",
        default: "simple",
        .word("simple", "kerberos")
    )
    /// Whether hadoop-policy.xml limits who may call a protocol.
    package static let authorization = ConfigurationKey<Bool>(
        "hadoop.security.authorization",
        default: "false",
        .boolean
    )
    /// Rules from principals to user names.
    package static let authToLocal = ConfigurationKey<String>("hadoop.security.auth_to_local", default: "", .text)
    /// Qualities of protection, in order of preference.
    package static let rpcProtection = ConfigurationKey<[String]>(
        "hadoop.rpc.protection",
        default: "authentication",
        .list
    )
    /// Whether a token's service names its server by IP address.
    package static let serviceUsesIP = ConfigurationKey<Bool>(
        "hadoop.security.token.service.use_ip",
        default: "true",
        .boolean
    )
    /// The name of a web caller who gives none.
    package static let staticWebUser = ConfigurationKey<String>("hadoop.http.staticuser.user", default: "dr.who", .text)
    /// How web callers prove who they are.
    package static let webAuthentication = ConfigurationKey<String>(
        "hadoop.http.authentication.type",
        default: "simple",
        .text
    )
    /// Whether web callers may come without a name.
    package static let anonymousWebAllowed = ConfigurationKey<Bool>(
        "hadoop.http.authentication.simple.anonymous.allowed",
        default: "true",
        .boolean
    )
    /// Origins whose pages may read REST answers.
    package static let crossOriginAllowedOrigins = ConfigurationKey<[String]>(
        "hadoop.http.cross-origin.allowed-origins",
        default: "*",
        .list
    )
    /// Methods that other origins may use.
    package static let crossOriginAllowedMethods = ConfigurationKey<[String]>(
        "hadoop.http.cross-origin.allowed-methods",
        default: "GET,POST,HEAD",
        .list
    )
    /// Headers that other origins may send.
    package static let crossOriginAllowedHeaders = ConfigurationKey<[String]>(
        "hadoop.http.cross-origin.allowed-headers",
        default: "X-Requested-With,Content-Type,Accept,Origin",
        .list
    )
    /// How long a browser may remember the answer to a preflight.
    package static let crossOriginAgeMaximum = ConfigurationKey<Duration>(
        "hadoop.http.cross-origin.max-age",
        default: "1800",
        .duration(.seconds)
    )
    /// Bytes of one incoming RPC frame.
    package static let frameLengthMaximum = ConfigurationKey<Int>(
        "ipc.maximum.data.length",
        default: "134217728",
        .integer(1_024...Int(Int32.max))
    )
    /// Bytes of one RPC response that a client takes.
    package static let responseLengthMaximum = ConfigurationKey<Int>(
        "ipc.maximum.response.length",
        default: "134217728",
        .integer(1_024...Int(Int32.max))
    )
    /// How long a client waits before it pings.
    package static let pingInterval = ConfigurationKey<Duration>(
        "ipc.ping.interval",
        default: "60000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// Whether a client pings a server that is slow to answer.
    package static let sendsPings = ConfigurationKey<Bool>("ipc.client.ping", default: "true", .boolean)
    /// How long a client waits for an answer; 0 is for ever.
    package static let rpcTimeout = ConfigurationKey<Duration>(
        "ipc.client.rpc-timeout.ms",
        default: "120000",
        .duration(.milliseconds)
    )
    /// How long a client keeps an unused connection.
    package static let connectionIdleMaximum = ConfigurationKey<Duration>(
        "ipc.client.connection.maxidletime",
        default: "10000",
        .duration(.milliseconds)
    )
    /// How often a client tries again after a refused connection.
    package static let connectRetriesMaximum = ConfigurationKey<Int>(
        "ipc.client.connect.max.retries",
        default: "10",
        .integer(0...Int(Int32.max))
    )
    /// How long it waits between these tries.
    package static let connectRetryInterval = ConfigurationKey<Duration>(
        "ipc.client.connect.retry.interval",
        default: "1000",
        .duration(.milliseconds)
    )
    /// How long one try may take.
    package static let connectTimeout = ConfigurationKey<Duration>(
        "ipc.client.connect.timeout",
        default: "20000",
        .duration(.milliseconds, .milliseconds(1)...DurationUnit.maximum)
    )
    /// How often a client tries again after a timeout.
    package static let connectTimeoutRetriesMaximum = ConfigurationKey<Int>(
        "ipc.client.connect.max.retries.on.timeouts",
        default: "45",
        .integer(0...Int(Int32.max))
    )
    /// Whether a secure client may talk to a server that asks for no proof.
    package static let fallbackToSimpleAllowed = ConfigurationKey<Bool>(
        "ipc.client.fallback-to-simple-auth-allowed",
        default: "false",
        .boolean
    )
    /// Connections that an RPC server accepts at one time; 0 is no limit.
    package static let serverConnectionsMaximum = ConfigurationKey<Int>(
        "ipc.server.max.connections",
        default: "0",
        .integer(0...Int(Int32.max))
    )
    /// Connections that wait to be accepted.
    package static let serverListenBacklog = ConfigurationKey<Int>(
        "ipc.server.listen.queue.size",
        default: "256",
        .integer(1...65_535)
    )
    /// A program that answers hosts with their racks; without it every host is in /default-rack.
    package static let topologyScript = ConfigurationKey<String>("net.topology.script.file.name", default: nil, .path)
    /// Hosts handed to one run of it.
    package static let topologyScriptArgumentsMaximum = ConfigurationKey<Int>(
        "net.topology.script.number.args",
        default: "100",
        .integer(1...10_000)
    )
    /// Whether `/prom` answers.
    package static let prometheusEnabled = ConfigurationKey<Bool>(
        "hadoop.prometheus.endpoint.enabled",
        default: "false",
        .boolean
    )

    /// Every key of this group.
    package static let all: [any AnyConfigurationKey] = [
        temporaryDirectory, logDirectory, defaultFileSystem, umask, authentication, authorization, authToLocal,
        rpcProtection, serviceUsesIP, staticWebUser, webAuthentication, anonymousWebAllowed,
        crossOriginAllowedOrigins, crossOriginAllowedMethods, crossOriginAllowedHeaders, crossOriginAgeMaximum,
        frameLengthMaximum, responseLengthMaximum, pingInterval, sendsPings, rpcTimeout, connectionIdleMaximum,
        connectRetriesMaximum, connectRetryInterval, connectTimeout, connectTimeoutRetriesMaximum,
        fallbackToSimpleAllowed, serverConnectionsMaximum, serverListenBacklog, topologyScript,
        topologyScriptArgumentsMaximum, prometheusEnabled,
    ]
}
