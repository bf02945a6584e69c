import Foundation
import Glibc

/// A server that takes files and gives them back: Heddle's staging server or nginx, in a process of its own.
final class StagingTarget: Sendable {
    let name: String
    let speaksWebHDFS: Bool
    let port: Int
    private let pids: @Sendable () -> [Int32]
    private let end: @Sendable () -> Void
    private let erase: @Sendable () async throws -> Void

    private init(
        name: String,
        speaksWebHDFS: Bool,
        port: Int,
        pids: @escaping @Sendable () -> [Int32],
        erase: @escaping @Sendable () async throws -> Void,
        end: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.speaksWebHDFS = speaksWebHDFS
        self.port = port
        self.pids = pids
        self.erase = erase
        self.end = end
    }

    /// Where a file goes up to, or comes from.
    func address(_ name: String, _ direction: StagingLoad.Direction) -> String {
        let root = "http://127.0.0.1:\(self.port)"
        guard self.speaksWebHDFS else { return "\(root)/bench/\(name)" }
        let operation = direction == .up ? "CREATE&overwrite=true" : "OPEN"
        return "\(root)/webhdfs/v1/bench/\(name)?user.name=\(NSUserName())&op=\(operation)"
    }

    /// Removes all files.
    func clear() async throws { try await self.erase() }

    /// Waits until it has nothing to do: what was removed by name goes later.
    func rest() async throws {
        for _ in 0..<100 {
            let before = self.cpuSeconds
            try await Task.sleep(for: .milliseconds(200))
            if self.cpuSeconds - before < 0.01 { return }
        }
        throw BenchmarkFailure(
            "\(self.name) on port \(self.port) is still busy 20 s after it was told to remove its files: end what else uses it, and look at its log"
        )
    }

    func stop() { self.end() }

    /// Of all its processes.
    var residentMiB: Double {
        self.pids().reduce(0) { sum, pid in
            let text = (try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8)) ?? ""
            let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
            return sum + pages * Double(sysconf(Int32(_SC_PAGESIZE))) / Double(1 << 20)
        }
    }

    /// User and system seconds of all its processes.
    var cpuSeconds: Double {
        self.pids().reduce(0) { sum, pid in
            var clock = clockid_t()
            var time = timespec()
            guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
                return sum
            }
            return sum + Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    static func heddle() async throws -> StagingTarget {
        let daemon = try DaemonProcess(
            "staging",
            [("heddle.staging.address", "127.0.0.1:0"), ("heddle.staging.path", "{folder}/files")]
        )
        let port = try await daemon.port(after: "Files are at webhdfs://")
        let pid = daemon.pid
        let holder = UncheckedHolder(daemon)
        return StagingTarget(
            name: "heddle",
            speaksWebHDFS: true,
            port: port,
            pids: { [pid] },
            erase: {
                let path = "/webhdfs/v1/bench?op=DELETE&recursive=true&user.name=\(NSUserName())"
                try run("curl", ["-sS", "-f", "-o", "/dev/null", "-X", "DELETE", "http://127.0.0.1:\(port)\(path)"])
            },
            end: { holder.value.stop() }
        )
    }

    /// Debian's nginx, as its own pages say for serving and taking files: sendfile, and PUT by its dav module.
    static func nginx() async throws -> StagingTarget {
        let folder = try ScratchFolder()
        let port = try freePort()
        try FileManager.default.createDirectory(atPath: folder.file("files"), withIntermediateDirectories: false)
        let user = getuid() == 0 ? "user root;" : ""
        try folder.write(
            """
            \(user) worker_processes auto; daemon off; pid \(folder.path)/pid; error_log \(folder.path)/error.log;
            events { worker_connections 1024; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000; client_max_body_size 0;
              client_body_temp_path \(folder.path)/body; proxy_temp_path \(folder.path)/proxy;
              fastcgi_temp_path \(folder.path)/fastcgi; uwsgi_temp_path \(folder.path)/uwsgi;
              scgi_temp_path \(folder.path)/scgi;
              server { listen 127.0.0.1:\(port); root \(folder.path)/files;
                location / { dav_methods PUT DELETE; create_full_put_path on; } }
            }
            """,
            to: "nginx.conf"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
        process.arguments = ["-c", folder.file("nginx.conf"), "-e", folder.file("error.log")]
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw BenchmarkFailure("nginx does not start (\(error)); Debian's package nginx-light is needed")
        }
        let pid = process.processIdentifier
        try await answers(on: port)
        let holder = UncheckedHolder(process)
        return StagingTarget(
            name: "nginx",
            speaksWebHDFS: false,
            port: port,
            pids: { [pid] + children(of: pid) },
            erase: {
                try FileManager.default.removeItem(atPath: folder.file("files"))
                try FileManager.default.createDirectory(
                    atPath: folder.file("files"),
                    withIntermediateDirectories: false
                )
            },
            end: {
                holder.value.terminate()
                holder.value.waitUntilExit()
            }
        )
    }

    private static func children(of pid: Int32) -> [Int32] {
        let path = "/proc/\(pid)/task/\(pid)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else { throw BenchmarkFailure("no port of loopback is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func answers(on port: Int) async throws {
        for _ in 0..<1_000 {
            if (try? run("curl", ["-s", "-o", "/dev/null", "http://127.0.0.1:\(port)/"])) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw BenchmarkFailure("nginx does not answer on port \(port)")
    }
}

/// A reference that several closures hold, one at a time.
private final class UncheckedHolder<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// Runs a program to its end.
func run(_ program: String, _ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchmarkFailure(
            "\(program) \(words.prefix(8).joined(separator: " ")) ended with \(process.terminationStatus)"
        )
    }
}
