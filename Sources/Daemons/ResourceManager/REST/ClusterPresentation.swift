package import ClusterModel
package import ResourceManagerCore
package import SchedulerCore

/// What representations need beside the thing they show: the moment, the cluster's size, the web address for links.
package struct ClusterPresentation: Sendable {
    package var now: Timestamp
    /// `host:port` under which this ResourceManager's pages are reached.
    package var webAddress: String
    /// `host:port` of the proxy to the user interfaces of applications.
    package var proxyAddress: String
    package var clusterTotal: ResourceVector
    package var scheduler: SchedulerSettings
    package var logs: LogLinks
    /// What each queue is owed in the cluster of this moment, by path.
    package var queueShares: [String: ResourceVector]

    package init(
        now: Timestamp,
        webAddress: String,
        proxyAddress: String? = nil,
        clusterTotal: ResourceVector,
        scheduler: SchedulerSettings,
        logs: LogLinks = LogLinks(),
        queueShares: [String: ResourceVector] = [:]
    ) {
        self.now = now
        self.webAddress = webAddress
        self.proxyAddress = proxyAddress ?? webAddress
        self.clusterTotal = clusterTotal
        self.scheduler = scheduler
        self.logs = logs
        self.queueShares = queueShares
    }

    /// `used` of `total` in percent, by the resource that the calculator counts as dominant.
    func percentage(_ used: ResourceVector, of total: ResourceVector) -> Float {
        let memory = Self.percentage(used.memoryMiB, of: total.memoryMiB)
        guard self.scheduler.resourceCalculator == .dominant else { return memory }
        return max(memory, Self.percentage(used.vcores, of: total.vcores))
    }

    private static func percentage(_ used: Int64, of total: Int64) -> Float {
        total > 0 ? Float(Double(used) / Double(total) * 100) : 0
    }

    /// The part of the whole cluster that a fraction in parts per million is.
    func clusterShare(partsPerMillion: Int64) -> ResourceVector {
        ResourceVector(
            memoryMiB: Int64(Double(self.clusterTotal.memoryMiB) * Double(partsPerMillion) / 1_000_000),
            vcores: Int64(Double(self.clusterTotal.vcores) * Double(partsPerMillion) / 1_000_000)
        )
    }

    /// Where clients find the user interface of an application: through our proxy while it has one, else our own page.
    package func trackingURL(of application: ApplicationView) -> String? {
        switch application.state {
        case .new, .newSaving, .submitted, .accepted: nil
        case .running, .finished: self.proxyURL(application.id)
        case .failed, .killed: "http://\(self.webAddress)/cluster/app/\(application.id)"
        }
    }

    func proxyURL(_ application: ApplicationID) -> String {
        "http://\(self.proxyAddress)/proxy/\(application)/"
    }
}
