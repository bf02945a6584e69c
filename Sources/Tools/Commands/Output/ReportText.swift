package import ClusterModel
package import HadoopProtos
import ModelConversion

// What Hadoop's `yarn application`, `applicationattempt` and `container` print, to the letter. A field that a report
// leaves out reads as null in Hadoop's classes, and is printed so.

/// The texts of `yarn application`.
package enum ApplicationText {
    private static let widths = [30, 20, 20, 10, 10, 18, 18, 15, 35]

    /// `-list`. The three lists are the filters as the user named them.
    package static func list(
        _ reports: [ApplicationReportProto],
        types: [String],
        states: [ApplicationState],
        tags: [String]
    ) -> String {
        let filters =
            "application-types: [\(types.joined(separator: ", "))], "
            + "states: [\(states.map(\.name).joined(separator: ", "))] and tags: [\(tags.joined(separator: ", "))]"
        var text = "Total number of applications (\(filters)):\(reports.count)\n"
        text += HadoopFormat.row(
            [
                "Application-Id", "Application-Name", "Application-Type", "User", "Queue", "State", "Final-State",
                "Progress", "Tracking-URL",
            ],
            widths: Self.widths
        )
        for report in reports {
            text += HadoopFormat.row(
                [
                    report.idText, report.hasName ? report.name : "null",
                    report.hasApplicationType ? report.applicationType : "null",
                    report.hasUser ? report.user : "null", report.hasQueue ? report.queue : "null",
                    report.stateText, report.finalStatusText, HadoopFormat.percent(report.progress),
                    report.hasOriginalTrackingURL ? report.originalTrackingURL : "null",
                ],
                widths: Self.widths
            )
        }
        return text
    }

    /// `-status`.
    package static func status(_ report: ApplicationReportProto) -> String {
        var fields = [
            ("Application-Id", report.idText),
            ("Application-Name", report.hasName ? report.name : "null"),
            ("Application-Type", report.hasApplicationType ? report.applicationType : "null"),
            ("User", report.hasUser ? report.user : "null"),
            ("Queue", report.hasQueue ? report.queue : "null"),
            ("Application Priority", report.hasPriority ? "\(report.priority.priority)" : "null"),
            ("Start-Time", "\(report.startTime)"),
            ("Finish-Time", "\(report.finishTime)"),
            ("Progress", HadoopFormat.percent(report.progress)),
            ("State", report.stateText),
            ("Final-State", report.finalStatusText),
            ("Tracking-URL", report.hasOriginalTrackingURL ? report.originalTrackingURL : "null"),
            ("RPC Port", "\(report.rpcPort)"),
            ("AM Host", report.hasHost ? report.host : "null"),
        ]
        fields += Self.resourceUsage(report)
        fields += [
            (
                "Log Aggregation Status",
                report.hasLogAggregationStatus ? LogAggregationStatus(report.logAggregationStatus).name : "N/A"
            ),
            ("Diagnostics", report.hasDiagnostics ? report.diagnostics : "null"),
            ("Unmanaged Application", "\(report.unmanagedApplication)"),
            (
                "Application Node Label Expression",
                report.hasAppNodeLabelExpression ? report.appNodeLabelExpression : "null"
            ),
            (
                "AM container Node Label Expression",
                report.hasAmNodeLabelExpression ? report.amNodeLabelExpression : "null"
            ),
        ]
        var text = "Application Report : \n" + fieldLines(fields)
        for entry in report.appTimeouts where entry.hasApplicationTimeout {
            let timeout = entry.applicationTimeout
            text += "\tTimeoutType : LIFETIME"
            text += "\tExpiryTime : \(timeout.hasExpireTime ? timeout.expireTime : "UNLIMITED")"
            text += "\tRemainingTime : \(timeout.remainingTime)seconds\n"
        }
        if report.hasRmClusterID { text += "\tRMClusterId : \(report.rmClusterID)\n" }
        return text + "\n"
    }

    private static func resourceUsage(_ report: ApplicationReportProto) -> [(String, String)] {
        guard report.hasAppResourceUsage else {
            return [("Aggregate Resource Allocation", "N/A"), ("Aggregate Resource Preempted", "N/A")]
        }
        let usage = report.appResourceUsage
        return [
            (
                "Aggregate Resource Allocation",
                Self.seconds(usage.applicationResourceUsageMap, usage.memorySeconds, usage.vcoreSeconds)
            ),
            (
                "Aggregate Resource Preempted",
                Self.seconds(
                    usage.applicationPreemptedResourceUsageMap,
                    usage.preemptedMemorySeconds,
                    usage.preemptedVcoreSeconds
                )
            ),
        ]
    }

    /// `123 MB-seconds, 4 vcore-seconds`, and every further resource of the map by its own name.
    private static func seconds(_ map: [StringLongMapProto], _ memory: Int64, _ vcores: Int64) -> String {
        let others = map.filter { $0.key != "memory-mb" && $0.key != "vcores" }.sorted { $0.key < $1.key }
        return
            (["\(memory) MB-seconds", "\(vcores) vcore-seconds"]
            + others.map { "\($0.value) \($0.key)-seconds" }).joined(separator: ", ")
    }
}

/// The texts of `yarn applicationattempt`.
package enum AttemptText {
    private static let widths = [30, 20, 35, 35]

    package static func list(_ reports: [ApplicationAttemptReportProto]) -> String {
        var text = "Total number of application attempts :\(reports.count)\n"
        text += HadoopFormat.row(
            ["ApplicationAttempt-Id", "State", "AM-Container-Id", "Tracking-URL"],
            widths: Self.widths
        )
        for report in reports {
            text += HadoopFormat.row(
                [
                    report.idText, report.stateText, report.containerText,
                    report.hasTrackingURL ? report.trackingURL : "null",
                ],
                widths: Self.widths
            )
        }
        return text
    }

    package static func status(_ report: ApplicationAttemptReportProto) -> String {
        "Application Attempt Report : \n"
            + fieldLines([
                ("ApplicationAttempt-Id", report.idText),
                ("State", report.stateText),
                ("AMContainer", report.containerText),
                ("Tracking-URL", report.hasTrackingURL ? report.trackingURL : "null"),
                ("RPC Port", "\(report.rpcPort)"),
                ("AM Host", report.hasHost ? report.host : "null"),
                ("Diagnostics", report.hasDiagnostics ? report.diagnostics : "null"),
            ])
    }
}

/// The texts of `yarn container`.
package enum ContainerText {
    private static let widths = [30, 20, 20, 20, 20, 20, 35]

    package static func list(_ reports: [ContainerReportProto]) -> String {
        var text = "Total number of containers :\(reports.count)\n"
        text += HadoopFormat.row(
            ["Container-Id", "Start Time", "Finish Time", "State", "Host", "Node Http Address", "LOG-URL"],
            widths: Self.widths
        )
        for report in reports {
            text += HadoopFormat.row(
                [
                    report.idText, HadoopFormat.listTime(report.creationTime),
                    HadoopFormat.listTime(report.finishTime), report.stateText,
                    report.hasNodeID ? "\(report.nodeID.host):\(report.nodeID.port)" : "N/A",
                    report.hasNodeHTTPAddress ? report.nodeHTTPAddress : "N/A",
                    report.hasLogURL ? report.logURL : "null",
                ],
                widths: Self.widths
            )
        }
        return text
    }

    package static func status(_ report: ContainerReportProto) -> String {
        "Container Report : \n"
            + fieldLines([
                ("Container-Id", report.idText),
                ("Start-Time", "\(report.creationTime)"),
                ("Finish-Time", "\(report.finishTime)"),
                ("State", report.stateText),
                (
                    "Execution-Type",
                    ExecutionType(report.hasExecutionType ? report.executionType : .guaranteed).name
                ),
                ("LOG-URL", report.hasLogURL ? report.logURL : "null"),
                ("Host", report.hasNodeID ? "\(report.nodeID.host):\(report.nodeID.port)" : "N/A"),
                ("NodeHttpAddress", report.hasNodeHTTPAddress ? report.nodeHTTPAddress : "N/A"),
                ("ExposedPorts", report.exposedPorts),
                ("Diagnostics", report.hasDiagnosticsInfo ? report.diagnosticsInfo : "null"),
            ])
    }
}

/// Lines of `<tab>Name : value`.
func fieldLines(_ fields: [(String, String)]) -> String {
    fields.map { "\t\($0.0) : \($0.1)\n" }.joined()
}

extension ApplicationReportProto {
    var idText: String { (try? ApplicationID(validating: self.applicationID))?.description ?? "null" }
    var stateText: String { self.hasYarnApplicationState ? ApplicationState(self.yarnApplicationState).name : "null" }
    var finalStatusText: String {
        self.hasFinalApplicationStatus ? FinalApplicationStatus(self.finalApplicationStatus).name : "null"
    }
}

extension ApplicationAttemptReportProto {
    var idText: String { (try? ApplicationAttemptID(validating: self.applicationAttemptID))?.description ?? "null" }
    var stateText: String {
        self.hasYarnApplicationAttemptState ? AttemptState(self.yarnApplicationAttemptState).name : "null"
    }
    var containerText: String {
        self.hasAmContainerID ? (try? ContainerID(validating: self.amContainerID))?.description ?? "N/A" : "N/A"
    }
}

extension ContainerReportProto {
    var idText: String { (try? ContainerID(validating: self.containerID))?.description ?? "null" }
    var stateText: String { self.hasContainerState ? ContainerState(self.containerState).name : "null" }
}
