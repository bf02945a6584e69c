/// The placeholders that clients put into commands and values, since they cannot know the node's paths or shell.
struct TextExpansion: Sendable {
    /// Replaces `<LOG_DIR>`.
    var logDirectory: String

    /// Replaces all placeholders in Hadoop's order: `<LOG_DIR>` first, `{{` and `}}` last, since values of the former
    /// may not contain the latter but not the other way round.
    func expand(_ text: String) -> String {
        guard
            text.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") })
        else { return text }
        var result = replacing("<LOG_DIR>", with: self.logDirectory, in: text)
        result = replacing("<CPS>", with: ":", in: result)
        // Module options for a NodeManager that itself runs on Java 17; this one runs on no Java.
        result = replacing("<ADD_OPENS>", with: "", in: result)
        result = replacing("{{", with: "$", in: result)
        return replacing("}}", with: "", in: result)
    }
}

/// Replaces every occurrence, left to right, without looking at what was put in.
private func replacing(_ pattern: String, with replacement: String, in text: String) -> String {
    let pattern = Array(pattern.utf8)
    let bytes = Array(text.utf8)
    guard let first = pattern.first, bytes.count >= pattern.count, bytes.contains(first) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
        if bytes[position] == first, bytes.count - position >= pattern.count,
            bytes[position..<position + pattern.count].elementsEqual(pattern)
        {
            result.append(contentsOf: replacement.utf8)
            position += pattern.count
        } else {
            result.append(bytes[position])
            position += 1
        }
    }
    return String(decoding: result, as: UTF8.self)
}
