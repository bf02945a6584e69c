import ClusterModel
import NodeManagerCore
import Testing

/// Which disk downloads and work folders go to when one fills up between two checks.
@Suite struct DiskChoiceTests {
    private static let folders = ["/a", "/b", "/c"]

    /// By the last check `/a` has the most room by far, and `/b` more than `/c`.
    private static func node(_ limits: DiskLimits? = DiskLimits(usedPercentMaximum: 90, freeMiBMinimum: 100)) -> Fixture
    {
        var node = Fixture {
            $0.localDirectories = Self.folders
            $0.diskLimits = limits
        }
        node.step(.healthReported(Self.health(node)))
        return node
    }

    private static func health(_ node: Fixture) -> NodeHealth {
        NodeHealth(
            isHealthy: true,
            report: "",
            checkedAt: node.now,
            goodLocalDirectories: Self.folders,
            goodLogDirectories: ["/logs"],
            localFreeBytes: [900 << 30, 600 << 30, 500 << 30]
        )
    }

    private static func room(_ folder: String, mebibytes: Int64 = 500 << 10, percent: Double = 50) -> LocalRoom {
        LocalRoom(folder: folder, freeBytes: mebibytes << 20, usedPercent: percent)
    }

    /// Folders of the downloads and of the work folders of three containers with one resource each.
    private static func choices(_ node: inout Fixture, from number: Int64 = 1) -> (
        downloads: Set<String>, work: Set<String>
    ) {
        var (downloads, work): (Set<String>, Set<String>) = ([], [])
        for number in number..<number + 3 {
            let resources = [Fixture.resource("/r\(number)", .public)]
            _ = node.start([Fixture.containerStart(number, resources: resources)])
            downloads.formUnion(node.downloads.map { String($0.directory.prefix(2)) })
            for case .containerAccepted(_, _, let directories, _) in node.effects.records {
                work.insert(String(directories.work.prefix(2)))
            }
        }
        return (downloads, work)
    }

    @Test(arguments: [Self.room("/a", percent: 90.1), Self.room("/a", mebibytes: 99, percent: 10)])
    func `a disk that has filled up since the last check gets nothing, until a check finds it good`(full: LocalRoom) {
        var node = Self.node()
        #expect(Self.choices(&node) == (["/a"], ["/a", "/b", "/c"]))
        node.step(.localRoomMeasured([full, Self.room("/b"), Self.room("/c", mebibytes: 1_000)]))
        #expect(Self.choices(&node, from: 4) == (["/b"], ["/b", "/c"]))
        node.step(.healthReported(Self.health(node)))
        #expect(Self.choices(&node, from: 7) == (["/a"], ["/a", "/b", "/c"]))
    }

    @Test func `a disk at its limits is not full, and what was measured last counts`() {
        var node = Self.node()
        node.step(.localRoomMeasured([Self.room("/a", mebibytes: 100, percent: 90)]))
        #expect(Self.choices(&node) == (["/b"], ["/a", "/b", "/c"]))
        node.step(.localRoomMeasured([Self.room("/a", mebibytes: 700 << 10, percent: 90)]))
        #expect(Self.choices(&node, from: 4) == (["/a"], ["/a", "/b", "/c"]))
    }

    @Test func `where all are full, or nobody set limits, the disk with the most room is taken as before`() {
        var node = Self.node()
        node.step(.localRoomMeasured(Self.folders.map { Self.room($0, mebibytes: $0 == "/c" ? 3 : 2, percent: 99) }))
        #expect(Self.choices(&node) == (["/c"], ["/a", "/b", "/c"]))
        var unlimited = Self.node(nil)
        unlimited.step(.localRoomMeasured([Self.room("/a", percent: 99), Self.room("/b"), Self.room("/c")]))
        #expect(Self.choices(&unlimited).work == ["/a", "/b", "/c"])
    }
}
