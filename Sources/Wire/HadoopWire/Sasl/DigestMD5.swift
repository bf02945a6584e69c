import Crypto

/// RFC 2831 with algorithm `md5-sess` and quality of protection `auth`, as Hadoop uses it for tokens.
enum DigestMD5 {
    static let realm = "default"
    static let serviceProtocol = ""
    static let serverID = "default"
    static let uri = "/default"
    static let firstNonceCount = "00000001"

    /// All that goes into a digest, from either side's point of view.
    struct Exchange: Hashable, Sendable {
        var username: String
        var realm: String
        var nonce: String
        var cnonce: String
        var nonceCount: String
        var uri: String

        /// What the client proves its knowledge of the password with: 32 hex digits.
        func clientDigest(password: [UInt8]) -> String {
            self.digest(password: password, operation: "AUTHENTICATE:")
        }

        /// What the server proves the same with.
        func serverDigest(password: [UInt8]) -> String {
            self.digest(password: password, operation: ":")
        }

        private func digest(password: [UInt8], operation: String) -> String {
            let secret = md5("\(self.username):\(self.realm):\(Base64.encode(password))".utf8)
            let a1 = hex(md5(secret + Array(":\(self.nonce):\(self.cnonce)".utf8)))
            let a2 = hex(md5("\(operation)\(self.uri)".utf8))
            return hex(md5("\(a1):\(self.nonce):\(self.nonceCount):\(self.cnonce):auth:\(a2)".utf8))
        }
    }

    private static func md5(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(Insecure.MD5.hash(data: Array(bytes)))
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Compares two digests in a time that does not depend on where they differ.
    static func matches(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices {
            difference |= left[index] ^ right[index]
        }
        return difference == 0
    }
}

/// The `name=value, name="value"` lists of RFC 2831, section 7.1.
struct DigestDirectives: Hashable, Sendable {
    private var values: [String: String] = [:]

    /// Throws what is wrong with the text.
    init(_ bytes: [UInt8]) throws(DigestError) {
        var index = 0
        while true {
            while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == UInt8(ascii: ",") { index += 1 }
            guard index < bytes.count else { return }
            let name = try Self.name(bytes, &index)
            let value = try Self.value(bytes, &index)
            while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
            guard index == bytes.count || bytes[index] == UInt8(ascii: ",") else { throw .malformed }
            // Only a challenge's realm may come more than once, and the first is the default.
            if self.values[name] == nil {
                self.values[name] = value
            } else if name != "realm" {
                throw .repeated(name)
            }
        }
    }

    subscript(_ name: String) -> String? { self.values[name] }

    func required(_ name: String) throws(DigestError) -> String {
        guard let value = self.values[name] else { throw .missing(name) }
        return value
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }

    private static func name(_ bytes: [UInt8], _ index: inout Int) throws(DigestError) -> String {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "=") { index += 1 }
        guard index < bytes.count, index > start else { throw .malformed }
        let name = bytes[start..<index]
        index += 1
        guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }) else {
            throw .malformed
        }
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private static func value(_ bytes: [UInt8], _ index: inout Int) throws(DigestError) -> String {
        var value: [UInt8] = []
        if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
            index += 1
            while true {
                guard index < bytes.count else { throw .malformed }
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\"") { break }
                if byte == UInt8(ascii: "\\") {
                    guard index < bytes.count else { throw .malformed }
                    value.append(bytes[index])
                    index += 1
                } else {
                    value.append(byte)
                }
            }
        } else {
            while index < bytes.count, bytes[index] != UInt8(ascii: ","), !Self.isSpace(bytes[index]) {
                value.append(bytes[index])
                index += 1
            }
        }
        guard let text = String(validating: value, as: UTF8.self) else { throw .malformed }
        return text
    }
}

/// Why a DIGEST-MD5 exchange fails.
package enum DigestError: Error, Hashable, Sendable {
    case malformed
    case missing(String)
    case repeated(String)
    case unacceptable(name: String, value: String)
    /// The peer does not know the password.
    case wrongDigest
}

extension DigestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed: "DIGEST-MD5: the message is not a list of directives"
        case .missing(let name): "DIGEST-MD5: the directive \(name) is missing"
        case .repeated(let name): "DIGEST-MD5: the directive \(name) is repeated"
        case .unacceptable(let name, let value): "DIGEST-MD5: \(name) must not be '\(value)' here"
        case .wrongDigest: "DIGEST-MD5: the digest does not match"
        }
    }
}
