import Glibc
import Testing

/// Makes a folder, which its test removes, where what tests leave behind is looked for: in TMPDIR.
package func makeTemporaryFolder() throws -> String {
    let place = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(place)/heddle-test-XXXXXX".utf8CString)
    let made: String? = unsafe template.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress, let path = unsafe mkdtemp(base) else { return nil }
        return unsafe String(cString: path)
    }
    return try #require(made)
}
