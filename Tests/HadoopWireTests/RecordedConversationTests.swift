import HadoopProtos
import SwiftProtobuf
import Testing

@testable import HadoopWire

/// Both machines against connections recorded between real Hadoop parties: they must understand every byte, and say
/// what the real party said.
struct RecordedConversationTests {
    private let recordings: Recordings
    private let passwords: [[UInt8]: [UInt8]]

    init() throws {
        self.recordings = try Recordings()
        var passwords = try self.recordings.tokenPasswords()
        // NM tokens are never in credentials: their key is recorded instead.
        let key = Array(try self.recordings.registration().nmTokenMasterKey.bytes)
        for recording in self.recordings.all where recording.name.hasPrefix("to-nm") {
            guard let username = try recording.digestResponse()?["username"] else { continue }
            let identifier = try #require(Base64.decode(username))
            passwords[identifier] = TokenPassword.hmacSHA1(key: key, identifier: identifier)
        }
        self.passwords = passwords
    }

    private func server(_ recording: Recording) throws -> ServerConnection {
        let offer = try recording.saslMessages(from: .server).first?.auths.first
        let nonce = try offer.map { try DigestDirectives(Array($0.challenge)).required("nonce") } ?? ""
        let passwords = self.passwords
        let tokens = { @Sendable (identifier: [UInt8]) throws(WireRefusal) -> TokenHolder in
            guard let password = passwords[identifier] else {
                throw .unauthorized(JavaClass.invalidToken, "unknown")
            }
            return TokenHolder(kind: "recorded", user: "holder", realUser: nil, password: password)
        }
        return ServerConnection(
            authentication: ServerAuthentication(
                acceptsSimple: !recording.usesSasl,
                tokens: recording.usesSasl ? tokens : nil
            ),
            frameLengthMaximum: 1 << 24,
            peerAddress: "127.0.0.1",
            nonce: nonce
        )
    }

    private func client(_ recording: Recording) throws -> ClientConnection {
        let frames = try recording.frames(from: .client)
        let contextFrame = try #require(
            frames.first { frame in
                var offset = 0
                guard let range = try? frame.span.delimited(at: &offset, before: frame.count) else { return false }
                return (try? RequestHeader(frame.span, at: range))?.callID == CallID.connectionContext
            }
        )
        var offset = 0
        let header = try RequestHeader(
            contextFrame.span,
            at: try contextFrame.span.delimited(at: &offset, before: contextFrame.count)
        )
        let range = try contextFrame.span.delimited(at: &offset, before: contextFrame.count)
        let context = try IpcConnectionContextProto(serializedBytes: Array(contextFrame[range]))
        var identity = ClientConnection.Identity.simple(user: context.userInfo.effectiveUser, realUser: nil)
        var cnonce = ""
        if let response = try recording.digestResponse() {
            let identifier = try #require(Base64.decode(try response.required("username")))
            let token = HadoopToken(
                identifier: identifier,
                password: try #require(self.passwords[identifier]),
                kind: "recorded",
                service: ""
            )
            identity = .token(token, user: "holder", allowsSimple: false)
            cnonce = try response.required("cnonce")
        }
        return ClientConnection(
            protocolName: context.protocol,
            identity: identity,
            clientID: Array(contextFrame[header.clientID]),
            cnonce: cnonce,
            responseLengthMaximum: 1 << 24
        )
    }

    @Test func `the server understands every recorded client, however its bytes arrive`() throws {
        var calls = 0
        for recording in self.recordings.all {
            let bytes = recording.bytes(from: .client)
            let machine = try self.server(recording)
            // Every cut of a short conversation; of a long one as many as take the same time.
            let step = max(1, bytes.count * bytes.count / 4_000_000)
            let actions = Deliveries.server { machine }.check(bytes, step: step)
            var received: [ReceivedCall] = []
            for action in actions {
                switch action {
                case .call(let call): received.append(call)
                case .refuse(_, let reason): Issue.record("\(recording.name): refused because \(reason)")
                case .write, .open: break
                }
            }
            #expect(received == (try recording.calls()), "\(recording.name)")
            calls += received.count
        }
        #expect(calls > 100)
    }

    @Test func `the server's SASL answers are the recorded ones, byte for byte`() throws {
        var compared = 0
        for recording in self.recordings.all where recording.usesSasl {
            var machine = try self.server(recording)
            let written = drive(&machine, recording.bytes(from: .client)).flatMap { action -> [UInt8] in
                if case .write(let bytes) = action { bytes } else { [] }
            }
            #expect(recording.bytes(from: .server).starts(with: written), "\(recording.name)")
            #expect(written.count > 200)
            compared += 1
        }
        #expect(compared == 10)
    }

    @Test func `the client understands every recorded server, however its bytes arrive`() throws {
        for recording in self.recordings.all {
            let bytes = recording.bytes(from: .server)
            let machine = try self.client(recording)
            let step = max(1, bytes.count * bytes.count / 4_000_000)
            let actions = Deliveries.client { machine }.check(bytes, step: step)
            var answers: [Int32] = []
            for action in actions {
                switch action {
                case .response(let response): answers.append(response.header.callID)
                case .refused(let failure): Issue.record("\(recording.name): refused because \(failure.message)")
                case .fail(let reason): Issue.record("\(recording.name): failed because \(reason)")
                case .write, .open: break
                }
            }
            #expect(Set(answers) == Set(try recording.calls().map(\.callID)), "\(recording.name)")
        }
    }

    @Test func `the client says what the recorded clients said, byte for byte`() throws {
        // Hadoop's own commands add a caller context to every header, which the client here does not.
        let plain = try self.recordings.all.filter { try $0.calls().allSatisfy { $0.callerContext == nil } }
        #expect(plain.count == 13)
        for recording in plain {
            var machine = try self.client(recording)
            var said = machine.opening
            for action in drive(&machine, recording.bytes(from: .server)) {
                switch action {
                case .write(let bytes), .open(let bytes): said += bytes
                case .response, .refused, .fail: break
                }
            }
            for call in try recording.calls() {
                RequestFrame.appendCall(
                    call.callID,
                    clientID: call.clientID,
                    signature: call.signature,
                    request: call.request,
                    retryCount: call.retryCount,
                    to: &said
                )
            }
            #expect(said == recording.bytes(from: .client), "\(recording.name)")
        }
    }

    @Test func `response headers are written as the recorded servers wrote them`() throws {
        for recording in self.recordings.all {
            var written: [UInt8] = []
            for frame in try recording.frames(from: .server) {
                var offset = 0
                let header = try ResponseHeader(
                    frame.span,
                    at: try frame.span.delimited(at: &offset, before: frame.count)
                )
                if case .success = header.status {
                    let message = try frame.span.delimited(at: &offset, before: frame.count)
                    header.appendFrame(message: Array(frame[message]), to: &written)
                } else {
                    header.appendFrame(message: [], to: &written)
                }
                #expect(offset == frame.count)
            }
            #expect(written == recording.bytes(from: .server), "\(recording.name)")
        }
    }

    @Test func `container tokens bear the password that the recorded key gives`() throws {
        let key = Array(try self.recordings.registration().containerTokenMasterKey.bytes)
        let requests = try self.recordings.startRequests()
        #expect(requests.count == 6)
        for request in requests {
            let token = HadoopToken(request.containerToken)
            #expect(token.kind == TokenKind.container)
            #expect(TokenPassword.isValid(token.password, key: key, identifier: token.identifier))
            let identifier = try ContainerTokenIdentifier(bytes: token.identifier)
            #expect(identifier.bytes == token.identifier)
            #expect(identifier.proto.nmHostAddr == "localhost:45454")
            #expect(token.service == "127.0.0.1:45454")
        }
    }

    @Test func `credentials of recorded containers are read and written as they were`() throws {
        for request in try self.recordings.startRequests() {
            let bytes = Array(request.containerLaunchContext.tokens)
            let credentials = try Credentials(bytes: bytes)
            let token = try #require(credentials.token(kind: TokenKind.amrm))
            _ = try AMRMTokenIdentifier(bytes: token.identifier)
            #expect(bytes.starts(with: credentials.bytes))
            #expect(bytes.dropFirst(credentials.bytes.count).allSatisfy { $0 == 0 })
        }
    }
}
