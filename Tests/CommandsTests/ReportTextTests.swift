import ClusterModel
import Foundation
import HadoopProtos
import SwiftProtobuf
import Testing

@testable import Commands

/// Fixtures pair a message in text form with what the command classes of Hadoop 3.4.1 printed for it.
enum Fixture {
    static func text(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    static func message<M: SwiftProtobuf.Message>(_ name: String, _ type: M.Type) throws -> M {
        try M(textFormatString: Self.text("\(name).textproto"))
    }
}

@Suite(.serialized) struct `Reports print as Hadoop's commands print them` {
    init() {
        unsafe setenv("TZ", "UTC", 1)
        tzset()
    }

    @Test func `application list`() throws {
        let answer = try Fixture.message("applications", GetApplicationsResponseProto.self)
        let text = ApplicationText.list(
            answer.applications,
            types: ["SPARK", "YARN"],
            states: .init([.new, .newSaving, .submitted, .accepted, .running, .finished, .failed, .killed]),
            tags: ["A", "b"]
        )
        #expect(try text == Fixture.text("application-list.txt"))
    }

    @Test(arguments: ["application-running", "application-finished"])
    func `application status`(_ name: String) throws {
        let answer = try Fixture.message(name, GetApplicationReportResponseProto.self)
        #expect(try ApplicationText.status(answer.applicationReport) == Fixture.text("\(name).txt"))
    }

    @Test func `attempt list and status`() throws {
        let list = try Fixture.message("attempts", GetApplicationAttemptsResponseProto.self)
        #expect(try AttemptText.list(list.applicationAttempts) == Fixture.text("attempt-list.txt"))
        let one = try Fixture.message("attempt", GetApplicationAttemptReportResponseProto.self)
        #expect(try AttemptText.status(one.applicationAttemptReport) == Fixture.text("attempt.txt"))
    }

    @Test func `container list`() throws {
        let list = try Fixture.message("containers", GetContainersResponseProto.self)
        #expect(try ContainerText.list(list.containers) == Fixture.text("container-list.txt"))
    }

    @Test(arguments: ["container", "container-ended"])
    func `container status`(_ name: String) throws {
        let one = try Fixture.message(name, GetContainerReportResponseProto.self)
        #expect(try ContainerText.status(one.containerReport) == Fixture.text("\(name).txt"))
    }

    @Test(arguments: [(false, "node-list.txt"), (true, "node-details.txt")])
    func `node list`(_ details: Bool, _ expected: String) throws {
        let answer = try Fixture.message("nodes", GetClusterNodesResponseProto.self)
        #expect(try NodeText.list(answer.nodeReports, details: details) == Fixture.text(expected))
    }

    @Test(arguments: [(0, "node-running.txt"), (1, "node-unhealthy.txt"), (2, "node-lost.txt")])
    func `node status`(_ index: Int, _ expected: String) throws {
        let answer = try Fixture.message("nodes", GetClusterNodesResponseProto.self)
        #expect(try NodeText.status(answer.nodeReports[index]) == Fixture.text(expected))
    }

    @Test(arguments: ["queue-default", "queue-root"])
    func `queue status`(_ name: String) throws {
        let fixture = name == "queue-root" ? "queue-tree" : name
        let answer = try Fixture.message(fixture, GetQueueInfoResponseProto.self)
        #expect(try QueueText.status(answer.queueInfo) == Fixture.text("\(name).txt"))
    }

    @Test func `queue list, with and without queues`() throws {
        let tree = try Fixture.message("queue-tree", GetQueueInfoResponseProto.self)
        #expect(try QueueText.list(below: tree.queueInfo) == Fixture.text("queue-tree.txt"))
        let none = try Fixture.message("queue-default", GetQueueInfoResponseProto.self)
        #expect(try QueueText.list(below: none.queueInfo) == Fixture.text("queue-none.txt"))
    }

    @Test func `json keeps what the table cuts`() throws {
        let answer = try Fixture.message("applications", GetApplicationsResponseProto.self)
        let text = answer.applications[0].json.text
        #expect(text.hasPrefix(#"{"id":"application_1700000000000_0002","user":"alice","name":"Spark Pi""#))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }
}

@Suite struct `Numbers print as Java prints them` {
    @Test(arguments: [(0, "0%"), (0.1, "10%"), (0.66666, "66.67%"), (1, "100%"), (0.005, "0.5%")] as [(Float, String)])
    func `percent`(_ value: Float, _ text: String) {
        #expect(HadoopFormat.percent(value) == text)
    }

    @Test(arguments: [(0, ".00"), (0.125, ".12"), (-1, "-1.00"), (60, "60.00"), (2.5, "2.50")] as [(Float, String)])
    func `two places`(_ value: Float, _ text: String) {
        #expect(HadoopFormat.twoPlaces(value) == text)
    }

    @Test(
        arguments: [
            (0, "0.0"), (1, "1.0"), (1.2345678, "1.2345678"), (0.00001, "1.0E-5"), (1e10, "1.0E10"), (1.5e7, "1.5E7"),
            (.nan, "NaN"),
        ] as [(Float, String)]
    )
    func `float`(_ value: Float, _ text: String) {
        #expect(HadoopFormat.float(value) == text)
    }

    @Test func `control characters and quotes are escaped in JSON`() {
        #expect(JSONText.string("a\"\\\n\u{1}é").text == "\"a\\\"\\\\\\n\\u0001é\"")
        #expect(JSONText.object([("x", .array([.integer(1), .null, .bool(true)]))]).text == #"{"x":[1,null,true]}"#)
    }
}
