/// The checksum of a file that is still being written, taken of what is there from its beginning on, against those that its
/// server stated: when the last byte comes little is left to do.
struct GrowingDigest: Sendable {
    private var running: RunningDigest
    private var position: Int64 = 0
    private let descriptor: Int32
    private let location: ResourceLocation

    /// What is taken at a time, in bytes: the rest waits for more.
    static let pieceBytes: Int64 = 4 << 20

    /// - Parameters:
    ///   - descriptor: where the bytes are written to, open for reading.
    ///   - location: what failures name.
    /// - Returns: nil where nothing was stated.
    init?(_ stated: [StatedDigest], of descriptor: Int32, from location: ResourceLocation) {
        guard let running = RunningDigest(stated) else { return nil }
        self.running = running
        self.descriptor = descriptor
        self.location = location
    }

    /// Takes one piece more, if there is one.
    /// - Parameter frontier: how far the file is written, for good.
    /// - Returns: false when there is none.
    mutating func advance(to frontier: Int64) throws(TransferFailure) -> Bool {
        guard frontier - self.position >= Self.pieceBytes else { return false }
        try self.take(Self.pieceBytes)
        return true
    }

    /// Takes what is left of the whole file.
    mutating func check(upTo size: Int64, _ cancellation: Cancellation) throws(TransferFailure) {
        while self.position < size {
            if cancellation.isCancelled { throw .cancelled }
            try self.take(min(size - self.position, Self.pieceBytes))
        }
        try self.running.check(self.location)
    }

    private mutating func take(_ count: Int64) throws(TransferFailure) {
        let range = self.position..<self.position + count
        do throws(SystemError) {
            try unsafe FileReading.each(self.descriptor, range) { unsafe self.running.add($0) }
        } catch {
            throw TransferFailure("Resource \(self.location): \(error)")
        }
        self.position = range.upperBound
    }
}
