internal import CZlib

/// Compresses bytes as gzip.
@safe final class GzipWriter {
    private let stream: UnsafeMutablePointer<z_stream>
    private static let step = 64 << 10

    init() {
        guard let stream = unsafe heddle_gzip_new() else { preconditionFailure("zlib has no memory for a stream") }
        unsafe self.stream = stream
    }

    deinit { unsafe heddle_deflate_free(self.stream) }

    /// What comes of some bytes; the rest comes with later ones.
    func compress(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var place = 0
        while true {
            var (used, made, isComplete) = (0, 0, false)
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.step) { buffer, count in
                unsafe bytes[place...].withUnsafeBufferPointer { input in
                    let length = min(input.count, Self.step)
                    let isEnd = isLast && length == input.count
                    isComplete =
                        unsafe heddle_deflate(
                            self.stream,
                            input.baseAddress,
                            length,
                            &used,
                            buffer.baseAddress,
                            Self.step,
                            &made,
                            isEnd ? 1 : 0
                        ) == 1
                }
                count = made
            }
            output += piece
            place += used
            // Room that is left says that nothing more is held back.
            if isLast ? isComplete : (place == bytes.count && made < Self.step) { return output }
        }
    }
}

/// The bytes of a gzip file, which may have several parts one behind the other.
@safe final class GzipBytes: BlockSource {
    private let stream: UnsafeMutablePointer<z_stream>
    private let source: any BlockSource
    private let name: String
    private var packed: [UInt8] = []
    private var place = 0
    /// Whether a part has begun and not ended.
    private var isInside = false
    private static let step = 64 << 10

    init(_ source: any BlockSource, name: String) {
        guard let stream = unsafe heddle_gunzip_new() else { preconditionFailure("zlib has no memory for a stream") }
        unsafe self.stream = stream
        self.source = source
        self.name = name
    }

    deinit { unsafe heddle_inflate_free(self.stream) }

    func read(into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if self.place == self.packed.count, try !self.refill() {
                guard !self.isInside else {
                    throw FileFailure(self.name, "is cut off: its gzip data have no end. Fetch or write it again")
                }
                return 0
            }
            var (used, made, result) = (0, 0, 0 as Int32)
            unsafe self.packed[self.place...].withUnsafeBufferPointer { input in
                result = unsafe heddle_inflate(
                    self.stream,
                    input.baseAddress,
                    input.count,
                    &used,
                    memory.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    memory.count,
                    &made
                )
            }
            guard result >= 0 else {
                throw FileFailure(self.name, "holds damaged gzip data. Fetch or write it again")
            }
            self.place += used
            self.isInside = result == 0
            if result == 1 { unsafe heddle_gunzip_again(self.stream) }
            if made > 0 { return made }
        }
    }

    private func refill() throws -> Bool {
        self.place = 0
        self.packed = try unsafe [UInt8](unsafeUninitializedCapacity: Self.step) { buffer, count in
            count = try unsafe self.source.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return !self.packed.isEmpty
    }
}
