internal import EngineCore

extension EngineProperties {
    /// What cannot be used of them: values that are not of their properties' forms, else those that do not go together.
    ///
    /// Whoever starts an application asks first, so that a property that only its executors read is not found wrong by them.
    /// - Parameter master: Spark's name of where tasks run; what is said of containers counts on `yarn` alone.
    package func problems(master: String) -> [Unusable] {
        let malformed = self.malformed
        if !malformed.isEmpty { return malformed }
        var problems: [Unusable] = []
        func attempt(_ check: () throws(Unusable) -> Void) {
            do throws(Unusable) { try check() } catch { problems.append(error) }
        }
        attempt { () throws(Unusable) in try self.checkHeartbeat() }
        guard master == "yarn" else { return problems }
        attempt { () throws(Unusable) in
            var allocation = AllocationSettings()
            try allocation.apply(self, EngineSizes(self, isCluster: true))
        }
        attempt { () throws(Unusable) in
            try self.checkTaskCores(of: EngineSizes(self, isCluster: true).executorCores)
        }
        return problems
    }

    /// An executor that is heard of less often than it may be silent would be taken for lost.
    private func checkHeartbeat() throws(Unusable) {
        let (interval, timeout) = (try self.heartbeatInterval, try self.networkTimeout)
        guard interval < timeout else {
            let (beat, limit) = (EngineProperty.executorHeartbeat, EngineProperty.networkTimeout)
            throw Unusable(
                [beat, limit],
                """
                \(beat.name) (\(interval)) is not less than \(limit.name) (\(timeout)): executors would be taken for lost; \
                accepted: less, a third of it at most to be safe
                """
            )
        }
    }

    /// A task that no executor has the cores for would never run.
    /// - Parameter cores: of an executor, or of this process.
    package func checkTaskCores(of cores: Int) throws(Unusable) {
        let task = try self.count(.taskCores, default: 1)
        guard task <= cores else {
            throw Unusable(
                [.taskCores, .executorCores],
                """
                \(EngineProperty.taskCores.name)=\(task) is more than the \(cores) cores that tasks have together: none would run; \
                accepted: \(cores) at most, or more with \(EngineProperty.executorCores.name)
                """
            )
        }
    }
}
