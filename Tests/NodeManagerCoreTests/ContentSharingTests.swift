import ClusterModel
import NodeManagerCore
import Testing

@Suite struct ContentSharingTests {
    private static let hash = ContentHash(String(repeating: "ab", count: 32))

    private static func resource(_ path: String, _ visibility: LocalResource.Visibility = .private) -> NamedResource {
        var named = Fixture.resource(path, visibility)
        named.resource.source = ResourceSource(scheme: "webhdfs", host: "127.0.0.1", port: 9_000, path: path)
        return named
    }

    private static func start(_ number: Int64, _ path: String, user: String = "alice") -> ContainerStart {
        Fixture.containerStart(number, resources: [Self.resource(path)]) { $0.user = user }
    }

    @Test func `the same bytes under two paths are downloaded once`() throws {
        var node = Fixture()
        _ = node.start([Self.start(1, "/app1/lib.zip")])
        #expect(node.downloads.isEmpty)
        let first = try #require(node.identifications.first)
        node.step(.resourceIdentified(first.ticket, Self.hash))
        #expect(node.downloads.map(\.content) == [Self.hash])
        // One asks while the other is on its way, another when it is here.
        _ = node.start([Self.start(2, "/app2/lib.zip")])
        let second = try #require(node.identifications.first)
        node.step(.resourceIdentified(second.ticket, Self.hash))
        #expect(node.downloads.isEmpty)
        node.step(.resourceLocalized(first.ticket, LocalizedFile(sizeBytes: 100)))
        let target = "/local/usercache/alice/filecache/1/lib.zip"
        #expect(node.launches.flatMap(\.links).map(\.target) == [target, target])
        _ = node.start([Self.start(3, "/app3/lib.zip")])
        let third = try #require(node.identifications.first)
        node.step(.resourceIdentified(third.ticket, Self.hash))
        #expect(node.downloads.isEmpty)
        #expect(node.launches.flatMap(\.links).map(\.target) == [target])
    }

    @Test func `other bytes, names and users are other copies`() throws {
        var node = Fixture()
        _ = node.start([Self.start(1, "/app1/lib.zip")])
        node.step(.resourceIdentified(try #require(node.identifications.first).ticket, Self.hash))
        let others = [("/app2/other.zip", "alice"), ("/app3/lib.zip", "bob")]
        for (number, (path, user)) in others.enumerated() {
            _ = node.start([Self.start(Int64(number) + 2, path, user: user)])
            node.step(.resourceIdentified(try #require(node.identifications.first).ticket, Self.hash))
            #expect(node.downloads.count == 1)
        }
        _ = node.start([Self.start(9, "/app4/lib.zip")])
        let hash = ContentHash(String(repeating: "cd", count: 32))
        node.step(.resourceIdentified(try #require(node.identifications.first).ticket, hash))
        #expect(node.downloads.count == 1)
    }

    @Test func `a source that does not say what it holds is downloaded`() throws {
        var node = Fixture()
        for number in Int64(1)...2 {
            _ = node.start([Self.start(number, "/app\(number)/lib.zip")])
            node.step(.resourceIdentified(try #require(node.identifications.first).ticket, nil))
            #expect(node.downloads.map(\.content) == [nil])
        }
    }

    @Test func `a shared copy stays while any of its users does, and goes with all its names`() throws {
        var node = Fixture { $0.cacheTargetMiB = 0 }
        _ = node.start([Self.start(1, "/app1/lib.zip")])
        let first = try #require(node.identifications.first)
        node.step(.resourceIdentified(first.ticket, Self.hash))
        node.step(.resourceLocalized(first.ticket, LocalizedFile(sizeBytes: 100)))
        node.step(.containerLaunched(Fixture.container(1), process: 1))
        _ = node.start([Self.start(2, "/app2/lib.zip")])
        let second = try #require(node.identifications.first)
        node.step(.resourceIdentified(second.ticket, Self.hash))
        node.step(.containerLaunched(Fixture.container(2), process: 2))
        node.step(.containerEnded(Fixture.container(1), ContainerEnd(exitCode: 0)))
        node.wait(milliseconds: 600_000)
        #expect(node.deleted.isEmpty)
        node.step(.containerEnded(Fixture.container(2), ContainerEnd(exitCode: 0)))
        node.wait(milliseconds: 600_000)
        #expect(node.deleted == ["/local/usercache/alice/filecache/1"])
        #expect(node.effects.records == [.resourceRemoved(first.ticket), .resourceRemoved(second.ticket)])
        // Nothing is remembered of what is gone.
        var again = Self.start(3, "/app2/lib.zip")
        again.grant.expiresAt = .distantFuture
        _ = node.start([again])
        node.step(.resourceIdentified(try #require(node.identifications.first).ticket, Self.hash))
        #expect(node.downloads.count == 1)
    }

    @Test func `a failed download fails everybody who waits for its bytes`() throws {
        var node = Fixture()
        _ = node.start([Self.start(1, "/app1/lib.zip")])
        let first = try #require(node.identifications.first)
        node.step(.resourceIdentified(first.ticket, Self.hash))
        _ = node.start([Self.start(2, "/app2/lib.zip")])
        node.step(.resourceIdentified(try #require(node.identifications.first).ticket, Self.hash))
        node.step(.resourceFailed(first.ticket, "its server states another SHA-256"))
        #expect(node.status(1)?.exitStatus == .invalid)
        #expect(node.status(2)?.exitStatus == .invalid)
        _ = node.start([Self.start(3, "/app2/lib.zip")])
        node.step(.resourceIdentified(try #require(node.identifications.first).ticket, Self.hash))
        #expect(node.downloads.count == 1)
    }

    @Test func `a restarted node knows what its copies hold and who shares them`() throws {
        var node = Fixture()
        var records: [CachedResource] = []
        func keep(_ effects: Effects) {
            for case .resourceLocalized(let resource) in effects.records { records.append(resource) }
        }
        for number in Int64(1)...2 {
            _ = node.start([Self.start(number, "/app\(number)/lib.zip")])
            let order = try #require(node.identifications.first)
            node.step(.resourceIdentified(order.ticket, Self.hash))
            keep(node.effects)
            if number == 1 {
                node.step(.resourceLocalized(order.ticket, LocalizedFile(sizeBytes: 100)))
                keep(node.effects)
            }
        }
        #expect(records.map(\.sharedWith) == [nil, records[0].ticket])
        var next = Fixture(isRegistered: false)
        var state = RecoveredState()
        // In an order that the shared one comes first.
        state.resources = records.reversed()
        next.step(.recovered(state))
        next.step(.started)
        next.step(
            .registrationAnswered(
                RegistrationAnswer(action: .normal, resourceManagerIdentifier: Fixture.resourceManager)
            )
        )
        _ = next.start([Self.start(3, "/app2/lib.zip")])
        #expect(next.launches.flatMap(\.links).map(\.target) == ["/local/usercache/alice/filecache/1/lib.zip"])
        _ = next.start([Self.start(4, "/app3/lib.zip")])
        next.step(.resourceIdentified(try #require(next.identifications.first).ticket, Self.hash))
        #expect(next.downloads.isEmpty && next.launches.count == 1)
    }

    @Test func `downloads go to the disk with the most room, counting what is on its way`() {
        var node = Fixture { $0.localDirectories = ["/a", "/b", "/c"] }
        node.step(
            .healthReported(
                NodeHealth(
                    isHealthy: true,
                    report: "",
                    checkedAt: node.now,
                    goodLocalDirectories: ["/a", "/b", "/c"],
                    goodLogDirectories: ["/logs"],
                    localFreeBytes: [100, 125, 90]
                )
            )
        )
        // Each is of 10 bytes.
        let resources = (1...5).map { Fixture.resource("/r\($0)", .public) }
        _ = node.start([Fixture.containerStart(1, resources: resources)])
        let folders = node.downloads.map { $0.directory.prefix(2) }
        #expect(folders == ["/b", "/b", "/b", "/a", "/b"])
    }
}
