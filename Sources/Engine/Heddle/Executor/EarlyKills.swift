/// Orders to end tasks that came before the tasks themselves: what a driver decides goes out on several threads, and the later
/// word may overtake the earlier. Orders that came too late, for tasks that have ended, stand here too until newer ones push
/// them out; a task's number is never taken again.
struct EarlyKills<Task: Hashable & Sendable>: Sendable {
    private var tasks = LeastRecentlyUsed<Task, Void>(limit: 4096)

    mutating func note(_ task: Task) { self.tasks.insert((), for: task) }

    /// - Returns: whether the task is to end, now that it is here.
    mutating func take(_ task: Task) -> Bool { self.tasks.count > 0 && self.tasks.remove(task) != nil }
}
