import Testing

@testable import HadoopWire

struct PreambleTests {
    private let magic: [UInt8] = [0x68, 0x72, 0x70, 0x63]

    @Test func `a finding needs no more bytes than it takes`() {
        #expect(Preamble.find(in: []) == .incomplete)
        #expect(Preamble.find(in: self.magic) == .incomplete)
        #expect(Preamble.find(in: self.magic + [9, 0]) == .incomplete)
        #expect(Preamble.find(in: self.magic + [9, 0, 0]) == .complete(.none))
        #expect(Preamble.find(in: self.magic + [9, 1, 0xDF]) == .complete(.sasl))
        #expect(Preamble.find(in: self.magic + [9, 0, 7]) == .unknownAuthentication(7))
        #expect(Preamble.find(in: self.magic + [8]) == .wrongVersion(8))
        #expect(Preamble.find(in: Array("GE".utf8)) == .incomplete)
        #expect(Preamble.find(in: Array("GET ".utf8)) == .http)
        #expect(Preamble.find(in: Array("GEX".utf8)) == .foreign)
        #expect(Preamble.find(in: Array("P".utf8)) == .foreign)
    }

    @Test func `a client's preamble is found`() {
        #expect(Preamble.find(in: Preamble.bytes(.none)) == .complete(.none))
        #expect(Preamble.find(in: Preamble.bytes(.sasl)) == .complete(.sasl))
    }
}
