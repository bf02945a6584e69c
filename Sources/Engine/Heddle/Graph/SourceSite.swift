/// Where in the program an operation was asked for: what a failing task and a page name it by.
public struct SourceSite: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The module and the file, as `#fileID` says them.
    public var file: String
    public var line: Int

    @usableFromInline init(_ file: StaticString, _ line: UInt) {
        self.file = file.description
        self.line = Int(line)
    }

    init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    /// The file's name without its module, and the line: `WordCount.swift:12`.
    public var description: String {
        let name = self.file.split(separator: "/").last.map(String.init) ?? self.file
        return "\(name):\(self.line)"
    }
}
