/// A moment as a calendar shows it in UTC, and the texts that Hadoop writes moments in.
package struct CalendarTime: Sendable {
    package var year: Int64
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var millisecond: Int
    /// 0 is Sunday.
    package var weekday: Int

    /// - Parameter milliseconds: since 1 January 1970 UTC.
    package init(milliseconds: Int64) {
        let days = Self.floorDivide(milliseconds, 86_400_000)
        let inDay = Int(milliseconds - days * 86_400_000)
        self.hour = inDay / 3_600_000
        self.minute = inDay / 60_000 % 60
        self.second = inDay / 1_000 % 60
        self.millisecond = inDay % 1_000
        self.weekday = Int(days + 4 - Self.floorDivide(days + 4, 7) * 7)
        // Days counted from 1 March of year 0 put the leap day last, so that months need no table.
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        self.month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private var weekdayName: String { Self.weekdays[self.weekday] }
    private var monthName: String { Self.months[self.month - 1] }
    private var date: String { "\(padded(Int(self.year), 4))-\(padded(self.month, 2))-\(padded(self.day, 2))" }
    private var clock: String { "\(padded(self.hour, 2)):\(padded(self.minute, 2)):\(padded(self.second, 2))" }

    /// `Mon, 23 Nov 2026 14:42:18 GMT`, the form of HTTP's header fields.
    package var httpText: String {
        "\(self.weekdayName), \(padded(self.day, 2)) \(self.monthName) \(self.year) \(self.clock) GMT"
    }

    /// `2026-11-23 14:42:18`, the form of the pages: it sorts, and a column of it is narrow.
    package var pageText: String { "\(self.date) \(self.clock)" }

    /// `Mon Nov 23 14:42:18 +0000 2026`, the form of the REST interface's log listings.
    package var logText: String {
        "\(self.weekdayName) \(self.monthName) \(padded(self.day, 2)) \(self.clock) +0000 \(self.year)"
    }

    /// `2026-11-23T14:42:18.000+0000`, the form of applications' timeouts.
    package var isoText: String { "\(self.date)T\(self.clock).\(padded(self.millisecond, 3))+0000" }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
