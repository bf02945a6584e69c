import ClusterModel
package import HadoopProtos
import ModelConversion

/// The texts of `yarn node`.
package enum NodeText {
    private static let widths = [16, 15, 17, 28]

    /// `-list`, with `details` for `-showDetails`.
    package static func list(_ reports: [NodeReportProto], details: Bool) -> String {
        var text = "Total Nodes:\(reports.count)\n"
        text += HadoopFormat.row(
            ["Node-Id", "Node-State", "Node-Http-Address", "Number-of-Running-Containers"],
            widths: Self.widths
        )
        for report in reports {
            text += HadoopFormat.row(
                [report.idText, report.stateText, report.httpText, "\(report.numContainers)"],
                widths: Self.widths
            )
            if details { text += Self.details(report) }
        }
        return text
    }

    private static func details(_ report: NodeReportProto) -> String {
        "Detailed Node Information :\n"
            + fieldLines([
                ("Configured Resources", report.hasCapability ? Self.resource(report.capability) : ""),
                ("Allocated Resources", report.hasUsed ? Self.resource(report.used) : ""),
                (
                    "Resource Utilization by Node",
                    report.hasNodeUtilization ? Self.utilization(report.nodeUtilization) : ""
                ),
                (
                    "Resource Utilization by Containers",
                    report.hasContainersUtilization ? Self.utilization(report.containersUtilization) : ""
                ),
                ("Node-Labels", report.nodeLabels.sorted().joined(separator: ",")),
            ])
    }

    /// `-status`.
    package static func status(_ report: NodeReportProto) -> String {
        var text = "Node Report : \n"
        text += fieldLines([
            ("Node-Id", report.idText),
            ("Rack", report.hasRackName ? report.rackName : "null"),
            ("Node-State", report.stateText),
            ("Node-Http-Address", report.httpText),
            ("Last-Health-Update", HadoopFormat.healthTime(report.lastHealthReportTime)),
            ("Health-Report", report.healthReport),
            ("Containers", "\(report.numContainers)"),
            ("Memory-Used", report.hasUsed ? "\(report.used.memory)MB" : "0MB"),
            ("Memory-Capacity", "\(report.capability.memory)MB"),
            ("CPU-Used", report.hasUsed ? "\(report.used.virtualCores) vcores" : "0 vcores"),
            ("CPU-Capacity", "\(report.capability.virtualCores) vcores"),
            ("Node-Labels", report.nodeLabels.sorted().joined(separator: ",")),
        ])
        text += Self.attributes(report.nodeAttributes)
        text += fieldLines([
            (
                "Resource Utilization by Node",
                report.hasNodeUtilization ? Self.utilization(report.nodeUtilization) : ""
            ),
            (
                "Resource Utilization by Containers",
                report.hasContainersUtilization ? Self.utilization(report.containersUtilization) : ""
            ),
        ])
        return text + "\n"
    }

    private static func attributes(_ attributes: [NodeAttributeProto]) -> String {
        guard !attributes.isEmpty else { return "\tNode Attributes : \n" }
        let texts = attributes.map { attribute in
            "\(attribute.attributeKey.attributePrefix)/\(attribute.attributeKey.attributeName)"
                + "(\(attribute.attributeType == .string ? "STRING" : "\(attribute.attributeType)"))"
                + "=\(attribute.attributeValue)"
        }
        return texts.sorted().enumerated().map { index, text in
            index == 0
                ? "\tNode Attributes : \(text)\n" : "\t\(HadoopFormat.column("", 18))\(text)\n"
        }.joined()
    }

    private static func resource(_ resource: ResourceProto) -> String {
        "<memory:\(resource.memory), vCores:\(resource.virtualCores)>"
    }

    private static func utilization(_ utilization: ResourceUtilizationProto) -> String {
        "PMem:\(utilization.pmem) MB, VMem:\(utilization.vmem) MB, VCores:\(HadoopFormat.float(utilization.cpu))"
    }
}

extension NodeReportProto {
    var idText: String { "\(self.nodeID.host):\(self.nodeID.port)" }
    var stateText: String { self.hasNodeState ? NodeState(self.nodeState).name : "null" }
    var httpText: String { self.hasHTTPAddress ? self.httpAddress : "null" }
}
