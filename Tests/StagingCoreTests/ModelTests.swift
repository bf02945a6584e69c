import ClusterModel
import Testing

@testable import StagingCore

/// SplitMix64: the same seed gives the same run everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// A superuser's tree as a table of paths.
private struct PathTable {
    enum Entry: Equatable {
        case folder
        case file([Segment])
    }

    var entries: [String: Entry] = ["/": .folder, "/user": .folder, "/tmp": .folder]

    func isFolder(_ path: String) -> Bool { self.entries[path] == .folder }

    func parents(of path: String) -> [String] {
        var found = ["/"]
        let names = path.split(separator: "/").dropLast()
        for count in names.indices { found.append("/" + names[...count].joined(separator: "/")) }
        return found
    }

    /// Whether every folder on the way is one, or missing.
    func isWayFree(_ path: String) -> Bool {
        self.parents(of: path).allSatisfy { self.entries[$0] == nil || self.isFolder($0) }
    }

    func below(_ path: String) -> [String] {
        self.entries.keys.filter { $0.hasPrefix(path == "/" ? "/" : path + "/") && $0 != "/" }
    }

    mutating func add(_ path: String, _ entry: Entry) {
        for parent in self.parents(of: path) where self.entries[parent] == nil { self.entries[parent] = .folder }
        self.entries[path] = entry
    }

    mutating func rename(_ source: String, _ destination: String) -> Bool {
        guard let moved = self.entries[source], source != "/" else { return false }
        var target = destination
        if destination != source, self.isFolder(destination), let name = source.split(separator: "/").last {
            target = destination == "/" ? "/\(name)" : "\(destination)/\(name)"
        }
        if target == source { return moved != .folder }
        guard !target.hasPrefix(source + "/"), self.entries[target] == nil, self.isWayFree(target),
            self.parents(of: target).allSatisfy({ self.entries[$0] != nil })
        else { return false }
        for path in [source] + self.below(source) {
            self.entries[target + path.dropFirst(source.count)] = self.entries.removeValue(forKey: path)
        }
        return true
    }

    mutating func delete(_ path: String) -> Bool {
        guard path != "/", self.entries[path] != nil else { return false }
        for path in [path] + self.below(path) { self.entries[path] = nil }
        return true
    }
}

@Suite struct ModelTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `a random life agrees with a table of paths, and its rows make the same tree again`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tree = Tree()
        var table = PathTable()
        var writes: [(write: WriteID, path: String)] = []
        for step in 0..<600 {
            tree.now = tree.now.adding(milliseconds: 1)
            let path = Self.path(&random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                let isRight = table.isWayFree(path) && (table.entries[path] == nil || table.isFolder(path))
                #expect((refusal { try tree.makeFolder(path) } == nil) == isRight, "\(step): mkdirs \(path)")
                if isRight, table.entries[path] == nil { table.add(path, .folder) }
            case 2, 3, 4:
                let content = try Tree.content(Int.random(in: 0..<12, using: &random))
                let overwrites = Bool.random(using: &random)
                let isWritten = writes.contains { $0.path == path }
                let isRight =
                    table.isWayFree(path) && !table.isFolder(path) && !isWritten
                    && (overwrites || table.entries[path] == nil)
                let refused = refusal { try tree.write(path, content, overwrites: overwrites) }
                #expect((refused == nil) == isRight, "\(step): create \(path) \(String(describing: refused))")
                if isRight { table.add(path, .file([content])) }
            case 5:
                guard writes.count < 3, table.isWayFree(path), table.entries[path] == nil else { continue }
                writes.append((try tree.begin(path), path))
                table.add(path, .file([]))
            case 6:
                guard !writes.isEmpty else { continue }
                let (write, path) = writes.removeFirst()
                let content = try Tree.content(Int.random(in: 0..<12, using: &random))
                try tree.namespace.finish(write, content, at: tree.now)
                tree.store()
                table.add(path, .file([content]))
            case 7:
                let target = Self.path(&random)
                // Streams follow their file; the table of paths does not know how.
                guard !writes.contains(where: { $0.path.hasPrefix(path) }) else { continue }
                let expected = table.rename(path, target)
                #expect(try tree.rename(path, target) == expected, "\(step): rename \(path) \(target)")
            case 8:
                guard !writes.contains(where: { $0.path.hasPrefix(path) }) else { continue }
                #expect(try tree.delete(path) == table.delete(path), "\(step): delete \(path)")
            default:
                try Self.check(&tree, table)
            }
        }
        try Self.check(&tree, table)
    }

    /// Few names, so that calls meet.
    private static func path(_ random: inout SeededGenerator) -> String {
        let names = (0..<Int.random(in: 1...3, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
        return names.map { "/\($0)" }.joined()
    }

    private static func check(_ tree: inout Tree, _ table: PathTable) throws {
        let again = try tree.restarted()
        for namespace in [tree.namespace, again] {
            let paths = namespace.tree(of: .root).map { namespace.path(of: $0).description }
            #expect(paths.sorted() == table.entries.keys.sorted())
        }
        for (path, entry) in table.entries.sorted(by: { $0.key < $1.key }) {
            let file = try tree.status(path).inode.file
            #expect(file.map { .file($0.segments) } ?? .folder == entry, "\(path)")
        }
        #expect(again.inodes == tree.namespace.inodes)
        #expect(again.references == tree.namespace.references)
        for (id, folder) in tree.namespace.folders {
            #expect(again.folders[id]?.usage == folder.usage)
        }
        var needed: Set<ContentHash> = []
        for case .file(let segments) in table.entries.values { needed.formUnion(segments.map(\.hash)) }
        #expect(Set(again.references.keys) == needed)
    }
}
