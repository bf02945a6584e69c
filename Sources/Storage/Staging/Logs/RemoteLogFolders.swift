/// Where the aggregated logs of applications are, in Hadoop's scheme of folders (yarn.nodemanager.remote-app-log-dir).
package struct RemoteLogFolders: Sendable {
    package let root: ResourceLocation
    /// yarn.nodemanager.remote-app-log-dir-suffix
    private let suffix: String

    /// - Parameter folder: a URL with its scheme.
    /// - Throws: when it is none.
    package init(_ folder: String, suffix: String) throws(TransferFailure) {
        guard let root = ResourceLocation(url: folder) else {
            throw TransferFailure(
                "yarn.nodemanager.remote-app-log-dir (with fs.defaultFS) is \(folder); accepted: a URL such as "
                    + "webhdfs://host:port/logs or file:///logs"
            )
        }
        self.root = root
        self.suffix = suffix
    }

    package func child(_ parts: [String]) -> ResourceLocation {
        var location = self.root
        let base = location.path == "/" ? "" : location.path
        location.path = ([base] + parts).joined(separator: "/")
        return location
    }

    /// The names of the folders from the root to an application's, as Hadoop 3.3 and later make them.
    /// - Parameter number: the last part of the application's id.
    package func parts(user: String, application: String, number: Int32) -> [String] {
        let bucket = String(number % 10_000)
        let padded = String(repeating: "0", count: max(0, 4 - bucket.utf8.count)) + bucket
        return [user, "bucket-\(self.suffix)-tfile", padded, application]
    }

    /// Folders of a user that hold folders of numbers with those of applications in them.
    var bucketNames: [String] { ["bucket-\(self.suffix)-tfile"] }
    /// Folders of a user that hold those of applications, as older Hadoops made them.
    var plainNames: [String] { ["\(self.suffix)-tfile", self.suffix] }

    /// Where an application's folder may be: today's place first, then those of Hadoop 3.0 to 3.2 and of Hadoop 2.
    package func candidates(user: String, application: String, number: Int32) -> [ResourceLocation] {
        [
            self.child(self.parts(user: user, application: application, number: number)),
            self.child([user, "\(self.suffix)-tfile", application]),
            self.child([user, self.suffix, application]),
        ]
    }

    /// A node's file: `host_port`.
    package static func fileName(ofNode node: String) -> String {
        String(node.map { $0 == ":" ? "_" : $0 })
    }
}
