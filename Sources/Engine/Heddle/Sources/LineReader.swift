internal import Glibc

/// Bytes that come one block after the other.
protocol BlockSource: AnyObject {
    /// Fills the beginning of the memory.
    /// - Returns: how many bytes; 0 at the end.
    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int
}

extension BlockSource {
    /// All that is left.
    func rest() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try unsafe [UInt8](unsafeUninitializedCapacity: TextFileSource.blockBytes) { buffer, count in
                count = try unsafe self.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }
}

/// Cuts blocks into lines. A line ends with `\n` or `\r\n`, which are no part of it; the last may do without.
///
/// The lines of a split are those that begin in it: the first is left to the split before unless it begins exactly here, and
/// the last is read to its end wherever that is.
final class LineReader {
    private let source: any BlockSource
    private let end: Int64
    private var block = TextBuffer(copying: [])
    /// The next byte of the block.
    private var position = 0
    /// Where the block begins in the file.
    private var offset: Int64
    private var isAtEnd = false
    private var skipsFirst: Bool

    /// - Parameter source: begins at `start`, or one byte before where `start` is not 0.
    init(_ source: any BlockSource, start: Int64, end: Int64) {
        self.source = source
        self.end = end
        self.offset = max(0, start - 1)
        self.skipsFirst = start > 0
    }

    /// Appends lines to an empty batch.
    /// - Returns: false at the end.
    func next(into batch: inout [Text]) throws -> Bool {
        if self.skipsFirst {
            self.skipsFirst = false
            guard try self.line() != nil else { return false }
        }
        while batch.count < Stream<Text>.batchCount {
            guard self.offset + Int64(self.position) < self.end, let line = try self.line() else { break }
            batch.append(line)
        }
        return !batch.isEmpty
    }

    private func line() throws -> Text? {
        var searched = self.position
        while true {
            if let found = self.newline(from: searched) {
                let line = self.text(to: found)
                self.position = found + 1
                return line
            }
            searched = self.block.count - self.position
            if try !self.refill() {
                guard self.position < self.block.count else { return nil }
                let line = self.text(to: self.block.count)
                self.position = self.block.count
                return line
            }
        }
    }

    private func newline(from start: Int) -> Int? {
        unsafe self.block.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, 10, bytes.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    private func text(to end: Int) -> Text {
        let hasReturn = unsafe self.block.withUnsafeBytes { bytes in
            unsafe end > self.position && bytes[end - 1] == 13
        }
        return self.block.text(in: self.position..<(hasReturn ? end - 1 : end))
    }

    /// Puts what is left of the block and the next bytes of the source into a new one.
    private func refill() throws -> Bool {
        if self.isAtEnd { return false }
        let left = self.block.count - self.position
        var count = 0
        // A line longer than a block is read in ever larger steps.
        let block = try unsafe TextBuffer(capacity: left + max(left, TextFileSource.blockBytes)) { memory in
            unsafe self.block.withUnsafeBytes { bytes in
                unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[self.position...]))
            }
            count = try unsafe self.source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[left...]))
            return left + count
        }
        self.offset += Int64(self.position)
        self.position = 0
        self.block = block
        self.isAtEnd = count == 0
        return count > 0
    }
}
