import ClusterModel
import OrderedCollections
import SchedulerCore

extension ResourceManagerCore {
    mutating func issueDelegationToken(renewer: String, to caller: Caller) -> Reply {
        guard let key = self.keyRings[.delegation]?.current else { return .failed(.notReady) }
        self.epoch.delegationSequenceNumber += 1
        self.unstored.epoch = true
        let maximumDate = self.now.adding(self.settings.delegationTokenLifetime)
        let token = DelegationToken(
            owner: caller.user,
            renewer: renewer,
            realUser: caller.realUser ?? "",
            issuedAt: self.now,
            maximumDate: maximumDate,
            sequenceNumber: self.epoch.delegationSequenceNumber,
            keyID: key.id,
            expiresAt: min(maximumDate, self.now.adding(self.settings.delegationTokenRenewal))
        )
        self.keep(DelegationTokenRecord(token: token))
        return .delegationToken(token)
    }

    mutating func renewDelegationToken(_ number: Int32, by caller: Caller) -> Reply {
        guard var record = self.delegationTokens[number] else {
            return .failed(.invalidToken("Renewal request for unknown token (sequence number \(number))"))
        }
        let token = record.token
        if token.maximumDate < self.now {
            return .failed(.invalidToken("\(caller.user) tried to renew an expired token (sequence number \(number))"))
        }
        if token.renewer.isEmpty {
            return .failed(.tokenAccessDenied("\(caller.user) tried to renew a token without a renewer"))
        }
        if token.renewer != caller.user {
            return .failed(
                .tokenAccessDenied(
                    "\(caller.user) tries to renew a token (sequence number \(number)) with non-matching renewer "
                        + token.renewer
                )
            )
        }
        record.token.expiresAt = min(token.maximumDate, self.now.adding(self.settings.delegationTokenRenewal))
        self.keep(record)
        return .delegationTokenRenewed(expiresAt: record.token.expiresAt)
    }

    mutating func cancelDelegationToken(_ number: Int32, by caller: Caller) -> Reply {
        guard let token = self.delegationTokens[number]?.token else {
            return .failed(.invalidToken("Token not found (sequence number \(number))"))
        }
        guard caller.user == token.owner || (!token.renewer.isEmpty && caller.user == token.renewer) else {
            return .failed(.tokenAccessDenied("\(caller.user) is not authorized to cancel the token"))
        }
        self.removeDelegationToken(number)
        return .done
    }

    mutating func removeDelegationToken(_ number: Int32) {
        guard self.delegationTokens.removeValue(forKey: number) != nil else { return }
        self.timers.cancel(.delegationTokenExpires(number))
        self.unpublished.delegationTokens.append(number)
        self.effects.records.append(.delegationTokenRemoved(sequenceNumber: number))
    }

    private mutating func keep(_ record: DelegationTokenRecord) {
        self.recoverDelegationToken(record)
        self.effects.records.append(.delegationToken(record))
    }

    mutating func recoverDelegationToken(_ record: DelegationTokenRecord) {
        let number = record.token.sequenceNumber
        self.delegationTokens[number] = record
        self.timers.set(.delegationTokenExpires(number), at: record.token.expiresAt)
        self.unpublished.delegationTokens.append(number)
    }
}
