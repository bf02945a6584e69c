import Foundation
import StateStore
import Testing

@Suite struct StateStoreTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        self.folder = try TemporaryFolder()
        self.path = self.folder.file("store/state.db")
    }

    private func record(_ key: String, _ bytes: [UInt8] = [1, 2, 3], version: Int = 1) -> StoredRecord {
        StoredRecord(kind: "application", key: key, version: version, bytes: bytes)
    }

    @Test func `a committed batch is there after the file is opened again`() async throws {
        let store = try StateStore.open(self.path)
        let operations: [StoreOperation] = [.put(self.record("b")), .put(self.record("a", [9], version: 7))]
        #expect(try await store.commit(operations, fence: store.fence) == .committed)
        store.close()

        let again = try StateStore.open(self.path)
        #expect(try again.load() == [self.record("a", [9], version: 7), self.record("b")])
        again.close()
    }

    @Test func `a put replaces and a remove removes, in the order of the batch`() async throws {
        let store = try StateStore.open(self.path)
        let operations: [StoreOperation] = [
            .put(self.record("a")), .put(self.record("a", [4])), .put(self.record("b")),
            .remove(kind: "application", key: "b"), .remove(kind: "application", key: "never there"),
        ]
        #expect(try await store.commit(operations, fence: store.fence) == .committed)
        #expect(try store.load() == [self.record("a", [4])])
        store.close()
    }

    @Test func `kinds that are left out are read one by one, also while the store writes`() async throws {
        let store = try StateStore.open(self.path)
        let large = StoredRecord(
            kind: "content",
            key: "large",
            version: 2,
            bytes: [UInt8](repeating: 7, count: 100_000)
        )
        let small = StoredRecord(kind: "content", key: "a", version: 1, bytes: [])
        let operations: [StoreOperation] = [.put(self.record("b")), .put(large), .put(small)]
        #expect(try await store.commit(operations, fence: store.fence) == .committed)
        #expect(try store.load(except: ["content"]) == [self.record("b")])
        #expect(try store.load(except: ["content", "application"]).isEmpty)
        #expect(try store.load().count == 3)
        let sizes = try store.sizes(of: "content")
        #expect(sizes.map(\.key) == ["a", "large"])
        #expect(sizes.map(\.bytes) == [0, 100_000])
        #expect(try store.record(kind: "content", key: "large") == large)
        #expect(try store.record(kind: "content", key: "a") == small)
        #expect(try store.record(kind: "content", key: "b") == nil)
        // What was committed since is seen.
        #expect(try await store.commit([.remove(kind: "content", key: "a")], fence: store.fence) == .committed)
        #expect(try store.record(kind: "content", key: "a") == nil)
        store.close()
        let failure = #expect(throws: StateStoreError.self) { try store.record(kind: "content", key: "large") }
        #expect(failure?.reason == .closed)
    }

    @Test func `many single records are read at a time, each by who asked for it`() async throws {
        let store = try StateStore.open(self.path)
        let records = (0..<200).map { self.record("\($0)") }
        #expect(try await store.commit(records.map { .put($0) }, fence: store.fence) == .committed)
        try await withThrowingTaskGroup(of: (String, StoredRecord?).self) { group in
            for number in 0..<400 {
                group.addTask { ("\(number)", try await store.fetch(kind: "application", key: "\(number)")) }
            }
            for try await (key, found) in group {
                #expect(found == (records.count > Int(key) ?? 0 ? self.record(key) : nil))
            }
        }
        store.close()
        let failure = await #expect(throws: StateStoreError.self) {
            try await store.fetch(kind: "application", key: "1")
        }
        #expect(failure?.reason == .closed)
    }

    @Test func `a store in memory has single records too`() async throws {
        let store = try StateStore.inMemory()
        #expect(try await store.commit([.put(self.record("a"))], fence: store.fence) == .committed)
        #expect(try store.record(kind: "application", key: "a") == self.record("a"))
        #expect(try await store.fetch(kind: "application", key: "a") == self.record("a"))
        store.close()
    }

    @Test func `removing by prefix takes one kind's keys with that beginning and no others`() async throws {
        let store = try StateStore.open(self.path)
        let other = StoredRecord(kind: "attempt", key: "x_1_b", version: 1, bytes: [])
        let operations: [StoreOperation] = [
            .put(self.record("x_1_a")), .put(self.record("x_1_b")), .put(self.record("x_10_a")), .put(other),
            .removeAll(kind: "application", keyPrefix: "x_1_"),
        ]
        #expect(try await store.commit(operations, fence: store.fence) == .committed)
        #expect(try store.load() == [self.record("x_10_a"), other])
        store.close()
    }

    @Test func `the second to open a store fences the first`() async throws {
        let first = try StateStore.open(self.path)
        #expect(try await first.commit([.put(self.record("a"))], fence: first.fence) == .committed)
        let second = try StateStore.open(self.path)

        #expect(try await first.commit([.put(self.record("late"))], fence: first.fence) == .fenced)
        #expect(try await second.commit([.put(self.record("b"))], fence: second.fence) == .committed)
        #expect(try second.load().map(\.key) == ["a", "b"])
        first.close()
        second.close()
    }

    @Test func `completions run in the order of the calls`() async throws {
        let store = try StateStore.open(self.path)
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        let count = 500
        for number in 0..<count {
            store.commit([.put(self.record("\(number)"))], fence: store.fence) { result in
                #expect(throws: Never.self) { try result.get() }
                continuation.yield(number)
                if number == count - 1 { continuation.finish() }
            }
        }
        var seen: [Int] = []
        for await number in stream { seen.append(number) }
        #expect(seen == Array(0..<count))
        #expect(try store.load().count == count)
        store.close()
    }

    @Test func `close writes what was queued and refuses what comes after`() async throws {
        let store = try StateStore.open(self.path)
        for number in 0..<50 {
            store.commit([.put(self.record("\(number)"))], fence: store.fence) { _ in }
        }
        store.close()
        await #expect(throws: StateStoreError.self) {
            try await store.commit([.put(self.record("late"))], fence: store.fence)
        }
        let again = try StateStore.open(self.path)
        #expect(try again.load().count == 50)
        again.close()
    }

    @Test func `only the owner may read the folder and the files`() async throws {
        let store = try StateStore.open(self.path)
        #expect(try await store.commit([.put(self.record("a"))], fence: store.fence) == .committed)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(self.folder.file("store")) == 0o700)
        for suffix in ["", "-wal", "-shm"] {
            #expect(try mode(self.path + suffix) == 0o600, "\(suffix)")
        }
        store.close()
    }

    @Test func `folders above the store's own are left open to others, who share them`() throws {
        let store = try StateStore.open(self.folder.file("shared/between/store/state.db"))
        defer { store.close() }
        for (name, isOpen) in [("shared", true), ("shared/between", true), ("shared/between/store", false)] {
            let path = self.folder.file(name)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o001 != 0 } == isOpen, "\(name)")
        }
    }

    @Test func `a folder that others can write is refused`() throws {
        let open = self.folder.file("open")
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: open)
        let error = #expect(throws: StateStoreError.self) { try StateStore.open("\(open)/state.db") }
        #expect(error?.reason == .inaccessible)
        #expect(error?.description.contains("chmod go-w") == true)
    }

    @Test func `a file that is no database is reported as damaged and left alone`() throws {
        let path = self.folder.file("garbage.db")
        let garbage = Data((0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
        try garbage.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: StateStoreError.self) { try StateStore.open(path) }
        #expect(error?.reason == .corrupt)
        #expect(error?.description.contains(path) == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == garbage)
    }

    @Test func `a changed byte inside a record is noticed when the store is loaded`() async throws {
        let marker = [UInt8](repeating: 0xA5, count: 64)
        let store = try StateStore.open(self.path)
        #expect(try await store.commit([.put(self.record("a", marker))], fence: store.fence) == .committed)
        store.close()

        var file = try Data(contentsOf: URL(fileURLWithPath: self.path))
        let place = try #require(file.firstRange(of: Data(marker)))
        file[place.lowerBound + 10] ^= 1
        try file.write(to: URL(fileURLWithPath: self.path))

        let again = try StateStore.open(self.path)
        let error = #expect(throws: StateStoreError.self) { try again.load() }
        #expect(error?.reason == .corrupt)
        again.close()
    }

    @Test func `another program's database is refused and left alone`() async throws {
        let store = try StateStore.open(self.path)
        store.close()
        var file = try Data(contentsOf: URL(fileURLWithPath: self.path))
        // The application id stands at offset 68 of the header (sqlite.org/fileformat2.html).
        file.replaceSubrange(68..<72, with: [0, 0, 0, 9])
        let other = self.folder.file("other.db")
        try file.write(to: URL(fileURLWithPath: other))
        let error = #expect(throws: StateStoreError.self) { try StateStore.open(other) }
        #expect(error?.reason == .inaccessible)
    }

    @Test func `a layout of the future is refused`() async throws {
        let store = try StateStore.open(self.path)
        store.close()
        var file = try Data(contentsOf: URL(fileURLWithPath: self.path))
        // The user version stands at offset 60.
        file.replaceSubrange(60..<64, with: [0, 0, 0, 99])
        let newer = self.folder.file("newer.db")
        try file.write(to: URL(fileURLWithPath: newer))
        let error = #expect(throws: StateStoreError.self) { try StateStore.open(newer) }
        #expect(error?.reason == .newerFormat)
    }
}
