import CLinux
package import Glibc

/// An open file that closes itself when its owner goes away.
package struct OwnedDescriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        // Linux frees the number whatever close answers, so there is nothing to retry.
        _ = Glibc.close(self.number)
    }

    /// Gives the descriptor away; the receiver closes it.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// Opens a path with the daemon's own rights.
    package static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(SystemError) -> OwnedDescriptor {
        let number = unsafe heddle_open(path, flags, mode)
        guard number >= 0 else { throw SystemError("open", path) }
        return OwnedDescriptor(owning: number)
    }

    /// Opens a name below a directory. No symbolic link and no `..` can lead out of it.
    package static func open(
        _ path: String,
        beneath directory: borrowing OwnedDescriptor,
        _ flags: Int32,
        mode: UInt32 = 0
    ) throws(SystemError) -> OwnedDescriptor {
        let number = unsafe heddle_open_beneath(directory.number, path, flags, mode, 1, 1)
        guard number >= 0 else { throw SystemError("open", path) }
        return OwnedDescriptor(owning: number)
    }

    /// Writes all bytes, however many calls that takes.
    package borrowing func write(_ bytes: UnsafeRawBufferPointer, path: String) throws(SystemError) {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            let count = unsafe Glibc.write(self.number, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("write", path)
            }
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    /// Reads into the buffer; 0 at the end of the file.
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer, path: String) throws(SystemError) -> Int {
        while true {
            let count = unsafe Glibc.read(self.number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemError("read", path) }
        }
    }

    package borrowing func status(path: String) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(self.number, &status) == 0 else { throw SystemError("stat", path) }
        return status
    }
}
