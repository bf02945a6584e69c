internal import HadoopWire

/// The NodeManager's service `heddle_shuffle`, which serves what executors of its node have handed over before they left.
struct ShuffleService: Hashable, Sendable {
    /// Where Hadoop's NodeManagers tell containers of a service: base64 of what it says of itself, here its port.
    static let variable = "NM_AUX_SERVICE_heddle_shuffle"
    /// Hadoop's variable for the application's folders on this node.
    private static let foldersVariable = "LOCAL_DIRS"

    var port: Int
    /// Where the service looks for files.
    var folders: [String]

    init(port: Int, folders: [String]) {
        self.port = port
        self.folders = folders
    }

    /// - Returns: nil where the node has no such service, or this is no container.
    init?(_ value: (String) -> String?) {
        guard let text = value(Self.variable), let bytes = Base64.decode(text), bytes.count == 4,
            let folders = value(Self.foldersVariable)?.split(separator: ",").map(String.init), !folders.isEmpty
        else { return nil }
        let port = bytes.reduce(0) { $0 << 8 | Int($1) }
        guard (1...65_535).contains(port) else { return nil }
        self.init(port: port, folders: folders)
    }

    /// What stands before the names of an executor's blocks.
    static func folder(of executor: Int, application: String) -> String { "\(application)/\(executor)/" }
}
