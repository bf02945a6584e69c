internal import ClusterModel
internal import Dispatch
internal import EngineCore
internal import Glibc
internal import Synchronization

/// Writes what an application does in the form of Spark's event log, which Spark's history server lists and shows.
///
/// The scheduler's actions say everything in the order in which it happened; they are written on a thread of the log's own.
final class EventLog: Sendable {
    /// Who runs what, for the log's first lines.
    struct Application: Sendable {
        var id: String
        /// The number of the attempt whose driver this is, where an application may have several: in cluster mode.
        var attempt: Int?
        var name: String
        var user: String
        /// Spark's `spark.*` properties.
        var properties: [String: String]

        /// Spark's name for the file of its log.
        var logName: String { self.attempt.map { "\(self.id)_\($0)" } ?? self.id }
    }

    private struct State: ~Copyable {
        var writer: EventWriter
        var sink: any EventSink
        /// The first problem with the log; nothing is written after it.
        var failure: String?
        var isEnded = false
    }

    private let queue = DispatchQueue(label: "heddle.engine.events")
    private let state: Mutex<State>
    /// What the scheduler's times, which count from the machine's start, lie before those of the calendar.
    private let offset: Int64

    init(_ application: Application, sink: sending any EventSink, clock: EngineClock) {
        self.offset = CalendarClock.milliseconds - clock.now.milliseconds
        self.state = Mutex(State(writer: EventWriter(), sink: sink))
        let now = CalendarClock.milliseconds
        self.write { writer in writer.start(application, at: now) }
    }

    /// Takes an action of the scheduler's, with what the driver knows of its stages and tasks.
    func take(_ action: EngineScheduler.Action, at time: Timestamp, metrics: TaskMetrics?) {
        let offset = self.offset
        self.write { writer in
            writer.events(of: action, at: time.milliseconds + offset, offset: offset, metrics: metrics)
        }
    }

    /// What the stages of a job compute, known before the job starts.
    func know(_ stages: [(StageID, [DatasetInfo])]) {
        self.write { writer in
            writer.know(stages)
            return []
        }
    }

    /// Ends the log: its file then has its final name. Nothing happens the second time.
    func end() {
        let isFirst = self.state.withLock { state in
            defer { state.isEnded = true }
            return !state.isEnded
        }
        guard isFirst else { return }
        let now = CalendarClock.milliseconds
        self.write { writer in [writer.end(at: now)] }
        self.queue.sync {
            self.state.withLock { state in
                guard state.failure == nil else { return }
                do {
                    try state.sink.finish()
                } catch {
                    state.failure = "\(error)"
                    StandardError.write("The event log cannot be kept: \(error)")
                }
            }
        }
    }

    private func write(_ events: @escaping @Sendable (inout EventWriter) -> [JSONText]) {
        self.queue.async {
            self.state.withLock { state in
                let lines = events(&state.writer)
                guard state.failure == nil, !lines.isEmpty else { return }
                do {
                    try state.sink.append(lines.map { "\($0.text)\n" }.joined())
                } catch {
                    state.failure = "\(error)"
                    StandardError.write("The event log cannot be written any more: \(error)")
                }
            }
        }
    }
}

/// A dataset as pages draw it.
struct DatasetInfo: Sendable {
    var identity: Digest
    var operation: String
    var site: String
    var parents: [Digest]
    var partitions: Int
    /// How it is kept, if it is.
    var storage: StorageLevel?
}

/// The time of the calendar.
enum CalendarClock {
    /// Milliseconds since 1970.
    static var milliseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
