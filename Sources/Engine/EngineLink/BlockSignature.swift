internal import Crypto
internal import HadoopWire

/// Proves that a request for a block comes from the application: an HMAC-SHA256 of what is asked for.
///
/// Blocks never change under their names, so a request that is overheard and repeated gives nothing that was not overheard
/// with its answer.
enum BlockSignature {
    static let header = "X-Heddle-Signature"

    static func text(for path: String, _ secret: ApplicationSecret) -> String {
        let key = SymmetricKey(data: secret.password)
        let code = HMAC<SHA256>.authenticationCode(for: Array("GET \(path)".utf8), using: key)
        return Base64.encode(Array(code))
    }

    /// Compared without telling by the time it takes how much was right.
    static func isRight(_ text: String?, for path: String, _ secret: ApplicationSecret) -> Bool {
        guard let text else { return false }
        let (given, wanted) = (Array(text.utf8), Array(self.text(for: path, secret).utf8))
        guard given.count == wanted.count else { return false }
        return zip(given, wanted).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
