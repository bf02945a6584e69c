package import HadoopRPC

extension RPCSettings {
    /// What clients inside daemons and commands are made with.
    package var clientConfiguration: RPCClientConfiguration {
        RPCClientConfiguration(
            connectTimeout: self.connectTimeout,
            connectRetriesMaximum: self.connectRetriesMaximum,
            connectTimeoutRetriesMaximum: self.connectTimeoutRetriesMaximum,
            connectRetryInterval: self.connectRetryInterval,
            callTimeout: self.callTimeout,
            idleTimeout: self.connectionIdleMaximum,
            pingInterval: self.pingInterval,
            responseLengthMaximum: self.responseLengthMaximum,
            allowsSimpleFallback: self.fallsBackToSimple
        )
    }

    /// Hadoop's limits where it has keys for them, Heddle's own elsewhere.
    package var serverLimits: RPCServerLimits {
        var limits = RPCServerLimits()
        limits.frameLengthMaximum = self.frameLengthMaximum
        limits.listenBacklog = self.listenBacklog
        if let maximum = self.serverConnectionsMaximum {
            limits.connectionsMaximum = maximum
        }
        return limits
    }
}
