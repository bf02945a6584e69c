import Foundation
import Staging

/// The files of the staging benchmark, and where they come down to.
struct StagingLoad: Sendable {
    enum Kind: String {
        case large
        case small
    }

    enum Direction: String {
        case up
        case down
    }

    let folder: ScratchFolder
    let largeBytes: Int64
    let smallFiles: Int

    private static let smallBytes = 10_240

    /// No two files are the same, else the server would store one.
    init(largeBytes: Int64, smallFiles: Int) throws {
        self.folder = try ScratchFolder()
        self.largeBytes = largeBytes
        self.smallFiles = smallFiles
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func bytes(_ count: Int) -> Data {
            var words = [UInt64](repeating: 0, count: count / 8)
            for index in words.indices {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                words[index] = state ^ state >> 29
            }
            return unsafe words.withUnsafeBytes { unsafe Data($0) }
        }
        for name in ["sources", "downloads"] {
            try FileManager.default.createDirectory(atPath: self.folder.file(name), withIntermediateDirectories: false)
        }
        try self.folder.write("", to: "sources/large")
        let large = try FileHandle(forWritingTo: URL(fileURLWithPath: self.source("large")))
        for _ in 0..<(largeBytes >> 20) { try large.write(contentsOf: bytes(1 << 20)) }
        try large.close()
        for number in 0..<smallFiles {
            try bytes(Self.smallBytes).write(to: URL(fileURLWithPath: self.source("small-\(number)")))
        }
    }

    func source(_ name: String) -> String { self.folder.file("sources/\(name)") }

    func download(_ name: String, _ prefix: String) -> String { self.folder.file("downloads/\(prefix)/\(name)") }

    func names(_ kind: Kind) -> [String] {
        kind == .large ? ["large"] : (0..<self.smallFiles).map { "small-\($0)" }
    }

    /// A folder of their own for downloads. Small ones stay until the end: an ext4 without a journal looks at every inode that was
    /// freed within five minutes before it takes another, which would be measured instead.
    func makeDownloads(_ prefix: String) throws {
        try FileManager.default.createDirectory(
            atPath: self.download("", prefix),
            withIntermediateDirectories: true
        )
    }

    func removeLarge(_ prefix: String) throws {
        let path = self.download("large", prefix)
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
}

/// What moves files.
enum StagingClient: String, CaseIterable {
    /// One curl process, small files over 16 connections.
    case curl
    /// The same, the bytes sent with WebHDFS's first step (`data=true`), as one sends them to HttpFS or nginx.
    case oneStep = "curl-one-step"
    /// Heddle's own, small files by 16 threads.
    case transfers

    private static let connections = 16

    /// Whether it does that, and differently from the others, with that server.
    func moves(_ direction: StagingLoad.Direction, of target: StagingTarget) -> Bool {
        self == .curl || target.speaksWebHDFS && (self == .transfers || direction == .up)
    }

    func move(
        _ load: StagingLoad,
        _ kind: StagingLoad.Kind,
        _ direction: StagingLoad.Direction,
        of target: StagingTarget,
        _ prefix: String
    ) async throws {
        let names = load.names(kind)
        switch self {
        case .curl, .oneStep:
            let calls = names.map {
                (path: direction == .up ? load.source($0) : load.download($0, prefix), name: "\(prefix)/\($0)")
            }
            let words = self == .oneStep ? "&data=true" : ""
            try Self.curl(calls, direction, words, of: target, connections: Self.connections, in: load)
        case .transfers: try await Self.transfer(load, names, direction, of: target, prefix)
        }
    }

    /// That many transfers at once, of a part each of what the large file has.
    func moveParts(
        _ load: StagingLoad,
        count: Int,
        _ direction: StagingLoad.Direction,
        of target: StagingTarget
    ) async throws {
        let part = load.folder.file("part")
        if direction == .up {
            let large = try FileHandle(forReadingFrom: URL(fileURLWithPath: load.source("large")))
            let bytes = try large.read(upToCount: Int(load.largeBytes) / 64) ?? Data()
            try large.close()
            try bytes.write(to: URL(fileURLWithPath: part))
        }
        let calls = (0..<count).map { (path: direction == .up ? part : "/dev/null", name: "part-\($0)") }
        try Self.curl(calls, direction, "", of: target, connections: count, in: load)
    }

    private static func curl(
        _ calls: [(path: String, name: String)],
        _ direction: StagingLoad.Direction,
        _ words: String,
        of target: StagingTarget,
        connections: Int,
        in load: StagingLoad
    ) throws {
        let lines = calls.map { path, name in
            let file = direction == .up ? "upload-file = \"\(path)\"\noutput = \"/dev/null\"" : "output = \"\(path)\""
            return "url = \"\(target.address(name, direction))\(words)\"\n\(file)\nlocation\nsilent\nfail\n"
        }
        try load.folder.write(lines.joined(separator: "next\n"), to: "curl.conf")
        try run(
            "curl",
            [
                "--no-progress-meter", "--parallel", "--parallel-immediate", "--parallel-max", "\(connections)", "-K",
                load.folder.file("curl.conf"),
            ]
        )
    }

    private static func transfer(
        _ load: StagingLoad,
        _ names: [String],
        _ direction: StagingLoad.Direction,
        of target: StagingTarget,
        _ prefix: String
    ) async throws {
        let transfers = Transfers(loop: TransferLoop(hostConnectionsMaximum: Self.connections, connectionsMaximum: 64))
        let threads = BlockingThreads(threadsMaximum: Self.connections)
        try await withThrowingTaskGroup { group in
            for name in names {
                let location = ResourceLocation(
                    scheme: "webhdfs",
                    host: "127.0.0.1",
                    port: target.port,
                    path: "/bench/\(prefix)/\(name)"
                )
                group.addTask {
                    try await threads.run { (cancellation) throws(TransferFailure) in
                        if direction == .up {
                            _ = try transfers.upload(load.source(name), to: location, cancellation: cancellation)
                        } else {
                            let part = try transfers.download(
                                location,
                                to: load.download(name, prefix),
                                cancellation: cancellation
                            )
                            if part == 0 { throw TransferFailure("\(location) is empty") }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
