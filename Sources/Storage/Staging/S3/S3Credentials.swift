import FoundationEssentials
import Synchronization

/// Finds the keys that a bucket's requests are signed with: those of the configuration, of the environment, or of the
/// machine (EC2's metadata service, version 2), in this order. Those of the machine are kept until shortly before they end.
final class S3Credentials: Sendable {
    private struct Kept {
        var keys: SigV4.Keys
        /// Seconds since 1970.
        var expires: Int64
    }

    private struct RoleAnswer: Decodable {
        // The names are EC2's.
        var AccessKeyId: String
        var SecretAccessKey: String
        var Token: String
        var Expiration: String
    }

    private let settings: S3Settings
    private let kept = Mutex<Kept?>(nil)

    /// Seconds before the end of temporary keys when new ones are fetched.
    private static let margin: Int64 = 300

    init(_ settings: S3Settings) {
        self.settings = settings
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
        let now = currentMilliseconds() / 1000
        if let kept = self.kept.withLock({ $0 }), kept.expires - Self.margin > now { return kept.keys }
        guard let endpoint = self.settings.metadataEndpoint else { throw Self.missing(bucket, nil) }
        do throws(TransferFailure) {
            let fresh = try self.ask(endpoint, calls)
            self.kept.withLock { $0 = fresh }
            return fresh.keys
        } catch {
            if error == .cancelled { throw error }
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

    private func ask(_ endpoint: String, _ calls: HTTPCalls) throws(TransferFailure) -> Kept {
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
        return Kept(
            keys: SigV4.Keys(access: answer.AccessKeyId, secret: answer.SecretAccessKey, sessionToken: answer.Token),
            expires: Int64(expires.timeIntervalSince1970)
        )
    }
}
