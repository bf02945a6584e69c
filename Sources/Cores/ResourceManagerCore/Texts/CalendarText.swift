import ClusterModel

extension Timestamp {
    /// The time as YARN writes it before a diagnostic, in UTC: `Mon Nov 23 17:10:19 +0000 2026`.
    var calendarText: String {
        let seconds = Self.floorDivide(self.milliseconds, 1000)
        let days = Self.floorDivide(seconds, 86_400)
        let second = seconds - days * 86_400
        let (year, month, day) = Self.date(days)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((days % 7) + 7) % 7)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [second / 3600, second / 60 % 60, second % 60].map(Self.twoDigits).joined(separator: ":")
        return "\(weekday) \(months[month - 1]) \(Self.twoDigits(Int64(day))) \(clock) +0000 \(year)"
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }

    /// The Gregorian date of a day counted from 1 January 1970. Years are taken to begin in March, so that the leap day
    /// is their last, and 400 of them always have 146,097 days.
    private static func date(_ day: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, Int(month), Int(dayOfMonth))
    }
}
