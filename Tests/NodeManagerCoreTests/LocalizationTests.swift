import ClusterModel
import NodeManagerCore
import Testing

@Suite struct LocalizationTests {
    @Test func `containers that want the same share one download and one copy`() {
        var node = Fixture()
        let resource = Fixture.resource("/data/lib.zip", .public)
        _ = node.start([Fixture.containerStart(1, resources: [resource])])
        let order = node.downloads[0]
        #expect(order.directory == "/local/filecache/1")
        #expect(order.name == "lib.zip")
        _ = node.start([Fixture.containerStart(2, resources: [resource])])
        #expect(node.downloads.isEmpty && node.launches.isEmpty)
        node.step(.resourceLocalized(order.ticket, LocalizedFile(sizeBytes: 100)))
        #expect(node.launches.map(\.container) == [Fixture.container(1), Fixture.container(2)])
        #expect(node.launches[0].links == [ResourceLink(name: "lib.zip", target: "/local/filecache/1/lib.zip")])
        _ = node.start([Fixture.containerStart(3, resources: [resource])])
        #expect(node.downloads.isEmpty)
        #expect(node.launches.map(\.container) == [Fixture.container(3)])
    }

    @Test func `one resource under two names is fetched once and linked twice`() {
        var node = Fixture()
        let names = ["a", "b"].map { Fixture.resource("/data/x", name: $0) }
        _ = node.start([Fixture.containerStart(1, resources: names)])
        #expect(node.downloads.count == 1)
        node.step(.resourceLocalized(node.downloads[0].ticket, LocalizedFile(sizeBytes: 1)))
        #expect(node.launches.first?.links.map(\.name) == ["a", "b"])
    }

    @Test func `visibility decides the folder, and users do not share private copies`() {
        var node = Fixture()
        _ = node.start([
            Fixture.containerStart(
                1,
                resources: [
                    Fixture.resource("/data/p", .public), Fixture.resource("/data/q", .private),
                    Fixture.resource("/data/r", .application),
                ]
            )
        ])
        #expect(
            node.downloads.map(\.directory) == [
                "/local/filecache/1", "/local/usercache/alice/filecache/2",
                "/local/usercache/alice/appcache/\(Fixture.application)/filecache/3",
            ]
        )
        _ = node.start([
            Fixture.containerStart(
                2,
                resources: [Fixture.resource("/data/p", .public), Fixture.resource("/data/q", .private)]
            ) { $0.user = "bob" }
        ])
        #expect(node.downloads.map(\.directory) == ["/local/usercache/bob/filecache/4"])
    }

    @Test func `a changed timestamp is another resource`() {
        var node = Fixture()
        var resource = Fixture.resource("/data/p")
        _ = node.start([Fixture.containerStart(1, resources: [resource])])
        resource.resource.timestamp = 6
        _ = node.start([Fixture.containerStart(2, resources: [resource])])
        #expect(node.downloads.count == 1)
    }

    @Test func `a failed download fails all who wait, and the next one tries again`() {
        var node = Fixture()
        let resource = Fixture.resource("/data/gone")
        _ = node.start([Fixture.containerStart(1, resources: [resource])])
        let ticket = node.downloads[0].ticket
        _ = node.start([Fixture.containerStart(2, resources: [resource])])
        node.step(.resourceFailed(ticket, "Resource file:/data/gone changed on src filesystem"))
        for number in [Int64(1), 2] {
            #expect(node.status(number)?.exitStatus == .invalid)
            #expect(node.status(number)?.diagnostics.contains("changed on src filesystem") == true)
        }
        _ = node.start([Fixture.containerStart(3, resources: [resource])])
        #expect(node.downloads.count == 1)
    }

    @Test func `files that are gone from disk are fetched again, once`() {
        var node = Fixture()
        let resource = Fixture.resource("/data/a")
        _ = node.start([Fixture.containerStart(1, resources: [resource])])
        let first = node.downloads[0]
        node.step(.resourceLocalized(first.ticket, LocalizedFile(sizeBytes: 1)))
        let target = node.launches[0].links[0].target
        node.step(.containerLaunchFailed(Fixture.container(1), .resourcesMissing([target])))
        #expect(node.downloads.count == 1)
        node.step(.resourceLocalized(node.downloads[0].ticket, LocalizedFile(sizeBytes: 1)))
        #expect(node.launches.count == 1)
        let again = node.launches[0].links[0].target
        #expect(again != target)
        node.step(.containerLaunchFailed(Fixture.container(1), .resourcesMissing([again])))
        #expect(node.status(1)?.exitStatus == .invalid)
    }

    @Test func `the cache shrinks to its target by what was not used for longest, never by what is in use`() {
        var node = Fixture { $0.cacheTargetMiB = 2 }
        for number in 1...4 {
            _ = node.start([Fixture.containerStart(Int64(number), resources: [Fixture.resource("/r\(number)")])])
            node.step(.resourceLocalized(node.downloads[0].ticket, LocalizedFile(sizeBytes: 1 << 20)))
            node.step(.containerLaunched(Fixture.container(Int64(number)), process: 1))
            if number != 1 {
                node.now = node.now.adding(milliseconds: 10)
                node.step(.containerEnded(Fixture.container(Int64(number)), ContainerEnd(exitCode: 0)))
            }
        }
        node.wait(milliseconds: 600_000)
        #expect(node.deleted == ["/local/usercache/alice/filecache/2", "/local/usercache/alice/filecache/3"])
    }

    @Test func `a restarted node evicts what its predecessor would have, without a record for each use`() throws {
        var node = Fixture { $0.cacheTargetMiB = 100 }
        var records: [ResourceTicket: CachedResource] = [:]
        var count = 0
        func keep(_ effects: Effects) {
            for case .resourceLocalized(let resource) in effects.records {
                records[resource.ticket] = resource
                count += 1
            }
        }
        func use(_ number: Int64, _ path: String) {
            _ = node.start([Fixture.containerStart(number, resources: [Fixture.resource(path)])])
            keep(node.effects)
            for order in node.downloads {
                node.step(.resourceLocalized(order.ticket, LocalizedFile(sizeBytes: 1 << 20)))
                keep(node.effects)
            }
            node.step(.containerLaunched(Fixture.container(number), process: 1))
            node.now = node.now.adding(milliseconds: 10)
            node.step(.containerEnded(Fixture.container(number), ContainerEnd(exitCode: 0)))
            keep(node.effects)
        }
        for (number, path) in [(1, "/a"), (2, "/b"), (3, "/c"), (4, "/a"), (5, "/a")] as [(Int64, String)] {
            use(number, path)
        }
        #expect(count == 3)
        node.wait(milliseconds: 600_000)
        keep(node.effects)
        // The ends of all three, once.
        #expect(count == 6)
        node.wait(milliseconds: 600_000)
        keep(node.effects)
        #expect(count == 6)

        var next = Fixture(isRegistered: false) { $0.cacheTargetMiB = 1 }
        next.now = node.now.adding(milliseconds: 1000)
        var state = RecoveredState()
        state.resources = records.values.sorted { $0.ticket < $1.ticket }
        next.step(.recovered(state))
        next.wait(milliseconds: 1_300_000)
        #expect(next.deleted == ["/local/usercache/alice/filecache/2", "/local/usercache/alice/filecache/3"])
    }

    @Test func `records of resources of applications that have no container any more go`() {
        var node = Fixture(isRegistered: false)
        var state = RecoveredState()
        let owner = ResourceKey.Owner.application(Fixture.container(1).application, user: "alice")
        state.resources = [
            CachedResource(
                ticket: ResourceTicket(3),
                key: ResourceKey(
                    source: ResourceSource(scheme: "file", path: "/a"),
                    timestamp: 5,
                    kind: .file,
                    pattern: "",
                    owner: owner
                ),
                directory: "/local/x",
                path: "/local/x/a",
                sizeBytes: 1
            )
        ]
        node.step(.recovered(state))
        #expect(node.effects.records == [.resourceRemoved(ResourceTicket(3))])
    }

    @Test func `an application's own resources go with it, also one that is still being fetched`() {
        var node = Fixture()
        _ = node.start([Fixture.containerStart(1, resources: [Fixture.resource("/a", .application)])])
        let order = node.downloads[0]
        node.answerHeartbeat { $0.applicationsToCleanUp = [Fixture.application] }
        #expect(node.status(1)?.exitStatus == .killedAfterApplicationCompletion)
        node.step(.resourceLocalized(order.ticket, LocalizedFile(sizeBytes: 1)))
        #expect(node.deleted == [order.directory])
    }

    @Test func `entries beyond the limit of a folder go one level deeper`() {
        var node = Fixture { $0.cacheEntriesPerDirectory = 2 }
        var folders: [String] = []
        for number in 1...4 {
            _ = node.start([
                Fixture.containerStart(Int64(number), resources: [Fixture.resource("/r\(number)", .public)])
            ])
            folders += node.downloads.map(\.directory)
        }
        #expect(
            folders == ["/local/filecache/1", "/local/filecache/0/2", "/local/filecache/0/3", "/local/filecache/1/4"]
        )
    }
}
