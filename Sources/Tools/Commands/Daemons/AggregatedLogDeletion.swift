import ClusterModel
import Logging
import ResourceManagerCore
import Staging

/// Deletes the aggregated logs of applications whose time is over. One ResourceManager does it for the whole cluster, since
/// it knows which applications run.
struct AggregatedLogDeletion: Sendable {
    let retention: LogRetention
    let folders: AggregatedLogFolders
    /// Of an application; nil for one that the ResourceManager does not know.
    let state: @Sendable (ApplicationID) -> ApplicationState?
    let now: @Sendable () -> Timestamp
    let logger: Logger
    private let threads = BlockingThreads(threadsMaximum: 1)

    init(
        retention: LogRetention,
        folders: AggregatedLogFolders,
        state: @escaping @Sendable (ApplicationID) -> ApplicationState?,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.retention = retention
        self.folders = folders
        self.state = state
        self.now = now
        self.logger = logger
    }

    /// Looks through all folders at once and then every interval, until its task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let deleted = await self.threads.run { self.round($0) }
            if deleted > 0 { self.logger.info("Deleted the aggregated logs of \(deleted) applications.") }
            try? await Task.sleep(for: self.retention.checkInterval)
        }
    }

    /// One look through all folders; what cannot be read or deleted is left to the next one.
    /// - Returns: how many applications' logs were deleted.
    func round(_ cancellation: Cancellation) -> Int {
        var deleted = 0
        do {
            for user in try self.folders.users(cancellation) {
                do {
                    deleted += try self.round(of: user, cancellation)
                } catch {
                    self.logger.warning("Old aggregated logs of \(user) are not deleted: \(error)")
                }
            }
        } catch {
            self.logger.warning("Old aggregated logs are not deleted: \(error)")
        }
        return deleted
    }

    private func round(of user: String, _ cancellation: Cancellation) throws -> Int {
        var deleted = 0
        for folder in try self.folders.applications(of: user, cancellation) {
            guard !cancellation.isCancelled else { return deleted }
            // Anything else there is not ours.
            guard let application = folder.location.name.flatMap(ApplicationID.init),
                folder.modificationTime.map({
                    self.retention.isDue(lastChange: Timestamp(milliseconds: $0), at: self.now())
                }) != false
            else { continue }
            let change = try self.folders.lastChange(of: folder, user: user, cancellation)
                .map(Timestamp.init(milliseconds:))
            guard self.retention.deletes(lastChange: change, state: self.state(application), at: self.now()) else {
                continue
            }
            try self.folders.delete(folder, user: user, cancellation)
            deleted += 1
        }
        return deleted
    }
}
