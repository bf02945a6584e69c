import HadoopWire

/// Unguessable values that the wire's machines need and must not make themselves.
enum Nonce {
    /// 256 bits of the system's randomness as base64 text.
    static func text() -> String { Base64.encode(self.bytes(32)) }

    /// `count` random bytes; a multiple of eight.
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            let word = generator.next()
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }
}
