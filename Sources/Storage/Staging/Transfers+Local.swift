import CLinux
import Glibc

extension Transfers {
    /// Copies an opened file of this machine.
    package func copy(
        _ source: borrowing LocalSource,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ cancellation: Cancellation
    ) throws(TransferFailure) -> Int64 {
        guard lseek(source.descriptor.number, 0, SEEK_SET) == 0 else {
            throw TransferFailure("\(SystemError("rewind", source.location.path))")
        }
        var copied: Int64 = 0
        // Small enough to notice a cancellation, large enough to be one call for most files.
        let step = 16 << 20
        var buffer: [UInt8] = []
        while true {
            if cancellation.isCancelled { throw .cancelled }
            if let limit = self.settings.bytesMaximum, copied > limit { throw Self.tooLarge(source.location, limit) }
            if buffer.isEmpty {
                let count = heddle_copy_range(source.descriptor.number, target.number, step)
                if count == 0, copied > 0 || source.size == 0 { return copied }
                if count > 0 {
                    copied += Int64(count)
                    continue
                }
                // Some file systems, /proc among them, answer 0 or refuse: then by hand.
                guard count == 0 || [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(errno) else {
                    if errno == EINTR { continue }
                    throw TransferFailure("Resource \(source.location): \(SystemError("write", path))")
                }
                buffer = [UInt8](repeating: 0, count: 1 << 20)
            }
            let count = try Self.copyChunk(source, into: target, path: path, &buffer)
            if count == 0 { return copied }
            copied += Int64(count)
        }
    }

    private static func copyChunk(
        _ source: borrowing LocalSource,
        into target: borrowing OwnedDescriptor,
        path: String,
        _ buffer: inout [UInt8]
    ) throws(TransferFailure) -> Int {
        let number = source.descriptor.number
        var count = 0
        repeat {
            count = unsafe read(number, &buffer, buffer.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else {
            throw TransferFailure("Resource \(source.location): \(SystemError("read", source.location.path))")
        }
        var written = 0
        while written < count {
            let step = unsafe buffer.withUnsafeBytes { bytes in
                unsafe write(target.number, bytes.baseAddress.map { unsafe $0 + written }, count - written)
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else {
                throw TransferFailure("Resource \(source.location): \(SystemError("write", path))")
            }
            written += step
        }
        return count
    }
}
