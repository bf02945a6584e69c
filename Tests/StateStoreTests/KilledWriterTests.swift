import Foundation
import StateStore
import Testing

@Suite struct KilledWriterTests {
    @Test(arguments: [1, 37, 400])
    func `no acknowledged commit is lost when the writer is killed with kill -9`(acknowledged: Int) async throws {
        let folder = try TemporaryFolder()
        let store = folder.file("state.db")
        let journal = folder.file("acknowledged")

        let end = try await StoreWriterProcess.run("killed", store, journal, "\(acknowledged)")
        #expect(end == StoreWriterProcess.End(reason: .uncaughtSignal, status: SIGKILL))

        let noted = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(noted.count >= acknowledged)
        let again = try StateStore.open(store)
        let keys = Set(try again.load().map(\.key))
        #expect(noted.allSatisfy { keys.contains("\($0)-a") && keys.contains("\($0)-b") })
        // Batches are all or nothing, acknowledged or not.
        let halves = keys.filter { key in
            let pair = key.hasSuffix("-a") ? key.dropLast(1) + "b" : key.dropLast(1) + "a"
            return !keys.contains(String(pair))
        }
        #expect(halves.isEmpty)
        again.close()
    }
}

@Suite struct FullDiskTests {
    @Test func `a commit waits until there is room again, and nothing is lost`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("state.db")
        let end = try await StoreWriterProcess.run("full-disk", path)
        #expect(end == StoreWriterProcess.End(reason: .exit, status: 0))
        let again = try StateStore.open(path)
        #expect(try again.load().map(\.key) == ["after", "before", "large"])
        again.close()
    }
}

/// The program of the target StoreWriter. The testing library's own exit tests are no way here: while one is under way they
/// look at any child that has ended, busily, and tests of other suites have many.
enum StoreWriterProcess {
    struct End: Equatable {
        var reason: Process.TerminationReason
        var status: Int32
    }

    static func run(_ arguments: String...) async throws -> End {
        let process = Process()
        process.executableURL = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            .asFile.deletingLastPathComponent().appending(path: "StoreWriter")
        process.arguments = arguments
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { ended in
                continuation.resume(returning: End(reason: ended.terminationReason, status: ended.terminationStatus))
            }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

extension String {
    fileprivate var asFile: URL { URL(filePath: self) }
}
