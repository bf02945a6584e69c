import Glibc
import Synchronization
import TestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import class Foundation.Pipe
import class Foundation.Process
import struct Foundation.URL

/// Jobs whose tasks run in other processes. `Tests/EngineProgram` is the program; what it prints has to be what it prints in
/// local mode.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ClusterTests {
    private let folder: URL

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(
            path: "engine-\(UInt64.random(in: 0..<UInt64.max))"
        )
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    private struct Output {
        var text: String
        var status: Int32
    }

    /// Output and errors are read as one, so no lines of stages that took a while on a busy machine.
    private static let quiet = "spark.ui.showConsoleProgress=false"

    private func process(_ arguments: [String]) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        ).deletingLastPathComponent().appending(path: "EngineProgram")
        process.arguments = arguments
        process.currentDirectoryURL = self.folder
        process.environment = [
            "TMPDIR": self.folder.path, "PATH": "/usr/bin:/bin", "HEDDLE_PROPERTIES": Self.quiet,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        return (process, pipe)
    }

    private func run(_ arguments: String...) throws -> Output { try self.run(arguments) }

    private func run(_ arguments: [String], properties: String? = nil) throws -> Output {
        let (process, pipe) = try self.process(arguments)
        if let properties { process.environment?["HEDDLE_PROPERTIES"] = "\(Self.quiet)\n\(properties)" }
        try process.run()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? .init()
        process.waitUntilExit()
        return Output(text: String(decoding: bytes, as: UTF8.self), status: process.terminationStatus)
    }

    /// No file, no folder and no process of the program is left.
    private func expectNothingLeft(_ marker: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: self.folder.path).filter { $0 != marker }
        #expect(names.isEmpty, sourceLocation: sourceLocation)
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test(arguments: ["large", "sort", "join"]) func `a job gives in other processes what it gives in one`(
        job: String
    ) throws {
        let local = try self.run("local[2]", job)
        #expect(local.status == 0)
        for master in ["local-cluster[2,1,512]", "local-cluster[1,3,512]"] {
            let cluster = try self.run(master, job)
            #expect(cluster.text == local.text && cluster.status == 0, "\(master): \(cluster.text)")
        }
        try self.expectNothingLeft()
    }

    /// Executors never come past the context: what the program set behind it they do not have.
    @Test(arguments: ["local[2]", "local-cluster[2,1,512]"])
    func `a closure that reads a variable which the program has set is refused`(master: String) throws {
        let output = try self.run(master, "variables")
        let lines = output.text.split(separator: "\n")
        let refused = [
            "itself limit", "array arguments", "function limit", "called limit", "static Settings.step",
            "earlier limit",
        ]
        for (line, expected) in zip(lines, refused) {
            let (name, variable) = (expected.split(separator: " ")[0], expected.split(separator: " ")[1])
            #expect(line.hasPrefix("\(name) refused: Variables.swift:"), "\(line)")
            #expect(line.contains(" reads \(variable), a variable outside of it"), "\(line)")
        }
        #expect(lines.dropFirst(refused.count) == ["untouched 6", "computed 96", "handed 12"], "\(output.text)")
        try self.expectNothingLeft()
    }

    /// Executors work in folders of their own; what a program names is meant from the driver's.
    @Test func `a relative path is the driver's`() throws {
        try Data("b a\na c\n".utf8).write(to: self.folder.appending(path: "text"))
        let words = try self.run("local-cluster[2,1,512]", "words", "text")
        #expect(words.text == "a 2\nb 1\nc 1\n")
        #expect(try self.run("local-cluster[2,1,512]", "write", "out").text == "3\n")
        let names = try FileManager.default.contentsOfDirectory(atPath: self.folder.appending(path: "out").path)
        #expect(names.sorted() == ["_SUCCESS", "part-00000", "part-00001", "part-00002"])
        try FileManager.default.removeItem(at: self.folder)
    }

    /// The folder of what came with it, too.
    @Test(arguments: ["local[2]", "local-cluster[1,1,512]"]) func `a program that ends without a word leaves nothing`(
        master: String
    ) throws {
        try Data("text".utf8).write(to: self.folder.appending(path: "shipped"))
        let properties = "spark.files=\(self.folder.path)/shipped"
        for job in ["returns", "exit"] {
            #expect(try self.run([master, job], properties: properties).text.hasPrefix("45\n"))
        }
        try self.expectNothingLeft("shipped")
    }

    @Test func `an archive that cannot be unpacked is named`() throws {
        let path = self.folder.appending(path: "broken.tgz").path
        try Data("no archive".utf8).write(to: URL(filePath: path))
        let output = try self.run(["local[2]", "sort"], properties: "spark.archives=\(path)")
        #expect(
            output.status == 1 && output.text.contains("the archive file:\(path) cannot be unpacked to "),
            "\(output.text)"
        )
        try self.expectNothingLeft("broken.tgz")
    }

    @Test func `many jobs of one program use the same executors`() throws {
        let output = try self.run("local-cluster[2,2,512]", "rounds", "40")
        #expect(output.text == "35100\n")
        try self.expectNothingLeft()
    }

    /// What its map tasks wrote is lost with it, and made again.
    @Test(arguments: ["die-in-map", "die-in-reduce"]) func `a job survives the end of an executor`(job: String) throws {
        let marker = self.folder.appending(path: "marker").path
        let local = try self.run("local[2]", "die-in-map", "")
        let cluster = try self.run("local-cluster[2,1,512]", job, marker)
        #expect(cluster.text == local.text && cluster.status == 0, "\(cluster.text)")
        // It did happen.
        #expect(FileManager.default.fileExists(atPath: marker))
        try self.expectNothingLeft("marker")
    }

    /// With next to no memory, so that everything that can goes to disk, and with executors that are killed.
    @Test(arguments: [1, 2, 3, 4]) func `random graphs give what plain arrays give`(part: Int) throws {
        let properties = "spark.executor.maxNumFailures=1000\nspark.task.maxFailures=20\nspark.locality.wait=0"
        let marker = self.folder.appending(path: "marker").path
        let seed = "\(part * 1000)"
        for arguments in [["local[2]", "random", seed, "6"], ["local-cluster[2,2,1]", "random", seed, "6", marker]] {
            let output = try self.run(arguments, properties: properties)
            #expect(output.text == "6 graphs\n" && output.status == 0, "\(arguments): \(output.text)")
        }
        let kills = try FileManager.default.contentsOfDirectory(atPath: self.folder.path)
            .filter { $0.hasPrefix("marker") }
        #expect(!kills.isEmpty, "no executor was killed")
        for name in kills { try FileManager.default.removeItem(at: self.folder.appending(path: name)) }
        try self.expectNothingLeft()
    }

    @Test func `tasks go to the executor that keeps what they read`() throws {
        let output = try self.run("local-cluster[2,2,512]", "kept", "2")
        // Each partition was computed once, in two processes, and read where it had been.
        #expect(output.text == "true 24 2\n" && output.status == 0, "\(output.text)")
        try self.expectNothingLeft()
    }

    @Test func `every operation gives in other processes what it gives in one`() throws {
        let local = try self.run("local[2]", "operations", "local")
        #expect(local.status == 0, "\(local.text)")
        #expect(
            local.text.contains("\nsum 1770 0 59\n") && local.text.hasSuffix("persist MEMORY_AND_DISK_2 2790 2790\n")
        )
        let cluster = try self.run("local-cluster[2,2,512]", "operations", "cluster")
        #expect(cluster.status == 0)
        let pairs = zip(local.text.split(separator: "\n"), cluster.text.split(separator: "\n"))
        for (here, there) in pairs { #expect(there == here) }
        #expect(cluster.text.count == local.text.count)
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test(arguments: [
        ("trap", "Fatal error: Index out of range"),
        ("trap-overflow", "the task ended its process, it was ended by signal"),
        ("trap-nil", "Fatal error: Unexpectedly found nil while unwrapping an Optional value"),
    ])
    func `a task that traps fails the job, by its name and Swift's own words`(job: String, words: String) throws {
        let output = try self.run("local-cluster[2,1,512]", job)
        #expect(output.status == 1)
        #expect(output.text.contains("failed: task 3 of stage 0 (sum at Jobs.swift:"), "\(output.text)")
        #expect(output.text.contains("failed 4 times"))
        #expect(output.text.contains(words), "\(output.text)")
        try self.expectNothingLeft()
    }

    @Test func `a trap is charged to its task alone, not to those that ran beside it`() throws {
        let marker = self.folder.appending(path: "marker").path
        let output = try self.run(
            ["local-cluster[1,2,512]", "trap-beside", marker],
            properties: "spark.task.maxFailures=2"
        )
        #expect(output.text == "1\n" && output.status == 0, "\(output.text)")
        #expect(FileManager.default.fileExists(atPath: marker + "-trapped-too"))
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func `what a task throws fails the job with its own words`() throws {
        for master in ["local[2]", "local-cluster[2,1,512]"] {
            let output = try self.run(master, "throw")
            #expect(output.status == 1)
            #expect(output.text.contains("failed: task 2 of stage 0 (sum at Jobs.swift:"), "\(output.text)")
            #expect(output.text.contains("the number 2 is refused"), "\(output.text)")
            #expect(output.text.contains("failed 4 times") == (master != "local[2]"), "\(output.text)")
        }
        try self.expectNothingLeft()
    }

    /// The tasks would run for minutes more, and those of the next job wait for their threads.
    @Test func `a cancelled job's tasks end in other processes`() throws {
        let marker = self.folder.appending(path: "marker").path
        let output = try self.run("local-cluster[2,2,512]", "cancel", marker)
        #expect(output.text.hasSuffix("was cancelled\n6\n") && output.status == 0, "\(output.text)")
        try self.expectNothingLeft("marker")
    }

    /// There the program itself ends.
    @Test func `a task that traps in local mode is named before the program ends`() throws {
        let (process, pipe) = try self.process(["local[2]", "trap"])
        process.environment?["SWIFT_BACKTRACE"] = "enable=no"
        try process.run()
        let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? .init(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && [SIGILL, SIGTRAP].contains(process.terminationStatus))
        #expect(text.contains("Fatal error: Index out of range"), "\(text)")
        #expect(text.contains(" in task 3 of stage 0 (sum at Jobs.swift:"), "\(text)")
        try self.expectNothingLeft()
    }

    /// With all that an executor of the driver's own is told, so that only the program tells them apart.
    @Test func `an executor of another build is refused`() async throws {
        let (driver, pipe) = try self.process(["local-cluster[1,1,512]", "idle"])
        try driver.run()
        _ = try pipe.fileHandleForReading.read(upToCount: 2)
        let executor = try #require(Self.children(in: self.folder.path + "/").first)
        let variables = try Data(contentsOf: URL(filePath: "/proc/\(executor)/environ")).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self).split(separator: "=", maxSplits: 1) }
        let (other, words) = try self.process(["local-cluster[1,1,512]", "idle"])
        for variable in variables where variable.count == 2 {
            other.environment?[String(variable[0])] = String(variable[1])
        }
        other.environment?["HEDDLE_EXECUTOR_ID"] = "77"
        let program = try #require(other.executableURL)
        other.executableURL = self.folder.appending(path: "other")
        try (Data(contentsOf: program) + [0]).write(to: self.folder.appending(path: "other"))
        #expect(unsafe chmod(self.folder.appending(path: "other").path, 0o700) == 0)
        try other.run()
        let text = String(decoding: try words.fileHandleForReading.readToEnd() ?? .init(), as: UTF8.self)
        other.waitUntilExit()
        #expect(other.terminationStatus == 1 && text.contains("runs another program than the driver"), "\(text)")
        kill(driver.processIdentifier, SIGKILL)
        driver.waitUntilExit()
        try await eventually("the executor has ended") { Self.children(in: self.folder.path).isEmpty }
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func `executors end when their driver is killed`() async throws {
        let (process, pipe) = try self.process(["local-cluster[2,1,512]", "idle"])
        try process.run()
        // The first job is done: both executors may be there.
        let line = try pipe.fileHandleForReading.read(upToCount: 2) ?? .init()
        #expect(String(decoding: line, as: UTF8.self) == "1\n")
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try await eventually("the executors have ended") { Self.children(in: self.folder.path).isEmpty }
        try FileManager.default.removeItem(at: self.folder)
    }

    /// Processes that work in a folder.
    private static func children(in folder: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { Int($0) != nil } ?? []
        return numbers.filter { number in
            let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(number)/cwd")
            return link?.hasPrefix(folder) == true
        }
    }

    @Test(arguments: ["local-cluster[2,1]", "local-cluster[0,1,512]", "local-cluster", "spark"])
    func `an unknown master is refused`(
        master: String
    ) throws {
        let output = try self.run(master, "sort")
        #expect(output.status == 1)
        #expect(output.text.contains("master \(master) is not known here"), "\(output.text)")
        try self.expectNothingLeft()
    }
}
