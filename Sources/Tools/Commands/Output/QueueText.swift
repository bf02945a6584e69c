import ClusterModel
package import HadoopProtos
import ModelConversion

/// The texts of `yarn queue`.
package enum QueueText {
    /// `-status`.
    package static func status(_ queue: QueueInfoProto) -> String {
        var text = "Queue Information : \n"
        if queue.hasSchedulerType { text += "Scheduler Name : \(queue.schedulerType)\n" }
        text += "Queue Name : \(queue.queueName)\n"
        if queue.hasQueuePath { text += "Queue Path : \(queue.queuePath)\n" }
        let label = queue.defaultNodeLabelExpression
        text += fieldLines([
            ("State", queue.stateText),
            ("Capacity", queue.capacityText),
            ("Current Capacity", queue.currentCapacityText),
            ("Maximum Capacity", queue.maximumCapacityText),
            ("Weight", queue.weightText),
            ("Maximum Parallel Apps", queue.parallelText),
            ("Default Node Label expression", label.isEmpty ? "<DEFAULT_PARTITION>" : label),
            ("Accessible Node Labels", queue.accessibleNodeLabels.joined(separator: ",")),
        ])
        if queue.hasPreemptionDisabled {
            text += "\tPreemption : \(queue.preemptionDisabled ? "disabled" : "enabled")\n"
        }
        if queue.hasIntraQueuePreemptionDisabled {
            text += "\tIntra-queue Preemption : \(queue.intraQueuePreemptionDisabled ? "disabled" : "enabled")\n"
        }
        return text
    }

    /// `-list`: a framed table of all queues below `root`, parents before their children.
    package static func list(below parent: QueueInfoProto) -> String {
        let queues = Self.descendants(parent)
        let rows =
            [
                [
                    "Queue Name", "Queue Path", "State", "Capacity", "Current Capacity", "Maximum Capacity", "Weight",
                    "Maximum Parallel Apps",
                ]
            ]
            + queues.map { queue in
                [
                    queue.queueName, queue.hasQueuePath ? queue.queuePath : "null", queue.stateText,
                    queue.capacityText, queue.currentCapacityText, queue.maximumCapacityText, queue.weightText,
                    queue.parallelText,
                ]
            }
        return Self.table(title: "\(queues.count) queues were found", rows: rows)
    }

    /// Every queue below `parent`, each parent before its children.
    package static func descendants(_ parent: QueueInfoProto) -> [QueueInfoProto] {
        parent.childQueues.flatMap { [$0] + Self.descendants($0) }
    }

    private static func table(title: String, rows: [[String]]) -> String {
        guard let header = rows.first else { return "" }
        let widths = header.indices.map { column in (rows.map { $0[column].count }.max() ?? 0) + 2 }
        let inner = widths.reduce(widths.count - 1, +)
        let rule = "+" + widths.map { String(repeating: "-", count: $0) }.joined(separator: "+") + "+\n"
        var text = "+" + String(repeating: "-", count: inner) + "+\n"
        text += "|\(Self.centred(title, inner))|\n" + rule
        for (index, row) in rows.enumerated() {
            text += "|" + zip(row, widths).map { Self.centred($0, $1) }.joined(separator: "|") + "|\n"
            if index == 0 { text += rule }
        }
        return rows.count > 1 ? text + rule : text
    }

    private static func centred(_ text: String, _ width: Int) -> String {
        let space = max(0, width - text.count)
        return String(repeating: " ", count: space / 2) + text + String(repeating: " ", count: space - space / 2)
    }
}

extension QueueInfoProto {
    var stateText: String { self.hasState ? QueueState(self.state).name : "null" }
    var capacityText: String { HadoopFormat.twoPlaces(self.capacity * 100) + "%" }
    var currentCapacityText: String { HadoopFormat.twoPlaces(self.currentCapacity * 100) + "%" }
    var maximumCapacityText: String { HadoopFormat.twoPlaces(self.maximumCapacity * 100) + "%" }
    var weightText: String { HadoopFormat.twoPlaces(self.hasWeight ? self.weight : -1) }
    var parallelText: String { "\(self.hasMaxParallelApps ? self.maxParallelApps : -1)" }
}
