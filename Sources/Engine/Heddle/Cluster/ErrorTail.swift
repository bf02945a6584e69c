internal import Glibc

/// The end of what a process wrote to its standard error.
enum ErrorTail {
    /// As much as NodeManagers tell of a container (`yarn.nodemanager.container.stderr.tail.bytes`).
    private static let bytesMaximum = 4096

    /// Whole lines, if there is more than one; empty where nothing can be read.
    static func text(of file: String) -> String {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let start = max(0, lseek(descriptor, 0, SEEK_END) - Self.bytesMaximum)
        var bytes = [UInt8](repeating: 0, count: Self.bytesMaximum)
        let count = unsafe pread(descriptor, &bytes, bytes.count, start)
        var text = bytes.prefix(max(0, count))
        if start > 0, let end = text.firstIndex(of: UInt8(ascii: "\n")), end + 1 < text.endIndex {
            text = text[(end + 1)...]
        }
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: " ") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// Of this process, where that is a file, as in a container; empty where others see it anyway.
    static var own: String {
        var status = stat()
        guard unsafe fstat(STDERR_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return "" }
        return self.text(of: "/proc/self/fd/\(STDERR_FILENO)")
    }
}
