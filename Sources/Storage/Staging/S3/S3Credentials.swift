import FoundationEssentials
import Synchronization

/// Finds the keys that a bucket's requests are signed with: those of the configuration, of the environment, or of the
/// machine (EC2's metadata service, version 2), in this order. Those of the machine are kept until shortly before they end.
final class S3Credentials: Sendable {
    private struct RoleAnswer: Decodable {
        // The names are EC2's.
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String
        var Expiration: String
    }

    private let settings: S3Settings
    private let kept = Mutex<MachineKeys?>(nil)
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64

    init(_ settings: S3Settings, now: @escaping @Sendable () -> Int64 = { currentMilliseconds() }) {
        self.settings = settings
        self.now = now
    }

    /// - Returns: nil where requests are to go without a signature.
    func keys(of bucket: String, _ calls: HTTPCalls) throws(TransferFailure) -> SigV4.Keys? {
        let settings = self.settings[bucket: bucket]
        if settings.isAnonymous { return nil }
        if let access = settings.accessKey, let secret = settings.secretKey {
            return SigV4.Keys(access: access, secret: secret, sessionToken: settings.sessionToken)
        }
        let environment = self.settings.environment
        if let access = environment["AWS_ACCESS_KEY_ID"] ?? environment["AWS_ACCESS_KEY"],
            let secret = environment["AWS_SECRET_ACCESS_KEY"] ?? environment["AWS_SECRET_KEY"],
            !access.isEmpty, !secret.isEmpty
        {
            return SigV4.Keys(access: access, secret: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
        }
        return try self.machineKeys(of: bucket, calls)
    }

    private func machineKeys(of bucket: String, _ calls: HTTPCalls) throws(TransferFailure) -> SigV4.Keys {
        let now = self.now() / 1000
        let (known, isDue) = self.kept.withLock { kept -> (MachineKeys?, isDue: Bool) in
            guard let known = kept, known.isGood(at: now) else { return (nil, true) }
            guard known.isDue(at: now) else { return (known, false) }
            // Others go on with the old ones while this one asks.
            kept?.postpone(at: now)
            return (known, true)
        }
        if let known, !isDue { return known.keys }
        guard let endpoint = self.settings.metadataEndpoint else { throw Self.missing(bucket, nil) }
        do throws(TransferFailure) {
            let (keys, expires) = try self.ask(endpoint, calls)
            self.kept.withLock { $0 = MachineKeys(keys, expires: expires, at: now) }
            return keys
        } catch {
            if error == .cancelled { throw error }
            if let known { return known.keys }
            throw Self.missing(bucket, error)
        }
    }

    private static func missing(_ bucket: String, _ reason: TransferFailure?) -> TransferFailure {
        TransferFailure(
            "Bucket \(bucket) cannot be reached: there are no credentials in fs.s3a.access.key and fs.s3a.secret.key, "
                + "nor in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                + (reason.map { ", and the machine has none (\($0))" } ?? "")
        )
    }

    private func ask(
        _ endpoint: String,
        _ calls: HTTPCalls
    ) throws(TransferFailure) -> (keys: SigV4.Keys, expires: Int64) {
        // Off EC2 nobody answers: that must not cost a job its patience.
        var calls = calls
        calls.settings.connectTimeout = .seconds(2)
        calls.settings.attemptsMaximum = min(2, calls.settings.attemptsMaximum)
        calls.settings.proxy = ""
        calls.settings.noProxy = "*"
        func get(_ path: String, _ method: HTTPRequest.Method, _ headers: [HTTPRequest.Header]) throws(TransferFailure)
            -> String
        {
            let body = try calls.call(
                "EC2's metadata service",
                failure: {
                    TransferFailure(
                        "EC2's metadata service answered \($0.head.text) to \(path)",
                        isTransient: $0.head.isTransient
                    )
                },
                request: {
                    HTTPRequest(method: method, url: endpoint + path, secretHeaders: headers, followsRedirects: false)
                }
            ).body
            return String(decoding: body, as: UTF8.self)
        }
        let token = try get(
            "/latest/api/token",
            .put,
            [HTTPRequest.Header(name: "X-aws-ec2-metadata-token-ttl-seconds", value: "21600")]
        )
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw TransferFailure("EC2's metadata service answered with no token")
        }
        let headers = [HTTPRequest.Header(name: "X-aws-ec2-metadata-token", value: token)]
        let folder = "/latest/meta-data/iam/security-credentials/"
        let role = try get(folder, .get, headers).split(separator: "\n").first.map(String.init) ?? ""
        let text = try get(folder + URIText.encoded(role), .get, headers)
        guard let answer = try? JSONDecoder().decode(RoleAnswer.self, from: Data(text.utf8)),
            let expires = try? Date(answer.Expiration, strategy: .iso8601)
        else {
            throw TransferFailure("EC2's metadata service has no credentials for role \"\(role)\"")
        }
        return (
            SigV4.Keys(access: answer.AccessKeyId, secret: answer.SecretAccessKey, sessionToken: answer.Token),
            Int64(expires.timeIntervalSince1970)
        )
    }
}

/// Temporary keys of the machine, and when others are asked for. Times are seconds since 1970.
struct MachineKeys: Hashable, Sendable {
    let keys: SigV4.Keys
    private let expires: Int64
    private var asksAt: Int64

    /// Seconds before the end of keys when new ones are asked for: EC2 has those at the latest five minutes before.
    private static let margin: Int64 = 300
    /// Seconds between two questions while there are no newer ones.
    private static let pause: Int64 = 10

    init(_ keys: SigV4.Keys, expires: Int64, at now: Int64) {
        self.keys = keys
        self.expires = expires
        self.asksAt = max(expires - Self.margin, now + Self.pause)
    }

    func isGood(at now: Int64) -> Bool { now < self.expires }

    func isDue(at now: Int64) -> Bool { now >= self.asksAt }

    /// Somebody asks now.
    mutating func postpone(at now: Int64) { self.asksAt = max(self.asksAt, now + Self.pause) }
}
