import NIOCore
import Testing

@testable import HadoopRPC

struct IdleWatchTests {
    private typealias Observation = IdleWatch.Observation

    private let limits = RPCServerLimits(
        frameTimeout: .seconds(40),
        idleTimeout: .seconds(20),
        idleTimeoutMaximum: .seconds(60),
        writeTimeout: .seconds(30)
    )

    /// Looks until the watch speaks; tells after how many looks, or nil after a hundred.
    private func looks(
        _ watch: IdleWatch,
        isCrowded: Bool = false,
        _ observe: (UInt64) -> IdleWatch.Observation
    ) -> Int? {
        var watch = watch
        for look in 1...100
        where watch.timePassed(observe(UInt64(look)), isCrowded: isCrowded, limits: self.limits) != nil {
            return look
        }
        return nil
    }

    @Test func `looks come twice within the shortest limit`() {
        #expect(self.limits.watchInterval == .seconds(10))
    }

    @Test func `a connection without calls goes early when there are many`() {
        let quiet = Observation(framesCompleted: 5, isInsideFrame: false, callsInFlight: 0)
        // The first look has nothing to compare with.
        #expect(self.looks(IdleWatch(), isCrowded: true) { _ in quiet } == 3)
        #expect(self.looks(IdleWatch()) { _ in quiet } == 7)
    }

    @Test func `open calls, new calls and pings keep a connection`() {
        #expect(
            self.looks(IdleWatch(), isCrowded: true) { _ in
                Observation(framesCompleted: 5, isInsideFrame: false, callsInFlight: 1)
            } == nil
        )
        #expect(
            self.looks(IdleWatch(), isCrowded: true) { look in
                Observation(framesCompleted: look, isInsideFrame: false, callsInFlight: 0)
            } == nil
        )
    }

    @Test func `a request that does not end is cut off, many that do are not`() {
        #expect(
            self.looks(IdleWatch()) { _ in
                Observation(framesCompleted: 5, isInsideFrame: true, callsInFlight: 3)
            } == 5
        )
        #expect(
            self.looks(IdleWatch()) { look in
                Observation(framesCompleted: look, isInsideFrame: true, callsInFlight: 3)
            } == nil
        )
    }

    @Test func `a peer that reads nothing is cut off`() {
        let busy = { (look: UInt64) in Observation(framesCompleted: look, isInsideFrame: false, callsInFlight: 9) }
        var watch = IdleWatch()
        watch.writabilityChanged(isWritable: false)
        #expect(self.looks(watch, busy) == 3)
        watch.writabilityChanged(isWritable: true)
        #expect(self.looks(watch, busy) == nil)
    }
}

struct OpenFileLimitTests {
    @Test func `limits fit the files that the process may open`() {
        let limits = RPCServerLimits()
        #expect(limits.fitted(toOpenFiles: nil) == limits)
        #expect(limits.fitted(toOpenFiles: 1_000_000) == limits)
        let small = limits.fitted(toOpenFiles: 1024)
        #expect(small.connectionsMaximum == 512)
        #expect(small.idleThreshold == 256)
        #expect(limits.fitted(toOpenFiles: 0).connectionsMaximum == 8)
        #expect(OpenFileLimit.current ?? 1 > 0)
    }
}

struct ConnectionRosterTests {
    @Test func `what a refused connection wanted counts for nobody`() {
        let roster = ConnectionRoster(connectionsMaximum: 4, bytesHeldMaximum: 250)
        #expect(roster.hold(100))
        #expect(roster.hold(100))
        #expect(!roster.hold(100))
        // The refused one gives nothing back yet, and the others still have the room that is left.
        #expect(roster.hold(50))
        #expect(!roster.hold(1))
        #expect(roster.hold(-100))
        #expect(roster.hold(100))
    }
}

struct CallTableTests {
    private func deadline(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test func `overdue calls come out, and the next deadline is known`() {
        var table = CallTable()
        table.add(1, deadline: self.deadline(5)) { _ in }
        table.add(2, deadline: self.deadline(3)) { _ in }
        table.add(3, deadline: nil) { _ in }
        #expect(table.earliestDeadline == self.deadline(3))
        #expect(table.removeOverdue(at: self.deadline(2)).isEmpty)
        #expect(table.removeOverdue(at: self.deadline(3)).count == 1)
        #expect(table.earliestDeadline == self.deadline(5))
        #expect(table.remove(2) == nil)
        #expect(table.remove(1) != nil)
        // The deadline of an answered call may stand until it passes.
        #expect(table.removeOverdue(at: self.deadline(9)).isEmpty)
        #expect(table.earliestDeadline == nil)
        #expect(!table.isEmpty)
        #expect(table.removeAll().count == 1)
        #expect(table.isEmpty)
    }
}
