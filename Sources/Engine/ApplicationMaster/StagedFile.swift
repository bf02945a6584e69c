package import Staging

/// A file that containers of an application find in their working folder.
package struct StagedFile: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case file = "FILE"
        case archive = "ARCHIVE"
    }

    /// What it is called in the working folder.
    package var name: String
    package var location: ResourceLocation
    package var size: Int64
    /// When it was changed, in milliseconds since 1970, as its file system says it.
    package var timestamp: Int64
    package var kind: Kind

    package init(name: String, location: ResourceLocation, size: Int64, timestamp: Int64, kind: Kind = .file) {
        self.name = name
        self.location = location
        self.size = size
        self.timestamp = timestamp
        self.kind = kind
    }

    /// As one line of a container's environment.
    package var text: String {
        "\(self.kind.rawValue) \(self.size) \(self.timestamp) \(self.name.count) \(self.name) \(self.location)"
    }

    /// Reads what `text` writes.
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard words.count == 5, let kind = Kind(rawValue: String(words[0])), let size = Int64(words[1]),
            let timestamp = Int64(words[2]), let length = Int(words[3]), words[4].count > length,
            let location = ResourceLocation(url: String(words[4].dropFirst(length + 1)))
        else { return nil }
        self.init(
            name: String(words[4].prefix(length)),
            location: location,
            size: size,
            timestamp: timestamp,
            kind: kind
        )
    }
}
