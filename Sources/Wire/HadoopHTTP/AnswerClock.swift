#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The time as answers state it, made once a second.
struct AnswerClock {
    private var second = Int.min
    private var made = ""

    /// `Date` (RFC 9110, 6.6.1).
    var text: String {
        mutating get {
            var now = timespec()
            unsafe clock_gettime(CLOCK_REALTIME_COARSE, &now)
            if now.tv_sec != self.second {
                self.second = now.tv_sec
                self.made = CalendarTime(milliseconds: Int64(now.tv_sec) * 1_000).httpText
            }
            return self.made
        }
    }
}
