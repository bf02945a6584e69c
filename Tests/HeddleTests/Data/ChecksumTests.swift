import Heddle
import Testing

@Suite struct ChecksumTests {
    /// Cases that RFC 3720 publishes in its appendix B.4.
    private static let cases: [(bytes: [UInt8], value: UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ([UInt8]("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test(arguments: Self.cases)
    func `it is CRC-32C`(bytes: [UInt8], value: UInt32) {
        var checksum = Checksum()
        checksum.add(bytes)
        #expect(checksum.value == value)
    }

    @Test func `it is the same in parts, and without the processor's instruction`() {
        var chance = Chance(seed: 17)
        for _ in 0..<200 {
            let bytes = chance.bytes(upTo: 300, of: Array(0...255))
            let cut = Int.random(in: 0...bytes.count, using: &chance)
            var (whole, parts) = (Checksum(), Checksum())
            whole.add(bytes)
            parts.add(Array(bytes[..<cut]))
            parts.add(Text(bytes[cut...]))
            #expect(whole == parts)
            let slow = Checksum.byTables(bytes)
            #expect(whole.value == slow)
        }
    }
}
