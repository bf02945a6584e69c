/// What the processes of an application are sized by.
package struct EngineSizes: Hashable, Sendable {
    /// `spark.executor.instances`
    package var executors: Int
    /// `spark.executor.cores`
    package var executorCores: Int
    /// `spark.executor.memory` and its overhead.
    package var executorMemory: Int64
    /// `spark.driver.memory` and its overhead in cluster mode, `spark.yarn.am.memory` and its own in client mode.
    package var masterMemory: Int64
    package var masterCores: Int

    /// Spark's `spark.executor.memoryOverheadFactor`, and the least of it in MiB.
    private static let overheadShare: Int64 = 10
    private static let overheadMinimum: Int64 = 384

    package init(_ properties: EngineProperties, isCluster: Bool) throws(EngineProperties.Unusable) {
        self.executors = try properties.count(.executorInstances, default: 2)
        self.executorCores = try properties.count(.executorCores, default: 1)
        self.executorMemory = try Self.memory(
            .executorMemory,
            .executorMemoryOverhead,
            Self.executorStandard,
            properties
        )
        if isCluster {
            self.masterMemory = try Self.memory(.driverMemory, .driverMemoryOverhead, 1024, properties)
            self.masterCores = try properties.count(.driverCores, default: 1)
        } else {
            self.masterMemory = try Self.memory(.masterMemory, .masterMemoryOverhead, 512, properties)
            self.masterCores = try properties.count(.masterCores, default: 1)
        }
    }

    /// `spark.executor.memory`, in MiB: what an executor's tasks and kept blocks are to do with.
    package static func executorHeap(_ properties: EngineProperties) throws(EngineProperties.Unusable) -> Int64 {
        try properties.mebibytes(.executorMemory, default: Self.executorStandard)
    }

    private static let executorStandard: Int64 = 1024

    private static func memory(
        _ own: EngineProperty,
        _ overhead: EngineProperty,
        _ standard: Int64,
        _ properties: EngineProperties
    ) throws(EngineProperties.Unusable) -> Int64 {
        let memory = try properties.mebibytes(own, default: standard)
        let least = max(memory / Self.overheadShare, Self.overheadMinimum)
        return memory + (try properties.mebibytes(overhead, default: least))
    }
}
