import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

@Suite struct Keys {
    @Test(arguments: [
        (MasterKeyKind.applicationMaster, Int64(1_350_000)), (.container, 900_000), (.node, 900_000),
    ])
    func `a new key signs only after everybody has surely heard of it`(kind: MasterKeyKind, delay: Int64) {
        var cluster = Cluster(nodes: 0)
        cluster.pass(milliseconds: 86_399_999)
        #expect(cluster.actions.isEmpty)
        cluster.pass(milliseconds: 1)
        #expect(cluster.actions.contains(.masterKeyWanted(kind)))
        cluster.step(.masterKeyOffered(kind, bytes: [42]))
        let ring = cluster.seen.keyRings[kind]
        #expect(ring?.current.id == 1)
        #expect(ring?.accepted.map(\.id) == [1, 2])
        #expect(cluster.store.keys[kind]?.next == MasterKey(id: 2, bytes: [42]))
        cluster.pass(milliseconds: delay - 1)
        #expect(cluster.seen.keyRings[kind]?.current.id == 1)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.keyRings[kind]?.current == MasterKey(id: 2, bytes: [42]))
        #expect(cluster.seen.keyRings[kind]?.accepted.map(\.id) == [2])
    }

    @Test func `a key that tokens are signed with already is not replaced before its time`() {
        var cluster = Cluster(nodes: 0)
        cluster.step(.masterKeyOffered(.applicationMaster, bytes: [42]))
        cluster.step(.masterKeyOffered(.applicationMaster, bytes: [43]))
        #expect(cluster.seen.keyRings[.applicationMaster]?.accepted.map(\.bytes) == [[1], [42]])
    }

    @Test func `nodes hear of a new key by their heartbeats`() {
        var cluster = Cluster()
        #expect(cluster.beat(0).containerTokenKey == nil)
        cluster.step(.masterKeyOffered(.container, bytes: [42]))
        let reply = cluster.beat(0)
        #expect(reply.containerTokenKey == MasterKey(id: 2, bytes: [42]))
        #expect(reply.nodeTokenKey == nil)
    }

    @Test func `delegation keys sign at once and their predecessors are accepted as long as tokens live`() {
        var cluster = Cluster(nodes: 0)
        cluster.step(.masterKeyOffered(.delegation, bytes: [42]))
        #expect(cluster.seen.keyRings[.delegation]?.current.id == 2)
        #expect(cluster.seen.keyRings[.delegation]?.accepted.map(\.id) == [1, 2])
        cluster.pass(milliseconds: 604_800_000)
        #expect(cluster.seen.keyRings[.delegation]?.accepted.map(\.id) == [2])
    }
}

@Suite struct `Delegation tokens` {
    private func issue(_ cluster: inout Cluster, renewer: String = "bob") -> DelegationToken? {
        guard
            case .delegationToken(let token) = cluster.ask({
                .delegationTokenRequested($0, renewer: renewer, by: Cluster.user)
            })
        else { return nil }
        return token
    }

    @Test func `one is issued, renewed by its renewer, and expires`() throws {
        var cluster = Cluster(nodes: 0)
        let token = try #require(self.issue(&cluster))
        #expect(token.owner == "ann")
        #expect(token.expiresAt == cluster.now.adding(milliseconds: 86_400_000))
        #expect(token.maximumDate == cluster.now.adding(milliseconds: 604_800_000))
        #expect(cluster.store.epoch?.delegationSequenceNumber == token.sequenceNumber)
        cluster.pass(milliseconds: 86_399_000)
        let renewed = cluster.ask {
            .delegationTokenRenewalRequested($0, sequenceNumber: token.sequenceNumber, by: Caller(user: "bob"))
        }
        #expect(renewed == .delegationTokenRenewed(expiresAt: cluster.now.adding(milliseconds: 86_400_000)))
        cluster.pass(milliseconds: 86_399_999)
        #expect(cluster.seen.delegationTokens.count == 1)
        cluster.pass(milliseconds: 1)
        #expect(cluster.seen.delegationTokens.isEmpty)
        #expect(cluster.store.tokens.isEmpty)
    }

    @Test func `renewal does not reach beyond a token's maximum date`() throws {
        var cluster = Cluster(nodes: 0)
        let token = try #require(self.issue(&cluster))
        var expiresAt = token.expiresAt
        while expiresAt < token.maximumDate {
            cluster.pass(milliseconds: 80_000_000)
            guard
                case .delegationTokenRenewed(let next) = cluster.ask({
                    .delegationTokenRenewalRequested(
                        $0,
                        sequenceNumber: token.sequenceNumber,
                        by: Caller(user: "bob")
                    )
                })
            else {
                Issue.record("not renewed")
                return
            }
            expiresAt = next
        }
        #expect(expiresAt == token.maximumDate)
    }

    @Test func `only its renewer renews it, only its owner or renewer cancels it`() throws {
        var cluster = Cluster(nodes: 0)
        let number = try #require(self.issue(&cluster)).sequenceNumber
        for user in ["ann", "eve"] {
            guard
                case .tokenAccessDenied? = cluster.ask({
                    .delegationTokenRenewalRequested($0, sequenceNumber: number, by: Caller(user: user))
                }).failure
            else {
                Issue.record("\(user) renewed it")
                continue
            }
        }
        #expect(
            cluster.ask { .delegationTokenCancellationRequested($0, sequenceNumber: number, by: Caller(user: "eve")) }
                .failure == .tokenAccessDenied("eve is not authorized to cancel the token")
        )
        #expect(
            cluster.ask { .delegationTokenCancellationRequested($0, sequenceNumber: number, by: Cluster.user) } == .done
        )
        guard
            case .invalidToken? = cluster.ask({
                .delegationTokenRenewalRequested($0, sequenceNumber: number, by: Caller(user: "bob"))
            }).failure
        else {
            Issue.record("a cancelled token is renewed")
            return
        }
    }

    @Test func `sequence numbers go on after a restart and tokens stay good`() throws {
        var cluster = Cluster(nodes: 0)
        let first = try #require(self.issue(&cluster))
        cluster.restart()
        #expect(cluster.seen.delegationTokens[first.sequenceNumber] == first)
        #expect(try #require(self.issue(&cluster)).sequenceNumber == first.sequenceNumber + 1)
    }
}

@Suite struct `Access control` {
    private func cluster() -> Cluster {
        Cluster(
            Cluster.settings {
                $0.isAccessControlEnabled = true
                $0.adminAccessControl = "root admins"
                $0.scheduler.queues[0].submitAccessControl = "ann,bob"
                $0.scheduler.queues[0].administerAccessControl = " "
            }
        )
    }

    @Test(
        arguments: [
            ("ann", [], true), ("bob", [], false), ("carl", [], true), ("dora", ["friends"], true), ("root", [], true),
            ("eve", ["admins"], true), ("eve", ["others"], false),
        ] as [(String, [String], Bool)]
    )
    func `who may kill: the owner, administrators, and whoever the application names`(
        user: String,
        groups: [String],
        isAllowed: Bool
    ) {
        var cluster = self.cluster()
        cluster.submit { $0.modifyAccessControl = "carl friends" }
        let id = cluster.application()
        let reply = cluster.kill(id, by: Caller(user: user, groups: groups))
        #expect((reply.failure == nil) == isAllowed)
        if !isAllowed {
            #expect(
                reply.failure?.message == "org.apache.hadoop.security.AccessControlException: User \(user) cannot "
                    + "perform operation MODIFY_APP on \(id)"
            )
        }
    }

    @Test func `without access control everybody may`() {
        var cluster = Cluster()
        cluster.submit()
        #expect(cluster.kill(cluster.application(), by: Caller(user: "eve")) == .kill(isCompleted: true))
    }

    @Test func `a queue's list says who submits`() {
        var cluster = self.cluster()
        let submission = ApplicationSubmission(
            id: cluster.application(),
            user: "eve",
            masterRequests: [row(count: 1)]
        )
        let reply = cluster.ask { .applicationSubmitted($0, submission, by: Caller(user: "eve")) }
        #expect(
            reply.failure?.message == "org.apache.hadoop.security.AccessControlException: User eve does not have "
                + "permission to submit \(cluster.application()) to queue root.default"
        )
    }

    @Test func `refreshNodes is for administrators`() {
        var cluster = self.cluster()
        let reply = cluster.ask {
            .nodesRefreshed($0, .normal(Core.NodeLists()), by: Cluster.user)
        }
        #expect(reply.failure == .administratorOnly(user: "ann", operation: "refreshNodes"))
    }

    @Test(
        arguments: [
            ("*", "x", [], true), (" ", "x", ["y"], false), ("", "x", [], false), ("x,z", "x", [], true),
            (" y", "x", ["y"], true), ("a b,y", "x", ["y"], true), ("a b", "b", [], false), ("a *", "q", [], true),
        ] as [(String, String, [String], Bool)]
    )
    func `lists name users, then groups`(list: String, user: String, groups: [String], isAllowed: Bool) {
        #expect(AccessControlList(list).allows(user, groups: groups) == isAllowed)
    }
}

@Suite struct Submissions {
    @Test func `what is left out has YARN's defaults`() {
        var cluster = Cluster()
        cluster.submit {
            $0.name = ""
            $0.queue = ""
            $0.applicationType = ""
            $0.tags = ["ETL", "Nightly"]
            $0.priority = 99
        }
        let view = cluster.seen.applications[cluster.application()]
        #expect(view?.name == "N/A")
        #expect(view?.queue == "default")
        #expect(view?.queuePath == "root.default")
        #expect(view?.applicationType == "YARN")
        #expect(view?.tags == ["etl", "nightly"])
        #expect(view?.priority == 10)
    }

    @Test func `tags are limited in number, length and letters`() {
        var cluster = Cluster()
        let wrong = [Array(repeating: "t", count: 11), [String(repeating: "t", count: 101)], ["ä"]]
        for tags in wrong {
            guard case .refused? = cluster.submit(1, { $0.tags = tags }).failure else {
                Issue.record("\(tags) is accepted")
                continue
            }
        }
        #expect(cluster.seen.applications.isEmpty)
    }

    @Test func `an ApplicationMaster that no node could hold is refused`() {
        var cluster = Cluster()
        guard case .invalidResourceRequest? = cluster.submit(1, memoryMiB: 8000).failure else {
            Issue.record("accepted")
            return
        }
        guard case .invalidResourceRequest? = cluster.submit(1, { $0.masterRequests = [] }).failure else {
            Issue.record("accepted without a row")
            return
        }
    }

    @Test func `only so many ended applications are remembered`() {
        var cluster = Cluster(Cluster.settings { $0.maximumCompletedApplications = 2 })
        for number in 1...4 {
            cluster.submit(Int32(number))
            cluster.now.milliseconds += 1
            _ = cluster.kill(cluster.application(Int32(number)))
        }
        #expect(cluster.seen.applications.keys.map(\.number).sorted() == [3, 4])
        #expect(cluster.store.applications.keys.map(\.number).sorted() == [3, 4])
        #expect(cluster.seen.attempts.count == 2)
    }

    @Test func `the store keeps fewer ended applications than are remembered, and a restart has those`() {
        var cluster = Cluster(
            Cluster.settings {
                $0.maximumCompletedApplications = 3
                $0.storedCompletedApplicationsMaximum = 1
            }
        )
        for number in 1...4 {
            cluster.run(Int32(number))
            cluster.now.milliseconds += 1
            _ = cluster.kill(cluster.application(Int32(number)))
            // Its containers end after the application: that is no reason to store it again.
            cluster.beat(0)
        }
        #expect(cluster.seen.applications.keys.map(\.number).sorted() == [2, 3, 4])
        #expect(cluster.store.applications.keys.map(\.number) == [4])
        #expect(cluster.store.attempts.keys.map(\.application.number) == [4])
        cluster.restart()
        #expect(cluster.seen.applications.keys.map(\.number) == [4])
        cluster.restart(Cluster.settings { $0.storedCompletedApplicationsMaximum = 0 })
        #expect(cluster.store.applications.isEmpty)
        #expect(cluster.seen.applications.keys.map(\.number) == [4])
    }

    @Test func `priorities change within the cluster's limit, and what is over cannot change`() {
        var cluster = Cluster()
        cluster.run()
        let id = cluster.application()
        #expect(cluster.ask { .priorityUpdateRequested($0, id, priority: 50, by: Cluster.user) } == .priority(10))
        #expect(cluster.allocate(cluster.attempt(), 0).allocation?.applicationPriority == 10)
        #expect(cluster.store.applications[id]?.priority == 10)
        _ = cluster.kill(id)
        #expect(
            cluster.ask { .priorityUpdateRequested($0, id, priority: 1, by: Cluster.user) }.failure
                == .refused("Application in KILLED state cannot update priority.")
        )
        #expect(
            cluster.ask { .queueMoveRequested($0, id, queue: "default", by: Cluster.user) }.failure
                == .refused("App in KILLED state cannot be moved.")
        )
    }

    @Test func `an application that waits says for what, with the numbers`() throws {
        let settings = Cluster.settings { $0.scheduler.maximumMasterResourcePartsPerMillion = 125_000 }
        var cluster = Cluster(settings)
        cluster.submit(1)
        cluster.submit(2)
        let waiting = try #require(cluster.seen.applications[cluster.application(2)]?.diagnostics)
        #expect(waiting.hasPrefix("[Tue Nov 14 22:13:20 +0000 2023] Application is added to the scheduler and is not"))
        #expect(waiting.contains("Queue's AM resource limit exceeded.  Details : AM Partition = <DEFAULT_PARTITION>;"))
        #expect(
            waiting.contains("AM Resource Request = <memory:512, vCores:1>; Queue Resource Limit for AM = <memory:512")
        )
        #expect(waiting.contains("maximum-am-resource-percent = 0.125"))

        var small = Cluster(nodes: 0)
        small.submit()
        let empty = try #require(small.seen.applications[small.application()]?.diagnostics)
        #expect(empty.contains("Application is Activated, waiting for resources to be assigned for AM.  Details : "))
        small.register(0, memoryMiB: 300)
        small.now.milliseconds += 1000
        small.beat(0)
        let tight = try #require(small.seen.applications[small.application()]?.diagnostics)
        #expect(tight.contains("the largest node has <memory:300, vCores:8> in all: it can never be placed"))
    }
}

@Suite struct `Calendar text` {
    @Test(arguments: [
        (Int64(0), "Thu Jan 01 00:00:00 +0000 1970"), (1_795_444_937_549, "Mon Nov 23 14:42:17 +0000 2026"),
        (951_782_400_000, "Tue Feb 29 00:00:00 +0000 2000"), (-1, "Wed Dec 31 23:59:59 +0000 1969"),
        (4_107_542_399_000, "Sun Feb 28 23:59:59 +0000 2100"), (4_107_542_400_000, "Mon Mar 01 00:00:00 +0000 2100"),
    ])
    func `dates are right over leap years and centuries`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).calendarText == text)
    }
}
