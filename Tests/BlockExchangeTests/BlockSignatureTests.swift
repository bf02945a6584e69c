import BlockExchange
import Testing

@Suite struct BlockSignatureTests {
    @Test func `a signature is the HMAC of method and path, and no other is right`() {
        let password = Array("secret".utf8)
        // printf 'GET /v1/x' | openssl dgst -sha256 -hmac secret -binary | base64
        let right = "sT4vZm7CR4tr4uOdtCsZKd6fkk/dYifQqXn9A4RCrdA="
        #expect(BlockSignature.isRight(right, for: "/v1/x", password))
        #expect(!BlockSignature.isRight(right, for: "/v1/y", password))
        for wrong in [nil, "", "=", String(right.dropLast()), right + "=", right + " ", "AAAA", right.lowercased()] {
            #expect(!BlockSignature.isRight(wrong, for: "/v1/x", password), "\(wrong ?? "none")")
        }
        #expect(!BlockSignature.isRight(right, for: "/v1/x", Array("Secret".utf8)))
        #expect(BlockSignature.text(for: "/v1/x", password) == right)
    }
}
