/// Cuts a line of comma-separated values into its fields, by RFC 4180: a field may stand in quotes, in which a quote is
/// written twice.
enum CSVRecord {
    /// - Returns: nil where a quoted field goes on in the next line.
    static func fields(of line: Text, separator: UInt8) throws(CSVProblem) -> [Text]? {
        var fields: [Text] = []
        var rest = line
        while true {
            if rest.first == UInt8(ascii: "\"") {
                guard let (field, end) = Self.quoted(rest) else { return nil }
                fields.append(field)
                rest = rest.dropFirst(end)
                if rest.isEmpty { return fields }
                guard rest.first == separator else {
                    throw CSVProblem("something stands behind the closing quote of field \(fields.count)")
                }
                rest = rest.dropFirst(1)
            } else {
                let end = rest.firstIndex(of: separator)
                let field = end.map { rest[0..<$0] } ?? rest
                if field.contains(UInt8(ascii: "\"")) {
                    throw CSVProblem(
                        "field \(fields.count + 1) has a quote in it and does not begin with one"
                    )
                }
                fields.append(field)
                guard let end else { return fields }
                rest = rest.dropFirst(end + 1)
            }
        }
    }

    /// The field at the start, which is in quotes, and where it ends.
    private static func quoted(_ text: Text) -> (field: Text, end: Int)? {
        var field: [UInt8] = []
        var place = 1
        while place < text.count {
            let byte = text.bytes[place]
            if byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if place + 1 < text.count && text.bytes[place + 1] == byte {
                field.append(byte)
                place += 1
            } else {
                return (Text(field), place + 1)
            }
            place += 1
        }
        return nil
    }
}

/// What is wrong with a record.
struct CSVProblem: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
