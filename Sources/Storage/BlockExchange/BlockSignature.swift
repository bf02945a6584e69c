internal import Crypto
internal import HadoopWire

/// Proves that a request for a block comes from the application: an HMAC-SHA256 of what is asked for, with the password of the
/// application's token.
///
/// Blocks never change under their names, so a request that is overheard and repeated gives nothing that was not overheard
/// with its answer.
package enum BlockSignature {
    package static let header = "X-Heddle-Signature"
    /// Of the token that the processes of an application share; its identifier is the application's name.
    package static let tokenKind = "HEDDLE_APPLICATION_TOKEN"

    package static func text(for path: String, _ password: [UInt8]) -> String {
        let key = SymmetricKey(data: password)
        let code = HMAC<SHA256>.authenticationCode(for: Array("GET \(path)".utf8), using: key)
        return Base64.encode(Array(code))
    }

    /// Compared without telling by the time it takes how much was right.
    package static func isRight(_ text: String?, for path: String, _ password: [UInt8]) -> Bool {
        guard let text else { return false }
        let (given, wanted) = (Array(text.utf8), Array(self.text(for: path, password).utf8))
        guard given.count == wanted.count else { return false }
        return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
