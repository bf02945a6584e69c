import Testing

@testable import Heddle

@Suite struct FrameTests {
    private static let texts: [[UInt8]] = [
        [], [1], Array(repeating: 7, count: 100_000), (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31) },
    ]

    private func packed(_ bytes: [UInt8], compresses: Bool) -> [UInt8] {
        var writer = ByteWriter()
        unsafe bytes.withUnsafeBytes { unsafe FramePacker(compresses: compresses).pack($0, to: &writer) }
        return writer.bytes()
    }

    private func open(_ frame: [UInt8]) throws -> [UInt8] {
        let whole = TextBuffer(copying: frame)
        var reader = ByteReader(whole)
        let head = try FrameHead(&reader)
        let end = FrameHead.bytes + head.storedBytes
        guard end <= frame.count else { throw FrameDamage.cut }
        let opened = try head.open(whole.part(FrameHead.bytes..<end))
        return unsafe opened.withUnsafeBytes { unsafe Array($0) }
    }

    @Test(arguments: Self.texts, [true, false]) func `what is packed is found again`(bytes: [UInt8], compresses: Bool)
        throws
    {
        #expect(try self.open(self.packed(bytes, compresses: compresses)) == bytes)
    }

    @Test func `only what becomes smaller is compressed`() {
        #expect(self.packed(Self.texts[2], compresses: true).count < 2_000)
        #expect(self.packed(Self.texts[2], compresses: false).count == 100_016)
        let noise = SeededBytes.make(10_000, seed: 3)
        #expect(self.packed(noise, compresses: true).count == 10_016)
    }

    @Test(arguments: [true, false]) func `every changed byte and every cut is noticed`(compresses: Bool) throws {
        let bytes = Array("to be or not to be, that is the question; to be or not to be, that is the question".utf8)
        let frame = self.packed(bytes, compresses: compresses)
        for index in frame.indices {
            var changed = frame
            changed[index] ^= 0x41
            let opened = try? self.open(changed)
            #expect(opened == nil, "byte \(index)")
        }
        for count in frame.indices { #expect((try? self.open(Array(frame.prefix(count)))) == nil) }
    }
}

enum SeededBytes {
    static func make(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
