import Foundation

/// A folder of a test's own, gone with it.
final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("heddle-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let place = URL(fileURLWithPath: self.path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: place)
        return place.path
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String { try self.write(name, text.utf8) }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: self.path(name)))) }

    func path(_ name: String) -> String { "\(self.path)/\(name)" }

    func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.path(name)).sorted()
    }
}

extension Folder {
    /// Files below it that this process has open, with a name or without one, as paths by which they can be changed.
    var openFiles: [String] { Self.openFiles(below: self.path) }

    static func openFiles(below path: String) -> [String] {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.map { "/proc/self/fd/\($0)" }.filter { link in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: link))?.hasPrefix("\(path)/") == true
        }
    }

    /// Changes every byte of a file, where it lies.
    static func change(_ path: String, _ change: (UInt8) -> UInt8) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let bytes = try file.readToEnd() ?? Data()
        try file.seek(toOffset: 0)
        try file.write(contentsOf: Data(bytes.map(change)))
        try file.close()
    }

    /// Leaves only so many bytes of a file.
    static func cut(_ path: String, to count: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.truncate(atOffset: count)
        try file.close()
    }
}
