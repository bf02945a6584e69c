import ClusterModel
import OrderedCollections

// Whom the shuffle service answers.
extension NodeManagerCore {
    private var servesShuffle: Bool {
        self.settings.auxiliaryServices.contains { $0.name == NodeManagerSettings.heddleShuffle }
    }

    /// Takes the application's own secret from a container's credentials; the newest counts, since a new attempt may bring
    /// another.
    mutating func noteShuffleSecret(of start: ContainerStart, into effects: inout Effects) {
        let id = start.grant.container.application
        guard self.servesShuffle,
            let secret = start.context.shuffleSecrets.first(where: { $0.application == id })
        else { return }
        self.serveShuffle(secret, into: &effects)
    }

    /// What an earlier NodeManager had stored is newer than what the containers that are left brought. Its application goes
    /// on here though none of its containers may be left: the ResourceManager says when it ends.
    mutating func recoverShuffle(_ recovered: RecoveredShuffleSecret, into effects: inout Effects) {
        let id = recovered.secret.application
        if self.applications[id] == nil {
            self.applications[id] = Application(user: recovered.user, state: .running, containers: [], logsDueAt: nil)
            self.publish(id, into: &effects)
        }
        guard self.applications[id]?.state == .running else {
            effects.records.append(.shuffleSecretRemoved(id))
            return
        }
        guard self.servesShuffle else {
            // It is forgotten at the application's end all the same.
            self.applications[id]?.shuffleSecret = recovered.secret
            return
        }
        self.serveShuffle(recovered.secret, into: &effects)
    }

    private mutating func serveShuffle(_ secret: ShuffleSecret, into effects: inout Effects) {
        let id = secret.application
        guard let application = self.applications[id], application.state == .running,
            application.shuffleSecret != secret, !secret.password.isEmpty
        else { return }
        self.applications[id]?.shuffleSecret = secret
        effects.records.append(.shuffleSecret(secret, user: application.user))
        effects.actions.append(.serveShuffle(secret, user: application.user))
    }

    mutating func endShuffle(of id: ApplicationID, into effects: inout Effects) {
        guard self.applications[id]?.shuffleSecret != nil else { return }
        self.applications[id]?.shuffleSecret = nil
        effects.records.append(.shuffleSecretRemoved(id))
        effects.actions.append(.endShuffle(id))
    }
}
