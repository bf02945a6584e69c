import BenchmarkInput
import Foundation

/// What the jobs read; the same bytes in every run.
enum BenchmarkData {
    private static let pieceBytes = 4 << 20

    /// - Parameters:
    ///   - kind: `text` or `records`.
    ///   - count: bytes of text, or records.
    static func make(_ kind: String, count: Int, at path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try kind == "text" ? self.makeText(count, file) : self.makeRecords(count, file)
        try file.close()
    }

    private static func makeText(_ bytes: Int, _ file: FileHandle) throws {
        var text = ZipfText()
        var left = bytes
        while left > 0 {
            var content: [UInt8] = []
            text.append(to: &content, until: min(left, Self.pieceBytes))
            try file.write(contentsOf: content)
            left -= content.count
        }
    }

    /// 99 printable bytes each, the first ten of them by chance, and the line's end.
    private static func makeRecords(_ count: Int, _ file: FileHandle) throws {
        var chance = BenchmarkChance()
        var content: [UInt8] = []
        for record in 0..<count {
            var key = chance.next()
            for _ in 0..<10 {
                content.append(UInt8(ascii: "!") + UInt8(key % 90))
                key /= 90
            }
            let number = Array("\(record)".utf8)
            content += number
            content += repeatElement(UInt8(ascii: "x"), count: 89 - number.count)
            content.append(UInt8(ascii: "\n"))
            if content.count >= Self.pieceBytes || record == count - 1 {
                try file.write(contentsOf: content)
                content.removeAll(keepingCapacity: true)
            }
        }
    }
}
