internal import BlockExchange
package import HadoopWire

/// What the processes of one application know and nobody else: they prove to each other with it that they belong together.
///
/// It travels as a token in a credentials file, as all secrets of a container do, and never over the wire itself: control
/// connections prove it by SASL DIGEST-MD5, requests for blocks by an HMAC.
package struct ApplicationSecret: Hashable, Sendable {
    /// The application's name, to tell one from another in errors.
    package var application: String
    package var password: [UInt8]

    package static let kind = BlockSignature.tokenKind

    package init(application: String, password: [UInt8]) {
        self.application = application
        self.password = password
    }

    /// A new one.
    package init(application: String) {
        var generator = SystemRandomNumberGenerator()
        self.application = application
        self.password = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// - Returns: nil where the credentials hold none.
    package init?(_ credentials: Credentials) {
        guard let token = credentials.token(kind: Self.kind) else { return nil }
        self.application = String(decoding: token.identifier, as: UTF8.self)
        self.password = token.password
    }

    package var token: HadoopToken {
        HadoopToken(
            identifier: Array(self.application.utf8),
            password: self.password,
            kind: Self.kind,
            service: ""
        )
    }
}

extension ApplicationSecret: CustomStringConvertible {
    /// Without the password: it must not reach a log.
    package var description: String { "secret of \(self.application)" }
}
