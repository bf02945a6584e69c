/// A partition as another executor sent it: in memory, compressed, where it came in one answer, else in a file.
struct FetchedPartition {
    private enum Form {
        case answer(OutputBundle.Part)
        case file(FileSegment)
    }

    private let form: Form
    /// What its elements are in binary form, in bytes.
    let rawBytes: Int64

    /// How much is asked for at a time, in bytes.
    static let answerBytes: Int64 = 4 << 20

    /// - Parameters:
    ///   - places: where it lies if it is large.
    ///   - ask: fetches what follows that many frames.
    /// - Throws: what `ask` throws; `FrameDamage` and `FileFailure`.
    init(_ places: BlockPlaces, _ settings: MemorySettings, _ ask: (_ frame: Int) throws -> OutputBundle) throws {
        var bundle = try ask(0)
        var rawBytes = bundle.rawBytes
        guard var part = bundle.parts[0] else { throw FrameDamage.cut }
        if part.isWhole {
            self.form = .answer(part)
            self.rawBytes = rawBytes
            return
        }
        let file = try FileSegment(places, settings) { take in
            var count = 0
            while true {
                for frame in part.frames { try take(frame.open()) }
                count += part.frames.count
                if part.isWhole { return }
                guard !part.frames.isEmpty else { throw FrameDamage.cut }
                bundle = try ask(count)
                rawBytes += bundle.rawBytes
                guard let next = bundle.parts[0] else { throw FrameDamage.cut }
                part = next
            }
        }
        self.form = .file(file)
        self.rawBytes = rawBytes
    }

    /// Goes through its frames.
    func frames() -> () throws -> TextBuffer? {
        switch self.form {
        case .file(let file): return file.frames()
        case .answer(let part):
            var rest = part.frames
            return { try rest.popFirst()?.open() }
        }
    }

    /// It as a file.
    func file(_ places: BlockPlaces, _ settings: MemorySettings) throws -> FileSegment {
        if case .file(let file) = self.form { return file }
        let next = self.frames()
        return try FileSegment(places, settings) { take in
            while let frame = try next() { try take(frame) }
        }
    }
}
