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
        }

        let state = Mutex(State())

        func answer(_ request: LoopbackServer.Request) -> [UInt8] {
            self.state.withLock { state in
                let path = request.path
                if path.hasPrefix("/jobs/") {
                    let key = request.head.split(separator: "Credential=").dropFirst().first?.prefix { $0 != "/" }
                    state.signed.append(String(key ?? "none"))
                    return LoopbackServer.ok([1])
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
                let (hours, minutes) = (state.expires / 60, state.expires % 60)
                let time = "2026-01-01T0\(hours):\(minutes < 10 ? "0" : "")\(minutes):00Z"
                let text =
                    #"{"AccessKeyId":"\#(state.role)","SecretAccessKey":"s","Token":"t","Expiration":"\#(time)"}"#
                return LoopbackServer.ok(Array(text.utf8))
            }
        }
    }

    /// Whoever fetches the object again and again.
    private final class Reader {
        private let machine: Machine
        private let server: LoopbackServer
        private let transfers: Transfers
        private let target: String

        init(_ machine: Machine, target: String) throws {
            self.machine = machine
            self.target = target
            self.server = try LoopbackServer { machine.answer($0) }
            var settings = TransferSettings(attemptsMaximum: 2, firstPause: .milliseconds(1))
            settings.s3.common.endpoint = "http://127.0.0.1:\(self.server.port)"
            settings.s3.common.usesPathStyle = true
            settings.s3.metadataEndpoint = settings.s3.common.endpoint
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
}
