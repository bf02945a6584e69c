internal import Glibc

/// Which program this process runs: closures travel as places in it, so that all processes must have the same.
enum ProgramFingerprint {
    /// Length and CRC-32C of the program's file.
    static let own: String = {
        let path = "/proc/self/exe"
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "unknown" }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_size > 0 else { return "unknown" }
        let count = Int(status.st_size)
        guard let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe start != MAP_FAILED
        else {
            return "unknown"
        }
        defer { unsafe munmap(start, count) }
        var checksum = Checksum()
        unsafe checksum.add(UnsafeRawBufferPointer(start: start, count: count))
        return "\(count)-\(String(checksum.value, radix: 16))"
    }()
}
