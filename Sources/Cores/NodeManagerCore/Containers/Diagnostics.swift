package import ClusterModel

/// A container's story in pieces, each with its time; of a story that grows too long the beginning goes.
package struct Diagnostics: Sendable, Equatable {
    package private(set) var text: String
    private let maximumBytes: Int

    package init(maximumBytes: Int, text: String = "") {
        self.maximumBytes = maximumBytes
        self.text = text
    }

    /// Adds a piece; ends with a newline.
    package mutating func append(_ piece: String, at now: Timestamp) {
        self.text += "[\(now.calendarText)]\(piece)"
        if !piece.hasSuffix("\n") { self.text += "\n" }
        guard self.text.utf8.count > self.maximumBytes else { return }
        self.text = String(decoding: utf8Tail(of: Array(self.text.utf8), count: self.maximumBytes), as: UTF8.self)
    }
}

/// The last bytes, but not from the middle of a character.
func utf8Tail(of bytes: [UInt8], count: Int) -> ArraySlice<UInt8> {
    var tail = bytes.suffix(max(count, 0))
    while let first = tail.first, first & 0xC0 == 0x80 { tail = tail.dropFirst() }
    return tail
}

extension Timestamp {
    /// `yyyy-MM-dd HH:mm:ss.SSS` in UTC.
    package var calendarText: String {
        let millisecondsOfDay = Self.positiveRemainder(self.milliseconds, 86_400_000)
        let day = (self.milliseconds - millisecondsOfDay) / 86_400_000
        let date = Self.calendarDay(day: day)
        let seconds = millisecondsOfDay / 1_000
        return "\(date.year)-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
            + " \(Self.padded(seconds / 3_600, 2)):\(Self.padded(seconds / 60 % 60, 2)):\(Self.padded(seconds % 60, 2))"
            + ".\(Self.padded(millisecondsOfDay % 1_000, 3))"
    }

    private static func positiveRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    /// Gregorian date of a day counted from 1 January 1970; years begin in March inside, so that leap days come last.
    private static func calendarDay(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let dayOfEra = Self.positiveRemainder(shifted, 146_097)
        let era = (shifted - dayOfEra) / 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
