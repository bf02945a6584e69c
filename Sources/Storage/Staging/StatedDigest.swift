import Crypto
import FoundationEssentials
import Glibc

/// A checksum that a server stated for a whole file.
struct StatedDigest: Sendable, Hashable {
    enum Algorithm: String, Sendable {
        case md5 = "MD5"
        case sha1 = "SHA-1"
        case sha256 = "SHA-256"
        case sha512 = "SHA-512"
    }

    var algorithm: Algorithm
    var bytes: [UInt8]

    /// Those of an answer with the whole file: Repr-Digest (RFC 9530), its forerunners Digest (RFC 3230) and Content-MD5,
    /// and those of S3. What is not understood is left out.
    static func stated(in head: HTTPHead) -> [StatedDigest] {
        // All of them are of the file as it is stored, not as an encoding made it.
        if let encoding = head["content-encoding"], encoding.lowercased() != "identity" { return [] }
        var found: [StatedDigest] = []
        if let text = head["content-md5"] { found += [Self.base64(.md5, text)].compactMap { $0 } }
        for name in ["repr-digest", "digest"] {
            for item in (head[name] ?? "").split(separator: ",") {
                let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2, let algorithm = Self.algorithm(pair[0].filter { $0 != " " }) else { continue }
                // A structured field's bytes stand between colons.
                let value = pair[1].filter { $0 != ":" && $0 != " " }
                found += [Self.base64(algorithm, value)].compactMap { $0 }
            }
        }
        for (name, algorithm) in [("x-amz-checksum-sha256", Algorithm.sha256), ("x-amz-checksum-sha1", .sha1)] {
            if let text = head[name] { found += [Self.base64(algorithm, text)].compactMap { $0 } }
        }
        return found
    }

    /// An S3 ETag is the MD5 of an object that came in one piece and is not encrypted with a key of KMS or the client.
    static func entityTag(of head: HTTPHead) -> StatedDigest? {
        let encryption = head["x-amz-server-side-encryption"] ?? "AES256"
        guard encryption == "AES256", !head.has("x-amz-server-side-encryption-customer-algorithm"),
            let tag = head["etag"]?.filter({ $0 != "\"" }), tag.utf8.count == 32, let bytes = Hexadecimal.bytes(tag)
        else { return nil }
        return StatedDigest(algorithm: .md5, bytes: bytes)
    }

    private static func algorithm(_ name: String) -> Algorithm? {
        switch name.lowercased() {
        case "md5": .md5
        case "sha", "sha-1": .sha1
        case "sha-256": .sha256
        case "sha-512": .sha512
        default: nil
        }
    }

    private static func base64(_ algorithm: Algorithm, _ text: String) -> StatedDigest? {
        // S3 ends the checksum of several parts with -N: that is not one of the whole.
        guard let data = Data(base64Encoded: text), data.count == Self.length(algorithm) else { return nil }
        return StatedDigest(algorithm: algorithm, bytes: Array(data))
    }

    private static func length(_ algorithm: Algorithm) -> Int {
        switch algorithm {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    static func strongest(of digests: [StatedDigest]) -> Algorithm? {
        let order: [Algorithm] = [.sha256, .sha512, .sha1, .md5]
        return order.first { wanted in digests.contains { $0.algorithm == wanted } }
    }

    static func failure(_ algorithm: Algorithm, _ actual: [UInt8], of location: ResourceLocation) -> TransferFailure {
        TransferFailure(
            "Resource \(location) did not arrive as it was sent: its \(algorithm.rawValue) is "
                + "\(Hexadecimal.text(actual)), not what its server states",
            isTransient: true,
            needsRestart: true
        )
    }
}

/// Reads open files in pieces, wherever their own position is.
enum FileReading {
    private static let pieceBytes: Int64 = 256 << 10

    /// - Parameter range: nil for all.
    static func each(
        _ descriptor: Int32,
        _ range: Range<Int64>? = nil,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(SystemError) {
        var offset = range?.lowerBound ?? 0
        let end = range?.upperBound ?? Int64.max
        // Most files are small, and fresh memory costs as much as what is read into it.
        var buffer = [UInt8](repeating: 0, count: Int(min(max(1, end - offset), Self.pieceBytes)))
        while offset < end {
            let wanted = Int(min(Int64(buffer.count), end - offset))
            let count = unsafe pread(descriptor, &buffer, wanted, off_t(offset))
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", "what was fetched")
            }
            if count == 0 { return }
            unsafe buffer.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
        }
    }
}

/// Bytes as hexadecimal digits in lower case.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// nil if these are not whole bytes in digits of either case.
    static func bytes(_ text: String) -> [UInt8]? {
        let nibbles = text.utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard nibbles.count == text.utf8.count, nibbles.count % 2 == 0 else { return nil }
        return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }
}
