import Glibc
import HadoopWire
package import Logging
package import NIOCore
import NIOPosix
package import SwiftProtobuf
import Synchronization

/// Calls Hadoop services. Connections are opened on demand, shared by calls with equal targets, and closed when idle.
/// A connection that does not come about is tried again as configured. A call that was sent is not: the caller knows
/// whether it may be repeated.
package final class RPCClient: Sendable {
    private struct State {
        var links: [RPCTarget: ClientLink] = [:]
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let group: any EventLoopGroup
    private let configuration: RPCClientConfiguration
    private let logger: Logger
    private let clientID = Nonce.bytes(16)
    private let nextCallID = Atomic<UInt32>(0)
    private let state = Mutex(State())

    package init(
        group: any EventLoopGroup,
        configuration: RPCClientConfiguration = RPCClientConfiguration(),
        logger: Logger
    ) {
        self.group = group
        self.configuration = configuration
        self.logger = logger
    }

    /// Makes one call. Throws `RPCFailure` when the server answers with an error, `RPCConnectionError` when there is no
    /// answer, `CancellationError` when the task is cancelled first. `timeout` replaces the configured one.
    package func call<Q: SwiftProtobuf.Message, R: SwiftProtobuf.Message>(
        _ method: String,
        _ request: Q,
        returning: R.Type,
        on target: RPCTarget,
        timeout: Duration? = nil
    ) async throws -> R {
        let bytes: [UInt8] = try request.serializedBytes()
        let answer = try await self.call(method, bytes: bytes, on: target, timeout: timeout)
        do {
            return try R(serializedBytes: answer)
        } catch {
            throw RPCConnectionError(
                kind: .protocolViolation,
                host: target.host,
                port: target.port,
                reason: "the answer to \(method) is not a \(R.protoMessageName): \(error)"
            )
        }
    }

    /// Makes one call with an encoded request and returns the encoded response.
    package func call(
        _ method: String,
        bytes: [UInt8],
        on target: RPCTarget,
        timeout: Duration? = nil
    ) async throws -> [UInt8] {
        try Task.checkCancellation()
        let callID = self.makeCallID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.start(callID, method, bytes: bytes, on: target, timeout: timeout) { result in
                    continuation.resume(with: result)
                }
                // A cancellation before `start` found no call.
                if Task.isCancelled { self.cancel(callID, on: target) }
            }
        } onCancel: {
            self.cancel(callID, on: target)
        }
    }

    /// Makes one call without a task. `completion` runs once, on any thread, and must not block.
    package func send(
        _ method: String,
        bytes: [UInt8],
        on target: RPCTarget,
        timeout: Duration? = nil,
        completion: @escaping @Sendable (Result<[UInt8], any Error>) -> Void
    ) {
        self.start(self.makeCallID(), method, bytes: bytes, on: target, timeout: timeout, completion)
    }

    /// Closes all connections; open calls fail.
    package func shutdown() async throws {
        let (links, channels) = self.state.withLock { state in
            state.isClosed = true
            defer { state.links = [:] }
            return (Array(state.links.values), Array(state.channels.values))
        }
        for link in links { link.close(link.error(.closed, "the client was shut down")) }
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    // MARK: - Calls

    /// Counts up across all connections of the client, as Java clients do; never negative.
    private func makeCallID() -> Int32 {
        Int32(self.nextCallID.wrappingAdd(1, ordering: .relaxed).oldValue & 0x7FFF_FFFF)
    }

    private func start(
        _ callID: Int32,
        _ method: String,
        bytes: [UInt8],
        on target: RPCTarget,
        timeout: Duration?,
        _ completion: @escaping CallTable.Completion
    ) {
        let deadline = (timeout ?? self.configuration.callTimeout).map { NIODeadline.now() + TimeAmount($0) }
        while true {
            guard let link = self.link(to: target) else {
                return completion(
                    .failure(
                        RPCConnectionError(
                            kind: .closed,
                            host: target.host,
                            port: target.port,
                            reason: "the client was shut down"
                        )
                    )
                )
            }
            if link.start(callID, method: method, request: bytes, deadline: deadline, completion: completion) { return }
            self.forget(link)
        }
    }

    private func cancel(_ callID: Int32, on target: RPCTarget) {
        self.state.withLock { $0.links[target] }?.cancel(callID)
    }

    // MARK: - Links

    /// The link that calls to this target share, made if there is none; nil when the client is closed.
    private func link(to target: RPCTarget) -> ClientLink? {
        let (link, isNew) = self.state.withLock { state -> (ClientLink?, Bool) in
            if state.isClosed { return (nil, false) }
            if let link = state.links[target] { return (link, false) }
            let link = ClientLink(target: target, clientID: self.clientID, eventLoop: self.group.next())
            state.links[target] = link
            return (link, true)
        }
        if let link, isNew { self.connect(link, ConnectTries()) }
        return link
    }

    private func forget(_ link: ClientLink) {
        self.state.withLock { state in
            if state.links[link.target] === link { state.links[link.target] = nil }
        }
    }

    private func connect(_ link: ClientLink, _ tries: ConnectTries) {
        let target = link.target
        let configuration = self.configuration
        let clientID = self.clientID
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let machine = ClientConnection(
            protocolName: target.protocolName,
            identity: .init(target.identity, allowsSimpleFallback: configuration.allowsSimpleFallback),
            clientID: clientID,
            cnonce: Nonce.text(),
            responseLengthMaximum: configuration.responseLengthMaximum
        )
        var bootstrap = ClientBootstrap(group: link.eventLoop)
        if let limit = configuration.unacknowledgedLimit {
            let milliseconds = Int(clamping: max(1, TimeAmount(limit).nanoseconds / 1_000_000))
            bootstrap = bootstrap.channelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: milliseconds)
        }
        let connecting =
            bootstrap
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self.keep(channel) else {
                        throw link.error(.closed, "the client was shut down")
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ClientConnectionHandler(
                            link: link,
                            machine: machine,
                            clientID: clientID,
                            openingDeadline: deadline,
                            configuration: configuration
                        )
                    )
                }
            }
            .connect(host: target.host, port: target.port)
        connecting.whenSuccess { channel in
            channel.closeFuture.whenComplete { _ in self.forget(link) }
        }
        connecting.whenFailure { error in
            self.cannotConnect(link, tries, error)
        }
    }

    /// Tries again, at once after a timeout and after a pause otherwise, while somebody waits for the connection.
    private func cannotConnect(_ link: ClientLink, _ tries: ConnectTries, _ error: any Error) {
        let reason = RPCConnectionError.reason(error)
        var next = tries
        guard let pause = next.pause(after: error, self.configuration) else { return self.giveUp(link, reason) }
        // The first says what is going on; the others would only repeat it.
        self.logger.log(
            level: tries.count == 0 ? .info : .debug,
            "Cannot connect to \(link.target.host):\(link.target.port): \(reason). Trying again (ipc.client.connect.max.retries); tries so far: \(next.count)"
        )
        link.eventLoop.scheduleTask(in: TimeAmount(pause)) { [next] in
            let isWanted = self.state.withLock { !$0.isClosed && $0.links[link.target] === link }
            link.failOverdueCalls(at: .now())
            guard isWanted, link.hasCalls else { return self.giveUp(link, reason) }
            self.connect(link, next)
        }
    }

    private func giveUp(_ link: ClientLink, _ reason: String) {
        self.logger.debug(
            "Cannot connect",
            metadata: ["host": "\(link.target.host)", "port": "\(link.target.port)", "error": "\(reason)"]
        )
        link.close(link.error(.notConnected, reason))
        self.forget(link)
    }

    /// Remembers a channel until it closes.
    private func keep(_ channel: any Channel) -> Bool {
        let isKept = self.state.withLock { state in
            guard !state.isClosed else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
        channel.closeFuture.whenComplete { _ in
            _ = self.state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        return isKept
    }
}

extension ClientConnection.Identity {
    init(_ identity: RPCTarget.Identity, allowsSimpleFallback: Bool) {
        self =
            switch identity {
            case .simple(let user, let realUser): .simple(user: user, realUser: realUser)
            case .token(let user, let token): .token(token, user: user, allowsSimple: allowsSimpleFallback)
            }
    }
}

extension RPCConnectionError {
    /// What kept a connection from coming about, in short.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as RPCConnectionError: error.reason
        // NIO's own text names the call and not the cause, or a wrong one.
        case let error as IOError: unsafe String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout: "connecting took too long"
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first {
                self.reason(first.error)
            } else if let lookUp = error.dnsAError ?? error.dnsAAAAError {
                "unknown host: \(lookUp)"
            } else {
                "the host has no address"
            }
        default: "\(error)"
        }
    }
}
