import Foundation
import Testing

@Suite struct HouseRulesTests {
    @Test func `a target imports only what its place in the house allows`() throws {
        var wrong: [String] = []
        for (name, room) in FloorPlan.rooms.sorted(by: { $0.key < $1.key }) {
            for file in try SourceFile.all(below: "Sources/\(room.folder)") {
                for module in file.imports where !room.ours.contains(module) && !room.outside.contains(module) {
                    wrong.append("\(file.path): \(name) may not import \(module)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `every target of the package has its place in the table`() throws {
        let floors = try FileManager.default.contentsOfDirectory(atPath: SourceFile.projectFolder.path + "/Sources")
        let known = Set(FloorPlan.rooms.values.map(\.folder))
        var missing: [String] = []
        for floor in floors {
            let rooms = try FileManager.default.contentsOfDirectory(
                atPath: SourceFile.projectFolder.path + "/Sources/" + floor
            )
            for room in rooms where !known.contains("\(floor)/\(room)") {
                let hasSwift = try !SourceFile.all(below: "Sources/\(floor)/\(room)").isEmpty
                if hasSwift { missing.append("\(floor)/\(room)") }
            }
        }
        #expect(missing.isEmpty, "not in FloorPlan: \(missing)")
    }

    @Test func `cores take no clock, randomness, output or lock from outside`() throws {
        let banned = [
            ".random(", "Date(", "Clock.now", "UUID()", "print(", "Mutex", "Task {", "async ", "ContinuousClock",
        ]
        let wrong = try FloorPlan.pure.compactMap { FloorPlan.rooms[$0] }
            .flatMap { try SourceFile.all(below: "Sources/\($0.folder)") }
            .flatMap { $0.lines(containing: banned) }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `nothing crashes on purpose and nothing is left for later`() throws {
        let banned = ["try!", " as! ", "fatalError(", "TODO", "FIXME"]
        let wrong = try SourceFile.all(below: "Sources", endings: [".swift", ".c", ".h"])
            .flatMap { $0.lines(containing: banned) }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `every setting is read by somebody who acts on it`() throws {
        let files = try SourceFile.all(below: "Sources")
        let settings = files.filter { $0.path.hasPrefix("Sources/Settings") }
        let outside = files.filter {
            !$0.path.hasPrefix("Sources/Settings") && !$0.path.hasPrefix("Sources/System/HadoopConfig")
        }
        // Within the folder only what is read counts: a setting may decide another, or become part of one.
        let read = Set(outside.flatMap(\.words) + settings.flatMap(\.readMembers))
        let unread = settings.flatMap { file in
            file.storedProperties.filter { !read.contains($0) }.map { "\(file.path): \($0)" }
        }
        #expect(
            unread.isEmpty,
            "a setting that nobody reads is a promise not kept: \(unread.joined(separator: "\n"))"
        )
    }

    /// Keys that are known, so that their values are checked, and that ask for nothing here.
    private static let keysWithoutEffect = [
        "temporaryDirectory": "other properties refer to it by ${hadoop.tmp.dir}",
        "authToLocal": "translates the names of Kerberos, which is refused",
        "failoverAttemptsMaximum": "commands try all ResourceManagers within the same wait as one",
        "failoverSleepBase": "as above",
        "failoverSleepMaximum": "as above",
        "highAvailabilityID": "a ResourceManager runs alone, which its own key is reported for",
        "localizerAddress": "localizing opens no port",
        "multipleAssignmentsEnabled": "placement does not wait for heartbeats",
        "assignmentsPerHeartbeatMaximum": "as above",
    ]

    @Test func `every configuration key that is known is read, or reported as not built`() throws {
        let folder = "Sources/System/HadoopConfig/Keys"
        let files = try SourceFile.all(below: "Sources")
        let read = Set(files.filter { !$0.path.hasPrefix(folder) }.flatMap(\.words))
        let known = files.filter { $0.path.hasPrefix(folder) }.flatMap(\.configurationKeys)
        let unread = known.filter { !read.contains($0) && Self.keysWithoutEffect[$0] == nil }
        #expect(unread.isEmpty, "known, checked and then ignored: \(unread.joined(separator: ", "))")
        let gone = Self.keysWithoutEffect.keys.filter { !known.contains($0) }.sorted()
        #expect(gone.isEmpty, "there are no such keys: \(gone.joined(separator: ", "))")
    }

    @Test func `tests wait for what they need, never for a time`() throws {
        let files = try SourceFile.all(below: "Tests", endings: [".swift", ".py"])
            // Jobs are the load, not the test; the two loops that poll with a deadline are what all tests use.
            .filter { !$0.path.contains("/jobs/") && !$0.path.hasPrefix("Tests/ArchitectureTests") }
            .filter { !["Tests/TestSupport/Polling.swift", "Tests/Interop/cluster.py"].contains($0.path) }
        let wrong = files.flatMap {
            $0.lines(containing: ["Task.sleep", "Thread.sleep", "usleep(", "    time.sleep("])
        }
        #expect(wrong.isEmpty, "poll with a deadline instead: \(wrong.joined(separator: "\n"))")
    }

    @Test func `files stay under 800 lines`() throws {
        let long = try (SourceFile.all(below: "Sources", endings: [".swift", ".c"]) + SourceFile.all(below: "Tests"))
            .filter { $0.lines.count > 800 }.map { "\($0.path): \($0.lines.count)" }
        #expect(long.isEmpty, "find the seam: \(long.joined(separator: "\n"))")
    }

    @Test func `functions stay under 70 lines`() throws {
        let long = try SourceFile.all(below: "Sources").flatMap { file in
            file.functionLengths.filter { $0.length > 70 }.map { "\(file.path): \($0.name) \($0.length)" }
        }
        #expect(long.isEmpty, "\(long.joined(separator: "\n"))")
    }

    @Test func `no path of one machine stands in the project`() throws {
        // At the start of a word, so that a folder named for the user root may stand in a path.
        let banned = ["\"", " ", "=", "'"].flatMap { start in ["work", "root"].map { "\(start)/\($0)/" } }
        let folders = ["Sources", "Tests", "scripts", "etc-hadoop", "Benchmarks"]
        let endings = [".swift", ".c", ".h", ".sh", ".py", ".xml", ".md"]
        let wrong = try folders.flatMap { try SourceFile.all(below: $0, endings: endings) }
            .flatMap { $0.lines(containing: banned) }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `what targets share is package, not public`() throws {
        let wrong = try SourceFile.all(below: "Sources").filter { !$0.path.contains("/Engine/") }
            .flatMap { file in
                file.lines.enumerated().filter { $0.element.drop(while: { $0 == " " }).hasPrefix("public ") }
                    .map { "\(file.path):\($0.offset + 1)" }
            }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
}
