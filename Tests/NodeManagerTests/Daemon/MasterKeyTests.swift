import ClusterModel
import HadoopProtos
import HadoopRPC
import HadoopWire
import Testing

import struct Foundation.Data

@testable import NodeManager

@Suite struct MasterKeyTests {
    private static let node = NodeID(host: "127.0.0.1", port: 8041)
    private let keys = MasterKeyRing()

    private func key(_ id: Int32) -> MasterKeyProto {
        var key = MasterKeyProto()
        key.keyID = id
        key.bytes = Data([1, 2, 3])
        return key
    }

    /// What a caller hears whose NMToken was signed with that key; nil where it is taken.
    private func refusal(keyID: Int32, node: NodeID = Self.node) -> String? {
        let service = ContainerManagementService(keys: self.keys, auxiliaryServices: [])
        let token = NMTokenIdentifier(
            attempt: ApplicationAttemptID(application: ApplicationID(clusterTimestamp: 1, number: 1), number: 1),
            node: node,
            submitter: "ada",
            keyID: keyID
        )
        do throws(RPCFailure) {
            _ = try service.account(token.bytes, node: Self.node)
            return nil
        } catch {
            return error.exceptionClass.split(separator: ".").last.map(String.init)
        }
    }

    @Test func `a token whose key is on its way is to be shown again, a false one is refused`() {
        #expect(self.refusal(keyID: 7) == "NMNotYetReadyException")
        self.keys.restore(container: nil, node: self.key(6))
        #expect(self.refusal(keyID: 6) == nil)
        #expect(self.refusal(keyID: 7) == "NMNotYetReadyException")
        self.keys.update(container: self.key(7), node: self.key(7))
        #expect(self.refusal(keyID: 7) == nil)
        #expect(self.refusal(keyID: 8) == "SecretManager$InvalidToken")
    }

    @Test func `a token for another node is refused`() {
        self.keys.update(container: self.key(7), node: self.key(7))
        #expect(self.refusal(keyID: 7) == nil)
        for other in [NodeID(host: "127.0.0.1", port: 8042), NodeID(host: "127.0.0.2", port: 8041)] {
            #expect(self.refusal(keyID: 7, node: other) == "SecretManager$InvalidToken")
        }
    }

    @Test func `the keys of a ResourceManager that has come back are waited for`() {
        self.keys.update(container: self.key(1), node: self.key(1))
        self.keys.expectOthers()
        #expect(self.refusal(keyID: 1) == nil)
        #expect(self.refusal(keyID: 2) == "NMNotYetReadyException")
        self.keys.update(container: self.key(2), node: self.key(2))
        #expect(self.refusal(keyID: 2) == nil)
        #expect(self.refusal(keyID: 3) == "SecretManager$InvalidToken")
    }
}
