import Foundation
import Glibc
import Staging

/// One large file and many small ones to the staging server and back, by curl and by Heddle's own client, beside nginx on
/// the same disk in the same run.
enum StagingBenchmark {
    static func run(_ session: Session) async throws {
        let load = try StagingLoad(
            largeBytes: Int64(session.size(1 << 30, tiny: 2 << 20)),
            smallFiles: session.size(10_000, tiny: 40)
        )
        let heddle = try await StagingTarget.heddle()
        let nginx = try await StagingTarget.nginx()
        var figures = StagingFigures()
        for turn in 0..<session.size(3, tiny: 1) {
            for target in [heddle, nginx] {
                for client in StagingClient.allCases {
                    let names = "\(target.name)-\(client.rawValue)-\(turn)"
                    try load.makeDownloads(names)
                    for kind in [StagingLoad.Kind.large, .small] {
                        for direction in [StagingLoad.Direction.up, .down] where client.moves(direction, of: target) {
                            // What was written before is not to be written while the next one is measured.
                            sync()
                            if kind == .large { Self.warmMemory(bytes: Int(load.largeBytes) * 2) }
                            let cpu = target.cpuSeconds
                            let watch = Stopwatch()
                            try await client.move(load, kind, direction, of: target, names)
                            figures.add(
                                [target.name, client.rawValue, kind.rawValue, direction.rawValue],
                                seconds: watch.wallSeconds,
                                cpu: target.cpuSeconds - cpu
                            )
                        }
                        try load.removeLarge(names)
                    }
                    try await target.clear()
                    try await target.rest()
                }
            }
        }
        figures.print(session, load)
        try await self.measureMemory(session, load, heddle, nginx)
        heddle.stop()
        nginx.stop()
    }

    /// Uses memory and gives it back. The host of a virtual machine takes away what is free, and whoever needs it again waits for
    /// it longer than for a disk: that would be the first of two servers, every time.
    private static func warmMemory(bytes: Int) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: Self.page)
        for offset in stride(from: 0, to: bytes, by: Self.page) { unsafe memory[offset] = 1 }
        unsafe memory.deallocate()
    }

    private static let page = 4_096

    /// The resident memory of both while 100 uploads, then 100 downloads, run at once.
    private static func measureMemory(
        _ session: Session,
        _ load: StagingLoad,
        _ heddle: StagingTarget,
        _ nginx: StagingTarget
    ) async throws {
        for target in [heddle, nginx] {
            let start = target.residentMiB
            var peak = start
            for direction in [StagingLoad.Direction.up, .down] {
                let moving = Task {
                    try await StagingClient.curl.moveParts(
                        load,
                        count: session.size(100, tiny: 4),
                        direction,
                        of: target
                    )
                }
                let watching = Task {
                    var most = 0.0
                    while !Task.isCancelled {
                        most = max(most, target.residentMiB)
                        try? await Task.sleep(for: .milliseconds(20))
                    }
                    return most
                }
                defer { watching.cancel() }
                try await moving.value
                watching.cancel()
                peak = max(peak, await watching.value)
            }
            session.print("staging.\(target.name).memory.start", start, "MiB")
            session.print("staging.\(target.name).memory.peak", peak, "MiB")
            session.print("staging.\(target.name).memory.end", target.residentMiB, "MiB")
            try await target.clear()
        }
    }
}

/// What was measured, by server, client, kind of file and direction.
private struct StagingFigures {
    private var seconds: [[String]: Series] = [:]
    private var cpu: [[String]: Series] = [:]
    private var order: [[String]] = []

    mutating func add(_ key: [String], seconds: Double, cpu: Double) {
        if self.seconds[key] == nil { self.order.append(key) }
        self.seconds[key, default: Series()].append(seconds)
        self.cpu[key, default: Series()].append(cpu)
    }

    func print(_ session: Session, _ load: StagingLoad) {
        for key in self.order {
            guard let median = self.seconds[key]?.quantile(0.5), let cpu = self.cpu[key]?.quantile(0.5) else {
                continue
            }
            let name = "staging.\(key.joined(separator: "."))"
            let isLarge = key[2] == StagingLoad.Kind.large.rawValue
            if isLarge {
                session.print(name, Double(load.largeBytes) / 1e6 / median, "MB/s")
            } else {
                session.print(name, Double(load.smallFiles) / median, "files/s")
            }
            session.print(
                "\(name).cpu",
                cpu * 1e3 / (isLarge ? 1 : Double(load.smallFiles)),
                isLarge ? "ms" : "ms/file"
            )
            let beside = ["nginx", StagingClient.curl.rawValue, key[2], key[3]]
            if key[0] != "nginx", let theirs = self.seconds[beside]?.quantile(0.5) {
                session.print("\(name).of-nginx", theirs / median, "ratio")
            }
        }
    }
}
