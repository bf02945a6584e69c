package import ClusterModel
package import HadoopConfig
package import Staging

/// Where files of applications are put: `spark.yarn.stagingDir`, or the user's folder of `fs.defaultFS`.
package struct StagingPlace: Sendable {
    private let root: ResourceLocation

    /// Spark's name, by which a staging server knows what may be removed some day.
    private static let folderName = ".sparkStaging"

    package init(_ configuration: Configuration, _ properties: EngineProperties, user: String) throws {
        var root: ResourceLocation
        if let own = try properties.place(.stagingFolder) {
            root = own
        } else {
            let text = try configuration.value(of: CoreKeys.defaultFileSystem)
            guard case .place(let standard)? = PropertyForm.url.value(text) else {
                throw Submission.Failure(
                    "the staging folder is in \(text) (fs.defaultFS); accepted: a URL such as webhdfs://host:port"
                )
            }
            root = standard
            root.path = "/user/\(user)"
        }
        while root.path.hasSuffix("/") { root.path.removeLast() }
        self.root = root
    }

    /// Files of this machine are copied, unless the file system is this machine's own: then nodes read them where they are.
    package var copies: Bool { self.root.scheme != "file" }

    package func folder(of id: ApplicationID) -> ResourceLocation {
        var folder = self.root
        folder.path += "/\(Self.folderName)/\(id)"
        return folder
    }
}
