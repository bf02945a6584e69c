import HadoopProtos
import SwiftProtobuf

/// A response as it came from the wire.
package struct ReceivedResponse: Hashable, Sendable {
    package var header: ResponseHeader
    /// The response message's own bytes; empty on failure.
    package var message: [UInt8]
}

/// What the owner of a client's connection has to do next.
package enum ClientConnectionAction: Hashable, Sendable {
    case write([UInt8])
    /// Write these bytes; calls may follow at once.
    case open([UInt8])
    case response(ReceivedResponse)
    /// The server refused the connection, in its own words. Close.
    case refused(ResponseHeader.Failure)
    /// The server's bytes break the protocol or are not acceptable. Close.
    case fail(String)
}

/// The client's side of one connection: `(sasl →) open`, and `closed` from everywhere. Bytes in, actions out.
package struct ClientConnection: Sendable {
    /// As whom to call.
    package enum Identity: Sendable, Hashable {
        case simple(user: String, realUser: String?)
        /// `user` is claimed only if the server takes no tokens and `allowsSimple` is set.
        case token(HadoopToken, user: String, allowsSimple: Bool)
    }

    private enum State: Sendable {
        /// Can transition to: `open`, `closed`
        case sasl(SaslClient)
        /// Can transition to: `closed`
        case open
        case closed
    }

    private let protocolName: String
    private let clientID: [UInt8]
    private let identity: Identity
    private var state: State
    private var frames: FrameDecoder

    /// - Parameters:
    ///   - clientID: 16 bytes that name the calling process.
    ///   - cnonce: this side's part of a digest: unguessable, used once, without quotes or backslashes.
    package init(
        protocolName: String,
        identity: Identity,
        clientID: [UInt8],
        cnonce: String,
        responseLengthMaximum: Int
    ) {
        self.protocolName = protocolName
        self.identity = identity
        self.clientID = clientID
        self.frames = FrameDecoder(lengthMaximum: responseLengthMaximum)
        switch identity {
        case .simple: self.state = .open
        case .token(let token, _, let allowsSimple):
            self.state = .sasl(SaslClient(token: token, cnonce: cnonce, allowsSimple: allowsSimple))
        }
    }

    /// Whether calls may be sent.
    package var isOpen: Bool {
        if case .open = self.state { true } else { false }
    }

    /// The first bytes to send. With SIMPLE, calls may follow them at once.
    package var opening: [UInt8] {
        switch self.state {
        case .sasl(let sasl): Preamble.bytes(.sasl) + self.frame(of: sasl.opening)
        case .open, .closed: Preamble.bytes(.none) + self.contextFrame(claimsUser: true)
        }
    }

    /// Takes from `bytes`, beginning at `offset`, as much as the next action needs, and moves `offset` past it.
    /// - Returns: nil when all bytes are taken and more are needed.
    package mutating func next(_ bytes: Span<UInt8>, at offset: inout Int) -> ClientConnectionAction? {
        if case .closed = self.state {
            offset = bytes.count
            return nil
        }
        do {
            switch try self.frames.next(bytes, at: &offset) {
            case nil: return nil
            case .inInput(let range): return try self.frame(bytes.extracting(range))
            case .collected(let content): return try self.frame(content.span)
            }
        } catch {
            return self.fail("the server's answer is not Hadoop IPC: \(error)")
        }
    }

    private mutating func frame(_ frame: Span<UInt8>) throws -> ClientConnectionAction {
        var offset = 0
        let header = try ResponseHeader(frame, at: try frame.delimited(at: &offset, before: frame.count))
        if case .fatal(let failure) = header.status {
            self.state = .closed
            return .refused(failure)
        }
        guard case .success = header.status else {
            guard case .open = self.state, case .error(let failure) = header.status else {
                return self.fail("the server answered the SASL exchange with an error")
            }
            guard header.callID >= 0 else {
                self.state = .closed
                return .refused(failure)
            }
            return .response(ReceivedResponse(header: header, message: []))
        }
        let range = try frame.delimited(at: &offset, before: frame.count)
        guard offset == frame.count else {
            return self.fail("RPC response length mismatch: \(frame.count - offset) bytes follow the message")
        }
        if case .sasl(let sasl) = self.state {
            guard header.callID == CallID.sasl else {
                return self.fail("the server answered call \(header.callID) before the SASL exchange was over")
            }
            return self.saslMessage(try RpcSaslProto(serializedBytes: frame.array(range)), sasl)
        }
        guard header.callID >= 0 else {
            return self.fail("the server sent a message of kind \(header.callID) that was not negotiated")
        }
        return .response(ReceivedResponse(header: header, message: frame.array(range)))
    }

    private mutating func saslMessage(_ message: RpcSaslProto, _ before: SaslClient) -> ClientConnectionAction {
        var sasl = before
        let action = sasl.received(message)
        self.state = .sasl(sasl)
        switch action {
        case .send(let reply):
            return .write(self.frame(of: reply))
        case .accepted:
            self.state = .open
            return .open(self.contextFrame(claimsUser: false))
        case .switchToSimple(let choice):
            self.state = .open
            return .open((choice.map(self.frame(of:)) ?? []) + self.contextFrame(claimsUser: true))
        case .fail(let reason):
            return self.fail(reason)
        }
    }

    private mutating func fail(_ reason: String) -> ClientConnectionAction {
        self.state = .closed
        return .fail(reason)
    }

    // MARK: - Frames

    private func contextFrame(claimsUser: Bool) -> [UInt8] {
        var context = IpcConnectionContextProto()
        context.userInfo = UserInformationProto()
        context.protocol = self.protocolName
        switch self.identity {
        case .simple(let user, let realUser):
            context.userInfo.effectiveUser = user
            if let realUser { context.userInfo.realUser = realUser }
        case .token(_, let user, _):
            if claimsUser { context.userInfo.effectiveUser = user }
        }
        // A message without required fields always encodes.
        let body: [UInt8] = (try? context.serializedBytes()) ?? []
        return self.frame(CallID.connectionContext, clientID: self.clientID, body: body)
    }

    private func frame(of message: RpcSaslProto) -> [UInt8] {
        // A message with its required field set always encodes.
        let body: [UInt8] = (try? message.serializedBytes()) ?? []
        return self.frame(CallID.sasl, clientID: [], body: body)
    }

    private func frame(_ callID: Int32, clientID: [UInt8], body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        RequestFrame.append(callID, retryCount: -1, clientID: clientID, to: &bytes) { $0.append(delimited: body) }
        return bytes
    }
}
