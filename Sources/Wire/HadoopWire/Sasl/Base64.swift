import struct FoundationEssentials.Data

/// Base64 of RFC 4648 with padding and without line breaks, as token identifiers and passwords appear in SASL.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }

    /// - Returns: nil unless all of `text` is base64.
    package static func decode(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text) else { return nil }
        return Array(data)
    }
}
