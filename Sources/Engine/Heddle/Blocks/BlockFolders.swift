internal import Glibc
internal import Staging
internal import Synchronization

/// Where an executor keeps what does not fit in memory: a folder of its own in each of `spark.local.dir`'s (in a container, of
/// the NodeManager's `LOCAL_DIRS`), made when it is first needed and removed when the process ends.
final class BlockFolders: Sendable {
    private struct State {
        /// Folders that were made.
        var made: [String] = []
        var hasBegun = false
        var isClosed = false
        var files = 0
    }

    /// Set by a NodeManager.
    static let containerVariable = "LOCAL_DIRS"

    private let places: [String]
    private let state = Mutex(State())

    /// - Parameter places: folders that are there; files go to them in turn.
    init(places: [String]) { self.places = places.isEmpty ? ["/tmp"] : places }

    /// The places for this process, by what `spark.local.dir` or the surroundings say.
    init(_ setting: String?) {
        let named =
            ExecutorEnvironment.variable(Self.containerVariable) ?? ExecutorEnvironment.variable("SPARK_LOCAL_DIRS")
            ?? setting
        let places = (named ?? ExecutorEnvironment.variable("TMPDIR") ?? "/tmp").split(separator: ",").map { place in
            String(place.drop { $0 == " " })
        }
        self.places = places.isEmpty ? ["/tmp"] : places
    }

    /// Names for a new file, the best place first: where one has no room or cannot be written, the next may.
    func candidates() throws -> [String] {
        try self.state.withLock { state in
            if state.isClosed { throw TaskFault.cancelled }
            if !state.hasBegun { try self.begin(&state) }
            state.files += 1
            return state.made.indices.map { index in
                "\(state.made[(state.files + index) % state.made.count])/block-\(state.files)"
            }
        }
    }

    private func begin(_ state: inout State) throws {
        var failure: FileFailure?
        for place in self.places {
            var template = Array("\(place)/heddle-blocks-XXXXXX".utf8CString)
            if let folder = unsafe mkdtemp(&template).map({ unsafe String(cString: $0) }) {
                state.made.append(folder)
            } else {
                failure = FileFailure(place, "can hold no blocks; spark.local.dir names other folders", errno)
            }
        }
        if state.made.isEmpty, let failure { throw failure }
        state.hasBegun = true
        let made = state.made
        ProcessEnd.atExit { _ in for folder in made { TreeRemoval.remove(folder) } }
    }

    /// How many files were begun.
    var fileCount: Int { self.state.withLock { $0.files } }

    /// The folders that were made.
    var folders: [String] { self.state.withLock { $0.made } }

    /// Removes everything; nothing is kept here any more.
    func remove() {
        let made = self.state.withLock { state in
            state.isClosed = true
            defer { state.made = [] }
            return state.made
        }
        for folder in made { TreeRemoval.remove(folder) }
    }

    deinit { self.remove() }
}
