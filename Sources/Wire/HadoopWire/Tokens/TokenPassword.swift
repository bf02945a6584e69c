import Crypto

/// How Hadoop's secret managers turn an identifier into a password, and how it is compared.
package enum TokenPassword {
    /// HMAC-SHA1 of the identifier: 20 bytes.
    package static func hmacSHA1(key: [UInt8], identifier: [UInt8]) -> [UInt8] {
        Array(HMAC<Insecure.SHA1>.authenticationCode(for: identifier, using: SymmetricKey(data: key)))
    }

    /// Whether `password` is the one that `key` gives for `identifier`. Takes the same time wherever they differ.
    package static func isValid(_ password: [UInt8], key: [UInt8], identifier: [UInt8]) -> Bool {
        HMAC<Insecure.SHA1>.isValidAuthenticationCode(
            password,
            authenticating: identifier,
            using: SymmetricKey(data: key)
        )
    }
}

extension MasterKey {
    /// The password of a token with this identifier.
    package func password(for identifier: [UInt8]) -> [UInt8] {
        TokenPassword.hmacSHA1(key: self.bytes, identifier: identifier)
    }
}
