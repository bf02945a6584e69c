/// How far this machine's clock is from a store's, where that is too far: S3 believes no signature whose time is more than 15
/// minutes from its own (RequestTimeTooSkewed).
struct ClockSkew: Sendable, Hashable, CustomStringConvertible {
    private let seconds: Int64

    private static let maximum: Int64 = 15 * 60

    /// Both in seconds since 1970.
    /// - Returns: nil for clocks that are near enough.
    init?(here: Int64, there: Int64) {
        let (difference, overflow) = here.subtractingReportingOverflow(there)
        guard !overflow, abs(difference) > Self.maximum else { return nil }
        self.seconds = difference
    }

    var description: String {
        let amount = abs(self.seconds)
        let text =
            switch amount {
            case ..<7_200: "\(amount / 60) minutes"
            case ..<172_800: "\(amount / 3_600) hours"
            default: "\(amount / 86_400) days"
            }
        let direction = self.seconds > 0 ? "ahead of" : "behind"
        return "this machine's clock is \(text) \(direction) the server's: set one of them right"
    }
}
