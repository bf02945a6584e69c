import ClusterModel
import HadoopRPC
import HadoopWire
import ResourceManager
import ResourceManagerCore
import Testing

import struct ResourceManagerCore.MasterKey

/// Who may log in with which token, by what the core has published.
@Suite struct TokenAccountTests {
    private static let key = MasterKey(id: 3, bytes: [1, 2, 3])
    private let snapshot = ClusterSnapshot()
    private let clock = DriverClock()

    private var accounts: TokenAccounts { TokenAccounts(snapshot: self.snapshot, clock: self.clock) }

    init() {
        self.snapshot.apply(
            [MasterKeyKind.applicationMaster, .delegation].map { kind in
                .keyRing(KeyRingView(kind: kind, current: Self.key, accepted: [Self.key]))
            }
        )
    }

    private func issued(_ sequenceNumber: Int32, lifetime: Int64) -> DelegationToken {
        DelegationToken(
            owner: "ann",
            renewer: "yarn",
            realUser: "",
            issuedAt: self.clock.now,
            maximumDate: self.clock.now.adding(milliseconds: 600_000),
            sequenceNumber: sequenceNumber,
            keyID: Self.key.id,
            expiresAt: self.clock.now.adding(milliseconds: lifetime)
        )
    }

    private func identifier(_ token: DelegationToken, renewer: String? = nil) -> [UInt8] {
        RMDelegationTokenIdentifier(
            owner: token.owner,
            renewer: renewer ?? token.renewer,
            realUser: token.realUser,
            issueDate: token.issuedAt,
            maxDate: token.maximumDate,
            sequenceNumber: token.sequenceNumber,
            masterKeyID: token.keyID
        ).bytes
    }

    @Test func `a delegation token is good for what was issued, until it expires`() throws {
        let good = self.issued(1, lifetime: 300_000)
        let old = self.issued(2, lifetime: -1)
        self.snapshot.apply([.delegationToken(good), .delegationToken(old)])
        let account = try self.accounts.client(self.identifier(good))
        #expect(account.user == "ann")
        #expect(
            account.password == TokenPassword.hmacSHA1(key: Self.key.bytes, identifier: self.identifier(good))
        )
        // The driver's timer takes it off the list, but may be late.
        let expired = #expect(throws: RPCFailure.self) { try self.accounts.client(self.identifier(old)) }
        #expect(expired?.message.hasSuffix("sequenceNumber=2) is expired") == true)
        // Signed or not: a number alone makes nobody the owner of what was issued under it.
        let other = #expect(throws: RPCFailure.self) {
            try self.accounts.client(self.identifier(good, renewer: "mallory"))
        }
        #expect(other?.message.hasSuffix("sequenceNumber=1) can't be found in cache") == true)
    }

    @Test(arguments: [(AttemptState.running, true), (.finished, false), (.failed, false), (.killed, false)])
    func `an AMRM token is good as long as its attempt is not over`(state: AttemptState, isGood: Bool) throws {
        var view = GoldenCluster.attemptView(1, started: 1, finished: 0)
        view.state = state
        self.snapshot.apply([.attempt(view)])
        let identifier = AMRMTokenIdentifier(attempt: view.id, keyID: Self.key.id).bytes
        guard !isGood else {
            #expect(try self.accounts.master(identifier).user == "\(view.id)")
            return
        }
        let failure = #expect(throws: RPCFailure.self) { try self.accounts.master(identifier) }
        #expect(failure?.message == "\(view.id) not found in AMRMTokenSecretManager.")
    }
}
