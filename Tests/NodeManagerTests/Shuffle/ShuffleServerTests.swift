import BlockExchange
import ClusterModel
import Foundation
import Glibc
import Logging
import NIOHTTP1
import NodeManagerCore
import TestSupport
import Testing

@testable import NodeManager

/// The service on a port of its own, with files that the test writes.
@Suite(.timeLimit(.minutes(3))) struct ShuffleServerTests {
    private static let application = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 7)
    private static let other = ApplicationID(clusterTimestamp: 1_700_000_000_000, number: 8)
    private static let password: [UInt8] = [1, 2, 3, 4]

    private struct Place {
        var folder: String
        var server: ShuffleServer

        /// Where an executor's shuffle is.
        func shuffle(_ number: Int = 3, disk: Int = 1, application: ApplicationID = ShuffleServerTests.application)
            -> String
        {
            "\(self.folder)/disk\(disk)/usercache/ann/appcache/\(application)/heddle-shuffle/\(number)/\(ShuffleFixture.digest)"
        }

        func write(_ mapTask: Int, _ partitions: [[[UInt8]]], disk: Int = 1) throws {
            try self.write("\(mapTask)", ShuffleBytes.file(partitions), disk: disk)
        }

        func write(_ name: String, _ bytes: [UInt8], disk: Int = 1) throws {
            try ShuffleFixture.write(bytes, to: "\(self.shuffle(disk: disk))/\(name)")
        }

        func get(_ path: String, password: [UInt8]? = ShuffleServerTests.password) async throws -> WebClient.Answer {
            try await ShuffleFixture.get(path, port: self.server.port, password: password)
        }

        /// The parts of an answer; nil where the first is not there.
        func parts(
            executor: Int = 3,
            partition: Int = 0,
            from mapTask: Int,
            frame: Int = 0,
            limit: Int64 = 1 << 20
        ) async throws -> [ShuffleFixture.Part]? {
            let path = ShuffleFixture.path(
                ShuffleServerTests.application,
                executor: executor,
                partition: partition,
                mapTask: mapTask,
                frame: frame,
                limit: limit
            )
            let answer = try await self.get(path)
            if answer.status == 404 {
                #expect(answer.body == "404 Not Found: \(path.dropFirst(4))\n")
                return nil
            }
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == ["application/octet-stream"])
            #expect(answer.headers["content-length"] == ["\(answer.bytes.count)"])
            return try ShuffleFixture.parts(answer.bytes)
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        let folder = try ContainerFixture.makeFolder()
        defer { ContainerFixture.remove(folder) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = try await ShuffleServer.start(
            host: "127.0.0.1",
            port: 0,
            directories: ["\(folder)/disk1", "\(folder)/none", "\(folder)/disk2"],
            logger: logger
        )
        server.secrets.learn(ShuffleSecret(application: Self.application, password: Self.password), user: "ann")
        server.secrets.learn(ShuffleSecret(application: Self.other, password: [9]), user: "ann")
        do {
            try await body(Place(folder: folder, server: server))
        } catch {
            await server.stop()
            throw error
        }
        try await eventually { ShuffleFixture.openFiles(below: folder) == 0 }
        await server.stop()
    }

    private static func frame(_ text: String) -> [UInt8] { ShuffleBytes.frame(text) }

    @Test func `files are sent in the order of their map tasks, whichever disk they are on`() async throws {
        try await self.withPlace { place in
            let frames = (0..<4).map { Self.frame("frame \($0)") }
            try place.write(20, [[frames[2], frames[3]], [frames[0]]])
            try place.write(4, [[frames[0]], []], disk: 2)
            try place.write(3, [[frames[1]], [frames[2]]])
            try place.write(100, [[], [frames[1]]])
            #expect(
                try await place.parts(from: 3) == [
                    .init(3, [frames[1]]), .init(4, [frames[0]]), .init(20, [frames[2], frames[3]]),
                ]
            )
            #expect(try await place.parts(from: 4)?.map(\.mapTask) == [4, 20])
            #expect(
                try await place.parts(partition: 1, from: 3) == [
                    .init(3, [frames[2]]), .init(20, [frames[0]]), .init(100, [frames[1]]),
                ]
            )
        }
    }

    @Test func `the first is answered also when it is empty, and others are not`() async throws {
        try await self.withPlace { place in
            try place.write(1, [[], [Self.frame("a")]])
            try place.write(2, [[], []])
            try place.write(3, [[Self.frame("b")], []])
            #expect(try await place.parts(from: 1) == [.init(1, []), .init(3, [Self.frame("b")])])
            #expect(try await place.parts(partition: 1, from: 2) == [.init(2, [])])
        }
    }

    @Test func `what is not there is not found`() async throws {
        try await self.withPlace { place in
            try place.write(5, [[Self.frame("a")]])
            #expect(try await place.parts(from: 4) == nil)
            #expect(try await place.parts(from: 6) == nil)
            #expect(try await place.parts(executor: 4, from: 5) == nil)
            #expect(try await place.parts(partition: 1, from: 5) == nil)
            let digest = String(repeating: "a", count: 64)
            let path = ShuffleFixture.path(Self.application, executor: 3, digest: digest, mapTask: 5)
            #expect(try await place.get(path).status == 404)
            for odd in ["/v1/\(Self.application)/", "/v1/\(Self.application)/3/kept/x", path + "/1"] {
                let answer = try await place.get(odd)
                #expect(answer.status == 404, "\(odd)")
            }
        }
    }

    @Test func `an answer ends with the frame that crosses the limit, and goes on at any frame`() async throws {
        try await self.withPlace { place in
            let frames = (0..<6).map { Self.frame(String(repeating: "\($0)", count: 84)) }
            try place.write(1, [[frames[0], frames[1], frames[2]]])
            try place.write(2, [[frames[3]]])
            try place.write(3, [[frames[4], frames[5]]])
            #expect(try await place.parts(from: 1, limit: 1) == [.init(1, [frames[0]], isWhole: false)])
            #expect(try await place.parts(from: 1, limit: 100) == [.init(1, [frames[0]], isWhole: false)])
            #expect(try await place.parts(from: 1, limit: 101) == [.init(1, [frames[0], frames[1]], isWhole: false)])
            #expect(try await place.parts(from: 1, frame: 2, limit: 50) == [.init(1, [frames[2]])])
            #expect(
                try await place.parts(from: 1, frame: 1, limit: 301) == [
                    .init(1, [frames[1], frames[2]]), .init(2, [frames[3]]), .init(3, [frames[4]], isWhole: false),
                ]
            )
            #expect(try await place.parts(from: 1, frame: 3, limit: 100) == [.init(1, []), .init(2, [frames[3]])])
            #expect(try await place.parts(from: 1, frame: 99, limit: 1) == [.init(1, []), .init(2, [frames[3]])])
            #expect(try await place.parts(from: 1, limit: 0) == [])
            // Asking on and on gets everything once.
            var seen: [UInt8] = []
            var (mapTask, frame) = (1, 0)
            while let part = try await place.parts(from: mapTask, frame: frame, limit: 1)?.last {
                seen += part.frames
                (mapTask, frame) = part.isWhole ? (part.mapTask + 1, 0) : (part.mapTask, frame + 1)
            }
            #expect(seen == Array(frames.joined()))
        }
    }

    @Test func `large frames are sent whole`() async throws {
        try await self.withPlace { place in
            let frames = (0..<3).map { Self.frame(String(repeating: "\($0)", count: 1_500_000 + $0)) }
            try place.write(1, [[Self.frame("other")], frames])
            #expect(try await place.parts(partition: 1, from: 1, limit: 1 << 30) == [.init(1, frames)])
        }
    }

    @Test func `who does not know the application's secret always hears the same`() async throws {
        try await self.withPlace { place in
            try place.write(1, [[Self.frame("a")]])
            let path = ShuffleFixture.path(Self.application, mapTask: 1)
            let port = place.server.port
            let unknown = path.replacing("_0007", with: "_0009")
            let right = BlockSignature.text(for: path, Self.password)
            var answers = [
                // None, another application's secret, an empty one.
                try await place.get(path, password: nil), try await place.get(path, password: [9]),
                try await place.get(path, password: []),
                // For an application that is not here, and for none.
                try await place.get(unknown), try await place.get("/"), try await place.get("/v1/x"),
            ]
            for (method, target, signature) in [
                // Another path's, another method's, damaged ones.
                ("GET", path.replacing("/1/0/", with: "/2/0/"), right), ("PUT", path, right), ("HEAD", path, right),
                ("GET", path, ""), ("GET", path, "AAAA"), ("GET", path, "\(right)x"), ("GET", path, right.lowercased()),
            ] {
                let answer = try await WebClient.call(
                    method,
                    target,
                    port: port,
                    headers: [("X-Heddle-Signature", signature)]
                )
                if method == "HEAD" {
                    #expect(answer.status == 403)
                } else {
                    answers.append(answer)
                }
            }
            for answer in answers {
                #expect(answer.status == 403)
                #expect(answer.body == "403 Forbidden: not signed with the application's secret\n")
            }
            #expect(try await place.get(path).status == 200)
            place.server.secrets.forget(Self.application)
            #expect(try await place.get(path).status == 403)
        }
    }

    @Test func `another application's files are not to be had by one's own secret`() async throws {
        try await self.withPlace { place in
            let file = ShuffleBytes.file([[Self.frame("theirs")]])
            try ShuffleFixture.write(
                file,
                to: "\(place.shuffle(application: Self.other))/1"
            )
            try place.write(1, [[Self.frame("mine")]])
            #expect(try await place.parts(from: 1) == [.init(1, [Self.frame("mine")])])
            let path = ShuffleFixture.path(Self.other, mapTask: 1)
            #expect(try await place.get(path).status == 403)
            #expect(try await place.get(path, password: [9]).status == 200)
        }
    }

    @Test func `links are not followed, and what is no regular file is not read`() async throws {
        try await self.withPlace { place in
            let outside = "\(place.folder)/outside"
            let name = "1"
            try ShuffleFixture.write(ShuffleBytes.file([[Self.frame("secret")]]), to: "\(outside)/3/\(name)")
            try place.write(2, [[Self.frame("a")]])
            let shuffle = place.shuffle()
            try FileManager.default.createSymbolicLink(
                atPath: "\(shuffle)/\(name)",
                withDestinationPath: "\(outside)/3/\(name)"
            )
            #expect(try await place.parts(from: 1) == nil)
            for maker in [{ unsafe mkfifo($0, 0o600) }, { unsafe mkdir($0, 0o700) }] as [(String) -> Int32] {
                _ = unsafe remove("\(shuffle)/\(name)")
                #expect(maker("\(shuffle)/\(name)") == 0)
                #expect(try await place.parts(from: 1) == nil)
            }
            _ = unsafe remove("\(shuffle)/\(name)")
            // Each folder on the way, replaced by a link to one that has it all.
            try place.write(1, [[Self.frame("a")]])
            #expect(try await place.parts(from: 1) != nil)
            var path = shuffle
            while path.count > "\(place.folder)/disk1".count {
                #expect(unsafe rename(path, "\(path).real") == 0)
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(path).real")
                #expect(try await place.parts(from: 1) == nil, "\(path)")
                #expect(unsafe unlink(path) == 0 && rename("\(path).real", path) == 0)
                path = URL(fileURLWithPath: path).deletingLastPathComponent().path
            }
            #expect(try await place.parts(from: 1) != nil)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
    func `files of another user than the application's folder are not served`() async throws {
        try await self.withPlace { place in
            for mapTask in 1...3 { try place.write(mapTask, [[Self.frame("\(mapTask)")]]) }
            #expect(unsafe chown("\(place.shuffle())/2", 12_345, 12_345) == 0)
            #expect(try await place.parts(from: 1)?.map(\.mapTask) == [1, 3])
            #expect(try await place.parts(from: 2) == nil)
            let application = URL(fileURLWithPath: place.shuffle()).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().path
            #expect(unsafe chown(application, 12_345, 12_345) == 0)
            #expect(try await place.parts(from: 2)?.map(\.mapTask) == [2])
            #expect(try await place.parts(from: 1) == nil)
        }
    }

    @Test func `damaged files are as if they were not there`() async throws {
        try await self.withPlace { place in
            let frames = [Self.frame("abc"), Self.frame("defg")]
            let sound = ShuffleBytes.file([frames])
            try place.write(1, [frames])
            try place.write(9, [frames])
            var hurt = sound
            hurt[12] = 7
            var endless = sound
            endless[0] = 200
            let damaged: [[UInt8]] = [
                [], Array("HDLSHUF1".utf8), Array(sound.dropLast()), Array(sound.dropFirst()), Array(sound.suffix(16)),
                hurt,
                endless, ShuffleBytes.file(Array(frames.joined()), offsets: [39, 0]),
                ShuffleBytes.file(Array(frames.joined()), offsets: [0, 40]),
                ShuffleBytes.file(Array(frames.joined()), offsets: [0, .max]),
                ShuffleBytes.file(Array(frames.joined()), offsets: [0, 38]),
            ]
            for (index, bytes) in damaged.enumerated() {
                try place.write("5", bytes)
                #expect(try await place.parts(from: 5) == nil, "\(index)")
                #expect(try await place.parts(from: 1)?.map(\.mapTask) == [1, 9], "\(index)")
            }
            try place.write("5", sound)
            #expect(try await place.parts(from: 1)?.map(\.mapTask) == [1, 5, 9])
        }
    }

    @Test func `names that are not those of whole files are ignored`() async throws {
        try await self.withPlace { place in
            let sound = ShuffleBytes.file([[Self.frame("a")]])
            try place.write(1, [[Self.frame("a")]])
            for name in [".2", "3.part", "04", "2147483648", "-5", "x", "0x6", "7 "] {
                try place.write(name, sound)
            }
            #expect(try await place.parts(from: 1)?.map(\.mapTask) == [1])
        }
    }

    @Test func `a file that was cut or replaced after it was looked at is not sent`() async throws {
        try await self.withPlace { place in
            let request = try #require(ShuffleRequest(path: ShuffleFixture.path(Self.application, mapTask: 1)))
            let files = ShuffleFiles(directories: ["\(place.folder)/disk1"])
            let path = "\(place.shuffle())/1"
            try place.write(1, [[Self.frame("abc")]])
            let part = try #require(files.answer(request, user: "ann")?.parts.first)
            _ = try part.file.open(through: part.frames.upperBound)
            #expect(unsafe truncate(path, off_t(part.frames.upperBound) - 1) == 0)
            #expect(throws: ShuffleFileChanged.self) { try part.file.open(through: part.frames.upperBound) }
            try place.write("new", ShuffleBytes.file([[Self.frame("xyz")]]))
            #expect(unsafe rename("\(place.shuffle())/new", path) == 0)
            #expect(throws: ShuffleFileChanged.self) { try part.file.open(through: part.frames.upperBound) }
            #expect(unsafe unlink(path) == 0)
            #expect(throws: ShuffleFileChanged.self) { try part.file.open(through: part.frames.upperBound) }
        }
    }

    @Test func `a port that is taken is named with its key`() async throws {
        try await self.withPlace { place in
            let failure = await #expect(throws: ShufflePortFailure.self) {
                _ = try await ShuffleServer.start(
                    host: "127.0.0.1",
                    port: place.server.port,
                    directories: [],
                    logger: Logger(label: "test")
                )
            }
            #expect(failure?.description.contains("heddle.shuffle.port") == true)
            #expect(failure?.description.contains("127.0.0.1:\(place.server.port)") == true)
        }
    }
}
