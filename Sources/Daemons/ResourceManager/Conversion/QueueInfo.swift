import ClusterModel
import HadoopProtos
import ModelConversion
import ResourceManagerCore

extension QueueView {
    /// - Parameter available: what is free in the cluster, which the statistics of every queue show.
    func info(available: ResourceVector) -> QueueInfoProto {
        var info = QueueInfoProto()
        info.queueName = self.name
        info.queuePath = self.path
        info.capacity = Self.fraction(self.capacityPartsPerMillion)
        info.maximumCapacity = Self.fraction(self.maximumCapacityPartsPerMillion)
        info.currentCapacity =
            self.effectiveMinimum.memoryMiB > 0
            ? Float(self.used.memoryMiB) / Float(self.effectiveMinimum.memoryMiB) : 0
        info.state = self.state.proto
        info.accessibleNodeLabels = ["*"]
        info.queueStatistics = self.statisticsProto(available: available)
        info.preemptionDisabled = true
        info.intraQueuePreemptionDisabled = true
        info.queueConfigurationsMap = [self.configurations]
        info.schedulerType = "CapacityScheduler"
        return info
    }

    private static func fraction(_ partsPerMillion: Int64) -> Float { Float(partsPerMillion) / 1_000_000 }

    private func statisticsProto(available: ResourceVector) -> QueueStatisticsProto {
        var proto = QueueStatisticsProto()
        proto.numAppsSubmitted = self.statistics.submitted
        proto.numAppsRunning = self.statistics.running
        proto.numAppsPending = self.statistics.pending
        proto.numAppsCompleted = self.statistics.completed
        proto.numAppsKilled = self.statistics.killed
        proto.numAppsFailed = self.statistics.failed
        proto.numActiveUsers = Int64(self.users.filter { $0.activeApplications > 0 }.count)
        proto.availableMemoryMb = available.memoryMiB
        proto.allocatedMemoryMb = self.used.memoryMiB
        proto.pendingMemoryMb = self.pending.memoryMiB
        proto.reservedMemoryMb = self.reserved.memoryMiB
        proto.availableVcores = available.vcores
        proto.allocatedVcores = self.used.vcores
        proto.pendingVcores = self.pending.vcores
        proto.reservedVcores = self.reserved.vcores
        proto.allocatedContainers = Int64(self.allocatedContainers)
        proto.pendingContainers = Int64(self.pendingContainers)
        proto.reservedContainers = Int64(self.reservedContainers)
        return proto
    }

    /// Of the default partition, whose name is empty.
    private var configurations: QueueConfigurationsMapProto {
        var proto = QueueConfigurationsProto()
        proto.capacity = Self.fraction(self.capacityPartsPerMillion)
        proto.absoluteCapacity = Self.fraction(self.absoluteCapacityPartsPerMillion)
        proto.maxCapacity = Self.fraction(self.maximumCapacityPartsPerMillion)
        proto.absoluteMaxCapacity = Self.fraction(self.absoluteMaximumCapacityPartsPerMillion)
        proto.maxAmpercentage = Self.fraction(self.maximumMasterResourcePartsPerMillion)
        proto.effectiveMinCapacity = self.effectiveMinimum.proto
        proto.effectiveMaxCapacity = self.effectiveMaximum.proto
        var map = QueueConfigurationsMapProto()
        map.partitionName = ""
        map.queueConfigurations = proto
        return map
    }
}
