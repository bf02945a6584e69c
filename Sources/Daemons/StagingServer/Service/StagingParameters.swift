import ClusterModel
import HadoopHTTP
import HadoopWire
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
    func mode(default fallback: UInt16) throws(RESTFailure) -> UInt16 { try self.mode("permission") ?? fallback }

    /// `unmaskedpermission`: the mode before the caller's umask, from clients that leave it to default access lists.
    func unmaskedMode() throws(RESTFailure) -> UInt16? { try self.mode("unmaskedpermission") }

    private func mode(_ name: String) throws(RESTFailure) -> UInt16? {
        guard let text = self.query.first(name) else { return nil }
        guard text.utf8.count <= 5, let mode = UInt16(text, radix: 8), mode <= 0o1777 else {
            throw .parameter(name, "\"\(text)\" is no octal number from 0 to 1777")
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
            unmaskedMode: try self.unmaskedMode(),
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
            guard let bytes = Base64.decode(String(text.dropFirst(2))) else {
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
