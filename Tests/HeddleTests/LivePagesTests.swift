import ClusterModel
import HadoopHTTP
import NIOCore
import Testing

@testable import EngineCore
@testable import Heddle

/// What the pages and the REST API of a running application say.
@Suite struct LivePagesTests {
    private static let status: LiveStatus = {
        var running = JobView(
            id: JobID(1),
            name: "<count> at Program.swift:3",
            pool: "default",
            submittedAt: Timestamp(milliseconds: 2_000)
        )
        running.stages = [StageID(1)]
        running.tasks.total = 4
        running.tasks.active = 1
        running.tasks.completed = 2
        var failed = JobView(
            id: JobID(0),
            name: "sum",
            group: "g",
            pool: "default",
            submittedAt: Timestamp(milliseconds: 1_000)
        )
        failed.completedAt = Timestamp(milliseconds: 1_500)
        failed.result = .failed(.cancelled(reason: "no more"))
        let report = StageReport(
            stage: StageID(1),
            attempt: 0,
            name: "count",
            taskCount: 4,
            parents: [],
            shuffle: nil,
            jobs: [JobID(1)],
            submittedAt: Timestamp(milliseconds: 2_000),
            completedAt: nil,
            outcome: nil
        )
        let executor = ExecutorView(
            description: ExecutorDescription(id: ExecutorID(1), host: "node", cores: 2),
            addedAt: Timestamp(milliseconds: 500),
            removedAt: nil,
            activeTasks: 1,
            completedTasks: 2,
            failedTasks: 0,
            keptBlocks: 3,
            isExcluded: false,
            isDraining: false
        )
        var gone = executor
        gone.description.id = ExecutorID(2)
        gone.removedAt = Timestamp(milliseconds: 900)
        return LiveStatus(
            application: EventLog.Application(id: "app-1", name: "words & more", user: "alice", properties: [:]),
            startedAt: 1_700_000_000_000,
            now: 1_700_000_004_000,
            offset: 1_700_000_000_000,
            jobs: [failed, running],
            stages: [StageView(report: report, status: .active, counts: running.tasks)],
            executors: [executor, gone]
        )
    }()

    private func get(_ target: String, method: WebMethod = .get) throws -> (status: Int, text: String) {
        let request = WebRequest(method: method, target: try WebTarget(target))
        let answer = LiveServer.answer(request, Self.status)
        guard case .bytes(let bytes) = answer.body else { return (answer.status, "") }
        return (answer.status, String(buffer: bytes))
    }

    @Test func `jobs come newest first, by Spark's names`() throws {
        let answer = try self.get("/api/v1/applications/app-1/jobs")
        #expect(answer.status == 200)
        #expect(
            answer.text.hasPrefix(
                #"[{"jobId":1,"name":"<count> at Program.swift:3","submissionTime":"2023-11-14T22:13:22.000GMT","stageIds":[1]"#
            ),
            "\(answer.text)"
        )
        #expect(answer.text.contains(#""status":"RUNNING","numTasks":4,"numActiveTasks":1,"numCompletedTasks":2"#))
        #expect(answer.text.contains(#""completionTime":"2023-11-14T22:13:21.500GMT","stageIds":[],"jobGroup":"g""#))
        let failed = try self.get("/api/v1/applications/app-1/jobs?status=failed")
        #expect(failed.text.contains(#""jobId":0"#) && !failed.text.contains(#""jobId":1"#))
        #expect(try self.get("/api/v1/applications/app-1/jobs/0").text.hasPrefix(#"{"jobId":0"#))
    }

    @Test func `stages, executors and the application are there`() throws {
        #expect(
            try self.get("/api/v1/applications").text.hasPrefix(#"[{"id":"app-1","name":"words & more","attempts":[{"#)
        )
        #expect(try self.get("/api/v1/applications/app-1/stages/1/0").text.contains(#""status":"ACTIVE","stageId":1"#))
        #expect(try !self.get("/api/v1/applications/app-1/executors").text.contains(#""id":"2""#))
        #expect(try self.get("/api/v1/applications/app-1/allexecutors").text.contains(#""id":"2""#))
    }

    @Test(arguments: [
        ("/api/v1/applications/other/jobs", "unknown app: other"),
        ("/api/v1/applications/app-1/jobs/7", "unknown job: 7"),
        ("/api/v1/applications/app-1/stages/x", "unknown stage: x"),
        ("/api/v1/applications/app-1/stages/1/4", "unknown attempt for stage 1.  Found attempts: [0]"),
        ("/api/v1/applications/app-1/wishes", "there is nothing at /api/v1/applications/app-1/wishes"),
        ("/api/v1", "there is nothing"),
    ]) func `what is not there is said as Spark says it`(target: String, text: String) throws {
        let answer = try self.get(target)
        #expect(answer.status == 404 && answer.text.hasPrefix(text), "\(answer)")
    }

    /// Behind the proxy a path begins with `/proxy/ID`, so links may not begin at the root.
    @Test(arguments: [
        ("/", "./"), ("/jobs", "./"), ("/jobs/", "../"), ("/jobs/1", "../"), ("/jobs/1/", "../../"),
        ("/executors/", "../"),
    ])
    func `links are relative to the page they stand on`(target: String, root: String) throws {
        let answer = try self.get(target)
        #expect(answer.status == 200)
        #expect(answer.text.contains("<a href=\"\(root)stages/\">Stages</a>"), "\(answer.text)")
        #expect(!answer.text.contains("href=\"/"))
    }

    @Test func `the line of a terminal shows what is done and what runs, and is no longer than the terminal`() {
        let line = ProgressLine.text(Self.status.stages, width: 40)
        #expect(line == "[Stage 1:=========>         (2 + 1) / 4]")
        #expect(line?.count == 40)
        #expect(ProgressLine.text(Self.status.stages, width: 5) == "[Stage 1:(2 + 1) / 4]")
        #expect(ProgressLine.text([], width: 80) == nil)
        #expect(Self.status.stages(runningFor: 2_000).count == 1 && Self.status.stages(runningFor: 2_001).isEmpty)
    }

    @Test func `where there is no terminal a stage leaves a line when it took a second`() {
        var report = Self.status.stages[0].report
        #expect(StageLine.text(report) == nil)
        report.outcome = .succeeded
        report.completedAt = Timestamp(milliseconds: 2_999)
        #expect(StageLine.text(report) == nil)
        report.completedAt = Timestamp(milliseconds: 3_000)
        #expect(StageLine.text(report) == "Stage 1 (count): 4 tasks in 1.0 s")
        report.completedAt = Timestamp(milliseconds: 63_990)
        report.taskCount = 1
        #expect(StageLine.text(report) == "Stage 1 (count): 1 task in 61.9 s")
        report.outcome = .failed(.cancelled(reason: "no more"))
        #expect(StageLine.text(report) == "Stage 1 (count) failed after 61.9 s")
    }

    @Test func `what a program named is text on a page, and only reading is possible`() throws {
        let page = try self.get("/jobs/").text
        #expect(page.contains("&lt;count&gt; at Program.swift:3") && page.contains("words &amp; more: Jobs"))
        #expect(page.contains("<progress max=\"4\" value=\"2\"></progress> 2/4, 1 running"))
        #expect(try self.get("/jobs/0").text.contains("no more"))
        #expect(try self.get("/nothing/").status == 404)
        #expect(try self.get("/jobs/", method: .post).status == 405)
    }
}
