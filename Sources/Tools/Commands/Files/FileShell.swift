import Glibc
import Staging

/// Carries out the operations of `heddle fs`. A path that fails is named, and the others are gone on with.
struct FileShell: Sendable {
    typealias Place = FileArguments.Place

    /// How the user named the operation, for messages.
    let operation: String
    let transfers: Transfers
    let user: String
    let arguments: FileArguments
    /// How many files are on their way at a time when several are copied.
    let filesAtOnce: Int
    let display: TransferDisplay

    /// - Returns: whether all of it worked.
    /// - Throws: `CommandFailure` for a wrong command line.
    func run(_ operation: String, _ words: [String], _ options: DashedOptions) async throws -> Bool {
        switch operation {
        case "ls": return try await self.each(words.isEmpty ? [""] : words) { try await self.list($0, options) }
        case "cat": return try await self.show(self.atLeast(1, words).map(self.arguments.place))
        case "mkdir":
            return try await self.each(self.atLeast(1, words)) { try await self.make($0, options.has("p")) }
        case "rm": return try await self.each(self.atLeast(1, words)) { try await self.remove($0, options) }
        case "mv": return try await self.move(self.atLeast(2, words))
        case "get", "copyToLocal":
            let words = try self.atLeast(1, words)
            return try await self.copy(
                from: (words.count > 1 ? Array(words.dropLast()) : words).map(self.arguments.place),
                to: self.arguments.localPlace(words.count > 1 ? words[words.count - 1] : "."),
                Copying(isUpload: false, replaces: options.has("f"))
            )
        default:
            let words = try self.atLeast(1, words)
            return try await self.copy(
                from: (words.count > 1 ? Array(words.dropLast()) : words).map(self.arguments.localPlace),
                to: self.arguments.place(words.count > 1 ? words[words.count - 1] : ""),
                Copying(isUpload: true, replaces: options.has("f"))
            )
        }
    }

    private func atLeast(_ count: Int, _ words: [String]) throws -> [String] {
        guard words.count >= count else {
            throw CommandFailure(
                "-\(self.operation): Not enough arguments: expected \(count) but got \(words.count)",
                exitCode: CommandResult.refused
            )
        }
        return words
    }

    private func each(_ words: [String], _ work: (Place) async throws -> Void) async throws -> Bool {
        let places = try words.map(self.arguments.place)
        var isWhole = true
        for place in places {
            let worked = await self.attempt(place) { try await work(place) }
            isWhole = isWhole && worked
        }
        return isWhole
    }

    /// - Returns: whether it worked; else it was said why not.
    func attempt(_ place: Place, _ work: () async throws -> Void) async -> Bool {
        do {
            try await work()
            return true
        } catch  where Task.isCancelled {
            // Whoever cancelled it knows.
        } catch let error as TransferFailure {
            self.say(error.status == 404 ? "`\(place.word)': No such file or directory" : "\(error)")
        } catch {
            self.say("\(error)")
        }
        return false
    }

    func say(_ text: String) {
        writeText("\(self.operation): \(ProgressLine.printable(text))\n", to: STDERR_FILENO)
    }

    func call<Value: Sendable>(
        _ work: @escaping @Sendable (Transfers, Cancellation) throws(TransferFailure) -> Value
    ) async throws(TransferFailure) -> Value {
        let transfers = self.transfers
        return try await BlockingThreads(threadsMaximum: 1).run { (cancellation) throws(TransferFailure) in
            try work(transfers, cancellation)
        }
    }

    // MARK: - Single places

    func status(_ place: Place) async throws(TransferFailure) -> FileStatus {
        try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
            try transfers.status(of: place.location, user: user, cancellation: cancellation)
        }
    }

    func existing(_ place: Place) async throws(TransferFailure) -> FileStatus? {
        do throws(TransferFailure) {
            return try await self.status(place)
        } catch {
            guard error.status == 404 else { throw error }
            return nil
        }
    }

    func entries(_ place: Place) async throws(TransferFailure) -> [FileStatus] {
        try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
            try transfers.list(place.location, user: user, cancellation: cancellation)
        }
    }

    private func list(_ place: Place, _ options: DashedOptions) async throws {
        let own = try await self.status(place)
        guard own.kind == .directory else { return self.write([(place.word, own)], options) }
        let found = try await self.entries(place).map { entry in
            (name: place.child(entry.location.name ?? "").word, entry: entry)
        }
        if !options.has("R"), !found.isEmpty { writeText("Found \(found.count) items\n", to: STDOUT_FILENO) }
        guard options.has("R") else { return self.write(found, options) }
        for (name, entry) in found {
            self.write([(name, entry)], options)
            if entry.kind == .directory { try await self.list(Place(word: name, location: entry.location), options) }
        }
    }

    private func write(_ found: [(name: String, entry: FileStatus)], _ options: DashedOptions) {
        writeText(FileListing.text(found, user: self.user, isHuman: options.has("h")), to: STDOUT_FILENO)
    }

    private func show(_ places: [Place]) async -> Bool {
        var isWhole = true
        for place in places {
            var hasReader = true
            let worked = await self.attempt(place) { hasReader = try await self.show(place) }
            isWhole = isWhole && worked
            // A pager was left: that is no error.
            if !hasReader { break }
        }
        return isWhole
    }

    /// - Returns: false when nobody reads standard output any more.
    private func show(_ place: Place) async throws -> Bool {
        guard try await self.status(place).kind == .file else {
            throw CommandFailure("`\(place.word)': Is a directory")
        }
        return try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
            try transfers.stream(place.location, user: user, cancellation: cancellation) {
                (piece) throws(TransferFailure) in try Self.show(piece)
            }
        }
    }

    private static func show(_ piece: [UInt8]) throws(TransferFailure) -> Bool {
        var rest = piece[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EPIPE { return false }
            guard count > 0 else { throw TransferFailure("\(SystemError("write to", "standard output"))") }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func make(_ place: Place, _ isQuiet: Bool) async throws {
        if let found = try await self.existing(place) {
            if isQuiet, found.kind == .directory { return }
            throw CommandFailure("`\(place.word)': File exists")
        }
        if !isQuiet {
            var parent = place.location
            parent.path = parent.path.lastIndex(of: "/").map { String(parent.path[..<$0]) } ?? ""
            if parent.path.isEmpty { parent.path = "/" }
            guard try await self.existing(Place(word: place.word, location: parent)) != nil else {
                throw CommandFailure("`\(place.word)': No such file or directory")
            }
        }
        try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
            try transfers.makeDirectory(place.location, user: user, cancellation: cancellation)
        }
    }

    private func remove(_ place: Place, _ options: DashedOptions) async throws {
        guard let found = try await self.existing(place) else {
            if options.has("f") { return }
            throw CommandFailure("`\(place.word)': No such file or directory")
        }
        guard found.kind == .file || options.has("r") || options.has("R") else {
            throw CommandFailure("`\(place.word)': Is a directory")
        }
        _ = try await self.call { [user] (transfers, cancellation) throws(TransferFailure) in
            try transfers.delete(place.location, user: user, cancellation: cancellation)
        }
        writeText("Deleted \(place.word)\n", to: STDOUT_FILENO)
    }
}
