import CLibArchive
import CLibcurl

/// libcurl's functions, or why there are none. Loaded once, by the first transfer.
enum LibraryCurl {
    static let loaded: Result<heddle_curl, LibraryMissing> = {
        var functions = heddle_curl()
        guard let problem = unsafe heddle_curl_load(&functions) else { return .success(functions) }
        return .failure(LibraryMissing("libcurl", problem: unsafe String(cString: problem), package: "libcurl4"))
    }()
}

/// libarchive's functions, or why there are none. Loaded once, by the first archive.
enum LibraryArchive {
    static let loaded: Result<heddle_archive, LibraryMissing> = {
        var functions = heddle_archive()
        guard let problem = unsafe heddle_archive_load(&functions) else { return .success(functions) }
        return .failure(LibraryMissing("libarchive", problem: unsafe String(cString: problem), package: "libarchive13"))
    }()
}

/// A library of the system that is needed now and is not there.
struct LibraryMissing: Error, CustomStringConvertible {
    var description: String

    init(_ library: String, problem: String, package: String) {
        self.description = "\(library) cannot be loaded (\(problem)): install Debian's \(package) or your system's own"
    }
}
