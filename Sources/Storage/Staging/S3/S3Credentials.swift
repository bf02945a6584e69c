import FoundationEssentials
import Synchronization

/// Finds the keys that a bucket's requests are signed with: those of the configuration, of the environment, of a role for a web
/// identity (IRSA of EKS), of the container (ECS, EKS Pod Identity) or of the machine (EC2's metadata service, version 2), in this
/// order. The last three are kept until shortly before they end.
final class S3Credentials: Sendable {
    private struct RoleAnswer: Decodable {
        // The names are AWS's.
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String
        var Expiration: String
    }

    private struct Kept {
        var keys: MachineKeys?
        /// Of the keys that a store last called expired before their time.
        var refused: String?
    }

    private let settings: S3Settings
    private let kept = Mutex(Kept())
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64

    init(_ settings: S3Settings, now: @escaping @Sendable () -> Int64 = { currentMilliseconds() }) {
        self.settings = settings
        self.now = now
    }

    /// - Returns: nil where requests are to go without a signature.
    func keys(of bucket: String, _ calls: HTTPCalls) throws(TransferFailure) -> SigV4.Keys? {
        if self.settings[bucket: bucket].isAnonymous { return nil }
        if let keys = self.stated(for: bucket) { return keys }
        return try self.machineKeys(of: bucket, calls)
    }

    /// Those that somebody wrote down.
    private func stated(for bucket: String) -> SigV4.Keys? {
        let settings = self.settings[bucket: bucket]
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
        return nil
    }

    /// A store says that the keys have ended, whatever was promised.
    /// - Returns: whether others are asked for with the next request: once for the same keys, and only where a service has them.
    func renews(for bucket: String) -> Bool {
        guard !self.settings[bucket: bucket].isAnonymous, self.stated(for: bucket) == nil else { return false }
        return self.kept.withLock { kept in
            guard let access = kept.keys?.keys.access, access != kept.refused else { return false }
            kept = Kept(keys: nil, refused: access)
            return true
        }
    }

    private func machineKeys(of bucket: String, _ calls: HTTPCalls) throws(TransferFailure) -> SigV4.Keys {
        let now = self.now() / 1000
        let (known, isDue) = self.kept.withLock { kept -> (MachineKeys?, isDue: Bool) in
            guard let known = kept.keys, known.isGood(at: now) else { return (nil, true) }
            guard known.isDue(at: now) else { return (known, false) }
            // Others go on with the old ones while this one asks.
            kept.keys?.postpone(at: now)
            return (known, true)
        }
        if let known, !isDue { return known.keys }
        do throws(TransferFailure) {
            let (keys, expires) = try self.ask(calls)
            self.kept.withLock { $0.keys = MachineKeys(keys, expires: expires, at: now) }
            return keys
        } catch {
            if error == .cancelled { throw error }
            if let known { return known.keys }
            throw self.missing(bucket, error)
        }
    }

    private func missing(_ bucket: String, _ reason: TransferFailure) -> TransferFailure {
        TransferFailure(
            "Bucket \(bucket) cannot be reached: there are no credentials in fs.s3a.access.key and fs.s3a.secret.key, "
                + "nor in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and the machine has none (\(reason))"
        )
    }

    // MARK: - Services

    private func ask(_ calls: HTTPCalls) throws(TransferFailure) -> (keys: SigV4.Keys, expires: Int64) {
        if let identity = try WebIdentity(self.settings.environment, region: self.settings.common.region) {
            return try identity.ask(calls)
        }
        var calls = calls
        // Off AWS nobody answers: that must not cost a job its patience.
        calls.settings.connectTimeout = .seconds(2)
        calls.settings.totalTimeout = .seconds(5)
        calls.settings.attemptsMaximum = min(2, calls.settings.attemptsMaximum)
        calls.settings.proxy = ""
        calls.settings.noProxy = "*"
        if let container = try ContainerCredentials(self.settings.environment) {
            let name = "the container's credentials service"
            let text = try self.get(name, container.address, headers: container.headers, calls)
            return try Self.read(text, name)
        }
        guard let endpoint = self.settings.metadataEndpoint else {
            throw TransferFailure(
                "heddle.transfer.ec2-metadata-endpoint is none, and neither AWS_WEB_IDENTITY_TOKEN_FILE nor "
                    + "AWS_CONTAINER_CREDENTIALS_* is set"
            )
        }
        return try self.askMachine(endpoint, calls)
    }

    private func askMachine(
        _ endpoint: String,
        _ calls: HTTPCalls
    ) throws(TransferFailure) -> (keys: SigV4.Keys, expires: Int64) {
        let name = "EC2's metadata service"
        let token = try self.get(
            name,
            endpoint + "/latest/api/token",
            .put,
            headers: [HTTPRequest.Header(name: "X-aws-ec2-metadata-token-ttl-seconds", value: "21600")],
            calls
        )
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw TransferFailure("\(name) answered with no token")
        }
        let headers = [HTTPRequest.Header(name: "X-aws-ec2-metadata-token", value: token)]
        let folder = endpoint + "/latest/meta-data/iam/security-credentials/"
        let role =
            try self.get(name, folder, headers: headers, calls).split(separator: "\n").first.map(String.init) ?? ""
        return try Self.read(
            try self.get(name, folder + URIText.encoded(role), headers: headers, calls),
            "\(name) for role \"\(role)\""
        )
    }

    private func get(
        _ service: String,
        _ address: String,
        _ method: HTTPRequest.Method = .get,
        headers: [HTTPRequest.Header],
        _ calls: HTTPCalls
    ) throws(TransferFailure) -> String {
        let body = try calls.call(
            service,
            failure: {
                TransferFailure(
                    "\(service) answered \($0.head.text) to \(address)",
                    isTransient: $0.head.isTransient
                )
            },
            request: {
                HTTPRequest(method: method, url: address, secretHeaders: headers, followsRedirects: false)
            }
        ).body
        return String(decoding: body, as: UTF8.self)
    }

    private static func read(
        _ text: String,
        _ service: String
    ) throws(TransferFailure) -> (keys: SigV4.Keys, expires: Int64) {
        guard let answer = try? JSONDecoder().decode(RoleAnswer.self, from: Data(text.utf8)),
            let expires = AWSText.seconds(answer.Expiration)
        else { throw TransferFailure("\(service) has no credentials") }
        return (
            SigV4.Keys(access: answer.AccessKeyId, secret: answer.SecretAccessKey, sessionToken: answer.Token),
            expires
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
