import ClusterModel
import ResourceManagerCore
import Testing

@Suite struct LogRetentionTests {
    private static let now = Timestamp(milliseconds: 1_000_000_000)

    private func before(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Self.now.milliseconds - seconds * 1_000)
    }

    @Test func `logs go when nothing has changed for their time and the application has ended or is not known`() throws
    {
        let retention = try #require(LogRetention(seconds: 60, checkSeconds: -1))
        for state in [.finished, .failed, .killed, nil] as [ApplicationState?] {
            #expect(retention.deletes(lastChange: self.before(60), state: state, at: Self.now))
            #expect(!retention.deletes(lastChange: self.before(59), state: state, at: Self.now))
            #expect(!retention.deletes(lastChange: nil, state: state, at: Self.now))
        }
        for state in [.new, .newSaving, .submitted, .accepted, .running] as [ApplicationState] {
            #expect(!retention.deletes(lastChange: self.before(1_000_000), state: state, at: Self.now))
        }
    }

    @Test func `below 0 is for ever, and a tenth of the time is the interval`() throws {
        #expect(LogRetention(seconds: -1, checkSeconds: 5) == nil)
        #expect(try #require(LogRetention(seconds: 600, checkSeconds: 0)).checkInterval == .seconds(60))
        #expect(try #require(LogRetention(seconds: 600, checkSeconds: 7)).checkInterval == .seconds(7))
        #expect(try #require(LogRetention(seconds: 0, checkSeconds: -1)).checkInterval == .seconds(1))
    }
}
