/// Cuts a byte stream into length-prefixed frames. A frame that lies whole in the input is not copied; one that comes
/// in pieces is collected, and takes only as much memory as has arrived.
package struct FrameDecoder: Sendable {
    /// Where a complete frame's content is.
    package enum Frame: Sendable, Equatable {
        case inInput(Range<Int>)
        case collected([UInt8])
    }

    /// Bytes of one frame's content.
    package var lengthMaximum: Int

    /// Frames that have come out so far.
    package private(set) var framesCompleted: UInt64 = 0

    private var prefix: UInt32 = 0
    private var prefixCount = 0
    private var content: [UInt8] = []

    package init(lengthMaximum: Int) {
        self.lengthMaximum = lengthMaximum
    }

    /// Whether a frame has begun and not ended.
    package var isInsideFrame: Bool { self.prefixCount > 0 }

    /// Bytes held of a frame that has not ended.
    package var bytesHeld: Int { self.content.count }

    /// Takes the next frame from `input`, beginning at `offset`, which moves past all that was taken.
    /// - Returns: nil when all of `input` was taken and the frame is not complete.
    package mutating func next(_ input: Span<UInt8>, at offset: inout Int) throws(WireError) -> Frame? {
        if self.prefixCount == 0, input.count - offset >= 4 {
            let length = try self.checked(input.bigEndianInt32(at: offset))
            if input.count - offset - 4 >= length {
                let start = offset + 4
                offset = start + length
                self.framesCompleted &+= 1
                return .inInput(start..<offset)
            }
        }
        while self.prefixCount < 4 {
            guard offset < input.count else { return nil }
            self.prefix = self.prefix << 8 | UInt32(input[offset])
            self.prefixCount += 1
            offset += 1
        }
        let length = try self.checked(Int32(bitPattern: self.prefix))
        let taken = min(length - self.content.count, input.count - offset)
        unsafe input.extracting(offset..<offset + taken).withUnsafeBufferPointer { bytes in
            unsafe self.content.append(contentsOf: bytes)
        }
        offset += taken
        guard self.content.count == length else { return nil }
        self.framesCompleted &+= 1
        defer {
            self.prefix = 0
            self.prefixCount = 0
            self.content = []
        }
        return .collected(self.content)
    }

    private func checked(_ length: Int32) throws(WireError) -> Int {
        guard length > 0 else { throw .invalidFrameLength(Int(length)) }
        guard length <= self.lengthMaximum else {
            throw .frameTooLong(length: Int(length), maximum: self.lengthMaximum)
        }
        return Int(length)
    }
}
