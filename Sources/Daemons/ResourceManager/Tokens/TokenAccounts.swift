import ClusterModel
package import HadoopRPC
import HadoopWire
import ResourceManagerCore

/// The accounts behind the tokens that clients log in with, from what the core published: nothing is looked up outside,
/// so that SASL needs no hop.
package struct TokenAccounts: Sendable {
    private let snapshot: ClusterSnapshot
    private let clock: DriverClock

    package init(snapshot: ClusterSnapshot, clock: DriverClock) {
        self.snapshot = snapshot
        self.clock = clock
    }

    /// Port 8030: AMRM tokens of attempts that are not over.
    package func master(_ identifier: [UInt8]) throws(RPCFailure) -> TokenAccount {
        let token: AMRMTokenIdentifier
        do {
            token = try AMRMTokenIdentifier(bytes: identifier)
        } catch {
            throw .invalidToken(error.description)
        }
        guard let view = self.snapshot.attempt(token.attempt), !view.state.isFinal else {
            throw .invalidToken("\(token.attempt) not found in AMRMTokenSecretManager.")
        }
        guard let key = self.snapshot.keyRing(.applicationMaster)?.key(token.keyID) else {
            throw .invalidToken("Invalid AMRMToken from \(token.attempt)")
        }
        return TokenAccount(
            kind: TokenKind.amrm,
            user: "\(token.attempt)",
            password: TokenPassword.hmacSHA1(key: key.bytes, identifier: identifier)
        )
    }

    /// Port 8032: delegation tokens that were issued here and have not expired.
    package func client(_ identifier: [UInt8]) throws(RPCFailure) -> TokenAccount {
        let presented: RMDelegationTokenIdentifier
        do {
            presented = try RMDelegationTokenIdentifier(bytes: identifier)
        } catch {
            throw .invalidToken(error.description)
        }
        let name =
            "token (\(TokenKind.rmDelegation) for \(presented.owner), sequenceNumber=\(presented.sequenceNumber))"
        guard let token = self.snapshot.delegationToken(sequenceNumber: presented.sequenceNumber),
            token.identifier == presented
        else { throw .invalidToken("\(name) can't be found in cache") }
        guard self.clock.now < token.expiresAt else { throw .invalidToken("\(name) is expired") }
        guard let key = self.snapshot.keyRing(.delegation)?.key(token.keyID) else {
            throw .invalidToken("\(name) was signed with a key that is no longer held")
        }
        return TokenAccount(
            kind: TokenKind.rmDelegation,
            user: token.owner,
            realUser: token.realUser.isEmpty || token.realUser == token.owner ? nil : token.realUser,
            password: TokenPassword.hmacSHA1(key: key.bytes, identifier: identifier)
        )
    }
}
