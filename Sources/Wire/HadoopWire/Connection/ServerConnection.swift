import HadoopProtos
import SwiftProtobuf

/// What the owner of a server's connection has to do next.
package enum ServerConnectionAction: Hashable, Sendable {
    case write([UInt8])
    /// The caller is known; calls may follow.
    case open(ConnectionIdentity)
    case call(ReceivedCall)
    /// Write these bytes, then close. Nothing more is taken from the connection.
    case refuse([UInt8], reason: String)
}

/// The server's side of one connection: `preamble → (sasl →) context → open`, and `closed` from everywhere. Bytes in,
/// actions out; the caller has been authenticated before any call comes out.
package struct ServerConnection: Sendable {
    private enum State: Sendable {
        /// The bytes so far. Can transition to: `sasl`, `context`, `closed`
        case preamble([UInt8])
        /// Can transition to: `context`, `closed`
        case sasl(SaslServer)
        /// Waits for the connection context. Can transition to: `open`, `closed`
        case context(Proven)
        /// Can transition to: `closed`
        case open
        case closed
    }

    /// What SASL has settled before the context.
    private enum Proven: Sendable {
        case nothing
        case token(TokenHolder, identifier: [UInt8])
    }

    private let authentication: ServerAuthentication
    private let frameLengthMaximum: Int
    private let peerAddress: String
    private let nonce: String
    private let layer: SaslLayer = .none
    private var state: State = .preamble([])
    private var frames: FrameDecoder
    private var recent = RecentCall()

    /// - Parameter nonce: the challenge of this connection: unguessable, used once, without quotes or backslashes.
    package init(authentication: ServerAuthentication, frameLengthMaximum: Int, peerAddress: String, nonce: String) {
        self.authentication = authentication
        self.frameLengthMaximum = frameLengthMaximum
        self.peerAddress = peerAddress
        self.nonce = nonce
        self.frames = FrameDecoder(
            lengthMaximum: min(frameLengthMaximum, WireLimits.handshakeFrameLengthMaximum)
        )
    }

    /// Whether a request has begun and not ended.
    package var isInsideFrame: Bool { self.frames.isInsideFrame }

    /// Bytes held of a request that has not ended.
    package var bytesHeld: Int { self.frames.bytesHeld }

    /// Ends the connection for a reason that lies outside it.
    package mutating func refuse(
        _ detail: RPCErrorDetail,
        exceptionClass: String,
        message: String
    ) -> ServerConnectionAction {
        self.refuse(WireRefusal(detail: detail, exceptionClass: exceptionClass, message: message))
    }

    /// Requests, SASL messages and pings taken so far.
    package var framesCompleted: UInt64 { self.frames.framesCompleted }

    /// Takes from `bytes`, beginning at `offset`, as much as the next action needs, and moves `offset` past it.
    /// - Returns: nil when all bytes are taken and more are needed.
    package mutating func next(_ bytes: Span<UInt8>, at offset: inout Int) -> ServerConnectionAction? {
        while offset < bytes.count {
            let action: ServerConnectionAction?
            switch self.state {
            case .preamble(let seen): action = self.preamble(seen, bytes, &offset)
            case .closed:
                offset = bytes.count
                return nil
            case .sasl, .context, .open: action = self.frame(bytes, &offset)
            }
            if let action { return action }
        }
        return nil
    }

    // MARK: - Preamble

    private mutating func preamble(
        _ seen: [UInt8],
        _ bytes: Span<UInt8>,
        _ offset: inout Int
    ) -> ServerConnectionAction? {
        let seen = seen + [bytes[offset]]
        offset += 1
        self.state = .preamble(seen)
        switch Preamble.find(in: seen) {
        case .incomplete:
            return nil
        case .http:
            self.state = .closed
            return .refuse(Preamble.httpAnswer, reason: "the client speaks HTTP")
        case .foreign:
            self.state = .closed
            return .refuse([], reason: "the client does not speak Hadoop IPC")
        case .wrongVersion(let version):
            return self.refuse(
                WireRefusal(
                    detail: .fatalVersionMismatch,
                    exceptionClass: JavaClass.versionMismatch,
                    message:
                        "Server IPC version \(IPCProtocol.version) cannot communicate with client version \(version)"
                )
            )
        case .unknownAuthentication(let byte):
            let number = Int8(bitPattern: byte)
            return self.refuse(.unauthorized(JavaClass.ipc, "Unknown auth protocol:\(number)"))
        case .complete(.sasl):
            self.state = .sasl(SaslServer(authentication: self.authentication, nonce: self.nonce))
            return nil
        case .complete(.none):
            guard self.authentication.acceptsSimple else {
                return self.refuse(
                    .unauthorized(
                        JavaClass.accessControl,
                        "SIMPLE authentication is not enabled.  \(self.authentication.availableText)"
                    )
                )
            }
            self.state = .context(.nothing)
            return nil
        }
    }

    // MARK: - Frames

    private mutating func frame(_ bytes: Span<UInt8>, _ offset: inout Int) -> ServerConnectionAction? {
        do {
            switch try self.frames.next(bytes, at: &offset) {
            case nil: return nil
            case .inInput(let range): return try self.frame(bytes.extracting(range))
            case .collected(let content): return try self.frame(content.span)
            }
        } catch let refusal as WireRefusal {
            return self.refuse(refusal)
        } catch let error as WireError {
            return self.refuse(.invalidHeader("\(error)"))
        } catch {
            return self.refuse(.invalidHeader("the frame is not a request: \(error)"))
        }
    }

    private mutating func frame(_ frame: Span<UInt8>) throws -> ServerConnectionAction? {
        var offset = 0
        let headerRange = try frame.delimited(at: &offset, before: frame.count)
        let header = try RequestHeader(frame, at: headerRange)
        guard let operation = header.operation else {
            throw WireRefusal.invalidHeader("IPC Server: No rpc op in rpcRequestHeader")
        }
        guard operation == 0 else {
            throw WireRefusal.invalidHeader("IPC Server does not implement rpc header operation \(operation)")
        }
        guard header.rpcKind == RPCKind.protocolBuffer else {
            throw WireRefusal.invalidHeader("Unknown rpc kind in rpc header \(header.rpcKind.map { "\($0)" } ?? "")")
        }
        switch header.callID {
        case CallID.ping: return nil
        case CallID.sasl: return try self.saslMessage(frame, &offset)
        case CallID.connectionContext: return try self.connectionContext(frame, &offset)
        case 0...: return try self.call(header, frame, &offset)
        default: throw WireRefusal.invalidHeader("Unknown out of band call #\(header.callID)")
        }
    }

    private mutating func saslMessage(_ frame: Span<UInt8>, _ offset: inout Int) throws -> ServerConnectionAction {
        let range = try frame.delimited(at: &offset, before: frame.count)
        let message: RpcSaslProto
        do {
            message = try RpcSaslProto(serializedBytes: frame.array(range))
        } catch {
            throw WireRefusal.invalidHeader("The SASL message cannot be read: \(error)")
        }
        guard case .sasl(var sasl) = self.state else {
            _ = try self.layer.unwrap(message)
            throw WireRefusal.invalidHeader("SASL protocol not requested by client")
        }
        let action = sasl.received(message)
        self.state = .sasl(sasl)
        switch action {
        case .reply(let reply):
            return .write(Self.frame(of: reply))
        case .acceptToken(let reply, let holder, let identifier):
            self.state = .context(.token(holder, identifier: identifier))
            return .write(Self.frame(of: reply))
        case .switchToSimple(let reply):
            self.state = .context(.nothing)
            return .write(reply.map(Self.frame(of:)) ?? [])
        case .refuse(let refusal):
            return self.refuse(refusal, callID: CallID.sasl)
        }
    }

    private mutating func connectionContext(
        _ frame: Span<UInt8>,
        _ offset: inout Int
    ) throws -> ServerConnectionAction {
        guard case .context(let proven) = self.state else {
            throw WireRefusal.invalidHeader("The connection context came out of turn")
        }
        let range = try frame.delimited(at: &offset, before: frame.count)
        let context: IpcConnectionContextProto
        do {
            context = try IpcConnectionContextProto(serializedBytes: frame.array(range))
        } catch {
            throw WireRefusal.invalidHeader("The connection context cannot be read: \(error)")
        }
        let identity = try self.identity(proven, claimed: context.userInfo)
        self.state = .open
        self.frames.lengthMaximum = self.frameLengthMaximum
        return .open(identity)
    }

    private func identity(
        _ proven: Proven,
        claimed: UserInformationProto
    ) throws(WireRefusal) -> ConnectionIdentity {
        switch proven {
        case .token(let holder, let identifier):
            guard !claimed.hasEffectiveUser || claimed.effectiveUser == holder.user else {
                throw .unauthorized(
                    JavaClass.accessControl,
                    "Authenticated user (\(holder.user)) doesn't match what the client claims to be "
                        + "(\(claimed.effectiveUser))"
                )
            }
            return ConnectionIdentity(
                user: holder.user,
                realUser: holder.realUser,
                proof: .token(kind: holder.kind, identifier: identifier)
            )
        case .nothing:
            let user = ConnectionIdentity.shortName(claimed.effectiveUser)
            guard !user.isEmpty else {
                throw .unauthorized(JavaClass.accessControl, "The connection context names no user")
            }
            let realUser = ConnectionIdentity.shortName(claimed.realUser)
            guard !realUser.isEmpty, realUser != user else {
                return ConnectionIdentity(user: user, realUser: nil, proof: .claimed)
            }
            guard let impersonation = self.authentication.impersonation else {
                throw .unauthorized(
                    JavaClass.authorization,
                    "User: \(realUser) is not allowed to impersonate \(user)"
                )
            }
            try impersonation(realUser, user, self.peerAddress)
            return ConnectionIdentity(user: user, realUser: realUser, proof: .claimed)
        }
    }

    private mutating func call(
        _ header: RequestHeader,
        _ frame: Span<UInt8>,
        _ offset: inout Int
    ) throws -> ServerConnectionAction {
        guard case .open = self.state else {
            throw WireRefusal.invalidHeader("Connection context not found: a call came before it")
        }
        do {
            let signature = try self.recent.signature(
                frame,
                at: try frame.delimited(at: &offset, before: frame.count)
            )
            let request = frame.array(try frame.delimited(at: &offset, before: frame.count))
            return .call(
                ReceivedCall(
                    callID: header.callID,
                    clientID: self.recent.clientID(frame, at: header.clientID),
                    retryCount: header.retryCount,
                    signature: signature,
                    request: request,
                    callerContext: header.callerContext
                )
            )
        } catch {
            throw WireRefusal(
                detail: .fatalDeserializingRequest,
                exceptionClass: JavaClass.rpcServer,
                message: "IPC server unable to read call parameters: \(error)"
            )
        }
    }

    // MARK: - Answers

    private mutating func refuse(
        _ refusal: WireRefusal,
        callID: Int32 = CallID.connectionFailed
    ) -> ServerConnectionAction {
        self.state = .closed
        self.frames = FrameDecoder(lengthMaximum: 0)
        let failure = ResponseHeader.Failure(
            detail: refusal.detail,
            exceptionClass: refusal.exceptionClass,
            message: refusal.message
        )
        var bytes: [UInt8] = []
        ResponseHeader(connection: callID, status: .fatal(failure)).appendFrame(message: [], to: &bytes)
        return .refuse(bytes, reason: refusal.message)
    }

    private static func frame(of message: RpcSaslProto) -> [UInt8] {
        // A message with its required field set always encodes.
        let body: [UInt8] = (try? message.serializedBytes()) ?? []
        var bytes: [UInt8] = []
        ResponseHeader(connection: CallID.sasl).appendFrame(message: body, to: &bytes)
        return bytes
    }
}

/// The client id and the signature of the last call: most calls of a connection repeat them, and then need not be
/// decoded or stored again.
private struct RecentCall: Sendable {
    private var clientID: [UInt8] = []
    private var signatureBytes: [UInt8] = []
    private var signature: CallSignature?

    mutating func clientID(_ frame: Span<UInt8>, at range: Range<Int>) -> [UInt8] {
        if !frame.equals(self.clientID, at: range) {
            self.clientID = frame.array(range)
        }
        return self.clientID
    }

    mutating func signature(_ frame: Span<UInt8>, at range: Range<Int>) throws(WireError) -> CallSignature {
        if let signature, frame.equals(self.signatureBytes, at: range) { return signature }
        let signature = try CallSignature(frame, at: range)
        self.signature = signature
        self.signatureBytes = frame.array(range)
        return signature
    }
}
