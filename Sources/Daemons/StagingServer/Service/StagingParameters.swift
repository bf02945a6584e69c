import ClusterModel
import HadoopHTTP
import StagingCore

/// The parameters of one call, read as Hadoop's own `*Param` classes read them.
struct StagingParameters: Sendable {
    let query: WebQuery

    func text(_ name: String) -> String? { self.query.first(name) }

    func required(_ name: String) throws(RESTFailure) -> String {
        guard let text = self.query.first(name) else { throw .parameter(name, "it is missing") }
        return text
    }

    func flag(_ name: String, default fallback: Bool) throws(RESTFailure) -> Bool {
        switch self.query.first(name)?.lowercased() {
        case nil: return fallback
        case "true": return true
        case "false": return false
        case .some(let text): throw .parameter(name, "Failed to parse \"\(text)\" to Boolean.")
        }
    }

    func number(_ name: String, in range: ClosedRange<Int64>) throws(RESTFailure) -> Int64? {
        guard let text = self.query.first(name) else { return nil }
        guard let number = Int64(text) else {
            throw .parameter(name, "Failed to parse \"\(text)\" as a radix-10 long integer.")
        }
        guard range.contains(number) else {
            throw .parameter(
                name,
                "Invalid parameter range: \(name) = \(number), accepted: \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// `permission`, in octal digits.
    func mode(default fallback: UInt16) throws(RESTFailure) -> UInt16 {
        guard let text = self.query.first("permission") else { return fallback }
        guard text.utf8.count <= 5, let mode = UInt16(text, radix: 8), mode <= 0o1777 else {
            throw .parameter("permission", "\"\(text)\" is no octal number from 0 to 1777")
        }
        return mode
    }

    /// A time in milliseconds; nil where -1 says to keep what is there.
    func time(_ name: String) throws(RESTFailure) -> Timestamp? {
        guard let number = try self.number(name, in: -1...Int64.max), number >= 0 else { return nil }
        return Timestamp(milliseconds: number)
    }

    func creation() throws(RESTFailure) -> FileCreation {
        FileCreation(
            overwrites: try self.flag("overwrite", default: false),
            makesParents: try self.flag("createparent", default: true),
            mode: try self.mode(default: 0o644),
            blockSize: try self.number("blocksize", in: 1...Int64.max) ?? Self.blockSize,
            replication: Int16(try self.number("replication", in: 1...512) ?? Int64(Self.replication))
        )
    }

    /// `dfs.blocksize` and `dfs.replication`, for callers that name none.
    static let blockSize: Int64 = 128 << 20
    static let replication: Int16 = 3
}

/// Values of extended attributes as text (`XAttrCodec`).
enum AttributeText {
    /// Quoted text, `0x` and hexadecimal digits, `0s` and base64, or text as it is.
    static func decode(_ text: String) throws(RESTFailure) -> [UInt8] {
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            guard let bytes = Self.bytes(hexadecimal: text.dropFirst(2)) else {
                throw .parameter("xattr.value", "\(text) is no hexadecimal number")
            }
            return bytes
        }
        if text.hasPrefix("0s") || text.hasPrefix("0S") {
            guard let bytes = Base64.decode(text.dropFirst(2)) else {
                throw .parameter("xattr.value", "\(text) is not base64")
            }
            return bytes
        }
        if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
            return Array(text.utf8.dropFirst().dropLast())
        }
        return Array(text.utf8)
    }

    static func encode(_ bytes: [UInt8], as encoding: String) throws(RESTFailure) -> String {
        switch encoding.lowercased() {
        case "text": "\"\(String(decoding: bytes, as: UTF8.self))\""
        case "hex": "0x" + Self.hexadecimal(bytes)
        case "base64": "0s" + Base64.encode(bytes)
        default: throw .parameter("encoding", "\(encoding) is none of text, hex and base64")
        }
    }

    static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(hexadecimal text: Substring) -> [UInt8]? {
        guard text.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = text
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

/// RFC 4648, section 4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            word <<= UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                let digit = Int(word >> UInt32(18 - 6 * index) & 63)
                text.append(index <= group.count ? self.alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in text.utf8 where byte != UInt8(ascii: "=") {
            guard let digit = self.alphabet.firstIndex(of: byte) else { return nil }
            word = word << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return bytes
    }
}
