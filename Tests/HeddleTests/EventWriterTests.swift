import ClusterModel
import Testing

@testable import EngineCore
@testable import Heddle

/// Spark's events from the scheduler's actions; that Spark reads them is Tests/Interop/test_engine.py's business.
@Suite struct EventWriterTests {
    private static func attempt(_ id: Int64, partition: Int32 = 0) -> TaskAttempt {
        TaskAttempt(id: TaskID(id), stage: StageID(1), stageAttempt: 0, partition: partition, attempt: 0, seat: 0)
    }

    private static func end(_ outcome: TaskOutcome) -> TaskEnd {
        TaskEnd(
            task: self.attempt(7),
            executor: ExecutorID(2),
            index: 0,
            locality: .any,
            speculative: false,
            counted: true,
            launchedAt: Timestamp(milliseconds: 5),
            outcome: outcome
        )
    }

    private func texts(_ action: EngineScheduler.Action, metrics: TaskMetrics? = nil) -> [String] {
        var writer = EventWriter()
        return writer.events(of: action, at: 1_000_010, offset: 1_000_000, metrics: metrics).map(\.text)
    }

    @Test func `an application says its attempt, and keeps its secrets`() {
        var application = EventLog.Application(
            id: "application_1_0001",
            name: "n",
            user: "u",
            properties: ["spark.app.name": "n", "spark.hadoop.fs.s3a.secret.key": "hush"]
        )
        let client = EventWriter().start(application, at: 5).map(\.text)
        #expect(client.allSatisfy { !$0.contains("hush") && !$0.contains("App Attempt ID") })
        #expect(client[1].contains(#""spark.app.name":"n","spark.hadoop.fs.s3a.secret.key":"<redacted>""#))
        #expect(application.logName == "application_1_0001")
        application.attempt = 2
        #expect(EventWriter().start(application, at: 5)[2].text.contains(#""App Attempt ID":"2""#))
        #expect(application.logName == "application_1_0001_2")
    }

    @Test func `an executor is added under its host`() {
        let text = self.texts(.executorAdded(ExecutorDescription(id: ExecutorID(2), host: "h", cores: 3)))
        #expect(text.count == 1)
        #expect(text[0].hasPrefix(#"{"Event":"SparkListenerExecutorAdded","Timestamp":1000010,"Executor ID":"2""#))
        #expect(text[0].contains(#""Host":"h","Total Cores":3"#))
    }

    @Test func `a task's times are those of the calendar, its metrics those that were measured`() {
        var metrics = TaskMetrics()
        metrics.runMilliseconds = 4
        metrics.bytesWritten = 99
        let text = self.texts(.taskEnded(Self.end(.success)), metrics: metrics)[0]
        #expect(text.contains(#""Launch Time":1000005"#) && text.contains(#""Finish Time":1000010"#))
        #expect(text.contains(#""Executor Run Time":4"#) && text.contains(#""Shuffle Bytes Written":99"#))
        #expect(text.contains(#""Task End Reason":{"Reason":"Success"}"#) && text.contains(#""Locality":"ANY""#))
    }

    @Test(
        arguments: [
            (TaskFailure.killed(reason: .anotherAttemptSucceeded), "TaskKilled", #""Killed":true"#),
            (
                .executorLost(ExecutorID(2), message: "gone", charged: true), "ExecutorLostFailure",
                #""Exit Caused By App":true"#
            ),
            (.exception(TaskException(type: "thrown", message: "no \"luck\"")), "ExceptionFailure", #"no \"luck\""#),
            (.resultLost(message: "cut"), "TaskResultLost", #""Failed":true"#),
            (
                .fetchFailed(FetchFailure(shuffle: ShuffleID(3), map: nil, reduce: 1, executor: nil, message: "m")),
                "FetchFailed",
                #""Block Manager Address":null,"Shuffle ID":3,"Map ID":-1"#
            ),
        ] as [(TaskFailure, String, String)]
    ) func `each failure has Spark's name`(
        failure: TaskFailure,
        name: String,
        text: String
    ) {
        let event = self.texts(.taskEnded(Self.end(.failure(failure))))[0]
        #expect(event.contains(#""Task End Reason":{"Reason":"\#(name)""#), "\(event)")
        #expect(event.contains(text), "\(event)")
    }

    @Test func `a stage that writes a shuffle has map tasks`() {
        var writer = EventWriter()
        let report = StageReport(
            stage: StageID(1),
            attempt: 0,
            name: "map at A.swift:1",
            taskCount: 2,
            parents: [],
            shuffle: ShuffleID(0),
            jobs: [JobID(0)]
        )
        _ = writer.events(of: .stageSubmitted(report), at: 0, offset: 0, metrics: nil)
        let text = writer.events(of: .taskEnded(Self.end(.success)), at: 0, offset: 0, metrics: nil)[0].text
        #expect(text.contains(#""Task Type":"ShuffleMapTask""#))
    }
}
