import Foundation

/// A daemon in a process of its own, so that its CPU is told apart from that of its load: `heddle resourcemanager`,
/// `heddle nodemanager` or `heddle staging`, from beside this program or from where HEDDLE says.
final class DaemonProcess {
    private let process: Process
    private let log: String
    let folder: ScratchFolder

    /// Starts it on a configuration folder that holds these properties only.
    init(_ command: String, _ properties: [(String, String)]) throws {
        let folder = try ScratchFolder()
        self.folder = folder
        self.log = folder.file("log")
        let lines = properties.map { name, value in
            let text = value.replacing("{folder}", with: folder.path)
            return "<property><name>\(name)</name><value>\(text)</value></property>"
        }
        try folder.write("<configuration>\(lines.joined())</configuration>", to: "yarn-site.xml")
        try folder.write("<configuration/>", to: "core-site.xml")
        try folder.write("", to: "log")
        self.process = Process()
        self.process.executableURL = try Self.program()
        self.process.arguments = [command, "--config", folder.path]
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = FileHandle.nullDevice
        self.process.standardError = FileHandle(forWritingAtPath: self.log)
        try self.process.run()
    }

    private static func program() throws -> URL {
        if let path = ProcessInfo.processInfo.environment["HEDDLE"] { return URL(fileURLWithPath: path) }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("heddle")
        guard FileManager.default.isExecutableFile(atPath: path.path) else {
            throw BenchmarkFailure("there is no \(path.path): build the product heddle, or set HEDDLE to its path")
        }
        return path
    }

    var pid: Int32 { self.process.processIdentifier }

    /// User and system seconds of the daemon itself since its start, over all its threads, without its children.
    var cpuSeconds: Double {
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(self.process.processIdentifier, &clock) == 0 else { return 0 }
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// User and system seconds of the children that it has waited for, and of theirs.
    var childrenSeconds: Double {
        let path = "/proc/\(self.process.processIdentifier)/stat"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let end = text.lastIndex(of: ")") else {
            return 0
        }
        // proc(5): cutime and cstime are fields 16 and 17; the state, field 3, is the first after the name.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let user = Double(fields[13]), let system = Double(fields[14]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What the daemon logs after `prefix`, up to the next comma or the line's end, once it is there.
    func logged(after prefix: String) async throws -> String {
        for _ in 0..<Self.patience where self.process.isRunning {
            if let text = try? String(contentsOfFile: self.log, encoding: .utf8),
                let range = text.range(of: prefix), text[range.upperBound...].contains(where: \.isNewline)
            {
                return String(text[range.upperBound...].prefix { $0 != "," && !$0.isNewline })
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        let text = (try? String(contentsOfFile: self.log, encoding: .utf8)) ?? ""
        throw BenchmarkFailure("the daemon never said \"\(prefix)\"; it said:\n\(text.suffix(2000))")
    }

    /// The port of an address that the daemon logs.
    func port(after prefix: String) async throws -> Int {
        let address = try await self.logged(after: prefix)
        guard let port = address.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw BenchmarkFailure("\(address) has no port")
        }
        return port
    }

    /// Looks of ten milliseconds each.
    private static let patience = 3000

    /// Asks it to end and waits for that.
    func stop() {
        self.process.terminate()
        self.process.waitUntilExit()
    }

    deinit {
        if self.process.isRunning { self.process.terminate() }
    }
}
