/// A folder that an action writes, one file for each partition: the one place where the engine writes files.
///
/// Every run of a task writes a file of its own below `_temporary`. The driver, which knows the run of each partition that
/// counts, gives those files their names when all are there, and then writes `_SUCCESS`. So a run that failed, was slower
/// than another or still goes on somewhere leaves nothing behind, and a folder without `_SUCCESS` is not whole.
@usableFromInline struct OutputFolder {
    private static let temporaryName = "_temporary"
    static let successName = "_SUCCESS"

    let path: String
    private let place: any OutputPlace

    private var temporary: String { "\(self.path)/\(Self.temporaryName)" }

    // MARK: - The driver's part

    /// The path that a program's name for a folder means, in every process.
    /// - Throws: `HeddleError` for a name of a place that cannot be written.
    @usableFromInline static func path(of name: String) throws -> String {
        do {
            let path = try FileAccess.absolute(name)
            _ = try WritablePlaces.place(of: path)
            return path.hasSuffix("/") ? String(path.dropLast()) : path
        } catch let error as HeddleError {
            throw error
        } catch {
            throw HeddleError.graph("\(error)")
        }
    }

    /// Makes the folder.
    /// - Throws: `HeddleError` where something of its name is there already.
    init(making path: String) throws {
        self.path = path
        do {
            self.place = try WritablePlaces.place(of: path)
            if try self.place.exists(path) {
                throw HeddleError.graph("\(path) exists already: name another folder, or remove it first")
            }
            try self.place.makeFolder(self.temporary)
        } catch let error as HeddleError {
            throw error
        } catch {
            throw HeddleError.graph("\(error)")
        }
    }

    /// Gives the files that count their names.
    func commit(_ files: [WrittenFile], _ scratch: BlockPlaces) throws {
        do {
            for file in files {
                try self.place.rename("\(self.temporary)/\(file.temporaryName)", to: "\(self.path)/\(file.name)")
            }
            try self.place.remove(self.temporary)
            try self.place.newFile("\(self.path)/\(Self.successName)", scratch).finish()
        } catch {
            throw HeddleError.job("\(error)")
        }
    }

    /// Removes what a job that failed has written.
    func abort() { try? self.place.remove(self.path) }

    // MARK: - A task's part

    init(opening path: String) throws {
        self.path = path
        self.place = try WritablePlaces.place(of: path)
    }

    /// A file for one run of a task.
    func newFile(_ input: OperatorInput, suffix: String) throws -> (writer: any OutputFile, file: WrittenFile) {
        let number = String(input.partition)
        let name = "part-" + String(repeating: "0", count: max(0, 5 - number.count)) + number + suffix
        // Runs of different attempts of a stage may have equal numbers.
        let chance = String(UInt64.random(in: 0 ... .max), radix: 16)
        let file = WrittenFile(name: name, temporaryName: "\(name).\(input.task.order.attempt).\(chance)")
        let scratch = input.task.executor.places
        return (try self.place.newFile("\(self.temporary)/\(file.temporaryName)", scratch), file)
    }
}

/// A file that a run of a task wrote.
struct WrittenFile: Codable, Hashable, Sendable {
    /// What it is to be called.
    var name: String
    var temporaryName: String
}
