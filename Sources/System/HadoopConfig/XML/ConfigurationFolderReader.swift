import Glibc

/// Reads a configuration folder's files, and those that they include, into a configuration.
struct ConfigurationFolderReader {
    /// Read first, in this order; every other `*-site.xml` follows by name.
    static let firstFiles = [
        "core-site.xml", "yarn-site.xml", "mapred-site.xml", "hdfs-site.xml", "capacity-scheduler.xml",
        "resource-types.xml",
    ]

    private(set) var configuration: Configuration
    /// What keeps the configuration from being used.
    private(set) var problems: [ConfigurationProblem] = []

    private let limits: ConfigurationLimits
    private var bytesLeft: Int
    private var includeCount = 0
    private var propertyCount = 0
    /// The files that include each other down to the one being read.
    private var open: [ConfigurationFile.FileIdentity] = []

    init(_ configuration: Configuration) {
        self.configuration = configuration
        self.limits = configuration.limits
        self.bytesLeft = configuration.limits.totalBytesMaximum
    }

    mutating func read(directory: String) {
        self.configuration.noteDirectory(directory)
        guard let names = Self.names(in: directory) else {
            let reason = unsafe String(cString: strerror(errno))
            self.problems.append(
                ConfigurationProblem(
                    .error,
                    origin: .file(path: directory, line: 0),
                    "the configuration folder cannot be read: \(reason)"
                )
            )
            return
        }
        let others = names.filter { $0.hasSuffix("-site.xml") && !Self.firstFiles.contains($0) && !$0.hasPrefix(".") }
        for name in Self.firstFiles.filter(names.contains) + others.sorted() {
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            self.readTopFile(path)
        }
    }

    /// Names that are files' own are compared in one go, so a name differs from another by more than its letters' case.
    private static func names(in directory: String) -> Set<String>? {
        guard let stream = unsafe opendir(directory) else { return nil }
        defer { unsafe closedir(stream) }
        var names: Set<String> = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.insert(name)
        }
        return names
    }

    private mutating func readTopFile(_ path: String) {
        self.configuration.noteFile(path)
        switch self.items(path) {
        case .items(let items, let identity):
            self.open.append(identity)
            self.take(items, from: path)
            self.open.removeLast()
        case .missing: break
        case .failure(let problem): self.problems.append(problem)
        }
    }

    private enum Outcome {
        case items([XMLItem], ConfigurationFile.FileIdentity)
        case missing
        case failure(ConfigurationProblem)
    }

    private mutating func items(_ path: String) -> Outcome {
        func failure(_ message: String, line: Int = 0, key: String? = nil) -> Outcome {
            .failure(ConfigurationProblem(.error, origin: .file(path: path, line: line), key: key, message))
        }
        do throws(ConfigurationFile.OpenFailure) {
            var file = try ConfigurationFile(path: path, limit: min(self.limits.fileBytesMaximum, self.bytesLeft))
            let identity = file.identity
            self.bytesLeft -= file.byteCount
            guard !self.open.contains(identity) else {
                return failure("includes itself")
            }
            do throws(XMLFailure) {
                let parser = XMLFileParser(limits: self.limits)
                let items = try unsafe parser.parse { buffer throws(XMLFailure) in try unsafe file.read(into: buffer) }
                return .items(items, identity)
            } catch {
                return failure(error.message, line: error.line, key: error.key)
            }
        } catch {
            switch error {
            case .missing: return .missing
            case .unusable(let reason): return failure(reason)
            }
        }
    }

    private mutating func take(_ items: [XMLItem], from path: String) {
        for item in items {
            switch item {
            case .property(let property): self.take(property, from: path)
            case .include(let href, let line, let fallback):
                self.include(href, line: line, fallback: fallback, from: path)
            }
        }
    }

    private mutating func take(_ property: XMLProperty, from path: String) {
        self.propertyCount += 1
        let origin = ConfigurationOrigin.file(path: path, line: property.line)
        guard self.propertyCount <= self.limits.propertyCountMaximum else {
            if self.propertyCount == self.limits.propertyCountMaximum + 1 {
                let message = "more than \(self.limits.propertyCountMaximum) properties in all files"
                self.problems.append(ConfigurationProblem(.error, origin: origin, key: property.name, message))
            }
            return
        }
        guard let value = property.value else {
            let message = "has no value, so it changes nothing; give it one or remove it"
            self.configuration.warn(ConfigurationProblem(.warning, origin: origin, key: property.name, message))
            return
        }
        self.configuration.merge(
            ConfigurationEntry(key: property.name, rawValue: value, isFinal: property.isFinal, origin: origin)
        )
    }

    private mutating func include(_ href: String, line: Int, fallback: [XMLItem]?, from path: String) {
        let origin = ConfigurationOrigin.file(path: path, line: line)
        self.includeCount += 1
        guard self.includeCount <= self.limits.includeCountMaximum,
            self.open.count <= self.limits.includeDepthMaximum
        else {
            let message =
                "more than \(self.limits.includeCountMaximum) included files, or "
                + "\(self.limits.includeDepthMaximum) that include each other"
            self.problems.append(ConfigurationProblem(.error, origin: origin, message))
            return
        }
        guard let included = Self.path(ofInclude: href, from: path) else {
            let message = "<include href=\"\(href)\">: only files of this machine can be included, by path or file: URI"
            self.problems.append(ConfigurationProblem(.error, origin: origin, message))
            return
        }
        switch self.items(included) {
        case .items(let items, let identity):
            self.open.append(identity)
            self.take(items, from: included)
            self.open.removeLast()
        case .missing:
            if let fallback {
                self.take(fallback, from: path)
            } else {
                let message = "<include href=\"\(href)\">: \(included) does not exist, and there is no <fallback>"
                self.problems.append(ConfigurationProblem(.error, origin: origin, message))
            }
        case .failure(let problem): self.problems.append(problem)
        }
    }

    /// A relative path starts at the including file's folder.
    private static func path(ofInclude href: String, from path: String) -> String? {
        if href.contains(":") {
            return href.hasPrefix("file:") ? ValueForm<String>.path.parse(href) : nil
        }
        if href.hasPrefix("/") {
            return href
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return folder + href
    }
}
