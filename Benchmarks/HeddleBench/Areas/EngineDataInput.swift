import BenchmarkInput
import Heddle

/// What the data layer is measured with: the same in every run.
enum EngineDataInput {
    struct Row: Codable, Sendable {
        var carrier: String
        var delay: Double
        var month: Int
        var distance: Int
    }

    static func numbers(_ count: Int, below bound: Int) -> [Int] {
        var chance = BenchmarkChance()
        return (0..<count).map { _ in Int(truncatingIfNeeded: chance.next() >> 1) % bound }
    }

    /// Ten printable bytes, as the keys of sort benchmarks are.
    static func key(of number: Int) -> Text {
        var rest = UInt64(bitPattern: Int64(number))
        return Text(
            (0..<10).map { _ in
                defer { rest /= 61 }
                return UInt8(ascii: "0") + UInt8(rest % 61)
            }
        )
    }

    /// The text of `ZipfText`, as much as that.
    static func zipfText(bytes: Int) -> TextBuffer {
        var text = ZipfText()
        var content: [UInt8] = []
        content.reserveCapacity(bytes + 100)
        text.append(to: &content, until: bytes)
        return TextBuffer(copying: content)
    }
}
