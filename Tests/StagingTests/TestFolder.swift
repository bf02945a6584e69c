import Glibc
import TestSupport
import Testing

@testable import Staging

/// A folder that exists as long as its test.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        self.path = try makeTemporaryFolder()
    }

    deinit {
        TreeRemoval.remove(self.path)
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws -> String {
        let path = "\(self.path)/\(name)"
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        unsafe try bytes.withUnsafeBytes { unsafe try file.write($0, path: path) }
        _ = fchmod(file.number, mode)
        return path
    }

    func read(_ name: String) throws -> [UInt8] {
        let path = "\(self.path)/\(name)"
        let file = try OwnedDescriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe try chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0, path: path) }
            if count == 0 { return bytes }
            bytes += chunk.prefix(count)
        }
    }

    func makeDirectory(_ name: String, mode: UInt32 = 0o755) throws -> String {
        let path = "\(self.path)/\(name)"
        try #require(unsafe mkdir(path, mode) == 0)
        return path
    }

    func openDirectory(_ name: String) throws -> OwnedDescriptor {
        try OwnedDescriptor.open("\(self.path)/\(name)", O_RDONLY | O_DIRECTORY)
    }

    /// The state of a file or link itself; nil if there is none.
    func status(_ name: String) -> stat? {
        var status = stat()
        return unsafe lstat("\(self.path)/\(name)", &status) == 0 ? status : nil
    }

    func mode(_ name: String) -> UInt32? { self.status(name).map { $0.st_mode & 0o7777 } }

    func location(_ name: String) -> ResourceLocation { ResourceLocation(scheme: "file", path: "\(self.path)/\(name)") }

    /// Its last change in milliseconds.
    func timestamp(_ name: String) -> Int64? { self.status(name).map { milliseconds($0.st_mtim) } }
}

/// What this process has open at a time. Other tests of the process open and close things meanwhile, so only what belongs to one
/// test says anything.
enum OpenDescriptors {
    /// Files and folders below a folder, those that have been removed too.
    static func count(below folder: String) -> Int {
        self.numbers.count { number in
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe readlink("/proc/self/fd/\(number)", &target, target.count)
            let path = String(decoding: target.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            return path.hasPrefix(folder)
        }
    }

    /// Connections to a port of this machine.
    static func connections(to port: Int) -> Int {
        self.numbers.count { number in
            var peer = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isConnected = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe getpeername(number, $0, &length) == 0
                }
            }
            return isConnected && peer.sin_family == sa_family_t(AF_INET)
                && Int(UInt16(bigEndian: peer.sin_port)) == port
        }
    }

    private static var numbers: [Int32] {
        guard let directory = unsafe opendir("/proc/self/fd") else { return [] }
        defer { unsafe _ = closedir(directory) }
        var numbers: [Int32] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let number = Int32(name) { numbers.append(number) }
        }
        return numbers
    }
}
