import ClusterModel
import NodeManagerCore
import Testing

/// Whom the shuffle service is told to answer, and until when.
@Suite struct ShuffleTests {
    private static let secret = ShuffleSecret(application: Fixture.application, password: [1, 2, 3])
    private static let service = AuxiliaryService(
        name: NodeManagerSettings.heddleShuffle,
        metadata: OpaqueBytes([0, 0, 29, 23]),
        metadataBase64: "AAAdFw=="
    )

    private func node(serves: Bool = true) -> Fixture {
        Fixture { if serves { $0.auxiliaryServices = [Self.service] } }
    }

    private func start(_ number: Int64, _ secrets: [ShuffleSecret] = [Self.secret]) -> ContainerStart {
        var start = Fixture.containerStart(number)
        start.context.shuffleSecrets = secrets
        return start
    }

    private func recovered(_ secret: ShuffleSecret = Self.secret) -> RecoveredState {
        var state = RecoveredState()
        state.shuffleSecrets = [RecoveredShuffleSecret(secret, user: "alice")]
        return state
    }

    @Test func `a secret is stored and served with the first container that brings it, and only once`() {
        var node = self.node()
        _ = node.start([self.start(1)])
        #expect(node.effects.records.contains(.shuffleSecret(Self.secret, user: "alice")))
        #expect(node.actions.contains(.serveShuffle(Self.secret, user: "alice")))
        _ = node.start([self.start(2)])
        #expect(!node.effects.records.contains(.shuffleSecret(Self.secret, user: "alice")))
        #expect(!node.actions.contains(.serveShuffle(Self.secret, user: "alice")))
    }

    @Test func `a new secret of the application replaces the old one`() {
        var node = self.node()
        _ = node.start([self.start(1)])
        let second = ShuffleSecret(application: Fixture.application, password: [4])
        _ = node.start([self.start(2, [second])])
        #expect(node.effects.records.contains(.shuffleSecret(second, user: "alice")))
        #expect(node.actions.contains(.serveShuffle(second, user: "alice")))
    }

    @Test func `secrets of other applications and empty ones are not taken`() {
        var node = self.node()
        let other = ApplicationID(clusterTimestamp: 1, number: 1)
        _ = node.start([self.start(1, [ShuffleSecret(application: other, password: [1])])])
        _ = node.start([self.start(2, [ShuffleSecret(application: Fixture.application, password: [])])])
        #expect(!node.actions.contains { if case .serveShuffle = $0 { true } else { false } })
    }

    @Test func `without the service nobody is told`() {
        var node = self.node(serves: false)
        _ = node.start([self.start(1)])
        #expect(!node.effects.records.contains(.shuffleSecret(Self.secret, user: "alice")))
        #expect(!node.actions.contains(.serveShuffle(Self.secret, user: "alice")))
    }

    @Test func `when the application ends it is forgotten, though a container still runs`() {
        var node = self.node()
        node.running(self.start(1))
        node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(node.effects.records.contains(.shuffleSecretRemoved(Fixture.application)))
        #expect(node.actions.contains(.endShuffle(Fixture.application)))
    }

    @Test func `after a restart an application without containers goes on until the ResourceManager ends it`() {
        var node = Fixture(isRegistered: false) { $0.auxiliaryServices = [Self.service] }
        node.step(.recovered(self.recovered()))
        #expect(node.actions.contains(.serveShuffle(Self.secret, user: "alice")))
        #expect(node.core.registrationReport.runningApplications == [Fixture.application])
        node.step(.started)
        node.step(
            .registrationAnswered(
                RegistrationAnswer(action: .normal, resourceManagerIdentifier: Fixture.resourceManager)
            )
        )
        node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(node.effects.records.contains(.shuffleSecretRemoved(Fixture.application)))
        #expect(node.actions.contains(.endShuffle(Fixture.application)))
        #expect(node.deleted.contains("/local/usercache/alice/appcache/\(Fixture.application)"))
        #expect(node.core.registrationReport.runningApplications == [])
    }

    @Test func `what was stored counts more than what a container that is left had brought`() {
        let newer = ShuffleSecret(application: Fixture.application, password: [9])
        var node = self.node()
        var state = self.recovered(newer)
        state.containers = [
            RecoveredContainer(
                start: self.start(1),
                directories: ContainerDirectories(work: "/local/w", log: "/logs/l", private: "/local/p"),
                acceptedAt: node.now,
                wasLaunched: true
            )
        ]
        node.step(.recovered(state))
        let told = node.actions.compactMap { if case .serveShuffle(let secret, _) = $0 { secret } else { nil } }
        #expect(told.last == newer)
        #expect(node.core.registrationReport.runningApplications == [Fixture.application])
    }

    @Test func `a node that no longer serves forgets it with the application`() {
        var node = self.node(serves: false)
        node.step(.recovered(self.recovered()))
        #expect(!node.actions.contains(.serveShuffle(Self.secret, user: "alice")))
        node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(node.effects.records.contains(.shuffleSecretRemoved(Fixture.application)))
    }

    @Test func `the password is in no text`() {
        let secret = ShuffleSecret(application: Fixture.application, password: Array("sesame".utf8))
        let start = self.start(1, [secret])
        for text in ["\(secret)", String(reflecting: secret), String(reflecting: start)] {
            #expect(!text.contains("115, 101"))
            #expect(!text.contains("sesame"))
        }
    }
}
