extension Executor {
    /// Runs a task of a plan, which is taken first if it is new here, and keeps what a map task wrote.
    func perform(_ scope: TaskScope, plan: EncodedPlan) -> Result<TaskProduct, TaskFault> {
        do {
            let watch = TaskStopwatch()
            let made = try self.run(scope, self.opened(plan), sent: plan.values)
            let updates = try scope.updates()
            var metrics = scope.metrics
            watch.read(into: &metrics)
            if let output = made as? ShuffleOutput, let shuffle = plan.shuffle {
                self.shuffles.keep(output, shuffle: shuffle, mapTask: scope.order.partition)
                let sizes = output.segments.map { Int64($0.count) }
                metrics.bytesWritten = sizes.reduce(0, +)
                return .success(TaskProduct(yield: .output(sizes), updates: updates, metrics: metrics))
            }
            guard let result = made as? TaskResult else {
                return .failure(.foreignPlan("a task made neither a result nor a shuffle's output"))
            }
            metrics.resultBytes = Int64(result.bytes.count)
            return .success(TaskProduct(yield: .result(result.bytes), updates: updates, metrics: metrics))
        } catch let fault as TaskFault {
            return .failure(fault)
        } catch {
            return .failure(.foreignPlan("\(error)"))
        }
    }
}
