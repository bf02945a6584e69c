package import HadoopProtos

import struct FoundationEssentials.Data

/// A token as Hadoop's parties hand it to one another: who is meant (`identifier`), the proof (`password`), what reads
/// it (`kind`) and the address it is for (`service`).
package struct HadoopToken: Hashable, Sendable {
    /// The identifier's own bytes: for YARN's kinds a bare protobuf message.
    package var identifier: [UInt8]
    /// HMAC of the identifier under the issuer's master key.
    package var password: [UInt8]
    /// One of `TokenKind`, or a foreign system's kind.
    package var kind: String
    /// `ip:port` or `host:port` of the server that accepts the token; empty when the client fills it in.
    package var service: String

    package init(identifier: [UInt8], password: [UInt8], kind: String, service: String) {
        self.identifier = identifier
        self.password = password
        self.kind = kind
        self.service = service
    }

    package init(_ proto: TokenProto) {
        self.init(
            identifier: Array(proto.identifier),
            password: Array(proto.password),
            kind: proto.kind,
            service: proto.service
        )
    }

    /// All four fields set, as Java's parser requires.
    package var proto: TokenProto {
        var proto = TokenProto()
        proto.identifier = Data(self.identifier)
        proto.password = Data(self.password)
        proto.kind = self.kind
        proto.service = self.service
        return proto
    }
}

extension HadoopToken: CustomStringConvertible {
    /// Kind and service only: a password must not reach a log.
    package var description: String { "Kind: \(self.kind), Service: \(self.service)" }
}

/// The kinds of token that YARN's own servers issue and accept.
package enum TokenKind {
    package static let amrm = "YARN_AM_RM_TOKEN"
    package static let nodeManager = "NMToken"
    package static let container = "ContainerToken"
    package static let rmDelegation = "RM_DELEGATION_TOKEN"
    package static let clientToAM = "YARN_CLIENT_TOKEN"
}
