internal import Glibc
package import Staging

/// What an application is submitted with, checked as far as this machine can before anything is copied: the program first, then
/// `spark.files` and `spark.archives`.
package struct GivenFiles {
    package struct File: Hashable, Sendable {
        package var source: ResourceLocation
        /// What it is called in the working folder.
        package var name: String
        package var kind: StagedFile.Kind
        /// Where it lies in the application's staging folder, if it is copied.
        var place: String
    }

    package private(set) var files: [File] = []
    private let copies: Bool

    private static let lists: [(property: EngineProperty, kind: StagedFile.Kind)] = [
        (.files, .file), (.distributedFiles, .file), (.archives, .archive), (.distributedArchives, .archive),
    ]

    /// - Parameter copies: whether files of this machine are copied.
    /// - Throws: `Submission.Failure`
    package init(program: String, _ properties: EngineProperties, copies: Bool) throws(Submission.Failure) {
        self.copies = copies
        try self.add(ResourceLocation(scheme: "file", path: program), nil, .file, "the program")
        for (property, kind) in Self.lists {
            for word in (properties[property] ?? "").split(separator: ",").map(String.init) {
                try self.add(word, kind, of: property.name)
            }
        }
    }

    /// - Parameter word: `path`, or `path#name`, as Spark has it.
    private mutating func add(
        _ word: String,
        _ kind: StagedFile.Kind,
        of property: String
    ) throws(Submission.Failure) {
        let parts = word.split(separator: "#", maxSplits: 1).map(String.init)
        guard let path = parts.first, let source = Self.location(path) else {
            throw Submission.Failure("\(property) names \(word), which is no path and no URL")
        }
        try self.add(source, parts.count > 1 ? parts[1] : nil, kind, property)
    }

    /// - Parameter origin: who names it.
    private mutating func add(
        _ source: ResourceLocation,
        _ given: String?,
        _ kind: StagedFile.Kind,
        _ origin: String
    ) throws(Submission.Failure) {
        if source.scheme == "file" { try self.check(source.path, origin) }
        let base = source.name ?? "file"
        let name = given ?? base
        if name.contains("/") {
            throw Submission.Failure("\(origin): \(name) cannot be a name in the working folder, since it holds a /")
        }
        if self.files.contains(where: { $0.name == name }) {
            throw Submission.Failure(
                "two files would be called \(name) in the working folder: name one another, as in \(source.path)#other"
            )
        }
        // Only one of this name; and its end says how an archive is packed.
        let isTaken = self.files.contains { $0.place == base }
        let place = isTaken ? "\(self.files.count)/\(base)" : base
        self.files.append(File(source: source, name: name, kind: kind, place: place))
    }

    private static func location(_ path: String) -> ResourceLocation? {
        if path.contains(":/") { return ResourceLocation(url: path) }
        return path.hasPrefix("/") ? ResourceLocation(scheme: "file", path: path) : nil
    }

    /// Whether a file of this machine can be read.
    private func check(_ path: String, _ origin: String) throws(Submission.Failure) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw Submission.Failure("\(origin): \(path) does not exist") }
        if status.st_mode & S_IFMT == S_IFDIR, self.copies {
            throw Submission.Failure("\(origin): \(path) is a folder; pack it, and name the archive with --archives")
        }
        guard unsafe access(path, R_OK) == 0 else { throw Submission.Failure("\(origin): \(path) cannot be read") }
    }
}
