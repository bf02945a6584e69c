extension Text: Codable {
    /// - Throws: what the decoder throws where neither a string nor bytes stand.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let string = try? container.decode(String.self) {
            self.init(string)
        } else {
            self.init(try container.decode([UInt8].self))
        }
    }

    /// A string where the bytes are UTF-8, their numbers otherwise.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let string = String(validating: self.bytes, as: UTF8.self) {
            try container.encode(string)
        } else {
            try container.encode(Array(self.bytes))
        }
    }
}
