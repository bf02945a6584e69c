internal import EngineCore

/// The line that a terminal shows while stages run, as Spark's: `[Stage 3:=====>      (12 + 2) / 20]`, the tasks that are done
/// and those that run.
enum ProgressLine {
    /// So many stages have a place in the line; more would leave none to see.
    private static let stagesMaximum = 3

    /// - Parameter width: of the terminal, in columns.
    /// - Returns: nil where no stage runs.
    static func text(_ stages: [StageView], width: Int) -> String? {
        let active = stages.filter { $0.status == .active }.prefix(Self.stagesMaximum)
        guard !active.isEmpty else { return nil }
        let share = max(0, width / active.count)
        return active.map { Self.bar($0, width: share) }.joined()
    }

    private static func bar(_ stage: StageView, width: Int) -> String {
        let counts = stage.counts
        let head = "[Stage \(stage.report.stage.number):"
        let tail = "(\(counts.completed) + \(counts.active)) / \(counts.total)]"
        let room = width - head.count - tail.count
        guard room > 0 else { return head + tail }
        let done = counts.total > 0 ? min(room, room * counts.completed / counts.total) : room
        var bar = String(repeating: "=", count: done)
        if done < room { bar += ">" + String(repeating: " ", count: room - done - 1) }
        return head + bar + tail
    }
}
