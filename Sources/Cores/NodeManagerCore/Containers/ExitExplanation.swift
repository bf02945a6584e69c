import ClusterModel

/// What to tell a person whose container ended.
struct ExitExplanation {
    /// The ends of its logs; empty when there is nothing in them.
    let logs: String

    /// Room for all else that diagnostics say.
    private static let otherBytes = 1_500
    /// A shorter piece of a further file explains nothing.
    private static let tailMinimum = 128

    /// - Parameter diagnosticsMaximum: bytes of a container's diagnostics. Of a longer text the beginning is dropped, which
    ///   says what happened, so the files share what is left, the first ones first.
    init(logs: LogTails, diagnosticsMaximum: Int) {
        var text = ""
        let whole = max(diagnosticsMaximum - Self.otherBytes, diagnosticsMaximum / 2)
        var room = whole
        for tail in logs.files where !tail.text.isEmpty || tail.name == "prelaunch.err" {
            let limit = min(tail.limit, room)
            guard limit >= Self.tailMinimum || room == whole else { continue }
            let bytes = utf8Tail(of: Array(tail.text.utf8), count: limit)
            room -= bytes.count
            text += "Last \(limit) bytes of \(tail.name) :\n\(String(decoding: bytes, as: UTF8.self))\n"
        }
        if let problem = logs.problem { text += "Its logs cannot be read: \(problem)\n" }
        self.logs = text
    }

    /// The pieces for a container that ended by itself with a code other than 0.
    func failure(of container: Container, exitCode: Int32) -> [String] {
        let last = "Container exited with a non-zero exit code \(exitCode). Error file: prelaunch.err.\n" + self.logs
        let first =
            "Exception from container-launch.\nContainer id: \(container.id)\nExit code: \(exitCode)\n"
            + Self.meaning(of: exitCode, in: container).map { "Meaning: \($0)\n" }.orEmpty
        return [first, last]
    }

    /// The pieces for a container that was stopped on request.
    static func stopped(exitCode: Int32?) -> [String] {
        guard let exitCode else { return [] }
        return [
            "Container killed on request. Exit code is \(exitCode)",
            "Container exited with a non-zero exit code \(exitCode). ",
        ]
    }

    static func meaning(of exitCode: Int32, in container: Container) -> String? {
        if container.isSpark, let text = self.sparkMeaning(exitCode, container.start.grant.isApplicationMaster) {
            return text
        }
        switch exitCode {
        case 126: return "a program of the command is not executable"
        case 127: return "a program of the command was not found; see stderr for its name"
        case 129...192: return self.signalMeaning(exitCode - 128, container)
        default: return nil
        }
    }

    private static func signalMeaning(_ signal: Int32, _ container: Container) -> String {
        let name = self.signalNames[signal].map { "SIG\($0)" } ?? "number \(signal)"
        let start = "ended by signal \(signal) (\(name)), which this NodeManager did not send"
        switch signal {
        case 9:
            return start + ": the kernel's out-of-memory killer (see dmesg) or a person or program with the right to"
                + " (kill -9). Largest memory seen: \(binarySize(container.peakResidentBytes)) of"
                + " \(binarySize(container.start.grant.resource.memoryMiB << 20)) granted."
        case 15: return start + ": a person or program with the right to (kill)."
        case 6: return start + ": the process gave up by itself (abort); its log names the reason."
        case 11, 7, 4, 8: return start + ": a fault in native code of the process."
        default: return start + "."
        }
    }

    private static let signalNames: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 11: "SEGV", 13: "PIPE",
        14: "ALRM", 15: "TERM", 24: "XCPU", 25: "XFSZ",
    ]

    /// Codes that Spark's ApplicationMaster and executors exit with.
    private static func sparkMeaning(_ exitCode: Int32, _ isApplicationMaster: Bool) -> String? {
        switch (exitCode, isApplicationMaster) {
        case (10, true): "Spark's ApplicationMaster met an exception that nobody handled"
        case (11, true): "more executors failed than spark.yarn.max.executor.failures allows"
        case (12, true): "Spark's ApplicationMaster lost the ResourceManager"
        case (13, true):
            "no SparkContext was created in time (spark.yarn.am.waitTime), or the application's own"
                + " code failed before it did"
        case (15, true): "the application's own code threw an exception"
        case (16, true): "the ApplicationMaster was told to exit before the application had ended"
        case (50, false): "the executor met an exception that nobody handled"
        case (52, false): "the executor ran out of Java heap: raise spark.executor.memory"
        case (53, false): "the executor could not create a folder for its blocks"
        case (56, false): "the executor could not reach the driver with its heartbeats"
        default: nil
        }
    }
}

extension Container {
    /// True for what spark-submit and Spark's ApplicationMaster launch.
    var isSpark: Bool {
        self.start.context.environment.contains { $0.name == "SPARK_YARN_STAGING_DIR" || $0.name == "SPARK_USER" }
    }
}

extension String? {
    fileprivate var orEmpty: String { self ?? "" }
}

/// A size as Hadoop's messages have it: at most one decimal and a binary prefix, `1 GB` exactly or `1.5 GB` about.
func binarySize(_ bytes: Int64) -> String {
    let prefixes = ["", "K", "M", "G", "T", "P", "E"]
    let magnitude = bytes.magnitude
    var power = 0
    while power + 1 < prefixes.count, magnitude >> (UInt64(power + 1) * 10) != 0 { power += 1 }
    if power == 0 { return "\(bytes) B" }
    let sign = bytes < 0 ? "-" : ""
    let unit = UInt64(1) << (UInt64(power) * 10)
    if magnitude % unit == 0 { return "\(sign)\(magnitude / unit) \(prefixes[power])B" }
    var tenths = UInt64((Double(magnitude) / Double(unit) * 10).rounded(.toNearestOrAwayFromZero))
    // 1023.96 MB rounds to 1024.0 MB, which is a GB.
    if tenths >= 10_240, power + 1 < prefixes.count {
        tenths = 10
        power += 1
    }
    return "\(sign)\(tenths / 10).\(tenths % 10) \(prefixes[power])B"
}
