import ClusterModel
import HadoopHTTP
import ResourceManager
import ResourceManagerCore
import Testing

/// Every body is compared byte by byte with what Apache's ResourceManager wrote for the same cluster.
@Suite struct RESTRepresentationTests {
    private static func json(_ root: String, _ content: RESTObject, isUnwrapped: Bool = false) -> String {
        String(decoding: RESTDocument(root, content, isUnwrapped: isUnwrapped).json(), as: UTF8.self)
    }

    private static func xml(_ root: String, _ content: RESTObject) -> String {
        String(decoding: RESTDocument(root, content).xml(), as: UTF8.self)
    }

    /// Start of application 8.
    private static let start: Int64 = 1_795_444_937_549

    @Test func `a running application, in JSON and in XML`() throws {
        var now = Self.start + 18_286
        var view = GoldenCluster.running(counted: (17_679, 16), now: now)
        #expect(
            Self.json("app", view.rest(GoldenCluster.presentation(now: now)))
                == (try Golden.text("rm_app_running.json"))
        )
        now = Self.start + 18_954
        view = GoldenCluster.running(counted: (27_046, 25), now: now)
        #expect(
            Self.xml("app", view.rest(GoldenCluster.presentation(now: now)))
                == (try Golden.text("rm_app_running_xml.xml"))
        )
    }

    @Test func `a finished application, a killed one, and the list of both`() throws {
        let presentation = GoldenCluster.presentation(now: Self.start + 100_000)
        let finished = GoldenCluster.finished.rest(presentation)
        let killed = GoldenCluster.killed.rest(presentation)
        #expect(Self.json("app", finished) == (try Golden.text("rm_app_finished.json")))
        #expect(Self.json("app", killed) == (try Golden.text("rm_app_killed_or_done.json")))
        var apps = RESTObject()
        apps.add("app", [finished, killed])
        #expect(Self.json("apps", apps) == (try Golden.text("rm_apps_limit2.json")))
    }

    @Test func `no applications`() throws {
        #expect(Self.json("apps", RESTObject()) == (try Golden.text("rm_apps_none.json")))
        #expect(Self.xml("apps", RESTObject()) == (try Golden.text("rm_apps_none_xml.xml")))
    }

    @Test func `metrics, busy and in XML`() throws {
        #expect(Self.json("clusterMetrics", GoldenCluster.metrics.rest()) == (try Golden.text("rm_metrics.json")))
        #expect(Self.xml("clusterMetrics", GoldenCluster.metrics.rest()) == (try Golden.text("rm_metrics_xml.xml")))
    }

    @Test func `a node and the list of one`() throws {
        #expect(Self.json("node", GoldenCluster.nodeView.rest()) == (try Golden.text("rm_node.json")))
        var nodes = RESTObject()
        nodes.add("node", [GoldenCluster.nodeView.rest()])
        #expect(Self.json("nodes", nodes) == (try Golden.text("rm_nodes.json")))
        #expect(Self.json("nodes", RESTObject()) == (try Golden.text("rm_nodes_state_lost.json")))
    }

    @Test func `attempts in a list and alone, which are two types`() throws {
        let view = GoldenCluster.attemptView(8, started: 1_795_444_937_552, finished: 0)
        var list = RESTObject()
        list.add("appAttempt", [view.listREST(user: "root")])
        #expect(Self.json("appAttempts", list) == (try Golden.text("rm_appattempts_running.json")))
        let alone = view.rest(GoldenCluster.presentation(now: Self.start))
        #expect(
            Self.json("appAttempt", alone, isUnwrapped: true) == (try Golden.text("rm_appattempt_running.json"))
        )
        let ended = GoldenCluster.attemptView(7, started: 1_795_444_853_820, finished: 1_795_444_876_339)
        var endedList = RESTObject()
        endedList.add("appAttempt", [ended.listREST(user: "root")])
        #expect(Self.json("appAttempts", endedList) == (try Golden.text("rm_appattempts_finished.json")))
    }

    @Test func `containers, whose numbers are strings`() throws {
        let first = GoldenCluster.containerView(1, created: 1_795_444_937_657)
        let alone = first.rest(GoldenCluster.presentation(now: 1_795_444_937_657 + 18_241))
        #expect(
            Self.json("container", alone, isUnwrapped: true)
                == (try Golden.text("rm_appattempt_container_running.json"))
        )
        let presentation = GoldenCluster.presentation(now: 1_795_444_937_657 + 18_208)
        let all = [
            first, GoldenCluster.containerView(2, created: 1_795_444_952_186),
            GoldenCluster.containerView(3, created: 1_795_444_953_253),
        ]
        var list = RESTObject()
        list.add("container", all.map { $0.rest(presentation) })
        #expect(
            Self.json("containers", list, isUnwrapped: true)
                == (try Golden.text("rm_appattempt_containers_running.json"))
        )
        #expect(
            Self.json("containers", RESTObject(), isUnwrapped: true)
                == (try Golden.text("rm_appattempt_containers_after.json"))
        )
    }

    @Test(arguments: [("rm_scheduler.json", true), ("rm_scheduler_idle.json", false)])
    func `the queues; only the history of placement runs, which there are none of here, is not compared`(
        name: String,
        isBusy: Bool
    ) throws {
        let tree = SchedulerRepresentation(
            queues: GoldenCluster.queues(isBusy: isBusy),
            presentation: GoldenCluster.presentation(now: Self.start)
        )
        let ours = Self.json("scheduler", tree.rest())
        let theirs = try Golden.text(name)
        let health = "\"health\":"
        let ourEnd = try #require(ours.firstRange(of: health))
        let theirEnd = try #require(theirs.firstRange(of: health))
        #expect(ours[..<ourEnd.upperBound] == theirs[..<theirEnd.upperBound])
        // The history has the same members.
        #expect(Self.names(in: ours[ourEnd.upperBound...]) == Self.names(in: theirs[theirEnd.upperBound...]))
    }

    /// The names of all members, in order.
    private static func names(in json: Substring) -> [String] {
        let parts = json.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.indices.dropLast().filter { !$0.isMultiple(of: 2) && parts[$0 + 1].hasPrefix(":") }
            .map { String(parts[$0]) }
    }

    @Test func `the ResourceManager's own answer has Apache's members in Apache's order`() throws {
        let identity = ResourceManagerIdentity(
            clusterTimestamp: GoldenCluster.started,
            stateStoreName: "heddle.StateStore",
            webAddress: AdvertisedAddress("localhost:8088")
        )
        let ours = Self.json("clusterInfo", identity.rest())
        #expect(Self.names(in: ours[...]) == Self.names(in: try Golden.text("rm_info.json")[...]))
    }

    @Test func `a caller who may not view an application sees who runs it and how it stands, no more`() {
        let now = Self.start + 1_000
        let view = GoldenCluster.running(counted: (1, 1), now: now)
        let shown = view.rest(GoldenCluster.presentation(now: now), isAllowed: false).members.map(\.name)
        #expect(shown.last == "priority")
        #expect(!shown.contains("amContainerLogs"))
    }
}
