import HadoopProtos
import SwiftProtobuf
import Testing

import struct FoundationEssentials.Data

@testable import HadoopWire

struct BytesTests {
    @Test(arguments: [0, 1, 127, 128, 300, 16_383, 16_384, UInt64(UInt32.max), .max - 1, .max])
    func `a varint reads back, and its length is known beforehand`(value: UInt64) throws {
        var bytes: [UInt8] = []
        bytes.append(varint: value)
        #expect(bytes.count == [UInt8].varintLength(value))
        var offset = 0
        #expect(try bytes.span.varint(at: &offset, before: bytes.count) == value)
        #expect(offset == bytes.count)
        for end in 0..<bytes.count {
            var offset = 0
            #expect(throws: WireError.truncated) { try bytes.span.varint(at: &offset, before: end) }
        }
    }

    @Test func `a varint of more than 64 bits is refused`() {
        for bytes in [[UInt8](repeating: 0xFF, count: 9) + [2], [UInt8](repeating: 0x80, count: 10) + [0]] {
            var offset = 0
            #expect(throws: WireError.malformedVarint) { try bytes.span.varint(at: &offset, before: bytes.count) }
        }
    }

    @Test(arguments: [0, -1, 1, -2, -33, -4, Int32.max, Int32.min]) func `zig-zag reads back`(value: Int32) throws {
        #expect(try unZigZag(zigZag(value)) == value)
    }

    @Test func `zig-zag is protobuf's`() {
        #expect(zigZag(-33) == 0x41)
        #expect(zigZag(-1) == 1)
        #expect(zigZag(5) == 10)
        #expect(throws: WireError.malformedVarint) { try unZigZag(1 << 32) }
    }

    @Test func `a length beyond the end is refused, even one that would overflow`() {
        for bytes in [[5, 1, 2], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0]] as [[UInt8]] {
            var offset = 0
            #expect(throws: WireError.truncated) { try bytes.span.delimited(at: &offset, before: bytes.count) }
        }
    }
}

struct FrameDecoderTests {
    private func deliveries(lengthMaximum: Int = 100) -> Deliveries<[UInt8]> {
        Deliveries { pieces in
            var decoder = FrameDecoder(lengthMaximum: lengthMaximum)
            var frames: [[UInt8]] = []
            for piece in pieces {
                var offset = 0
                while let frame = try? decoder.next(piece.span, at: &offset) {
                    switch frame {
                    case .inInput(let range): frames.append(Array(piece[range]))
                    case .collected(let content): frames.append(content)
                    }
                }
            }
            return frames
        }
    }

    @Test func `frames come out as they went in, however they arrive`() {
        let frames: [[UInt8]] = [[1], [2, 3], Array(repeating: 4, count: 100), [5]]
        let bytes = frames.flatMap { frame -> [UInt8] in [0, 0, 0, UInt8(frame.count)] + frame }
        #expect(self.deliveries().check(bytes) == frames)
    }

    @Test func `a length of zero, below it or above the limit is refused`() {
        let lengths: [([UInt8], WireError)] = [
            ([0, 0, 0, 0], .invalidFrameLength(0)),
            ([0xFF, 0xFF, 0xFF, 0xFF], .invalidFrameLength(-1)),
            ([0, 0, 0, 101], .frameTooLong(length: 101, maximum: 100)),
            ([0x7F, 0xFF, 0xFF, 0xFF], .frameTooLong(length: Int(Int32.max), maximum: 100)),
        ]
        for (bytes, error) in lengths {
            var decoder = FrameDecoder(lengthMaximum: 100)
            var offset = 0
            #expect(throws: error) { try decoder.next(bytes.span, at: &offset) }
            var dripped = FrameDecoder(lengthMaximum: 100)
            #expect(throws: error) {
                for byte in bytes + [0] {
                    let piece = [byte]
                    var offset = 0
                    _ = try dripped.next(piece.span, at: &offset)
                }
            }
        }
    }

    @Test func `a frame is begun with its first length byte and ended with its last`() throws {
        var decoder = FrameDecoder(lengthMaximum: 100)
        for byte in [0, 0, 0, 2, 9] as [UInt8] {
            let piece = [byte]
            var offset = 0
            let frame = try decoder.next(piece.span, at: &offset)
            #expect(frame == nil)
            #expect(decoder.isInsideFrame)
        }
        let last: [UInt8] = [8]
        var offset = 0
        let frame = try decoder.next(last.span, at: &offset)
        #expect(frame == .collected([9, 8]))
        #expect(!decoder.isInsideFrame)
        #expect(decoder.framesCompleted == 1)
    }
}

struct HeaderTests {
    @Test func `a request header is read as the generated message reads it`() throws {
        var proto = RpcRequestHeaderProto()
        proto.rpcKind = .rpcProtocolBuffer
        proto.rpcOp = .rpcFinalPacket
        proto.callID = 77
        proto.clientID = Data([1, 2, 3])
        proto.retryCount = 4
        proto.traceInfo.traceID = 9
        proto.callerContext.context = "CLI"
        proto.callerContext.signature = Data([1])
        proto.stateID = -5
        proto.routerFederatedState = Data([8])
        let bytes: [UInt8] = try proto.serializedBytes()
        let header = try RequestHeader(bytes.span, at: 0..<bytes.count)
        #expect(header.rpcKind == 2)
        #expect(header.operation == 0)
        #expect(header.callID == 77)
        #expect(Array(bytes[header.clientID]) == [1, 2, 3])
        #expect(header.retryCount == 4)
        #expect(header.callerContext == "CLI")
    }

    @Test func `a request header is written as the generated message would`() throws {
        for (callID, retryCount) in [(0, 0), (-3, -1), (-33, -1), (Int32.max, 70_000)] as [(Int32, Int32)] {
            for length in [0, 16, 200] {
                var written: [UInt8] = []
                let clientID = [UInt8](repeating: 5, count: length)
                RequestHeader.append(callID: callID, clientID: clientID, retryCount: retryCount, to: &written)
                var proto = RpcRequestHeaderProto()
                proto.rpcKind = .rpcProtocolBuffer
                proto.rpcOp = .rpcFinalPacket
                proto.callID = callID
                proto.clientID = Data(clientID)
                proto.retryCount = retryCount
                let body: [UInt8] = try proto.serializedBytes()
                var expected: [UInt8] = []
                expected.append(delimited: body)
                #expect(written == expected)
            }
        }
    }

    @Test func `a request header without call or client is refused, and so is any cut-off one`() throws {
        for (bytes, name) in [([0x22, 0], "callId"), ([0x18, 0], "clientId")] as [([UInt8], String)] {
            #expect(throws: WireError.missingField(name)) {
                _ = try RequestHeader(bytes.span, at: 0..<bytes.count)
            }
        }
        var whole: [UInt8] = []
        RequestHeader.append(callID: 5, clientID: Array(repeating: 1, count: 16), retryCount: 0, to: &whole)
        let body = Array(whole.dropFirst())
        for cut in 0..<body.count {
            // A header cut between fields may still be whole; anything else must be refused, and nothing may crash.
            _ = try? RequestHeader(body.span, at: 0..<cut)
        }
    }

    @Test(arguments: [
        ResponseHeader(callID: 3, status: .success, clientID: Array(repeating: 7, count: 16), retryCount: 0),
        ResponseHeader(connection: CallID.sasl),
        ResponseHeader(
            callID: 4,
            status: .error(.init(detail: .noSuchMethod, exceptionClass: "a.B$C", message: "Grüße")),
            clientID: [],
            retryCount: 2
        ),
        ResponseHeader(
            connection: CallID.connectionFailed,
            status: .fatal(.init(detail: .fatalUnauthorized, exceptionClass: "x", message: ""))
        ),
    ]) func `a response header reads back, also by the generated message`(header: ResponseHeader) throws {
        var frame: [UInt8] = []
        header.appendFrame(message: [1, 2, 3], to: &frame)
        #expect(frame.span.bigEndianInt32(at: 0) == Int32(frame.count - 4))
        var offset = 4
        let range = try frame.span.delimited(at: &offset, before: frame.count)
        #expect(try ResponseHeader(frame.span, at: range) == header)
        let proto = try RpcResponseHeaderProto(serializedBytes: Array(frame[range]))
        #expect(Int32(bitPattern: proto.callID) == header.callID)
        #expect(proto.serverIpcVersionNum == 9)
        #expect(Array(proto.clientID) == header.clientID)
        #expect(proto.retryCount == header.retryCount)
        switch header.status {
        case .success:
            #expect(proto.status == .success)
            #expect(Array(frame[offset...]) == [3, 1, 2, 3])
        case .error(let failure), .fatal(let failure):
            #expect(proto.exceptionClassName == failure.exceptionClass)
            #expect(proto.errorMsg == failure.message)
            #expect(proto.errorDetail.rawValue == failure.detail.rawValue)
            // A client refuses an error that anything follows.
            #expect(offset == frame.count)
        }
    }
}
