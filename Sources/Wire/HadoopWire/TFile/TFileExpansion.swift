import Glibc

/// Brings a compressed TFile into its plain form, in which any part of any log can be read without those before it.
package enum TFileExpansion {
    /// Writes the plain form of a file, piece by piece.
    package static func expand(_ source: some TFileSource, _ body: ([UInt8]) throws -> Void) throws {
        let layout = try TFileLayout(source)
        try body(TFileWriter.magic)
        var position = Int64(TFileWriter.magic.count)
        var blocks: [TFileWriter.Region] = []
        for block in layout.blocks {
            blocks.append(TFileWriter.Region(offset: position, stored: block.length, raw: block.length))
            try TFileLayout.read(block, of: source, body)
            position += block.length
        }
        let tables = try layout.tables.map { (name: $0.name, bytes: try TFileLayout.table($0.part, of: source)) }
        try body(TFileWriter.end(at: position, tables: tables, blocks: blocks, isCompressed: false))
    }

    /// The plain form of a file as one of this machine, without a name and gone with its last reference; it takes as much
    /// room in the temporary folder as the logs have bytes. Nil for a file that is not compressed.
    package static func plainForm(of source: some TFileSource) throws -> PlainTFile? {
        guard try TFileLayout(source).isCompressed else { return nil }
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var path = Array("\(folder)/heddle-logs-XXXXXX".utf8CString)
        let number = unsafe mkstemp(&path)
        guard number >= 0 else { throw PlainFormFailure(folder: folder, reason: Self.reason) }
        unsafe _ = unlink(path)
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        let target = PlainTFile(number: number)
        try Self.expand(source) { bytes in
            guard target.append(bytes) else { throw PlainFormFailure(folder: folder, reason: Self.reason) }
        }
        return target
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }
}

/// Why this machine cannot keep the plain form of a compressed log.
package struct PlainFormFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var folder: String
    /// The operating system's words.
    package var reason: String

    package var description: String {
        "\(self.folder) cannot take the plain form of a compressed log: \(self.reason); TMPDIR names another folder"
    }
}

/// A file of this machine that has no name any more.
package final class PlainTFile: TFileSource, Sendable {
    private let number: Int32

    fileprivate init(number: Int32) {
        self.number = number
    }

    deinit {
        close(self.number)
    }

    package var length: Int64 {
        var status = stat()
        return unsafe fstat(self.number, &status) == 0 ? Int64(status.st_size) : 0
    }

    package func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = unsafe max(0, pread(self.number, buffer.baseAddress, count, off_t(offset)))
        }
        guard bytes.count == count else { throw TFileFailure.truncated }
        return bytes
    }

    fileprivate func append(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(self.number, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
