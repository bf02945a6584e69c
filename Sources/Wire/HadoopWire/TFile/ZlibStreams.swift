import CZlib

/// Compresses one block as Hadoop's `gz` of a TFile does: zlib's own format, not gzip's.
@safe final class BlockDeflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private static let step = 64 << 10

    init() {
        guard let stream = unsafe heddle_deflate_new() else {
            preconditionFailure("zlib has no memory for a stream")
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe heddle_deflate_free(self.stream)
    }

    func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        self.run(bytes, isLast: false, &output)
    }

    func finish(_ output: inout [UInt8]) {
        self.run([], isLast: true, &output)
    }

    private func run(_ bytes: [UInt8], isLast: Bool, _ output: inout [UInt8]) {
        var place = 0
        while true {
            var (used, made, isComplete) = (0, 0, false)
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.step) { buffer, count in
                unsafe bytes[place...].prefix(Self.step).withUnsafeBufferPointer { input in
                    isComplete =
                        unsafe heddle_deflate(
                            self.stream,
                            input.baseAddress,
                            input.count,
                            &used,
                            buffer.baseAddress,
                            Self.step,
                            &made,
                            isLast ? 1 : 0
                        ) == 1
                }
                count = made
            }
            output += piece
            place += used
            // Room that is left says that nothing more is held back.
            if isLast ? isComplete : (place == bytes.count && made < Self.step) { return }
        }
    }
}

/// Reads one such block.
@safe final class BlockInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false
    private static let step = 64 << 10

    init() throws(TFileFailure) {
        guard let stream = unsafe heddle_inflate_new() else {
            throw TFileFailure("zlib has no memory for a stream")
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe heddle_inflate_free(self.stream)
    }

    /// - Parameter body: takes what comes of the bytes, piece by piece.
    func append(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) throws {
        var place = 0
        while !self.isAtEnd {
            var (used, made, result) = (0, 0, 0 as Int32)
            let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.step) { buffer, count in
                unsafe bytes[place...].withUnsafeBufferPointer { input in
                    result = unsafe heddle_inflate(
                        self.stream,
                        input.baseAddress,
                        input.count,
                        &used,
                        buffer.baseAddress,
                        Self.step,
                        &made
                    )
                }
                count = made
            }
            guard result >= 0 else { throw TFileFailure("a compressed block of the aggregated log file is damaged") }
            self.isAtEnd = result == 1
            if !piece.isEmpty { try body(piece) }
            place += used
            if place == bytes.count, made < Self.step { return }
        }
    }
}
