/// One line that says how far a transfer is, as long as a terminal is wide.
package enum ProgressLine {
    /// Columns that a bar needs to say anything.
    private static let barMinimum = 10

    /// - Parameters:
    ///   - name: of the file; what a terminal would take for a command is not shown.
    ///   - total: bytes in all; nil while nobody has said.
    ///   - elapsed: since the transfer began.
    ///   - width: columns of the terminal.
    package static func text(name: String, done: Int64, total: Int64?, elapsed: Duration, width: Int) -> String {
        let rate = Self.rate(done, elapsed)
        var facts = Self.size(done)
        var share: Double?
        if let total {
            let part = total > 0 ? min(max(Double(done) / Double(total), 0), 1) : 1
            facts = "\(Self.column("\(Int(part * 100))%", 4)) \(facts)"
            if let rate, rate > 0, done < total {
                facts += " \(Self.size(rate))/s, \(Self.time((total - done) / rate)) left"
            } else if let rate {
                facts += " \(Self.size(rate))/s"
            }
            share = part
        } else if let rate {
            facts += " \(Self.size(rate))/s"
        }
        let nameRoom = max(8, min(width / 3, width - facts.count - 1))
        let shown = Self.shortened(Self.printable(name), to: nameRoom)
        let room = width - shown.count - facts.count - 4
        guard let share, room >= Self.barMinimum else { return String("\(shown) \(facts)".prefix(width)) }
        let filled = Int(Double(room) * share)
        let head = filled < room ? ">" : ""
        let bar = String(repeating: "=", count: filled) + head
        return "\(shown) [\(bar)\(String(repeating: " ", count: room - filled - head.count))] \(facts)"
    }

    /// `1023 B`, `1.5 KiB`, `20.0 GiB`.
    package static func size(_ bytes: Int64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var (value, unit) = (Double(bytes) / 1024, 0)
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB"]
        while value >= 1023.95, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// `0:07`, `12:34`, `1:02:03`.
    package static func time(_ seconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }

    /// Bytes in a second; nil too early to say.
    private static func rate(_ done: Int64, _ elapsed: Duration) -> Int64? {
        let milliseconds = Int64(elapsed / .milliseconds(1))
        guard milliseconds >= 100 else { return nil }
        return Int64(Double(max(done, 0)) * 1000 / Double(milliseconds))
    }

    private static func column(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A name from elsewhere without what a terminal would act on.
    package static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
            )
        )
    }

    private static func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width else { return text }
        let kept = max(0, width - 3)
        return "\(text.prefix(kept - kept / 2))...\(text.suffix(kept / 2))"
    }
}
