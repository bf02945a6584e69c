import HadoopProtos
import SwiftProtobuf
import Testing

import struct FoundationEssentials.Data

@testable import HadoopWire

/// The server's machine against clients that the recordings do not show.
struct ServerConnectionTests {
    private let clientID = [UInt8](repeating: 3, count: 16)

    private func machine(
        _ authentication: ServerAuthentication = ServerAuthentication(acceptsSimple: true)
    ) -> ServerConnection {
        ServerConnection(
            authentication: authentication,
            frameLengthMaximum: 1 << 20,
            peerAddress: "10.0.0.1",
            nonce: "n"
        )
    }

    private func frame(
        _ callID: Int32,
        kind: RpcKindProto? = .rpcProtocolBuffer,
        operation: RpcRequestHeaderProto.OperationProto? = .rpcFinalPacket,
        _ parts: [[UInt8]] = []
    ) throws -> [UInt8] {
        var header = RpcRequestHeaderProto()
        if let kind { header.rpcKind = kind }
        if let operation { header.rpcOp = operation }
        header.callID = callID
        header.clientID = Data(self.clientID)
        var content: [UInt8] = []
        let encoded: [UInt8] = try header.serializedBytes()
        content.append(delimited: encoded)
        for part in parts { content.append(delimited: part) }
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt32(content.count))
        return bytes + content
    }

    private func context(user: String?, realUser: String? = nil) throws -> [UInt8] {
        var context = IpcConnectionContextProto()
        context.protocol = "P"
        if let user { context.userInfo.effectiveUser = user }
        if let realUser { context.userInfo.realUser = realUser }
        return try self.frame(CallID.connectionContext, [try context.serializedBytes()])
    }

    private func call(_ callID: Int32, _ method: String = "m", request: [UInt8] = []) throws -> [UInt8] {
        let signature = CallSignature(method: method, protocolName: "P", protocolVersion: 1)
        return try self.frame(callID, [signature.encoded, request])
    }

    private let plain: [UInt8] = [0x68, 0x72, 0x70, 0x63, 9, 0, 0]

    /// What a refusal tells the client.
    private func failure(_ actions: [ServerConnectionAction]) throws -> ResponseHeader.Failure {
        guard case .refuse(let bytes, _) = actions.last else {
            Issue.record("\(actions)")
            return ResponseHeader.Failure(detail: .fatalUnknown, exceptionClass: "", message: "")
        }
        var offset = 4
        let header = try ResponseHeader(
            bytes.span,
            at: try bytes.span.delimited(at: &offset, before: bytes.count)
        )
        guard case .fatal(let failure) = header.status else {
            Issue.record("\(header)")
            return ResponseHeader.Failure(detail: .fatalUnknown, exceptionClass: "", message: "")
        }
        return failure
    }

    @Test func `names, calls and pings come out in order, however they arrive`() throws {
        let bytes =
            self.plain + (try self.context(user: "alice")) + (try self.call(0, request: [1]))
            + (try self.frame(CallID.ping)) + (try self.call(7, "n", request: []))
            + (try self.call(8, request: [2, 3]))
        let actions = Deliveries.server { self.machine() }.check(bytes)
        #expect(actions.count == 4)
        #expect(actions[0] == .open(ConnectionIdentity(user: "alice", realUser: nil, proof: .claimed)))
        let calls = actions.dropFirst().compactMap { action -> String? in
            guard case .call(let call) = action else { return nil }
            #expect(call.clientID == self.clientID)
            #expect(call.signature.protocolName == "P")
            return "\(call.callID) \(call.signature.method) \(call.request)"
        }
        #expect(calls == ["0 m [1]", "7 n []", "8 m [2, 3]"])
    }

    @Test func `broken headers are refused with Hadoop's code, however they arrive`() throws {
        let open = self.plain + (try self.context(user: "alice"))
        let cases: [([UInt8], RPCErrorDetail)] = [
            (try self.frame(0, kind: nil), .fatalInvalidRPCHeader),
            (try self.frame(0, kind: .rpcWritable), .fatalInvalidRPCHeader),
            (try self.frame(0, operation: nil), .fatalInvalidRPCHeader),
            (try self.frame(0, operation: .rpcContinuationPacket), .fatalInvalidRPCHeader),
            (try self.frame(0, operation: .rpcCloseConnection), .fatalInvalidRPCHeader),
            (try self.frame(-2), .fatalInvalidRPCHeader),
            (try self.frame(-100), .fatalInvalidRPCHeader),
            (try self.frame(CallID.sasl, [[0x10, 0x01]]), .fatalUnauthorized),
            (try self.frame(CallID.sasl, [[0x10, 0x05]]), .fatalUnauthorized),
            (try self.frame(0), .fatalDeserializingRequest),
            (try self.frame(0, [[0x0A, 1, 0x41]]), .fatalDeserializingRequest),
            (
                try self.frame(0, [CallSignature(method: "m", protocolName: "P", protocolVersion: 1).encoded]),
                .fatalDeserializingRequest
            ),
            (try self.context(user: "bob"), .fatalInvalidRPCHeader),
            ([0, 0, 0, 1, 0xFF], .fatalInvalidRPCHeader),
            ([0, 0x20, 0, 0], .fatalInvalidRPCHeader),
        ]
        for (bytes, detail) in cases {
            let actions = Deliveries.server { self.machine() }.check(open + bytes)
            #expect(actions.count == 2)
            #expect(try self.failure(actions).detail == detail, "\(bytes)")
        }
    }

    @Test func `nothing comes out of a refused connection`() throws {
        var machine = self.machine()
        _ = drive(&machine, self.plain + (try self.context(user: nil)))
        #expect(drive(&machine, try self.call(0)).isEmpty)
    }

    @Test func `a context without a user is refused`() throws {
        for user in [nil, "", "@REALM", "/host"] {
            var machine = self.machine()
            let failure = try self.failure(drive(&machine, self.plain + (try self.context(user: user))))
            #expect(failure.detail == .fatalUnauthorized)
        }
    }

    @Test func `only the short name counts`() throws {
        var machine = self.machine()
        let actions = drive(&machine, self.plain + (try self.context(user: "yarn/host@REALM", realUser: "yarn@REALM")))
        #expect(actions == [.open(ConnectionIdentity(user: "yarn", realUser: nil, proof: .claimed))])
    }

    @Test func `acting for somebody else is asked about, with the address`() throws {
        var authentication = ServerAuthentication(acceptsSimple: true)
        authentication.impersonation = { realUser, user, address throws(WireRefusal) in
            guard address == "10.0.0.1", realUser == "oozie", user == "alice" else {
                throw .unauthorized(JavaClass.authorization, "no")
            }
        }
        var allowed = self.machine(authentication)
        let actions = drive(&allowed, self.plain + (try self.context(user: "alice", realUser: "oozie")))
        #expect(actions == [.open(ConnectionIdentity(user: "alice", realUser: "oozie", proof: .claimed))])
        var refused = self.machine(authentication)
        let failure = try self.failure(
            drive(&refused, self.plain + (try self.context(user: "root", realUser: "oozie")))
        )
        #expect(failure.exceptionClass == JavaClass.authorization)
    }

    @Test func `a token holder must not claim another name`() throws {
        let token = HadoopToken(identifier: [1], password: [2], kind: "k", service: "")
        let authentication = ServerAuthentication(acceptsSimple: false) { _ throws(WireRefusal) in
            TokenHolder(kind: "k", user: "holder", realUser: nil, password: [2])
        }
        for (name, isRefused) in [("holder", false), ("root", true)] {
            var server = self.machine(authentication)
            var client = ClientConnection(
                protocolName: "P",
                identity: .token(token, user: "", allowsSimple: false),
                clientID: self.clientID,
                cnonce: "c",
                responseLengthMaximum: 1000
            )
            var toServer = client.opening
            while !client.isOpen {
                for action in drive(&server, toServer) {
                    guard case .write(let answer) = action else {
                        Issue.record("\(action)")
                        return
                    }
                    toServer = []
                    for action in drive(&client, answer) {
                        if case .write(let bytes) = action { toServer += bytes }
                    }
                }
            }
            let actions = drive(&server, try self.context(user: name))
            if isRefused {
                #expect(try self.failure(actions).exceptionClass == JavaClass.accessControl)
            } else {
                let proof = ConnectionIdentity.Proof.token(kind: "k", identifier: [1])
                #expect(actions == [.open(ConnectionIdentity(user: "holder", realUser: nil, proof: proof))])
            }
        }
    }

    @Test func `random bytes never crash the machine`() {
        var generator = SplitMix(state: 42)
        let start = self.plain
        for _ in 0..<2000 {
            var bytes = start
            let count = Int(generator.next() % 60)
            bytes += [0, 0, 0, UInt8(generator.next() % 64)]
            for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: generator.next())) }
            var machine = self.machine()
            _ = drive(&machine, bytes)
        }
    }

    @Test func `a valid conversation with any byte changed never crashes the machine`() throws {
        let bytes = self.plain + (try self.context(user: "alice")) + (try self.call(0, request: [1]))
        for index in bytes.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] ^= change
                var machine = self.machine()
                _ = drive(&machine, changed)
            }
        }
    }
}

/// A small generator with a fixed seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
