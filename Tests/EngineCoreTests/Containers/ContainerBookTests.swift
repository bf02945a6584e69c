import ClusterModel
import Testing

@testable import EngineCore

/// What an ApplicationMaster asks for, starts and reports.
@Suite struct ContainerBookTests {
    private static func container(_ number: Int64) -> ContainerID {
        let application = ApplicationID(clusterTimestamp: 1, number: 1)
        return ContainerID(
            attempt: ApplicationAttemptID(application: application, number: 1),
            epoch: 0,
            sequence: number
        )
    }

    private var book: ContainerBook<ContainerID> = {
        var book = ContainerBook<ContainerID>()
        _ = book.step(.wanted(2))
        return book
    }()

    private static func granted(_ number: Int64) -> ContainerBook<ContainerID>.Input {
        .granted(self.container(number), host: "h")
    }

    @Test func `as many are missing as are wanted and not there`() {
        var book = self.book
        #expect(book.missing == 2)
        #expect(book.step(Self.granted(2)) == [.launch(Self.container(2), ExecutorID(1), host: "h")])
        #expect(book.missing == 1)
        #expect(book.step(Self.granted(3)) == [.launch(Self.container(3), ExecutorID(2), host: "h")])
        #expect(book.missing == 0)
        #expect(book.step(.wanted(1)).isEmpty)
        #expect(book.missing == 0)
    }

    @Test func `what was granted in vain is given back`() {
        var book = self.book
        _ = book.step(.wanted(1))
        _ = book.step(Self.granted(2))
        #expect(book.step(Self.granted(3)) == [.release(Self.container(3))])
        // The same grant twice is one container.
        #expect(book.step(Self.granted(2)) == [.release(Self.container(2))])
    }

    @Test func `one that ended is missing again, under a number of its own`() {
        var book = self.book
        _ = book.step(Self.granted(2))
        let ended = book.step(.ended(Self.container(2), ContainerEnd.cause(exitStatus: -100, diagnostics: "node lost")))
        #expect(ended == [.lost(ExecutorID(1), .ended(message: "its container was given up: node lost"))])
        #expect(book.missing == 2)
        #expect(book.step(Self.granted(3)) == [.launch(Self.container(3), ExecutorID(2), host: "h")])
        // Told once only.
        #expect(book.step(.ended(Self.container(2), ContainerEnd.cause(exitStatus: 1, diagnostics: ""))).isEmpty)
    }

    @Test func `no executor has the number of one of an earlier attempt`() {
        var book = ContainerBook<ContainerID>(attempt: 2)
        _ = book.step(.wanted(1))
        let first = ContainerBook<ContainerID>.firstExecutor(of: 2)
        #expect(book.step(Self.granted(2)) == [.launch(Self.container(2), first, host: "h")])
        #expect(first == ExecutorID(100_001) && ContainerBook<ContainerID>.firstExecutor(of: 1) == ExecutorID(1))
    }

    @Test func `executors that fail again and again are given up`() {
        var book = self.book
        var actions: [ContainerBook<ContainerID>.Action] = []
        for number in 2..<6 {
            _ = book.step(Self.granted(Int64(number)))
            actions = book.step(
                .ended(Self.container(Int64(number)), ContainerEnd.cause(exitStatus: 1, diagnostics: "no such file"))
            )
        }
        guard case .gaveUp(let reason)? = actions.last else {
            Issue.record("\(actions)")
            return
        }
        #expect(reason.contains("4 executors failed") && reason.contains("no such file"))
        #expect(book.missing == 0)
        #expect(book.step(Self.granted(9)) == [.release(Self.container(9))])
    }

    @Test func `a task that ends its executor is charged, and the executor replaced however often`() {
        var book = self.book
        for number in 2..<30 {
            _ = book.step(Self.granted(Int64(number)))
            let actions = book.step(
                .ended(
                    Self.container(Int64(number)),
                    ContainerEnd.cause(
                        exitStatus: 132,
                        diagnostics:
                            "x\nM/File.swift:3: Fatal error: Index out of range\n\nheddle: signal 4 in task 17\n"
                    )
                )
            )
            guard case .lost(_, .trapped(let tasks, let message))? = actions.first else {
                Issue.record("\(actions)")
                return
            }
            #expect(tasks == [TaskID(17)] && actions.count == 1)
            #expect(message.contains("exit code 132: M/File.swift:3: Fatal error: Index out of range"))
        }
        #expect(book.missing == 2)
    }

    @Test func `a node that refuses counts as a failure and gives the container back`() {
        var book = self.book
        _ = book.step(Self.granted(2))
        let actions = book.step(.launchFailed(Self.container(2), message: "no"))
        #expect(actions.first == .release(Self.container(2)) && actions.count == 2)
        #expect(book.missing == 2)
    }

    @Test func `an executor that is not needed any more gives its container back`() {
        var book = self.book
        _ = book.step(Self.granted(2))
        #expect(book.step(.removed(ExecutorID(1))) == [.release(Self.container(2))])
        #expect(book.step(.removed(ExecutorID(7))).isEmpty)
    }

    @Test(arguments: [
        (0, false), (-100, false), (-101, false), (-102, false), (-105, false), (-106, false), (-107, false),
        (-104, true),
        (-103, true), (1, true), (137, true),
    ]) func `only ends that the program may have caused charge its tasks`(status: Int, charges: Bool) {
        let cause = ContainerEnd.cause(exitStatus: status, diagnostics: "")
        if case .crashed = cause { #expect(charges) } else { #expect(!charges) }
    }

    @Test func `a kill for memory names the setting`() {
        let cause = ContainerEnd.cause(exitStatus: -104, diagnostics: "used 600 of 512 MB")
        #expect(cause.message.contains("spark.executor.memoryOverhead") && cause.message.contains("600 of 512"))
    }
}
