import ClusterModel
import NodeManagerCore
import Testing

/// What is refused, and in which words: clients show them, some read them.
@Suite struct RequestTests {
    private let first = Fixture.container(1)

    private func refusal(_ node: inout Fixture, _ start: ContainerStart) -> NodeManagerFailure? {
        let reply = node.start([start])
        #expect(reply.succeeded.isEmpty)
        #expect(node.launches.isEmpty && node.downloads.isEmpty && node.effects.records.isEmpty)
        return reply.failed.first?.failure
    }

    @Test
    func `An application's viewers are published with it`() {
        var fixture = Fixture()
        var start = Fixture.containerStart(1)
        start.context.accessLists = [
            ApplicationAccessList(name: "MODIFY_APP", list: "carol"),
            ApplicationAccessList(name: "VIEW_APP", list: "bob staff"),
        ]
        _ = fixture.start([start])
        let views = fixture.effects.changes.compactMap { change in
            if case .application(let view) = change { view } else { nil }
        }
        #expect(views.map(\.viewers) == ["bob staff"])
        #expect(views.map(\.user) == ["alice"])
    }

    @Test func `before the first registration nothing starts`() {
        var node = Fixture(isRegistered: false)
        node.step(.startRequested(RequestID(1), [Fixture.containerStart(1)], caller: Fixture.attempt))
        guard case .failed(.notYetReady) = node.effects.replies.first?.reply else {
            Issue.record("answered \(node.effects.replies)")
            return
        }
    }

    @Test func `a token of another application does not start a container`() {
        var node = Fixture()
        let other = ApplicationAttemptID(
            application: ApplicationID(clusterTimestamp: 1_699_999_999_000, number: 4),
            number: 1
        )
        let reply = node.start([Fixture.containerStart(1)], caller: other)
        #expect(
            reply.failed.first?.failure
                == .yarn(
                    "Unauthorized request to start container. \nNMToken for application attempt : \(other) was used for"
                        + " starting container with container token issued for application attempt :"
                        + " \(Fixture.attempt)"
                )
        )
    }

    @Test func `a token starts one container once, also after its end`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        let text =
            "Unauthorized request to start container. \n Attempt to relaunch the same container with id \(self.first)."
        #expect(self.refusal(&node, Fixture.containerStart(1)) == .yarn(text))
        node.step(.containerEnded(self.first, ContainerEnd(exitCode: 0)))
        node.answerHeartbeat { $0.containersToForget = [self.first] }
        #expect(self.refusal(&node, Fixture.containerStart(1)) == .yarn(text))
    }

    @Test func `an expired token is refused`() {
        var node = Fixture()
        let failure = self.refusal(
            &node,
            Fixture.containerStart(1) { $0.expiresAt = Timestamp(milliseconds: 1_699_999_999_999) }
        )
        guard case .yarn(let text) = failure else {
            Issue.record("refused with \(String(describing: failure))")
            return
        }
        #expect(text.contains("\nThis token is expired. current time is 1700000000000 found 1699999999999"))
    }

    @Test func `a container of an earlier ResourceManager is refused`() {
        var node = Fixture()
        #expect(
            self.refusal(&node, Fixture.containerStart(1) { $0.resourceManagerIdentifier = 7 })
                == .invalidContainer("\nContainer \(self.first) rejected as it is allocated by a previous RM")
        )
    }

    @Test func `a token for another node is refused`() {
        var node = Fixture()
        guard case .invalidToken = self.refusal(&node, Fixture.containerStart(1) { $0.nodeAddress = "other:1" }) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `an unknown auxiliary service is refused by its name`() {
        var node = Fixture()
        var start = Fixture.containerStart(1)
        start.context.services = ["spark_shuffle"]
        #expect(self.refusal(&node, start) == .invalidAuxService("The auxService:spark_shuffle does not exist"))
    }

    @Test(arguments: [
        "../x", "/etc/passwd", "a/../../b", "a//b", "", ".", "./a", "a/", "launch_container.sh", "container_tokens",
        "tmp/x",
    ])
    func `a resource name that leaves its place is refused`(name: String) {
        var node = Fixture()
        guard
            case .yarn = self.refusal(
                &node,
                Fixture.containerStart(1, resources: [Fixture.resource("/data/a", name: name)])
            )
        else {
            Issue.record("accepted \(name)")
            return
        }
    }

    @Test func `a link inside another link, which would write into the cache, is refused`() {
        var node = Fixture()
        let resources = [Fixture.resource("/data/a", name: "lib"), Fixture.resource("/data/b", name: "lib/b")]
        guard case .yarn = self.refusal(&node, Fixture.containerStart(1, resources: resources)) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func `two resources under one name are refused with both and the name`() {
        var node = Fixture()
        let resources = [
            Fixture.resource("/data/a", name: "x"), Fixture.resource("/data/b", name: "y"),
            Fixture.resource("/data/c", name: "x"),
        ]
        guard case .yarn(let text) = self.refusal(&node, Fixture.containerStart(1, resources: resources)) else {
            Issue.record("accepted")
            return
        }
        #expect(
            text.hasSuffix(
                "Local resources /data/a and /data/c would both be linked as 'x': choose separate names."
            )
        )
    }

    @Test(arguments: ["a b", "1A", "A;rm", "A-B", "", "A=B", "Ä"])
    func `a variable that no shell can export is refused`(name: String) {
        var node = Fixture()
        guard
            case .yarn = self.refusal(
                &node,
                Fixture.containerStart(1, environment: [EnvironmentVariable(name, "x")])
            )
        else {
            Issue.record("accepted \(name)")
            return
        }
    }

    @Test(arguments: ["", ".", "..", "a/b", "a\"b", "$(id)", "a`b", "a b", "a\nb", "a,b"])
    func `a user name that is no folder name is refused`(user: String) {
        var node = Fixture()
        guard case .yarn = self.refusal(&node, Fixture.containerStart(1) { $0.user = user }) else {
            Issue.record("accepted \(user)")
            return
        }
    }

    @Test func `one bad entry does not hurt the others`() {
        var node = Fixture()
        let reply = node.start([
            Fixture.containerStart(1), Fixture.containerStart(2) { $0.resourceManagerIdentifier = 7 },
            Fixture.containerStart(3),
        ])
        #expect(reply.succeeded == [Fixture.container(1), Fixture.container(3)])
        #expect(reply.failed.map(\.container) == [Fixture.container(2)])
    }

    @Test func `statuses of unknown, running and ended containers`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.running(Fixture.containerStart(2))
        node.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 3)))
        node.answerHeartbeat { $0.containersToForget = [Fixture.container(2)] }
        let ids = [1, 2, 9].map { Fixture.container($0) }
        node.step(.statusesRequested(RequestID(5), ids, caller: Fixture.attempt))
        guard case .statuses(let statuses, let failed) = node.effects.replies.first?.reply else {
            Issue.record("answered \(node.effects.replies)")
            return
        }
        #expect(statuses.map(\.state) == [.running])
        #expect(
            failed.map(\.failure) == [
                .yarn("Container \(ids[1]) was recently stopped on node manager."),
                .yarn("Container \(ids[2]) is not handled by this NodeManager"),
            ]
        )
        node.step(.stopRequested(RequestID(6), ids, caller: Fixture.attempt))
        guard case .stopped(let succeeded, let failed) = node.effects.replies.first?.reply else {
            Issue.record("answered \(node.effects.replies)")
            return
        }
        #expect(succeeded == [ids[0], ids[1]])
        #expect(failed.map(\.container) == [ids[2]])
    }

    @Test func `another application can neither stop, see nor signal`() {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        let other = ApplicationAttemptID(application: ApplicationID(clusterTimestamp: 1, number: 1), number: 1)
        node.step(.stopRequested(RequestID(5), [self.first], caller: other))
        #expect(node.actions.isEmpty)
        node.step(.signalRequested(RequestID(6), self.first, .forcefulShutdown, caller: other))
        #expect(node.actions.isEmpty)
        guard case .failed(.yarn) = node.effects.replies.first?.reply else {
            Issue.record("answered \(node.effects.replies)")
            return
        }
        node.step(.statusesRequested(RequestID(7), [self.first], caller: other))
        guard case .statuses(let statuses, let failed) = node.effects.replies.first?.reply else {
            Issue.record("answered \(node.effects.replies)")
            return
        }
        #expect(statuses.isEmpty)
        #expect(failed.map(\.container) == [self.first])
    }

    @Test(arguments: [
        (SignalContainerCommand.outputThreadDump, ProcessSignal.quit), (.gracefulShutdown, .terminate),
        (.forcefulShutdown, .kill),
    ])
    func `signals reach a running container`(command: SignalContainerCommand, signal: ProcessSignal) {
        var node = Fixture()
        node.running(Fixture.containerStart(1))
        node.step(.signalRequested(RequestID(5), self.first, command, caller: Fixture.attempt))
        #expect(node.actions == [.signal(self.first, signal)])
        #expect(node.effects.replies == [PendingReply(RequestID(5), .signalled)])
    }

    @Test func `a signal before the process runs waits for it`() {
        var node = Fixture()
        _ = node.start([Fixture.containerStart(1)])
        node.step(.signalRequested(RequestID(5), self.first, .outputThreadDump, caller: Fixture.attempt))
        #expect(node.actions.isEmpty)
        node.step(.containerLaunched(self.first, process: 1))
        #expect(node.actions == [.signal(self.first, .quit)])
    }
}
