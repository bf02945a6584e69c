import Synchronization
import TestSupport
import Testing

@testable import Staging

/// Keys that EC2's metadata service gives a machine, and when they are fetched again: its time is the test's.
@Suite(.timeLimit(.minutes(1))) struct MachineKeysTests {
    private let folder: TestFolder
    /// Milliseconds since 1970: 2026-01-01.
    private static let start: Int64 = 1_767_225_600_000

    init() throws {
        self.folder = try TestFolder()
    }

    /// A metadata service that also is the bucket, and says whose signature it saw.
    private final class Machine: Sendable {
        struct State {
            var minute = 0
            var role = "ONE"
            /// When the role's keys end, in minutes.
            var expires = 60
            var isUp = true
            var asked = 0
            var signed: [String] = []
            /// Keys that the store takes for ended, and what it answers then.
            var ended: Set<String> = []
            var refusal = Bucket.refusal("400 Bad Request", "ExpiredToken")

            /// What the token service was asked.
            var forms: [String] = []

            private var time: String {
                let (hours, minutes) = (self.expires / 60, self.expires % 60)
                return "2026-01-01T0\(hours):\(minutes < 10 ? "0" : "")\(minutes):00Z"
            }

            var credentials: [UInt8] {
                let text =
                    #"{"AccessKeyId":"\#(self.role)","SecretAccessKey":"s","Token":"t","Expiration":"\#(self.time)"}"#
                return Array(text.utf8)
            }

            var assumed: [UInt8] {
                let keys =
                    "<AccessKeyId>\(self.role)</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                let result = "<Credentials>\(keys)<Expiration>\(self.time)</Expiration></Credentials>"
                let name = "AssumeRoleWithWebIdentityRes"
                return Array("<\(name)ponse><\(name)ult>\(result)</\(name)ult></\(name)ponse>".utf8)
            }
        }

        let state = Mutex(State())

        func answer(_ request: LoopbackServer.Request) -> [UInt8] {
            self.state.withLock { state in
                let path = request.path
                if path.hasPrefix("/jobs/") {
                    let key = request.head.split(separator: "Credential=").dropFirst().first?.prefix { $0 != "/" }
                    state.signed.append(String(key ?? "none"))
                    return state.ended.contains(String(key ?? "none")) ? state.refusal : LoopbackServer.ok([1])
                }
                if path == "/container?id=7" {
                    guard request.head.contains("Authorization: pod token\r\n") else {
                        return LoopbackServer.response("401 Unauthorized")
                    }
                    return LoopbackServer.ok(state.credentials)
                }
                if path == "/sts" {
                    state.forms.append(String(decoding: request.body, as: UTF8.self))
                    guard state.isUp else {
                        let text = "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>"
                        return LoopbackServer.response("400 Bad Request", body: Array(text.utf8))
                    }
                    return LoopbackServer.ok(state.assumed)
                }
                guard state.isUp else { return LoopbackServer.response("500 Down") }
                if path == "/latest/api/token" {
                    let asks = request.head.hasPrefix("PUT ") && request.head.contains("token-ttl-seconds: 21600")
                    state.asked += 1
                    return asks ? LoopbackServer.ok(Array("TOKEN".utf8)) : LoopbackServer.response("400 Bad")
                }
                guard request.head.contains("X-aws-ec2-metadata-token: TOKEN") else {
                    return LoopbackServer.response("401 Unauthorized")
                }
                guard path.hasSuffix("/node") else { return LoopbackServer.ok(Array("node".utf8)) }
                return LoopbackServer.ok(state.credentials)
            }
        }
    }

    /// Whoever fetches the object again and again.
    private final class Reader {
        private let machine: Machine
        private let server: LoopbackServer
        private let transfers: Transfers
        private let target: String

        init(_ machine: Machine, target: String, _ change: (inout S3Settings) -> Void = { _ in }) throws {
            self.machine = machine
            self.target = target
            self.server = try LoopbackServer { machine.answer($0) }
            var settings = TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
            settings.s3.common.endpoint = "http://127.0.0.1:\(self.server.port)"
            settings.s3.common.usesPathStyle = true
            settings.s3.metadataEndpoint = settings.s3.common.endpoint
            change(&settings.s3)
            var transfers = Transfers(settings: settings, loop: TransferLoop(), chance: { 0 })
            transfers.credentials = S3Credentials(settings.s3) {
                MachineKeysTests.start + Int64(machine.state.withLock { $0.minute }) * 60_000
            }
            self.transfers = transfers
        }

        deinit { self.server.close() }

        /// - Returns: whose keys the request was signed with.
        func fetch(at minute: Int) throws -> String? {
            self.machine.state.withLock { $0.minute = minute }
            try self.transfers.download(ResourceLocation(scheme: "s3a", host: "jobs", path: "/x"), to: self.target)
            return self.machine.state.withLock { $0.signed.last }
        }
    }

    @Test func `they are asked for with a token, and kept until five minutes before their end`() throws {
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t")
        for minute in [0, 1, 54] { #expect(try reader.fetch(at: minute) == "ONE") }
        #expect(machine.state.withLock { $0.asked } == 1)
        machine.state.withLock {
            $0.role = "TWO"
            $0.expires = 120
        }
        for minute in [55, 56, 60, 114] { #expect(try reader.fetch(at: minute) == "TWO") }
        #expect(machine.state.withLock { $0.asked } == 2)
    }

    @Test func `while there are no newer ones those that are still good are used`() throws {
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t")
        #expect(try reader.fetch(at: 0) == "ONE")
        // The service is late: asked now and then, not for every object.
        for _ in 0..<5 { #expect(try reader.fetch(at: 56) == "ONE") }
        #expect(machine.state.withLock { $0.asked } == 2)
        machine.state.withLock { $0.isUp = false }
        #expect(try reader.fetch(at: 58) == "ONE")
        // They have ended: nothing is signed with them.
        let failure = #expect(throws: TransferFailure.self) { try reader.fetch(at: 60) }
        #expect(failure?.description.contains("EC2's metadata service answered 500 Down") == true)
        machine.state.withLock {
            $0.isUp = true
            $0.role = "TWO"
            $0.expires = 120
        }
        #expect(try reader.fetch(at: 60) == "TWO")
    }

    /// What a HEAD is refused with has no body that could say so.
    @Test(arguments: [
        Bucket.refusal("400 Bad Request", "ExpiredToken"),
        LoopbackServer.response("400 Bad Request", ["Content-Length: 0"]),
    ]) func `keys that have ended before their time are asked for again, once`(refusal: [UInt8]) throws {
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t")
        #expect(try reader.fetch(at: 0) == "ONE")
        machine.state.withLock {
            $0.ended = ["ONE"]
            $0.refusal = refusal
            $0.role = "TWO"
        }
        #expect(try reader.fetch(at: 1) == "TWO")
        #expect(machine.state.withLock { $0.asked } == 2)
        machine.state.withLock { $0.ended = ["ONE", "TWO"] }
        for minute in [2, 3] {
            let failure = #expect(throws: TransferFailure.self) { try reader.fetch(at: minute) }
            #expect(failure?.description.contains("400 Bad Request") == true, "\(failure as Any)")
        }
        #expect(machine.state.withLock { $0.asked } == 3)
    }

    @Test func `keys that somebody wrote down are not asked for again`() throws {
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t") {
            $0.common.accessKey = "MINE"
            $0.common.secretKey = "s"
        }
        machine.state.withLock { $0.ended = ["MINE"] }
        let failure = #expect(throws: TransferFailure.self) { try reader.fetch(at: 0) }
        #expect(failure?.description.contains("ExpiredToken (of the test)") == true, "\(failure as Any)")
        #expect(machine.state.withLock { ($0.asked, $0.signed.count) } == (0, 1))
    }

    @Test func `a container's service is asked before the machine's, with the token of a file`() throws {
        let token = try self.folder.write("token", Array("pod token\n".utf8))
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t") {
            $0.environment = [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\($0.metadataEndpoint ?? "")/container?id=7",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "another",
            ]
        }
        #expect(try reader.fetch(at: 0) == "ONE")
        machine.state.withLock {
            $0.role = "TWO"
            $0.expires = 120
        }
        #expect(try reader.fetch(at: 56) == "TWO")
        #expect(machine.state.withLock { $0.asked } == 0)
    }

    @Test func `the token of a container goes only where nobody else hears it`() throws {
        let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        func address(_ environment: [String: String]) throws -> String? {
            try ContainerCredentials(environment)?.address
        }
        #expect(try address([:]) == nil)
        #expect(
            try address(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x", full: "https://other/"])
                == "http://169.254.170.2/v2/x"
        )
        for good in [
            "https://keys.example/x", "https://keys.example", "http://127.0.0.1:80/x", "http://[::1]:80/x",
            "http://localhost/x",
            "http://169.254.170.23/v1/credentials", "http://[fd00:ec2::23]/v1/credentials",
        ] {
            #expect(try address([full: good]) == good)
        }
        for bad in [
            "http://keys.example/x", "http://127.0.0.1.example/x", "http://127.0.0.300/", "ftp://127.0.0.1/", "x",
            "http://127.0.0.1@keys.example/", "http://localhost:80@keys.example/", "http://localhost#@keys.example/",
        ] {
            #expect(throws: TransferFailure.self) { try address([full: bad]) }
        }
        let missing = [full: "https://x/", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "\(self.folder.path)/none"]
        #expect(throws: TransferFailure.self) { try address(missing) }
    }

    @Test func `a web identity's token is given for the keys of its role, and read again when they end`() throws {
        let token = try self.folder.write("token", Array("first.token\n".utf8))
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t") {
            let endpoint = $0.metadataEndpoint ?? ""
            $0.environment = [
                "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
                "AWS_ROLE_SESSION_NAME": "pod",
                "AWS_ENDPOINT_URL_STS": "\(endpoint)/sts",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(endpoint)/container?id=7",
            ]
        }
        #expect(try reader.fetch(at: 0) == "ONE")
        try self.folder.write("token", Array("second.token".utf8))
        machine.state.withLock {
            $0.role = "TWO"
            $0.expires = 120
        }
        #expect(try reader.fetch(at: 56) == "TWO")
        let form = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
        #expect(
            machine.state.withLock { $0.forms }
                == ["first", "second"].map { "\(form)&RoleSessionName=pod&WebIdentityToken=\($0).token" }
        )
        machine.state.withLock { $0.isUp = false }
        let failure = #expect(throws: TransferFailure.self) { try reader.fetch(at: 120) }
        #expect(
            failure?.description.contains("400 Bad Request for arn:aws:iam::1:role/r: ExpiredTokenException") == true
        )
        let file = "AWS_WEB_IDENTITY_TOKEN_FILE"
        #expect(try WebIdentity([file: ""], region: nil) == nil)
        #expect(throws: TransferFailure.self) { try WebIdentity([file: token], region: nil) }
        let plain = [file: token, "AWS_ROLE_ARN": "r", "AWS_ENDPOINT_URL_STS": "http://sts.example/"]
        #expect(throws: TransferFailure.self) { try WebIdentity(plain, region: nil) }
    }

    @Test func `who has no keys is told where they were looked for`() throws {
        let machine = Machine()
        let reader = try Reader(machine, target: "\(self.folder.path)/t") {
            $0.metadataEndpoint = nil
        }
        let failure = #expect(throws: TransferFailure.self) { try reader.fetch(at: 0) }
        for word in [
            "fs.s3a.access.key", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_*",
            "heddle.transfer.ec2-metadata-endpoint",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
        ] {
            #expect(failure?.description.contains(word) == true, "\(failure as Any)")
        }
    }
}
