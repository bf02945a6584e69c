extension Executor {
    /// Runs a task of a plan, which is taken first if it is new here, and keeps what a map task wrote.
    func perform(_ scope: TaskScope, plan: EncodedPlan) -> Result<TaskProduct, TaskFault> {
        do {
            try self.add(plan: plan.bytes, digest: plan.digest)
            for value in plan.values { self.values.add(value) }
            let made = try self.run(scope)
            if let output = made as? ShuffleOutput, let shuffle = plan.shuffle {
                self.shuffles.keep(output, shuffle: shuffle, mapTask: scope.order.partition)
                return .success(.output(output.segments.map { Int64($0.count) }))
            }
            guard let result = made as? TaskResult else {
                return .failure(.foreignPlan("a task made neither a result nor a shuffle's output"))
            }
            return .success(.result(result.bytes))
        } catch let fault as TaskFault {
            return .failure(fault)
        } catch {
            return .failure(.foreignPlan("\(error)"))
        }
    }
}
