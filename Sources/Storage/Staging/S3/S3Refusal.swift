/// Why a store says that it does not do what it was asked for ("Error responses" in Amazon's S3 API reference).
struct S3Refusal: Sendable, Hashable {
    let code: String
    private let message: String

    /// Codes of what passes, whatever status they come with; those of MinIO and Ceph are among them.
    private static let transientCodes: Set = [
        "InternalError", "SlowDown", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable", "RequestTimeout",
        "OperationAborted",
        "ConditionalRequestConflict", "BandwidthLimitExceeded", "Throttling", "ThrottlingException",
        "RequestLimitExceeded",
        "TooManyRequests", "XMinioBackendDown", "XMinioServerNotInitialized",
    ]
    /// Characters of a message that are passed on.
    private static let messageMaximum = 500

    /// nil where the body names no code.
    init?(_ body: [UInt8]) {
        guard let answer = S3Answer(body) else { return nil }
        self.init(answer)
    }

    init?(_ answer: S3Answer) {
        guard let code = answer["Code"] else { return nil }
        self.code = Self.printable(code)
        self.message = Self.printable(answer["Message"] ?? "")
    }

    var isTransient: Bool { Self.transientCodes.contains(self.code) }

    var text: String { "\(self.code) (\(self.message))" }

    /// Adds what is known now to a failure that names the status alone.
    func explain(_ failure: inout TransferFailure) {
        failure.description += ": \(self.text)"
        failure.code = self.code
        if self.isTransient { failure.isTransient = true }
    }

    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }
        return String(String.UnicodeScalarView(scalars.prefix(Self.messageMaximum)))
    }
}
