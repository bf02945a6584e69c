import ClusterModel
import HadoopProtos
import SwiftProtobuf
import Testing

import struct FoundationEssentials.Data

@testable import HadoopWire

struct TokenTests {
    private let attempt = ApplicationAttemptID(
        application: ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 12),
        number: 2
    )

    @Test func `the password is HMAC-SHA1, by the test cases of RFC 2202`() {
        #expect(
            TokenPassword.hmacSHA1(key: Array(repeating: 0x0B, count: 20), identifier: Array("Hi There".utf8))
                == [UInt8](hex: "b617318655057264e28bc0b6fb378c8ef146be00")
        )
        let password = TokenPassword.hmacSHA1(
            key: Array("Jefe".utf8),
            identifier: Array("what do ya want for nothing?".utf8)
        )
        #expect(password == [UInt8](hex: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"))
        #expect(
            TokenPassword.isValid(
                password,
                key: Array("Jefe".utf8),
                identifier: Array("what do ya want for nothing?".utf8)
            )
        )
        #expect(!TokenPassword.isValid(password, key: Array("Jeff".utf8), identifier: []))
        #expect(!TokenPassword.isValid([], key: Array("Jefe".utf8), identifier: []))
    }

    @Test func `identifiers read back`() throws {
        let amrm = AMRMTokenIdentifier(attempt: self.attempt, keyID: -5)
        #expect(try AMRMTokenIdentifier(bytes: amrm.bytes) == amrm)
        let node = NMTokenIdentifier(
            attempt: self.attempt,
            node: NodeID(host: "h", port: 45_454),
            submitter: "alice",
            keyID: 3
        )
        #expect(try NMTokenIdentifier(bytes: node.bytes) == node)
        let delegation = RMDelegationTokenIdentifier(
            owner: "alice",
            renewer: "yarn",
            realUser: "",
            issueDate: Timestamp(milliseconds: 5),
            maxDate: Timestamp(milliseconds: 9),
            sequenceNumber: 1,
            masterKeyID: 2
        )
        #expect(try RMDelegationTokenIdentifier(bytes: delegation.bytes) == delegation)
        let client = ClientToAMTokenIdentifier(attempt: self.attempt, clientName: "bob")
        #expect(try ClientToAMTokenIdentifier(bytes: client.bytes) == client)
        var proto = ContainerTokenIdentifierProto()
        proto.masterKeyID = 11
        proto.appSubmitter = "alice"
        let container = ContainerTokenIdentifier(proto)
        #expect(try ContainerTokenIdentifier(bytes: container.bytes) == container)
        #expect(container.keyID == 11)
    }

    @Test func `bytes without the needed fields are no identifier`() {
        #expect(throws: TokenIdentifierError.self) { try AMRMTokenIdentifier(bytes: []) }
        #expect(throws: TokenIdentifierError.self) { try AMRMTokenIdentifier(bytes: [0xFF]) }
        #expect(throws: TokenIdentifierError.self) {
            try NMTokenIdentifier(bytes: AMRMTokenIdentifier(attempt: self.attempt, keyID: 1).bytes)
        }
        #expect(throws: TokenIdentifierError.self) { try ClientToAMTokenIdentifier(bytes: []) }
    }

    @Test func `a signed token convinces and its text hides the password`() throws {
        let token = AMRMTokenIdentifier(attempt: self.attempt, keyID: 1).token(key: [1, 2], service: "rm:8030")
        #expect(token.kind == "YARN_AM_RM_TOKEN")
        #expect(TokenPassword.isValid(token.password, key: [1, 2], identifier: token.identifier))
        #expect(HadoopToken(token.proto) == token)
        #expect("\(token)" == "Kind: YARN_AM_RM_TOKEN, Service: rm:8030")
        #expect("\(MasterKey(id: 4, bytes: [1]))" == "master key 4")
        // Java's parser wants all four fields, also empty ones.
        let empty = HadoopToken(identifier: [], password: [], kind: "", service: "").proto
        #expect(empty.hasIdentifier && empty.hasPassword && empty.hasKind && empty.hasService)
    }
}

struct CredentialsTests {
    private let credentials = Credentials(
        tokens: [
            .init(
                alias: "rm:8030",
                token: HadoopToken(
                    identifier: Array(repeating: 1, count: 200),
                    password: [2],
                    kind: "k",
                    service: "s"
                )
            ),
            .init(alias: "", token: HadoopToken(identifier: [], password: [], kind: "", service: "")),
        ],
        secrets: [.init(alias: "ключ", bytes: Array(repeating: 9, count: 70_000))]
    )

    @Test func `format 0 reads back`() throws {
        #expect(try Credentials(bytes: self.credentials.bytes) == self.credentials)
        #expect(Credentials().bytes == [UInt8](hex: "48445453 00 00 00"))
    }

    @Test func `what follows the last entry is not looked at`() throws {
        #expect(try Credentials(bytes: self.credentials.bytes + [0, 0, 0xFF]) == self.credentials)
    }

    @Test func `a file cut off anywhere is refused`() throws {
        let small = Credentials(tokens: self.credentials.tokens, secrets: [.init(alias: "a", bytes: [1])])
        let bytes = small.bytes
        for cut in 0..<bytes.count {
            #expect(throws: CredentialsError.self) { try Credentials(bytes: Array(bytes[..<cut])) }
        }
    }

    @Test func `format 1 is read`() throws {
        var proto = CredentialsProto()
        proto.tokens = self.credentials.tokens.map { entry in
            var pair = CredentialsKVProto()
            pair.alias = entry.alias
            pair.token = entry.token.proto
            return pair
        }
        proto.secrets = self.credentials.secrets.map { entry in
            var pair = CredentialsKVProto()
            pair.alias = entry.alias
            pair.secret = Data(entry.bytes)
            return pair
        }
        var bytes = Array("HDTS".utf8) + [1]
        bytes.append(delimited: try proto.serializedBytes() as [UInt8])
        #expect(try Credentials(bytes: bytes) == self.credentials)
        #expect(try Credentials(bytes: bytes + [0]) == self.credentials)
        #expect(throws: CredentialsError.self) { try Credentials(bytes: bytes.dropLast()) }
    }

    @Test func `other bytes are told from damaged ones`() {
        #expect(throws: CredentialsError.notCredentials) { try Credentials(bytes: []) }
        #expect(throws: CredentialsError.notCredentials) { try Credentials(bytes: Array("HDT".utf8)) }
        #expect(throws: CredentialsError.unknownFormat(2)) { try Credentials(bytes: Array("HDTS".utf8) + [2]) }
        #expect(throws: CredentialsError.malformed(.truncated)) { try Credentials(bytes: Array("HDTS".utf8)) }
        // Two billion entries, or a negative number of them.
        let huge = Array("HDTS".utf8) + [0, 0x8C, 0x7F, 0xFF, 0xFF, 0xFF]
        #expect(throws: CredentialsError.malformed(.tooManyEntries(Int(Int32.max)))) { try Credentials(bytes: huge) }
        #expect(throws: CredentialsError.malformed(.malformedField)) {
            try Credentials(bytes: Array("HDTS".utf8) + [0, 0xFF])
        }
    }

    @Test(arguments: [0, 127, -112, 128, -113, 255, 256, 65_535, -65_536, Int64.max, Int64.min])
    func `variable integers read back`(value: Int64) throws {
        var bytes: [UInt8] = []
        bytes.append(variableInt: value)
        var reader = WritableReader(bytes)
        #expect(try reader.variableInt() == value)
        #expect(reader.offset == bytes.count)
    }

    @Test func `variable integers have Hadoop's form`() {
        var bytes: [UInt8] = []
        for value in [127, 128, 300, -113, -300] as [Int64] { bytes.append(variableInt: value) }
        #expect(bytes == [UInt8](hex: "7f 8f80 8e012c 8770 86012b"))
    }

    @Test func `a token replaces the one with the same alias`() {
        var credentials = self.credentials
        let token = HadoopToken(identifier: [7], password: [], kind: "new", service: "")
        credentials.set(token, alias: "rm:8030")
        #expect(credentials.tokens.count == 2)
        #expect(credentials.token(kind: "new") == token)
        credentials.set(token, alias: "other")
        #expect(credentials.tokens.count == 3)
    }
}
