/// A role whose keys AWS's token service gives for a token in a file, as pods of EKS have it ("Assume role with web identity" in the
/// reference guide of AWS's SDKs). MinIO has such a service, too.
struct WebIdentity: Sendable, Hashable {
    private let address: String
    private let tokenFile: String
    private let role: String
    private let session: String

    private static let fileName = "AWS_WEB_IDENTITY_TOKEN_FILE"

    /// nil where the environment names no such token.
    init?(_ environment: [String: String], region: String?) throws(TransferFailure) {
        guard let file = environment[Self.fileName], !file.isEmpty else { return nil }
        guard let role = environment["AWS_ROLE_ARN"], !role.isEmpty else {
            throw TransferFailure(
                "\(Self.fileName) is set, but AWS_ROLE_ARN is not: set it to the role that the token is for"
            )
        }
        let region = environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? region ?? "us-east-1"
        self.address = environment["AWS_ENDPOINT_URL_STS"] ?? "https://sts.\(region).\(AWSText.domain(of: region))/"
        guard ServiceAddress.mayHear(self.address) else {
            throw TransferFailure("AWS_ENDPOINT_URL_STS is neither https nor an address that only this machine reaches")
        }
        self.tokenFile = file
        self.role = role
        self.session = environment["AWS_ROLE_SESSION_NAME"] ?? "heddle"
    }

    /// The token is read each time, since it is replaced before it ends.
    func ask(_ calls: HTTPCalls) throws(TransferFailure) -> (keys: SigV4.Keys, expires: Int64) {
        let token = try ServiceAddress.token(in: self.tokenFile, named: Self.fileName)
        let words = [
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", self.role),
            ("RoleSessionName", self.session), ("WebIdentityToken", String(token.filter { !$0.isWhitespace })),
        ]
        let form = words.map { "\($0.0)=\(URIText.encoded($0.1))" }.joined(separator: "&")
        let service = "AWS's token service"
        let body = try calls.call(
            service,
            failure: { answer in
                var failure = TransferFailure(
                    "\(service) answered \(answer.head.text) for \(self.role)",
                    isTransient: answer.head.isTransient
                )
                let said = S3Answer(answer.errorBody)
                if let refusal = (said?.all("Error").first ?? said).flatMap({ S3Refusal($0) }) {
                    refusal.explain(&failure)
                }
                return failure
            },
            request: {
                HTTPRequest(
                    method: .post,
                    url: self.address,
                    headers: [HTTPRequest.Header(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                    body: .bytes(Array(form.utf8)),
                    followsRedirects: false
                )
            }
        ).body
        let result = S3Answer(body)?.all("AssumeRoleWithWebIdentityResult").first?.all("Credentials").first
        guard let access = result?["AccessKeyId"], let secret = result?["SecretAccessKey"],
            let session = result?["SessionToken"], let expires = result?["Expiration"].flatMap(AWSText.seconds)
        else { throw TransferFailure("\(service) answered with no credentials for \(self.role)") }
        return (SigV4.Keys(access: access, secret: secret, sessionToken: session), expires)
    }
}
