import Glibc
package import Staging

/// Turns the words of a command line into places: URLs as they are, other paths in the file system of the configuration,
/// and those that are relative in the user's own folder there.
package struct FileArguments: Sendable {
    /// A place, and how its user wrote it.
    package struct Place: Sendable, Equatable {
        package var word: String
        package var location: ResourceLocation

        package init(word: String, location: ResourceLocation) {
            self.word = word
            self.location = location
        }

        /// A place below this one, written in the same way.
        package func child(_ name: String) -> Place {
            func below(_ path: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }
            var location = self.location
            location.path = below(location.path)
            return Place(word: below(self.word), location: location)
        }
    }

    private let root: ResourceLocation
    private let user: String
    private let workingDirectory: String

    /// - Parameters:
    ///   - defaultFileSystem: `fs.defaultFS`.
    ///   - workingDirectory: of this process.
    package init(defaultFileSystem: String, user: String, workingDirectory: String) throws {
        let text = defaultFileSystem.hasSuffix("/") ? defaultFileSystem : "\(defaultFileSystem)/"
        guard var root = ResourceLocation(url: text) else {
            throw CommandFailure("fs.defaultFS is \(defaultFileSystem); accepted: a URL such as webhdfs://host:port")
        }
        root.path = "/"
        self.root = root
        self.user = user
        self.workingDirectory = workingDirectory
    }

    /// A place anywhere.
    package func place(_ word: String) throws -> Place {
        if Self.hasScheme(word) {
            let text = word.split(separator: "/", omittingEmptySubsequences: false).count == 3 ? "\(word)/" : word
            guard let location = ResourceLocation(url: text) else {
                throw CommandFailure("Not a URL with an absolute path: \(word)", exitCode: CommandResult.refused)
            }
            return Place(word: word, location: location)
        }
        var location = self.root
        if word.hasPrefix("/") {
            location.path = word
        } else if location.scheme == "file" {
            location.path = "\(self.workingDirectory)/\(word)"
        } else {
            location.path = "/user/\(self.user)\(word.isEmpty ? "" : "/")\(word)"
        }
        location.path = Self.normalized(location.path)
        return Place(word: word.isEmpty ? location.path : word, location: location)
    }

    /// A place on this machine.
    package func localPlace(_ word: String) throws -> Place {
        if Self.hasScheme(word) {
            let place = try self.place(word)
            guard place.location.scheme == "file" else {
                throw CommandFailure("Not a file of this machine: \(word)", exitCode: CommandResult.refused)
            }
            return place
        }
        let path = word.hasPrefix("/") ? word : "\(self.workingDirectory)/\(word)"
        return Place(word: word, location: ResourceLocation(scheme: "file", path: Self.normalized(path)))
    }

    private static func hasScheme(_ word: String) -> Bool {
        guard let colon = word.utf8.firstIndex(of: UInt8(ascii: ":")), colon != word.startIndex else { return false }
        return word[..<colon].utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// Without `.`, `..` and doubled slashes.
    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
