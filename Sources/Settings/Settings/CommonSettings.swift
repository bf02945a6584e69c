package import ClusterModel
package import HadoopConfig
package import HadoopHTTP

/// What every daemon and client needs.
package struct CommonSettings: Hashable, Sendable {
    package var security: SecuritySettings
    package var rpc: RPCSettings
    package var web: WebSettings
    /// `yarn.log.dir`, in Hadoop set by HADOOP_LOG_DIR.
    package var logDirectory: String
    /// The user whom commands act as: HADOOP_USER_NAME or the account.
    package var userName: String
    /// The user whom this process runs as.
    package var processUserName: String

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.security = try SecuritySettings(configuration)
        self.rpc = try RPCSettings(configuration)
        self.web = try WebSettings(configuration)
        self.logDirectory = try configuration.value(of: CoreKeys.logDirectory)
        self.userName = configuration.environment.hadoopUserName
        self.processUserName = configuration.environment.systemProperties["user.name"] ?? ""
    }
}

/// Limits and patience of Hadoop RPC.
package struct RPCSettings: Hashable, Sendable {
    /// Bytes of one request frame (`ipc.maximum.data.length`).
    package var frameLengthMaximum: Int
    /// Bytes of one response (`ipc.maximum.response.length`).
    package var responseLengthMaximum: Int
    /// How long a client waits before it pings; nil when it never does (`ipc.ping.interval`, `ipc.client.ping`).
    package var pingInterval: Duration?
    /// How long a client waits for an answer; nil is for ever (`ipc.client.rpc-timeout.ms`).
    package var callTimeout: Duration?
    /// How long a client keeps an unused connection (`ipc.client.connection.maxidletime`).
    package var connectionIdleMaximum: Duration
    /// How long one connect may take (`ipc.client.connect.timeout`).
    package var connectTimeout: Duration
    /// Tries after a refused connection (`ipc.client.connect.max.retries`).
    package var connectRetriesMaximum: Int
    /// Tries after a connect that took too long (`ipc.client.connect.max.retries.on.timeouts`).
    package var connectTimeoutRetriesMaximum: Int
    /// Wait between tries after a refusal (`ipc.client.connect.retry.interval`).
    package var connectRetryInterval: Duration
    /// `ipc.client.fallback-to-simple-auth-allowed`
    package var fallsBackToSimple: Bool
    /// Connections that a server accepts at one time; nil is no limit (`ipc.server.max.connections`).
    package var serverConnectionsMaximum: Int?
    /// `ipc.server.listen.queue.size`
    package var listenBacklog: Int

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        self.frameLengthMaximum = try configuration.value(of: CoreKeys.frameLengthMaximum)
        self.responseLengthMaximum = try configuration.value(of: CoreKeys.responseLengthMaximum)
        let pingInterval = try configuration.value(of: CoreKeys.pingInterval)
        self.pingInterval = try configuration.value(of: CoreKeys.sendsPings) ? pingInterval : nil
        let timeout = try configuration.value(of: CoreKeys.rpcTimeout)
        // Without a limit and without pings nobody would notice a dead server.
        self.callTimeout = timeout > .zero ? timeout : self.pingInterval == nil ? pingInterval : nil
        self.connectionIdleMaximum = try configuration.value(of: CoreKeys.connectionIdleMaximum)
        self.connectTimeout = try configuration.value(of: CoreKeys.connectTimeout)
        self.connectRetriesMaximum = try configuration.value(of: CoreKeys.connectRetriesMaximum)
        self.connectTimeoutRetriesMaximum = try configuration.value(of: CoreKeys.connectTimeoutRetriesMaximum)
        self.connectRetryInterval = try configuration.value(of: CoreKeys.connectRetryInterval)
        self.fallsBackToSimple = try configuration.value(of: CoreKeys.fallbackToSimpleAllowed)
        let connections = try configuration.value(of: CoreKeys.serverConnectionsMaximum)
        self.serverConnectionsMaximum = connections == 0 ? nil : connections
        self.listenBacklog = try configuration.value(of: CoreKeys.serverListenBacklog)
    }
}

/// What REST and pages share in both daemons.
package struct WebSettings: Hashable, Sendable {
    /// The name of a caller who gives none (`hadoop.http.staticuser.user`). It may read, never write.
    package var staticUser: String
    /// `hadoop.http.authentication.simple.anonymous.allowed`
    package var allowsAnonymous: Bool
    /// `hadoop.http.cross-origin.*`, for the daemons that have it switched on.
    package var crossOrigin: CrossOriginPolicy
    /// `yarn.webapp.filter-entity-list-by-user`
    package var filtersByUser: Bool
    /// Who may look at what belongs to an application (`yarn.acl.enable`, `yarn.admin.acl`).
    package var access: ApplicationAccessRules

    package init(_ configuration: Configuration) throws(ConfigurationError) {
        _ = try configuration.value(of: ResourceManagerKeys.httpPolicy)
        self.staticUser = try configuration.value(of: CoreKeys.staticWebUser)
        self.allowsAnonymous = try configuration.value(of: CoreKeys.anonymousWebAllowed)
        let origins = try configuration.value(of: CoreKeys.crossOriginAllowedOrigins)
        if let broken = origins.first(where: { !CrossOriginPolicy.isPattern($0) }) {
            throw ConfigurationError(
                configuration.problem(
                    CoreKeys.crossOriginAllowedOrigins.name,
                    broken,
                    "no regular expression; accepted: origins, also with *, and regex:EXPRESSION"
                )
            )
        }
        self.crossOrigin = CrossOriginPolicy(
            allowedOrigins: origins,
            allowedMethods: try configuration.value(of: CoreKeys.crossOriginAllowedMethods),
            allowedHeaders: try configuration.value(of: CoreKeys.crossOriginAllowedHeaders),
            preflightAgeMaximum: try configuration.value(of: CoreKeys.crossOriginAgeMaximum)
        )
        self.filtersByUser = try configuration.value(of: ResourceManagerKeys.filtersApplicationsByUser)
        self.access = ApplicationAccessRules(
            isEnabled: try configuration.value(of: ResourceManagerKeys.aclEnabled),
            administrators: try configuration.value(of: ResourceManagerKeys.adminACL)
        )
    }
}
