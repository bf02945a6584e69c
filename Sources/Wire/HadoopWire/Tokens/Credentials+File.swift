import HadoopProtos
import SwiftProtobuf

/// Why bytes are not a credentials file.
package enum CredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first four bytes are not `HDTS`.
    case notCredentials
    /// The fifth byte names a format that is neither 0 nor 1.
    case unknownFormat(UInt8)
    case malformed(WireError)

    package var description: String {
        switch self {
        case .notCredentials: "the bytes do not begin with HDTS"
        case .unknownFormat(let format): "credentials format \(format) is unknown; 0 and 1 are"
        case .malformed(let error): "the credentials are damaged: \(error)"
        }
    }
}

extension Credentials {
    private static let magic: [UInt8] = Array("HDTS".utf8)

    /// Reads the `HDTS` form, format 0 (Writable) or 1 (protobuf). Whatever follows the last entry is not looked at:
    /// clients send whole buffers with unused room at the end.
    package init(bytes: [UInt8]) throws(CredentialsError) {
        guard bytes.starts(with: Self.magic) else { throw .notCredentials }
        guard bytes.count > Self.magic.count else { throw .malformed(.truncated) }
        switch bytes[Self.magic.count] {
        case 0: try self.init(writable: bytes)
        case 1: try self.init(protobuf: bytes)
        case let format: throw .unknownFormat(format)
        }
    }

    private init(writable bytes: [UInt8]) throws(CredentialsError) {
        self.init()
        var reader = WritableReader(bytes, offset: Self.magic.count + 1)
        do throws(WireError) {
            let tokenCount = try Self.checked(try reader.count())
            for _ in 0..<tokenCount {
                let alias = try reader.text()
                let token = HadoopToken(
                    identifier: try reader.run(),
                    password: try reader.run(),
                    kind: try reader.text(),
                    service: try reader.text()
                )
                self.tokens.append(TokenEntry(alias: alias, token: token))
            }
            let secretCount = try Self.checked(try reader.count())
            for _ in 0..<secretCount {
                self.secrets.append(SecretEntry(alias: try reader.text(), bytes: try reader.run()))
            }
        } catch {
            throw .malformed(error)
        }
    }

    private static func checked(_ count: Int) throws(WireError) -> Int {
        guard count <= WireLimits.credentialsEntriesMaximum else { throw .tooManyEntries(count) }
        return count
    }

    private init(protobuf bytes: [UInt8]) throws(CredentialsError) {
        self.init()
        do throws(WireError) {
            var offset = Self.magic.count + 1
            let range = try bytes.span.delimited(at: &offset, before: bytes.count)
            let proto: CredentialsProto
            do {
                proto = try CredentialsProto(serializedBytes: Array(bytes[range]))
            } catch {
                throw .malformedField
            }
            self.tokens = proto.tokens.map { TokenEntry(alias: $0.alias, token: HadoopToken($0.token)) }
            self.secrets = proto.secrets.map { SecretEntry(alias: $0.alias, bytes: Array($0.secret)) }
        } catch {
            throw .malformed(error)
        }
    }

    /// The `HDTS` form, format 0, which every Hadoop release reads.
    package var bytes: [UInt8] {
        var bytes = Self.magic
        bytes.append(0)
        bytes.append(variableInt: Int64(self.tokens.count))
        for entry in self.tokens {
            bytes.append(writableRun: entry.alias.utf8)
            bytes.append(writableRun: entry.token.identifier)
            bytes.append(writableRun: entry.token.password)
            bytes.append(writableRun: entry.token.kind.utf8)
            bytes.append(writableRun: entry.token.service.utf8)
        }
        bytes.append(variableInt: Int64(self.secrets.count))
        for entry in self.secrets {
            bytes.append(writableRun: entry.alias.utf8)
            bytes.append(writableRun: entry.bytes)
        }
        return bytes
    }
}
