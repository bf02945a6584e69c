import HadoopProtos

import struct FoundationEssentials.Data

/// The ways to authenticate that Hadoop names, in the order servers prefer them.
enum AuthMethod: String, CaseIterable, Sendable {
    case token = "TOKEN"
    case kerberos = "KERBEROS"
    case plain = "PLAIN"
    case simple = "SIMPLE"

    /// The SASL mechanism; clients skip an offer whose mechanism is another.
    var mechanism: String {
        switch self {
        case .token: "DIGEST-MD5"
        case .kerberos: "GSSAPI"
        case .plain: "PLAIN"
        case .simple: ""
        }
    }

    /// Whether there is a machine for it. Only these are ever offered or chosen.
    var isImplemented: Bool {
        switch self {
        case .token, .simple: true
        case .kerberos, .plain: false
        }
    }

    /// How a server offers the method.
    func offer(challenge: [UInt8]?) -> RpcSaslProto.SaslAuth {
        var auth = RpcSaslProto.SaslAuth()
        auth.method = self.rawValue
        auth.mechanism = self.mechanism
        if self == .token {
            auth.protocol = DigestMD5.serviceProtocol
            auth.serverID = DigestMD5.serverID
        }
        if let challenge { auth.challenge = Data(challenge) }
        return auth
    }

    /// The method that an offer or a choice names, if its mechanism is ours too.
    init?(_ auth: RpcSaslProto.SaslAuth) {
        guard let method = AuthMethod(rawValue: auth.method), method.mechanism == auth.mechanism else { return nil }
        self = method
    }
}

/// What stands between frames and the socket once authentication is done. Only `auth` is negotiated today, which wraps
/// nothing; integrity and privacy will be further cases.
enum SaslLayer: Sendable {
    case none

    /// The inner bytes of a wrapped frame.
    func unwrap(_ message: RpcSaslProto) throws(WireRefusal) -> [UInt8] {
        switch self {
        case .none:
            throw .unauthorized(
                JavaClass.sasl,
                "The client sent SASL state \(message.state) after authentication, but no wrapping was negotiated: "
                    + "this server supports hadoop.rpc.protection=authentication only"
            )
        }
    }
}
