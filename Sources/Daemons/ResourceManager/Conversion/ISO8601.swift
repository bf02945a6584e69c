import ClusterModel

/// Dates as timeouts carry them: `2026-11-23T17:09:56.000+0000`.
enum ISO8601 {
    /// - Returns: nil unless `text` is a date and a time with a zone (`Z`, `+0100` or `+01:00`); milliseconds may be left
    ///   out.
    static func timestamp(_ text: String) -> Timestamp? {
        var rest = Substring(text)
        guard let year = self.number(&rest, digits: 4), self.skip("-", &rest),
            let month = self.number(&rest, digits: 2), (1...12).contains(month), self.skip("-", &rest),
            let day = self.number(&rest, digits: 2), (1...31).contains(day), self.skip("T", &rest),
            let hour = self.number(&rest, digits: 2), hour < 24, self.skip(":", &rest),
            let minute = self.number(&rest, digits: 2), minute < 60, self.skip(":", &rest),
            let second = self.number(&rest, digits: 2), second < 61
        else { return nil }
        var milliseconds: Int64 = 0
        if self.skip(".", &rest) {
            guard let fraction = self.number(&rest, digits: 3) else { return nil }
            milliseconds = fraction
        }
        guard let offset = self.zone(&rest), rest.isEmpty else { return nil }
        let seconds = self.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Timestamp(milliseconds: seconds * 1000 + milliseconds)
    }

    /// In UTC, with milliseconds.
    static func text(_ timestamp: Timestamp) -> String {
        let (days, inDay) = self.floorDivide(timestamp.milliseconds, 86_400_000)
        let (year, month, day) = self.date(days)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let time =
            "\(padded(inDay / 3_600_000, 2)):\(padded(inDay / 60_000 % 60, 2)):\(padded(inDay / 1000 % 60, 2))"
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(time).\(padded(inDay % 1000, 3))+0000"
    }

    private static func number(_ text: inout Substring, digits: Int) -> Int64? {
        let part = text.prefix(digits)
        guard part.count == digits, part.allSatisfy(\.isASCII), part.allSatisfy(\.isNumber) else { return nil }
        text = text.dropFirst(digits)
        return Int64(part)
    }

    private static func skip(_ character: Character, _ text: inout Substring) -> Bool {
        guard text.first == character else { return false }
        text = text.dropFirst()
        return true
    }

    /// Seconds east of Greenwich.
    private static func zone(_ text: inout Substring) -> Int64? {
        if self.skip("Z", &text) { return 0 }
        let sign: Int64 = text.first == "-" ? -1 : 1
        guard self.skip("+", &text) || self.skip("-", &text), let hours = self.number(&text, digits: 2) else {
            return nil
        }
        _ = self.skip(":", &text)
        guard let minutes = self.number(&text, digits: 2) else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let remainder = value % by
        return remainder < 0 ? (value / by - 1, remainder + by) : (value / by, remainder)
    }

    /// Days since 1 January 1970 of a date in the Gregorian calendar. Years begin in March here, so that the leap day is
    /// a year's last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = self.floorDivide(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = self.floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
