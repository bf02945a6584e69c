import BenchmarkInput
import Foundation

/// Word count by `BareWords` in two threads.
enum BareLoop {
    /// - Returns: how many words there are, different ones and all.
    static func words(_ path: String) async throws -> String {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        let middle = data.withUnsafeBytes { bytes in
            var place = bytes.count / 2
            while place < bytes.count, bytes[place] > 0x20 { place += 1 }
            return place
        }
        async let first = Self.count(data, 0..<middle)
        let second = await Self.count(data, middle..<data.count)
        let words = await first
        // The second's places lie in the same mapped file.
        words.merge(second)
        return withExtendedLifetime(data) { "\(words.distinct)/\(words.total)" }
    }

    @concurrent
    private static func count(_ data: Data, _ range: Range<Int>) async -> BareWords {
        data.withUnsafeBytes { BareWords(counting: $0, in: range) }
    }
}
