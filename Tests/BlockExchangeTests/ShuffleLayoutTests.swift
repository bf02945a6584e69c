import BlockExchange
import TestSupport
import Testing

@Suite struct ShuffleLayoutTests {
    private static let frames = [ShuffleBytes.frame("a"), ShuffleBytes.frame("bcd"), ShuffleBytes.frame("")]
    private static let file = ShuffleBytes.file([[Self.frames[0]], [], [Self.frames[1], Self.frames[2]]])

    /// As a reader goes about it: footer, two positions.
    private func segment(_ file: [UInt8], _ partition: Int) -> Range<Int64>? {
        guard let layout = ShuffleLayout(footer: Array(file.suffix(16)), size: Int64(file.count)),
            let place = layout.positions(of: partition), place.lowerBound >= 0, place.upperBound <= file.count
        else { return nil }
        return layout.segment(Array(file[Int(place.lowerBound)..<Int(place.upperBound)]))
    }

    @Test func `the segments of a file are found`() {
        #expect(self.segment(Self.file, 0) == 0..<17)
        #expect(self.segment(Self.file, 1) == 17..<17)
        #expect(self.segment(Self.file, 2) == 17..<52)
        #expect(self.segment(Self.file, 3) == nil)
        #expect(self.segment(Self.file, -1) == nil)
        #expect(self.segment(Self.file, Int.max) == nil)
    }

    @Test func `a file that was cut anywhere is refused`() {
        for length in 0..<Self.file.count {
            for partition in 0..<3 { #expect(self.segment(Array(Self.file[..<length]), partition) == nil, "\(length)") }
        }
    }

    @Test(
        arguments: [
            // Backwards, outside of the frames, beyond what a number of the system holds.
            [0, 17, 17, 16], [0, 17, 17, 53], [0, 17, 17, .max], [0, 17, UInt64(Int64.max), UInt64(Int64.max)],
            [0, 17, 1 << 63, 1 << 63], [0, 17, .max, 0],
        ] as [[UInt64]]
    )
    func `positions that do not add up are refused`(offsets: [UInt64]) {
        let file = ShuffleBytes.file(Array(Self.frames.joined()), offsets: offsets)
        #expect(self.segment(file, 0) == 0..<17)
        #expect(self.segment(file, 2) == nil)
    }

    @Test(arguments: [0, 1, 51, 53, 60, 84, 85, 99, 1 << 62, UInt64(Int64.max), 1 << 63, .max] as [UInt64])
    func `a footer that leads elsewhere is refused`(position: UInt64) {
        let file = Array(Self.file.dropLast(16)) + ShuffleBytes.bytes(position) + Array("HDLSHUF1".utf8)
        // Some of these leave a whole number of positions: then what stands there does not add up, or is not there.
        #expect(self.segment(file, 2) != 17..<52)
        if let segment = self.segment(file, 0) { #expect(segment.upperBound <= Int64(position)) }
    }

    @Test func `what a writer puts behind the frames is read`() {
        let frames = Array(Self.frames.joined())
        #expect(frames + ShuffleLayout.end([0, 17, 17, 52]) == Self.file)
    }

    @Test func `other letters are refused`() {
        for index in 1...8 {
            var file = Self.file
            file[file.count - index] ^= 0x20
            #expect(self.segment(file, 0) == nil)
        }
    }

    @Test func `a file of no partitions is none of anybody's`() {
        #expect(self.segment(ShuffleBytes.file([], offsets: [0]), 0) == nil)
        #expect(self.segment(ShuffleBytes.file([], offsets: []), 0) == nil)
    }

    // MARK: - Frames

    /// Walks over frames; nil where one is damaged.
    private func select(
        _ bytes: [UInt8],
        skipping: Int = 0,
        limit: Int64,
        in segment: Range<Int64>? = nil
    ) -> FrameSelection? {
        var selection = FrameSelection(segment ?? 0..<Int64(bytes.count), skipping: skipping, limit: limit)
        while let offset = selection.nextHead() {
            guard selection.pass(Array(bytes.dropFirst(Int(offset)).prefix(16))) else { return nil }
        }
        return selection
    }

    /// What executors do (`OutputBundle.pieces`): the frame that crosses the limit is still sent.
    private func expected(_ sizes: [Int], skipping: Int, limit: Int) -> (Range<Int64>, Bool) {
        let skipped = min(skipping, sizes.count)
        let start = sizes[..<skipped].reduce(0, +)
        var count = 0
        for size in sizes[skipped...] {
            if count >= limit { return (Int64(start)..<Int64(start + count), false) }
            count += size
        }
        return (Int64(start)..<Int64(start + count), true)
    }

    @Test func `any number of frames is skipped, and sending ends between two frames`() {
        let frames = ["", "a", "bc", String(repeating: "x", count: 100), "", "y"].map { ShuffleBytes.frame($0) }
        let bytes = Array(frames.joined())
        for skipping in 0...8 {
            for limit in 0...bytes.count + 1 {
                let selection = self.select(bytes, skipping: skipping, limit: Int64(limit))
                let (range, isWhole) = self.expected(frames.map(\.count), skipping: skipping, limit: limit)
                #expect(selection?.frames == range, "\(skipping) \(limit)")
                #expect(selection?.isWhole == isWhole, "\(skipping) \(limit)")
            }
        }
    }

    @Test func `frames that were cut anywhere but between two are refused`() {
        let frames = [ShuffleBytes.frame("abc"), ShuffleBytes.frame("de")]
        let bytes = Array(frames.joined())
        for length in 0...bytes.count {
            let selection = self.select(Array(bytes[..<length]), limit: 1 << 20)
            #expect((selection != nil) == [0, frames[0].count, bytes.count].contains(length), "\(length)")
        }
    }

    @Test(
        arguments: [
            [4, 3, 0, 0], [3, 3, 0, 2], [3, 3, 0, .max], [.max, .max, 0, 0], [1 << 30 + 1, 3, 0, 1],
            [3, 1 << 30 + 1, 0, 1],
            [4, 4, 0, 0],
        ] as [[UInt32]]
    )
    func `heads that no executor writes are refused`(words: [UInt32]) {
        let bytes = words.flatMap { ShuffleBytes.bytes($0) } + [1, 2, 3] as [UInt8]
        #expect(self.select(bytes, limit: 1 << 20) == nil)
    }

    @Test func `a compressed frame may be smaller than what it holds`() {
        let words: [UInt32] = [3, 1 << 30, 7, 1]
        let selection = self.select(words.flatMap { ShuffleBytes.bytes($0) } + [1, 2, 3], limit: 1)
        #expect(selection?.frames == 0..<19)
        #expect(selection?.isWhole == true)
    }

    @Test func `heads without end do not keep a thread`() {
        let count = FrameSelection.frameCountMaximum
        var selection = FrameSelection(0..<Int64(count + 1) * 16, skipping: .max, limit: 1)
        let empty = ShuffleBytes.frame("")
        for _ in 0..<count {
            guard selection.nextHead() != nil, selection.pass(empty) else {
                Issue.record("refused too early")
                return
            }
        }
        let next = selection.nextHead()
        #expect(next != nil)
        let isTaken = selection.pass(empty)
        #expect(!isTaken)
    }
}
