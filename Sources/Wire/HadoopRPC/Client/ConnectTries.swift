import NIOCore
import NIOPosix

/// The tries that one connection has taken so far.
struct ConnectTries {
    /// Refused, unreachable or cut off.
    private var refusals = 0
    private var timeouts = 0

    var count: Int { self.refusals + self.timeouts }

    /// Counts a failed try.
    /// - Returns: how long to wait before the next one; nil when there is none. A name that has no address is not tried
    ///   again, as in Hadoop.
    mutating func pause(after error: any Error, _ configuration: RPCClientConfiguration) -> Duration? {
        switch Self.kind(of: error) {
        case .unknownHost: return nil
        case .timeout:
            self.timeouts += 1
            return self.timeouts <= configuration.connectTimeoutRetriesMaximum ? .zero : nil
        case .refusal:
            self.refusals += 1
            return self.refusals <= configuration.connectRetriesMaximum ? configuration.connectRetryInterval : nil
        }
    }

    private enum Kind {
        case refusal
        case timeout
        case unknownHost
    }

    private static func kind(of error: any Error) -> Kind {
        switch error {
        case ChannelError.connectTimeout: .timeout
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { self.kind(of: $0.error) } ?? .unknownHost
        default: .refusal
        }
    }
}
