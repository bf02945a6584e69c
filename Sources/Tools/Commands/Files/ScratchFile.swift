import FoundationEssentials
import Glibc
import Staging

/// A file of this machine without a name, gone when it is closed.
final class ScratchFile: Sendable {
    let descriptor: OwnedDescriptor
    let path: String

    init() throws {
        self.path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("heddle-fs-\(UInt64.random(in: .min ... .max))").path
        self.descriptor = try OwnedDescriptor.open(self.path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
        _ = unsafe unlink(self.path)
    }

    /// Writes all of it, from its beginning; a reader that went away is no error.
    func write(to target: Int32) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var offset: off_t = 0
        while true {
            let count = unsafe pread(self.descriptor.number, &buffer, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read", self.path) }
            if count == 0 { return }
            writeBytes(Array(buffer[..<count]), to: target)
            offset += off_t(count)
        }
    }
}
