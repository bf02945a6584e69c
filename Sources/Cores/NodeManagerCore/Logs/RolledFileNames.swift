package import ClusterModel

/// Names of a node's files in the remote folder of an application, as Hadoop gives them: `host_port`, and behind it the
/// time of the upload where logs are rolled.
package enum RolledFileNames {
    package static func name(node: String, stamp: Timestamp?) -> String {
        stamp.map { "\(node)_\($0.milliseconds)" } ?? node
    }

    /// Which of the files in an application's folder are this node's oldest beyond those that are kept
    /// (yarn.nodemanager.log-aggregation.num-log-files-per-app).
    package static func surplus(of names: [String], node: String, keeping maximum: Int) -> [String] {
        let own = names.compactMap { name -> (name: String, stamp: Int64)? in
            guard name.hasPrefix("\(node)_"), let stamp = Int64(name.dropFirst(node.utf8.count + 1)) else { return nil }
            return (name, stamp)
        }
        return own.sorted { ($0.stamp, $0.name) < ($1.stamp, $1.name) }.dropLast(max(1, maximum)).map(\.name)
    }
}
