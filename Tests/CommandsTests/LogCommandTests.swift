import ClusterModel
import Testing

@testable import Commands

/// What `heddle logs` reads from its command line, and how it follows logs.
struct LogCommandTests {
    private static let id = "application_1795444560522_0008"
    private static func container(_ number: Int64) -> ContainerID {
        ContainerID(
            attempt: ApplicationAttemptID(
                application: ApplicationID(clusterTimestamp: 1_795_444_560_522, number: 8),
                number: 1
            ),
            epoch: 0,
            sequence: number
        )
    }

    private static func request(_ words: String...) throws -> LogRequest? {
        try LogRequest(try DashedOptions(words, options: LogsCommand.options))
    }

    // MARK: The command line

    @Test
    func `A container alone names its application`() throws {
        let request = try #require(try Self.request("-containerId", "\(Self.container(3))", "-size", "-100"))
        #expect(request.application.description == Self.id)
        #expect(request.selection.containers == ["\(Self.container(3))"])
        #expect(request.selection.part(of: 250) == 150..<250)
        #expect(request.wish == .contents)
        let nothing = try Self.request("-appOwner", "alice")
        #expect(nothing == nil)
    }

    @Test(
        arguments: [
            (["-applicationId", "application_x"], "Invalid ApplicationId specified"),
            (["-containerId", "container_x"], "Invalid ContainerId specified"),
            (
                ["-applicationId", "application_1_0001", "-containerId", "\(container(1))"],
                "does not have the container"
            ),
            (
                ["-applicationId", id, "-show_container_log_info", "-show_application_log_info"],
                "Can only accept one of show_application_log_info/show_container_log_info."
            ),
            (
                ["-applicationId", id, "-log_files", "a", "-log_files_pattern", "b"],
                "Can only accept one of log_files/log_files_pattern."
            ),
            (["-applicationId", id, "-log_files_pattern", "a("], "Not a regular expression: a("),
            (["-applicationId", id, "-size", "many"], "Not a number for -size: many"),
            (["-applicationId", id, "-am", "0"], "Invalid input for option -am."),
            (["-applicationId", id, "-follow", "-out", "x"], "-follow writes to standard output"),
            (["-applicationId", id, "-follow", "-size", "5"], "-follow takes a negative -size"),
        ]
    )
    func `A wrong command line is refused in words that say why`(words: [String], said: String) throws {
        let options = try DashedOptions(words, options: LogsCommand.options)
        do {
            _ = try LogRequest(options)
            Issue.record("not refused")
        } catch {
            #expect(error.description.contains(said))
        }
    }

    @Test
    func `Names are whole, patterns match anywhere, and ALL or a star are every name`() throws {
        func names(_ words: String...) throws -> [String] {
            let options = try DashedOptions(words, options: LogsCommand.options)
            let selection = try LogSelection(options)
            return ["stdout", "stderr", "gc.log.0"].filter { selection.includes(file: $0) }
        }
        #expect(try names("-log_files", "stdout,std") == ["stdout"])
        #expect(try names("-log_files_pattern", "^std,\\.0$") == ["stdout", "stderr", "gc.log.0"])
        #expect(try names("-log_files_pattern", "log") == ["gc.log.0"])
        for all in ["ALL", "*", "stdout,ALL"] { #expect(try names("-log_files", all).count == 3) }
        #expect(try names().count == 3)
    }

    @Test
    func `Sizes are from the beginning, or negative from the end`() {
        var selection = LogSelection()
        for (size, expected) in [
            (0, 0..<0), (5, 0..<5), (50, 0..<10), (-3, 7..<10), (-50, 0..<10), (Int64.min, 0..<10), (.max, 0..<10),
        ] as [(Int64, Range<Int64>)] {
            selection.size = size
            #expect(selection.part(of: 10) == expected)
        }
    }

    @Test
    func `ApplicationMasters are counted from the first or from the last`() throws {
        let all = ["a", "b", "c"]
        for (text, expected) in [("1", ["a"]), ("-1", ["c"]), ("1, 3", ["a", "c"]), ("all", all), ("2,ALL", all)] {
            #expect(try MasterChoice(text).containers(of: all) == Set(expected))
        }
        #expect(throws: LogRefusal.self) { try MasterChoice("4").containers(of: all) }
        #expect(throws: LogRefusal.self) { try MasterChoice("-4").containers(of: all) }
    }

    @Test
    func `More than the limit is refused, and -1 is no limit`() throws {
        var limit = LogSizeLimit(mebibytes: 1)
        try limit.add(1 << 20)
        #expect(throws: LogRefusal.self) { try limit.add(1) }
        var huge = LogSizeLimit(mebibytes: 1)
        #expect(throws: LogRefusal.self) {
            try huge.add(.max)
            try huge.add(.max)
        }
        var none = LogSizeLimit(mebibytes: -1)
        for _ in 0..<3 { try none.add(.max) }
    }

    // MARK: Following

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test
    func `What was read is not read again, and what was there before is passed over where only the end is wanted`() {
        for (tail, first) in [(nil, 0..<100), (30, 70..<100), (500, 0..<100)] as [(Int64?, Range<Int64>)] {
            var logs = FollowedLogs(hasTitles: false, tail: tail)
            let container = Self.container(1)
            #expect(logs.step(container, "stdout", length: 100, isFirstLook: true) == .read(first))
            _ = logs.take(container, "stdout", [UInt8](repeating: 65, count: first.count))
            #expect(logs.step(container, "stdout", length: 100, isFirstLook: false) == .nothing)
            #expect(logs.step(container, "stdout", length: 104, isFirstLook: false) == .read(100..<104))
            // Only a part of it came before the node went away.
            _ = logs.take(container, "stdout", [65])
            #expect(logs.step(container, "stdout", length: 104, isFirstLook: false) == .read(101..<104))
            #expect(logs.offsets(of: container) == ["stdout": 101])
            #expect(logs.offsets(of: Self.container(2)).isEmpty)
            // A file that appears later is new from its first byte on.
            #expect(logs.step(container, "stderr", length: 40, isFirstLook: false) == .read(0..<40))
        }
    }

    @Test
    func `A file that became shorter is read from its beginning`() {
        var logs = FollowedLogs(hasTitles: false)
        let container = Self.container(1)
        #expect(logs.step(container, "stdout", length: 10, isFirstLook: true) == .read(0..<10))
        _ = logs.take(container, "stdout", [UInt8](repeating: 65, count: 10))
        #expect(logs.step(container, "stdout", length: 4, isFirstLook: false) == .cut(0..<4))
        _ = logs.take(container, "stdout", [65, 65, 65, 65])
        #expect(logs.step(container, "stdout", length: 4, isFirstLook: false) == .nothing)
    }

    @Test
    func `Of several logs each is named where it begins to speak, on a line of its own`() {
        var logs = FollowedLogs(hasTitles: true)
        let (one, two) = (Self.container(1), Self.container(2))
        var text = ""
        for (container, file, words) in [
            (one, "stdout", "a\n"), (one, "stdout", "b"), (one, "stderr", "c\n"), (two, "stderr", "d\n"),
        ] {
            text += Self.text(logs.take(container, file, Array(words.utf8)))
        }
        #expect(
            text == """
                ==> \(one) stdout <==
                a
                b

                ==> \(one) stderr <==
                c

                ==> \(two) stderr <==
                d

                """
        )
    }
}
