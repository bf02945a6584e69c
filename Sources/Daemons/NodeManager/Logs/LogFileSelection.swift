import ClusterModel
import NodeManagerCore
import Staging

/// Which log files an order means. Patterns that are not understood are told of and keep nothing back: no log is lost for
/// a pattern's sake.
struct LogFileSelection {
    private let order: LogAggregationOrder
    private let known: Set<LogFileVersion>
    private let whole: Filter
    /// Nil: no running container's file is complete before its end.
    private let rolled: Filter?
    /// What was not understood; empty when all was.
    private(set) var remark = ""

    private struct Filter {
        var include: EntryPattern?
        var exclude: EntryPattern?

        func takes(_ name: String) -> Bool {
            self.include?.matches(name) != false && self.exclude?.matches(name) != true
        }
    }

    init(_ order: LogAggregationOrder) {
        self.order = order
        self.known = Set(order.uploaded)
        var remark = ""
        func compiled(_ expression: String, _ field: String, _ consequence: String) -> EntryPattern? {
            guard !expression.isEmpty else { return nil }
            do {
                return try EntryPattern(expression, anywhere: true)
            } catch {
                remark += "\(field): \(error); \(consequence). "
                return nil
            }
        }
        let context = order.context
        self.whole = Filter(
            include: compiled(context.includePattern, "include_pattern", "all files are aggregated"),
            exclude: compiled(context.excludePattern, "exclude_pattern", "no file is left out for it")
        )
        let consequence = "files are aggregated when their container has ended"
        let include = compiled(context.rolledIncludePattern, "rolled_logs_include_pattern", consequence)
        let exclude = compiled(context.rolledExcludePattern, "rolled_logs_exclude_pattern", consequence)
        // Taking a file that is still written to is worse than taking it later.
        let isComplete = include != nil && (exclude != nil || context.rolledExcludePattern.isEmpty)
        self.rolled = isComplete ? Filter(include: include, exclude: exclude) : nil
        self.remark = remark
    }

    func takes(_ container: ContainerID) -> Bool { !self.order.skipped.contains(container) }

    func takes(_ file: LogFileVersion) -> Bool {
        guard !self.known.contains(file) else { return false }
        guard let running = self.order.running else { return self.whole.takes(file.name) }
        if self.rolled?.takes(file.name) == true { return true }
        return !running.contains(file.container) && self.whole.takes(file.name)
    }
}
