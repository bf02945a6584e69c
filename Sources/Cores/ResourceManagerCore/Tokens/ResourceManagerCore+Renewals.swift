import ClusterModel

extension ResourceManagerCore {
    /// Takes charge of those tokens of an application that name this ResourceManager as their renewer.
    /// - Returns: whether it is to wait for them.
    mutating func holdTokens(of id: ApplicationID, waits: Bool) -> Bool {
        guard let submission = self.applications[id]?.record.submission else { return false }
        let tokens = submission.webTokens.filter { self.settings.tokenRenewers.contains($0.renewer) }
        guard !tokens.isEmpty else { return false }
        let mustWait = self.renewals.hold(
            tokens,
            of: id,
            isCancelled: submission.cancelsTokens,
            waits: waits,
            at: self.now
        )
        self.followRenewals()
        return mustWait
    }

    /// Nothing of an application is to come that needs its tokens.
    /// - Parameter cancels: false where a node may want them yet.
    mutating func releaseTokens(of id: ApplicationID, cancels: Bool) {
        self.renewals.release(id, cancels: cancels, at: self.now)
        self.followRenewals()
    }

    /// Carries out what the renewals want.
    mutating func followRenewals() {
        for output in self.renewals.takeOutputs() {
            switch output {
            case .renew(let token): self.effects.actions.append(.renewToken(token))
            case .cancel(let token): self.effects.actions.append(.cancelToken(token))
            case .ready(let id):
                if self.applications[id]?.awaitsTokens == true { self.admit(id) }
            case .refused(let id, let reason): self.endApplication(id, as: .failed, diagnostics: reason)
            case .ended(let id, let reason): self.noteEndOfToken(of: id, reason)
            }
        }
    }

    private mutating func noteEndOfToken(of id: ApplicationID, _ reason: String) {
        guard self.applications[id]?.phase != .ended else { return }
        self.applications[id]?.tokenNotes.append(reason)
        self.touch(application: id)
    }
}
